"""The gallery in a chat: a host of MCP Apps shows it below an answer, and a person does there all that can be done."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.async_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import FrameLocator, Locator

    from .conftest import Host, OpenHost, ServeLightbox

FOX = {"query": "a red fox", "count": 4}
PAINTED = {"prompt": "a red fox in the snow", "size": "1024x1024", "quality": "low"}
DATA = "data:image/"
PATIENCE_MS = 40_000
"""For what takes several rounds with the server."""


async def act(view: FrameLocator, name: str) -> None:
    """Open the form of an action."""
    await view.get_by_role("button", name=name, exact=True).click()


def payer(view: FrameLocator, tool: str) -> Locator:
    """Give the button that pays for a call of a tool."""
    return view.locator(f"button[data-action={tool}]")


async def paid(view: FrameLocator, tool: str) -> None:
    """Pay for a call, once its price stands on the button."""
    await expect(payer(view, tool)).to_be_enabled()
    await payer(view, tool).click()


def decoded(uri: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(uri.partition(",")[2], validate=True)))


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_the_hits_of_a_search_are_shown_in_either_era(host: Host, era: str) -> None:
    view = await host.open("search_images", FOX, era=era)
    tiles = view.get_by_test_id("tile")

    await expect(view.get_by_role("heading", name="a red fox")).to_be_visible()
    await expect(tiles).to_have_count(4)
    await expect(tiles.first).to_contain_text(re.compile(r"1\. .*fox.*\d+ × \d+", re.IGNORECASE))
    await expect(tiles.first.get_by_text(re.compile("available|not checked"))).to_be_attached()
    await expect(view.locator(f"[data-testid=tile] img[src^='{DATA}']")).to_have_count(4)


async def test_thumbnails_are_asked_for_small_and_a_few_at_a_time(open_host: OpenHost) -> None:
    host = await open_host(viewport={"width": 1000, "height": 3000})
    view = await host.open("search_images", {"query": "animal", "count": 20})
    await expect(view.get_by_test_id("tile").first).to_be_visible()
    if await view.get_by_test_id("show-all").count():
        await view.get_by_test_id("show-all").click()
    await expect(view.locator(f"[data-testid=tile] img[src^='{DATA}']")).to_have_count(20, timeout=PATIENCE_MS)
    calls = await host.calls("gallery_pictures")

    assert all(len(call["images"]) <= 8 and call["side"] <= 320 for call in calls)
    asked = [handle for call in calls for handle in call["images"]]
    assert set(asked) == set(handles(await host.told("result")))
    assert len(asked) < 2 * len(set(asked)), "what came is not asked for again"


async def test_a_hit_opens_large_with_its_page_and_its_source(host: Host) -> None:
    view = await host.open("search_images", FOX | {"provider": "openai"})
    await view.get_by_test_id("tile").nth(1).get_by_role("button").click()
    picture = view.get_by_test_id("picture")
    hit = pictures(await host.told("result"))[1]

    await expect(picture.locator(f"img[src^='{DATA}']").first).to_be_visible()
    await expect(picture.get_by_role("link")).to_have_count(2)
    for link in await picture.get_by_role("link").all():
        await link.click()
    asked = await host.asked(2)
    assert [each["kind"] for each in asked] == ["open-link", "open-link"]
    assert {each["params"]["url"] for each in asked} == {hit["page_url"], hit["image_url"]}


async def test_what_is_picked_is_told_to_the_model_and_nothing_that_the_web_said(host: Host) -> None:
    view = await host.open("search_images", FOX)
    for number in (1, 3):
        await view.get_by_role("checkbox", name=f"Pick Number {number}").check(force=True)
    await expect(view.get_by_test_id("picked")).to_contain_text("2 picked")
    await expect_sent(host, "ui/update-model-context", containing="number 3")
    told = (await host.sent("ui/update-model-context"))[-1]["content"][0]["text"]

    assert re.fullmatch(r"Picked in the gallery: number 1 \(img_[0-9a-z]{10}\), number 3 \(img_[0-9a-z]{10}\)\.", told)
    assert not await host.sent("ui/message")


async def test_several_that_are_picked_are_described_together(host: Host) -> None:
    view = await host.open("search_images", FOX)
    for number in (1, 2):
        await view.get_by_role("checkbox", name=f"Pick Number {number}").check(force=True)
    await act(view, "Describe")
    await view.get_by_label("What to tell about it").fill("which of them is lighter?")
    await paid(view, "describe_images")

    await expect(view.get_by_test_id("description")).not_to_be_empty()
    [call] = await host.calls("describe_images")
    assert len(call["images"]) == 2
    assert call["question"] == "which of them is lighter?"


async def test_what_a_hit_looks_like_is_searched_for_and_the_way_back_leads_to_the_same_place(host: Host) -> None:
    view = await host.open("search_images", FOX)
    first = view.get_by_test_id("tile").first.get_by_role("button")
    await first.click()
    await act(view, "Similar")
    await paid(view, "find_similar_images")

    await expect(view.get_by_test_id("tile").first).to_be_visible()
    await view.get_by_role("button", name="Back").click()
    await expect(view.get_by_test_id("picture")).to_be_visible()
    await view.get_by_role("button", name="Back").click()
    await expect(first).to_be_focused()


async def test_a_made_picture_shows_its_prompt_its_size_and_what_it_cost(host: Host) -> None:
    view = await host.open("generate_image", PAINTED)
    picture = view.get_by_test_id("picture")

    await expect(view.get_by_role("heading", name=PAINTED["prompt"])).to_be_visible()
    await expect(picture).to_contain_text("1024 × 1024")
    await expect(picture).to_contain_text(re.compile(r"Price\s*0\.\d+ USD"))
    await expect(picture.locator(f"img[src^='{DATA}']").first).to_be_visible()


async def test_the_price_stands_on_the_button_before_it_is_pressed_with_the_rest_of_the_budget_beside_it(
    host: Host,
) -> None:
    view = await host.open("generate_image", PAINTED)
    await act(view, "Edit")
    await expect(payer(view, "edit_image")).to_be_disabled()
    await view.get_by_label("What to change").fill("make it night")
    await expect(payer(view, "edit_image")).to_be_enabled()

    await expect(payer(view, "edit_image")).to_contain_text(re.compile(r"0\.\d+ USD"))
    await expect(view.get_by_text(re.compile(r"[\d.]+ USD left of 50 per day"))).to_be_visible()
    assert not await host.calls("edit_image")
    [estimate] = await host.calls("estimate_cost")
    assert estimate["arguments"]["prompt"] == "make it night"


async def test_an_edit_in_words_is_shown_with_its_parent_and_a_slider_between_them(host: Host) -> None:
    view = await host.open("generate_image", PAINTED)
    [parent] = handles(await host.told("result"))
    await act(view, "Edit")
    await view.get_by_label("What to change").fill("make it night")
    await paid(view, "edit_image")
    await expect(view.get_by_role("heading", name="make it night")).to_be_visible()
    await expect(view.get_by_role("heading", name="Made from")).to_be_visible()

    await act(view, "Before and after")
    slider = view.get_by_role("slider", name="Before and after")
    await slider.focus()
    await slider.press("ArrowRight")
    await expect(slider).to_have_value("51")
    await expect(view.get_by_test_id("picture").locator(f".compare img[src^='{DATA}']")).to_have_count(2)
    assert (await host.calls("edit_image"))[0]["images"] == [parent]
    await view.get_by_role("button", name="Back").click()
    await expect(view.get_by_role("heading", name="Made from this")).to_be_visible()


async def test_the_brush_draws_a_mask_that_is_transparent_where_the_picture_may_change(host: Host) -> None:
    view, brush = await brushing(host)
    await expect(brush).to_be_visible()
    await brush.scroll_into_view_if_needed()
    box = await brush.bounding_box()
    assert box is not None
    await host.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
    await host.page.mouse.down()
    await host.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.2, steps=4)
    await host.page.mouse.up()
    await paid(view, "edit_image")
    await expect(view.get_by_role("heading", name="a red hat")).to_be_visible()

    [call] = await host.calls("edit_image")
    mask = decoded(call["mask"])
    assert mask.mode == "RGBA"
    alpha = mask.getchannel("A")
    wide, high = mask.size
    assert alpha.getpixel((int(wide * 0.3), int(high * 0.2))) == 0
    assert alpha.getpixel((int(wide * 0.7), int(high * 0.7))) == 255


async def test_the_brush_is_used_by_keyboard_alone(host: Host) -> None:
    view, brush = await brushing(host)
    await expect(brush).to_be_focused()
    for key in (" ", "ArrowRight", "ArrowRight", "ArrowDown", " "):
        await brush.press(key)
    await expect(payer(view, "edit_image")).to_be_enabled()

    estimates = await host.calls("estimate_cost")
    mask = decoded(estimates[-1]["arguments"]["mask"]).getchannel("A")
    assert mask.getpixel((mask.width // 2, mask.height // 2)) == 0
    assert mask.getpixel((2, 2)) == 255


async def test_transforming_is_free_and_shows_what_was_made(host: Host) -> None:
    view = await host.open("generate_image", PAINTED)
    await act(view, "Transform")
    await view.get_by_label("Crop").select_option("16:9")
    await view.get_by_label("Format").select_option("webp")
    await payer(view, "transform-now").click()

    await expect(view.get_by_test_id("picture")).to_contain_text(re.compile(r"1024 × 576.*WEBP", re.DOTALL))
    assert not await host.calls("estimate_cost")


async def test_saving_says_where_and_downloading_hands_the_host_the_true_bytes(host: Host) -> None:
    view = await host.open("generate_image", PAINTED)
    [handle] = handles(await host.told("result"))
    await act(view, "Save")
    await payer(view, "save-now").click()
    await expect(view.get_by_test_id("saved").get_by_role("link")).to_be_visible()
    await act(view, "Download")
    await expect_sent(host, "ui/download-file")

    [asked] = await host.sent("ui/download-file")
    [content] = asked["contents"]
    true = (await host.do("original", f"lightbox://images/{handle}"))["contents"][0]
    assert content["resource"]["blob"] == true["blob"]
    assert Image.open(BytesIO(base64.b64decode(content["resource"]["blob"]))).size == (1024, 1024)


async def test_asking_about_pictures_speaks_for_the_person_in_the_chat(host: Host) -> None:
    view = await host.open("generate_image", PAINTED)
    [handle] = handles(await host.told("result"))
    await act(view, "Ask")
    await view.get_by_test_id("ask-words").fill("does it have a bushy tail?")
    await view.get_by_role("button", name="Send").click()
    await expect(view.get_by_text("Sent to the chat.").first).to_be_attached()

    [message] = await host.sent("ui/message")
    assert message["role"] == "user"
    assert message["content"][0]["text"] == f"does it have a bushy tail?\n\n({handle})"


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_consent_is_asked_by_the_host_and_a_refusal_costs_nothing(
    open_host: OpenHost, serve_lightbox: ServeLightbox, tmp_path: Path, era: str
) -> None:
    with serve_lightbox(tmp_path, confirm_above="0.0001 USD") as origin:
        host = await open_host(origin)
        view = await host.open("generate_image", PAINTED, era=era)
        await act(view, "Edit")
        await view.get_by_label("What to change").fill("make it night")
        await host.set("answers", "decline")
        await paid(view, "edit_image")
        await expect(view.get_by_text(re.compile("declined")).first).to_be_visible()
        await host.set("answers", "accept")
        await paid(view, "edit_image")
        await expect(view.get_by_role("heading", name="make it night")).to_be_visible()

    assert len(await host.told("questions")) == 3
    assert all("may cost up to" in question for question in await host.told("questions"))


@pytest.mark.slow
async def test_work_that_goes_on_is_followed_until_its_picture_is_there(
    open_host: OpenHost, serve_lightbox: ServeLightbox, tmp_path: Path
) -> None:
    with serve_lightbox(tmp_path, wait_seconds=0.5) as origin:
        host = await open_host(origin)
        slow = PAINTED | {"model": "sandbox-fault/gap=1.5"}
        view = await host.open("generate_image", slow)
        await expect(view.get_by_test_id("running")).to_be_visible()
        await expect(view.get_by_test_id("running").locator(f"img[src^='{DATA}']")).to_be_visible(timeout=PATIENCE_MS)
        await expect(view.get_by_test_id("picture")).to_be_visible(timeout=PATIENCE_MS)

    await expect(view.get_by_test_id("picture").locator(f"img[src^='{DATA}']").first).to_be_visible()


@pytest.mark.parametrize("tool", ["list_images", "view_images", "transform_image", "get_job", "find_similar_images"])
async def test_the_answers_of_the_other_tools_are_shown_too(host: Host, tool: str) -> None:
    await host.open("generate_image", PAINTED)
    made = await host.told("result")
    [handle] = handles(made)
    arguments: dict[str, dict[str, Any]] = {
        "list_images": {"count": 3},
        "view_images": {"images": [handle]},
        "transform_image": {"images": [handle], "rotate": 90},
        "get_job": {"job_id": made["_meta"]["lightbox/gallery"]["job_id"]},
        "find_similar_images": {"image": handle, "count": 3},
    }
    view = await host.open(tool, arguments[tool])

    await expect(view.locator(f"img[src^='{DATA}']").first).to_be_visible()


async def test_the_hosts_full_screen_theme_and_language_are_followed(host: Host) -> None:
    view = await host.open("search_images", FOX)
    page = view.locator("html")
    await expect(page).to_have_attribute("data-theme", "light")
    await view.get_by_role("button", name="Full screen").click()
    await expect(page).to_have_attribute("data-mode", "fullscreen")
    await host.do("change", {"theme": "dark", "locale": "zh-CN"})

    await expect(page).to_have_attribute("data-theme", "dark")
    await expect(page).to_have_attribute("lang", "zh")
    await expect(view.get_by_test_id("tile")).to_have_count(4)


async def test_its_size_is_told_a_few_times_and_then_no_more(host: Host) -> None:
    view = await host.open("search_images", FOX)
    await expect(view.locator(f"[data-testid=tile] img[src^='{DATA}']")).to_have_count(4)
    await host.page.wait_for_timeout(400)
    sizes = await host.told("sizes")
    await host.page.wait_for_timeout(600)

    assert await host.told("sizes") == sizes
    assert 1 <= len(sizes) <= 6
    assert sizes[-1][1] == await view.locator("body").evaluate("body => Math.ceil(body.getBoundingClientRect().height)")


async def test_after_its_teardown_it_says_nothing_more(host: Host) -> None:
    await host.open("search_images", FOX)
    assert await host.do("close") == {}
    kept = len(await host.messages())
    await host.page.wait_for_timeout(300)

    assert len(await host.messages()) == kept


async def test_everything_is_reached_by_keyboard(host: Host) -> None:
    view = await host.open("search_images", FOX)
    tiles = view.get_by_test_id("tile")
    await tiles.first.get_by_role("button").focus()
    await host.page.keyboard.press("ArrowRight")
    await expect(tiles.nth(1).get_by_role("button")).to_be_focused()
    await host.page.keyboard.press("Enter")
    await expect(view.get_by_test_id("picture-title")).to_be_focused()
    await host.page.keyboard.press("ArrowRight")
    await expect(view.get_by_role("button", name="Next")).to_be_enabled()
    await host.page.keyboard.press("Escape")

    await expect(tiles.nth(1).get_by_role("button")).to_be_focused()


def pictures(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what an answer says of its pictures to the view alone."""
    return result["_meta"]["lightbox/gallery"]["pictures"]


def handles(result: dict[str, Any]) -> list[str]:
    """Give the handles of an answer's pictures."""
    return [card["image"] for card in pictures(result)]


async def brushing(host: Host) -> tuple[FrameLocator, Locator]:
    """Begin an edit in which one paints where it may change; gives the view and its brush."""
    view = await host.open("generate_image", PAINTED)
    await act(view, "Edit")
    await view.get_by_label("What to change").fill("a red hat")
    await act(view, "Paint where it may change")
    return view, view.get_by_test_id("brush")


async def expect_sent(host: Host, method: str, containing: str = "") -> None:
    """Wait until the view has sent a message of a method."""
    await host.page.wait_for_function(
        """([method, part]) => host.messages.some(
            ({ message }) => message.method === method && JSON.stringify(message).includes(part))""",
        arg=[method, containing],
    )
