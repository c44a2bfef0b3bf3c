"""Every state of the gallery is for everybody: no violation of accessibility, nothing too small to touch or cut off.

Each is photographed too, light, dark, on a phone and in Chinese; the pictures are for people to look at.
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
ENDED = {"content": [{"type": "text", "text": "Nothing was found."}], "structuredContent": None}

WIDE: dict[str, Any] = {"viewport": {"width": 900, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
LOOKS = {
    "light": (WIDE, {}),
    "dark": (WIDE | {"color_scheme": "dark"}, {"theme": "dark"}),
    "phone": (PHONE, {"platform": "mobile"}),
    "chinese": (WIDE, {"locale": "zh-CN"}),
}


async def hits(host: Host, context: dict[str, Any]) -> None:
    view = await host.open("search_images", FOX, context=context)
    await expect(view.locator("[data-testid=tile] img")).to_have_count(6)


async def picked(host: Host, context: dict[str, Any]) -> None:
    await hits(host, context)
    for number in (0, 2):
        await host.view.get_by_role("checkbox").nth(number).check(force=True)
    await expect(host.view.get_by_test_id("picked")).to_be_visible()


async def hit(host: Host, context: dict[str, Any]) -> None:
    await hits(host, context)
    await host.view.get_by_test_id("tile").first.get_by_role("button").click()
    await expect(host.view.locator("[data-testid=picture] img").first).to_be_visible()


async def made(host: Host, context: dict[str, Any]) -> None:
    view = await host.open("generate_image", PAINTED, context=context)
    await expect(view.locator("[data-testid=picture] img").first).to_be_visible()


async def form(host: Host, context: dict[str, Any], action: str) -> None:
    await made(host, context)
    await host.view.locator(f"[data-action={action}]").click()
    await expect(host.view.get_by_test_id("panel")).not_to_be_empty()


async def editing(host: Host, context: dict[str, Any]) -> None:
    await form(host, context, "edit")
    await host.view.get_by_test_id("edit-words").fill("make it night, and leave the fox as it is")
    await host.view.locator("details summary").first.click()
    await expect(host.view.locator("button[data-action=edit_image]")).to_be_enabled()


async def brushing(host: Host, context: dict[str, Any]) -> None:
    await form(host, context, "edit")
    await host.view.get_by_test_id("edit-words").fill("a red hat")
    await host.view.locator("[data-action=brush]").click()
    brush = host.view.get_by_test_id("brush")
    for key in (" ", *["ArrowRight"] * 6, " "):
        await brush.press(key)
    await expect(host.view.locator("button[data-action=edit_image]")).to_be_enabled()


async def transforming(host: Host, context: dict[str, Any]) -> None:
    await form(host, context, "transform")


async def asking(host: Host, context: dict[str, Any]) -> None:
    await form(host, context, "ask")


async def compared(host: Host, context: dict[str, Any]) -> None:
    await editing(host, context)
    await host.view.locator("button[data-action=edit_image]").click()
    await host.view.locator("[data-action=compare]").click()
    await expect(host.view.get_by_test_id("compare")).to_be_visible()


async def waiting(host: Host, context: dict[str, Any]) -> None:
    view = await host.open("generate_image", PAINTED, context=context, hold=True)
    await expect(view.get_by_test_id("running")).to_be_visible()


async def stopped(host: Host, context: dict[str, Any]) -> None:
    await waiting(host, context)
    await host.do("cancel", "the person pressed stop")
    await expect(host.view.get_by_test_id("stopped")).to_be_visible()


async def nothing(host: Host, context: dict[str, Any]) -> None:
    view = await host.open("search_images", {"query": "qqqqq", "count": 3}, context=context)
    await expect(view.get_by_test_id("nothing")).to_be_visible()


async def failed(host: Host, context: dict[str, Any]) -> None:
    view = await host.open("view_images", {"images": ["img_0000000000"]}, context=context)
    await expect(view.get_by_test_id("failed")).to_be_visible()


State = Callable[["Host", dict[str, Any]], Awaitable[None]]

STATES: tuple[State, ...] = (
    hits,
    picked,
    hit,
    made,
    editing,
    brushing,
    transforming,
    asking,
    compared,
    waiting,
    stopped,
    nothing,
    failed,
)
SEEN_IN_EVERY_WAY: tuple[State, ...] = (hits, picked, made, editing, compared)
"""What is looked at on a phone and in Chinese too; all else in light and dark."""

CASES = [
    pytest.param(state, look, id=f"{state.__name__}-{look}")
    for look in LOOKS
    for state in (STATES if look in {"light", "dark"} else SEEN_IN_EVERY_WAY)
]


@pytest.mark.parametrize(("state", "look"), CASES)
async def test_a_state_is_fit_for_everybody(open_host: OpenHost, state: State, look: str) -> None:
    options, context = LOOKS[look]
    host = await open_host(**options)
    await state(host, context)
    await host.page.wait_for_timeout(250)  # until it has told its size, and the host has made room
    await shoot(host.page, f"chat-{state.__name__}-{look}")

    assert await defects(host.frame) == []
