"""Every state of the gallery is for everybody: no violation of accessibility, nothing too small to touch or cut off.

Each is looked at light, dark, on a phone and in Chinese. `SCREENSHOTS=1` photographs each, for people to look at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from browser.looking import defects, shoot

if TYPE_CHECKING:
    from .conftest import Host, OpenHost

FOX = {"query": "a red fox", "count": 6}
PAINTED = {"prompt": "a red fox in the snow", "size": "1024x1024", "quality": "low"}
SETTLED_MS = 250
"""Until the view has told its size, and the host has made room."""

WIDE: dict[str, Any] = {"viewport": {"width": 900, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "light": (WIDE, {}),
    "dark": (WIDE | {"color_scheme": "dark"}, {"theme": "dark"}),
    "phone": (PHONE, {"platform": "mobile"}),
    "chinese": (WIDE, {"locale": "zh-CN"}),
}

Look = Callable[[str], Awaitable[None]]
"""Looks at what is shown, under a name."""
Journey = Callable[["Host", dict[str, Any], Look], Awaitable[None]]
"""Leads through states, and has each looked at."""


async def through_hits(host: Host, context: dict[str, Any], look: Look) -> None:
    view = await host.open("search_images", FOX, context=context)
    await expect(view.locator("[data-testid=tile] img")).to_have_count(6)
    await look("hits")
    for number in (0, 2):
        await view.get_by_role("checkbox").nth(number).check(force=True)
    await expect(view.get_by_test_id("picked")).to_be_visible()
    await look("picked")
    await view.get_by_test_id("tile").first.get_by_role("button").click()
    await expect(view.locator("[data-testid=picture] img").first).to_be_visible()
    await look("hit")


async def through_a_made_picture(host: Host, context: dict[str, Any], look: Look) -> None:
    view = await host.open("generate_image", PAINTED, context=context, hold=True)
    await expect(view.get_by_test_id("running")).to_be_visible()
    await look("waiting")
    await host.do("finish")
    await expect(view.locator("[data-testid=picture] img").first).to_be_visible()
    await look("made")
    for action in ("similar", "describe", "transform", "save", "ask"):
        await view.locator(f"[data-action={action}]").click()
        await expect(view.get_by_test_id("panel")).not_to_be_empty()
        await look(action)
    await view.locator("[data-action=edit]").click()
    await view.get_by_test_id("edit-words").fill("make it night, and leave the fox as it is")
    await view.locator("details summary").first.click()
    await expect(view.locator("button[data-action=edit_image]")).to_be_enabled()
    await look("edit")
    await view.locator("[data-action=brush]").click()
    for key in (" ", *["ArrowRight"] * 6, " "):
        await view.get_by_test_id("brush").press(key)
    await expect(view.locator("button[data-action=edit_image]")).to_be_enabled()
    await look("brush")
    await view.locator("button[data-action=edit_image]").click()
    await view.locator("[data-action=compare]").click()
    await expect(view.get_by_test_id("compare")).to_be_visible()
    await look("compared")


async def through_what_went_wrong(host: Host, context: dict[str, Any], look: Look) -> None:
    view = await host.open("search_images", {"query": "qqqqq", "count": 3}, context=context)
    await expect(view.get_by_test_id("nothing")).to_be_visible()
    await look("nothing")
    view = await host.open("view_images", {"images": ["img_0000000000"]}, context=context)
    await expect(view.get_by_test_id("failed")).to_be_visible()
    await look("failed")
    view = await host.open("search_images", FOX, context=context, hold=True)
    await host.do("cancel", "the person pressed stop")
    await expect(view.get_by_test_id("stopped")).to_be_visible()
    await look("stopped")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("journey", [through_hits, through_a_made_picture, through_what_went_wrong])
async def test_every_state_on_the_way_is_fit_for_everybody(open_host: OpenHost, journey: Journey, look: str) -> None:
    options, context = LOOKS[look]
    host = await open_host(**options)
    found: dict[str, list[str]] = {}

    async def look_at(state: str) -> None:
        await host.page.wait_for_timeout(SETTLED_MS)
        await shoot(host.page, f"chat-{state}-{look}")
        found[state] = await defects(host.frame)

    await journey(host, context, look_at)

    assert {state: each for state, each in found.items() if each} == {}


BROKEN = """
<img src="data:,">
<button style="min-width: 0; min-height: 0; width: 20px; height: 20px; padding: 0">x</button>
<div style="width: 3000px">wide</div>
<button style="width: 60px"><span style="overflow-wrap: anywhere">unbreakable</span></button>
"""


async def test_what_is_wrong_with_a_page_is_found(host: Host) -> None:
    """Break a page in every way that is looked for: what finds nothing proves nothing."""
    await host.open("search_images", FOX)
    await host.frame.evaluate("broken => document.body.insertAdjacentHTML('beforeend', broken)", BROKEN)
    found = "\n".join(await defects(host.frame))

    assert [
        part for part in ("axe: image-alt", "small: <button", "cut off:", "broken: unbreakable") if part not in found
    ] == []
