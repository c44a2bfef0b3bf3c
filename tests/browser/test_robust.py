"""The gallery stays usable when its host can do little, its server dies, a picture is gone, or much comes at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from browser.looking import defects, shoot

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Host, OpenHost, ServeLightbox

FOX = {"query": "a red fox", "count": 4}
PAINTED = {"prompt": "a red fox in the snow", "size": "1024x1024", "quality": "low"}
HTML = '<img src=x onerror="parent.harmed=1"><script>parent.harmed=1</script><b>bold</b>&amp;</script>'
KEY = "lightbox/gallery"


def card(number: int, **more: Any) -> dict[str, Any]:
    """Make what an answer says of a picture."""
    known = {"image": f"img_{number:010}", "number": number, "origin": "found", "state": "ok", "title": f"Hit {number}"}
    return {**known, "width": 960, "height": 540, "children": [], "collections": [], "thumbnail": None, **more}


def answer(cards: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Make an answer of `search_images` as a server gives it."""
    gallery = {"schema": 1, "tool": "search_images", "status": "completed", "pictures": cards, "notes": [], **more}
    return {"content": [{"type": "text", "text": f"{len(cards)} hits"}], "_meta": {KEY: gallery}}


@pytest.mark.parametrize(
    "lacking",
    [
        ["serverTools"],
        ["serverTools", "serverResources", "downloadFile", "openLinks", "updateModelContext", "message", "logging"],
    ],
    ids=["without tools", "with nothing"],
)
async def test_a_host_that_calls_no_tools_shows_pictures_and_offers_nothing_that_needs_them(
    host: Host, lacking: list[str]
) -> None:
    view = await host.open("generate_image", PAINTED, lacking=lacking)
    await expect(view.locator("[data-testid=picture] img").first).to_be_visible()

    for action in ("edit", "similar", "describe", "transform", "save"):
        await expect(view.locator(f"[data-action={action}]")).to_have_count(0)
    assert not await host.sent("tools/call")
    assert await defects(host.frame) == []


async def test_without_downloads_a_link_is_offered_instead(host: Host) -> None:
    view = await host.open("generate_image", PAINTED, lacking=["downloadFile"])
    await view.locator("[data-action=download]").click()
    await view.get_by_test_id("panel").get_by_role("link").click()
    [asked] = await host.asked()

    assert asked["kind"] == "open-link"
    assert asked["params"]["url"].startswith(host.server)


async def test_without_links_an_address_can_still_be_read(host: Host) -> None:
    view = await host.open("search_images", FOX, lacking=["openLinks"])
    await view.get_by_test_id("tile").first.get_by_role("button").click()
    source = view.get_by_test_id("picture").get_by_text("127.0.0.1").first
    await expect(source).to_be_visible()
    await source.click()

    await expect(view.get_by_test_id("picture")).to_be_visible()
    assert not await host.told("asked")


async def test_a_model_that_can_not_be_told_does_not_hinder_picking(host: Host) -> None:
    view = await host.open("search_images", FOX, lacking=["updateModelContext"])
    for number in range(2):
        await view.get_by_role("checkbox").nth(number).check(force=True)

    await expect(view.get_by_test_id("picked")).to_contain_text("2 picked")
    await expect(view.get_by_test_id("lost")).to_have_count(0)


async def test_a_host_that_takes_no_messages_says_how_to_ask_instead(host: Host) -> None:
    view = await host.open("generate_image", PAINTED, lacking=["message"])
    ask = view.locator("[data-action=ask]")
    if await ask.count():
        await ask.click()
        await view.get_by_test_id("ask-words").fill("what is it?")
        await view.locator("[data-action=ask-now]").click()
        await expect(view.get_by_test_id("panel")).to_contain_text("takes no messages")


@pytest.mark.slow
async def test_a_server_that_dies_loses_nothing_that_is_shown_and_is_found_again(
    open_host: OpenHost, serve_lightbox: ServeLightbox, tmp_path: Path
) -> None:
    with serve_lightbox(tmp_path) as origin:
        host = await open_host(origin)
        host.allowed.append("502")
        view = await host.open("generate_image", PAINTED)
        await view.locator("[data-action=edit]").click()
        await view.get_by_test_id("edit-words").fill("make it night")
        await expect(view.locator("button[data-action=edit_image]")).to_be_enabled()
    await view.locator("button[data-action=edit_image]").click()
    await expect(view.get_by_role("alert").filter(has_text="server")).to_be_visible()
    await expect(view.get_by_test_id("edit-words")).to_have_value("make it night")
    await expect(view.locator("[data-testid=picture] img").first).to_be_visible()
    await shoot(host.page, "chat-server-died-light")
    assert await defects(host.frame) == []

    with serve_lightbox(tmp_path) as again:
        await host.page.evaluate("mcp => host.connect(mcp, 'auto', true)", host.site.mcp(again))
        await view.get_by_test_id("edit-words").fill("make it evening")
        await expect(view.locator("button[data-action=edit_image]")).to_be_enabled()
        await view.locator("button[data-action=edit_image]").click()
        await expect(view.get_by_role("heading", name="make it evening")).to_be_visible()


async def test_a_picture_that_is_gone_says_so_and_the_others_are_shown(host: Host) -> None:
    await host.open("search_images", FOX)
    [known, *_] = (await host.told("result"))["_meta"][KEY]["pictures"]
    view = await host.open("search_images", FOX, result=answer([card(1), {**known, "number": 2}]))
    tiles = view.get_by_test_id("tile")
    await expect(tiles.nth(1).locator("img")).to_be_visible()
    await tiles.first.get_by_role("button").click()

    await expect(view.get_by_test_id("picture")).to_contain_text("No picture is known here")
    await shoot(host.page, "chat-picture-gone-light")
    assert await defects(host.frame) == []


async def test_html_in_names_stays_text(host: Host) -> None:
    bad = card(1, title=HTML, prompt=HTML, revised_prompt=HTML, page_url="javascript:parent.harmed=1", provider=HTML)
    bad |= {"origin": "made", "model": HTML, "mime_type": HTML, "created_at": HTML, "collections": [HTML]}
    told = answer([bad, card(2)], queries=[HTML], analysis=HTML, notes=[HTML])
    view = await host.open("search_images", {"query": HTML}, result=told)
    await expect(view.get_by_role("heading", name=HTML)).to_be_visible()
    await view.get_by_test_id("tile").first.get_by_role("button").click()
    await expect(view.get_by_test_id("picture-title")).to_have_text(HTML)

    assert await host.frame.evaluate("[window.harmed, parent.harmed].map(Boolean)") == [False, False]
    assert await view.locator("b, script:not([type])").count() == 0
    assert await view.locator("a[href^='javascript']").count() == 0


async def test_a_hundred_hits_at_once_are_shown_and_scrolled_without_waiting(open_host: OpenHost) -> None:
    host = await open_host(viewport={"width": 600, "height": 700})
    view = await host.open("search_images", FOX, result=answer([card(number) for number in range(1, 101)], found=240))
    await expect(view.get_by_test_id("tile").first).to_be_visible()
    await shoot(host.page, "chat-hundred-hits-light")
    shown = await view.get_by_test_id("tile").count()
    assert shown < 30, "a chat is not filled with one answer"
    await view.get_by_test_id("show-all").click()
    await expect(view.get_by_test_id("tile")).to_have_count(100)

    await expect(view.get_by_test_id("tile").nth(shown).locator("button")).to_be_focused()
    assert len(json.dumps(await host.calls("gallery_pictures"))) < 20_000
    assert await defects(host.frame) == []


async def test_an_answer_of_which_only_the_text_arrives_is_shown_by_its_handles(host: Host) -> None:
    await host.open("search_images", FOX)
    whole = await host.told("result")
    view = await host.open("search_images", FOX, result={"content": whole["content"]})

    await expect(view.get_by_test_id("tile")).to_have_count(4)
    await expect(view.locator("[data-testid=tile] img").first).to_be_visible()


async def test_a_cancelled_call_is_shown_as_stopped(host: Host) -> None:
    view = await host.open("generate_image", PAINTED, hold=True)
    await host.do("cancel", "the person pressed stop")

    await expect(view.get_by_test_id("stopped")).to_be_visible()
