"""The gallery in the chat: told to clients that show MCP Apps, and to no others; what its page is given."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from mcp.types import ElicitResult, TextResourceContents
from PIL import Image

from databases import rows

if TYPE_CHECKING:
    from pathlib import Path

    from mcp import Client
    from mcp.types import CallToolResult
    from tests.conftest import Answer, Ask, Connect, LetIn, MakeSettings, Mode, ServeHTTP, Show, Transport, Upstream
    from tests.tools.conftest import DataURI, Paint

SMALL: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": "256x256"}
OWN = ["gallery_pictures", "gallery_jobs", "gallery_spending"]
SHOWN = {
    *("search_images", "find_similar_images", "generate_image", "edit_image"),
    *("view_images", "transform_image", "list_images", "get_job"),
}
MOST_BYTES = 130_000
ADDRESS = r"ui://lightbox/gallery-0\.\d+\.\d+\.[0-9a-f]{8}\.html"

every_wire = pytest.mark.parametrize(
    ("transport", "mode"),
    [
        ("memory", "auto"),
        ("memory", "legacy"),
        ("stdio", "auto"),
        ("stdio", "legacy"),
        ("http", "auto"),
        ("http", "legacy"),
    ],
)


def thumbnail(card: dict[str, Any]) -> Image.Image:
    head, _, data = card["thumbnail"].partition(";base64,")
    image = Image.open(BytesIO(base64.b64decode(data, validate=True)))
    assert head == f"data:{Image.MIME[image.format or '']}"
    return image


def without_meta(result: CallToolResult) -> dict[str, Any]:
    return result.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"meta"})


def as_text(answer: Answer) -> str:
    """Write an answer down without what differs from server to server, and from link to link."""
    return re.sub(r"127\.0\.0\.1:\d+|token=[\w.%-]+", "…", json.dumps(without_meta(answer.result)))


async def told(client: Client) -> str:
    """Give all that a client is told before it calls."""
    lists = [
        await client.list_tools(),
        await client.list_resources(),
        await client.list_resource_templates(),
        await client.list_prompts(),
    ]
    able = client.session.server_capabilities
    return json.dumps([one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in (*lists, able) if one])


# Who is told


@every_wire
async def test_a_client_that_shows_apps_is_told_which_tools_the_gallery_shows(
    connect: Connect, settings: MakeSettings, apps: dict[str, Any], transport: Transport, mode: Mode
) -> None:
    async with connect(settings(), transport, mode, **apps) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        resources = (await client.list_resources()).resources
        able = client.session.server_capabilities

    addresses = {(tools[name].meta or {})["ui"]["resourceUri"] for name in SHOWN}
    [address] = addresses
    assert re.fullmatch(ADDRESS, address)
    assert {(tools[name].meta or {})["ui/resourceUri"] for name in SHOWN} == addresses
    assert {name for name, tool in tools.items() if tool.meta} == SHOWN | set(OWN)
    assert [(tools[name].meta or {})["ui"] for name in OWN] == [{"visibility": ["app"]}] * len(OWN)
    assert list(tools)[-len(OWN) :] == OWN
    hints = [tools[name].annotations for name in OWN]
    assert all(hint and hint.read_only_hint for hint in hints)
    assert address in {str(resource.uri) for resource in resources}
    assert able is not None
    assert (able.extensions or {}).get("io.modelcontextprotocol/ui") == {}


@every_wire
async def test_a_client_without_apps_hears_nothing_of_the_gallery(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, transport: Transport, mode: Mode
) -> None:
    async with connect(settings(), transport, mode) as client:
        everything = await told(client)
        found = await ask(client, "search_images", query="a red fox", count=2, check=False)
        refused = await ask(client, "gallery_pictures", images=found.handles[:1])
        jobs = await ask(client, "gallery_jobs")

    assert "gallery" not in everything
    assert "ui" not in json.loads(everything)[0]["tools"][0].get("_meta", {})
    assert "io.modelcontextprotocol/ui" not in everything
    assert "lightbox/gallery" not in (found.result.meta or {})
    for answer in (refused, jobs):
        assert answer.failed
        assert answer.text.startswith("There is no tool 'gallery_")
        assert "gallery" not in answer.text.partition(":")[2]
    assert upstream.paid == 1


async def test_another_type_of_page_is_not_an_app(
    connect: Connect, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    [extension] = apps["extensions"]
    extension = type(extension)("io.modelcontextprotocol/ui", {"mimeTypes": ["text/html"]})
    async with connect(settings(), extensions=[extension]) as client:
        assert "gallery" not in await told(client)


@every_wire
async def test_the_model_is_answered_the_same_with_and_without_a_gallery(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any], transport: Transport, mode: Mode
) -> None:
    made = settings()
    async with connect(made, transport, mode) as client:
        found = await ask(client, "search_images", query="a mountain lake", count=3)
        fox = (await ask(client, "generate_image", prompt="a fox", **SMALL)).handles[0]
        calls: list[tuple[str, dict[str, Any]]] = [
            ("get_job", {"job_id": found.listed["job_id"]}),
            ("search_images", {"query": "a mountain lake", "count": 3}),
            ("view_images", {"images": found.handles}),
            ("view_images", {"images": found.handles, "layout": "each", "max_side": 200}),
            ("transform_image", {"images": [fox], "size": "100x"}),
            ("list_images", {}),
            ("describe_images", {"images": ["img_0000000000"]}),
            ("get_spending", {}),
        ]
        plain = [await ask(client, tool, **arguments) for tool, arguments in calls]
    async with connect(made, transport, mode, **apps) as client:
        shown = [await ask(client, tool, **arguments) for tool, arguments in calls]

    for (tool, _), one, other in zip(calls, plain, shown, strict=True):
        assert as_text(one) == as_text(other)
        assert "lightbox/gallery" not in (one.result.meta or {})
        assert ("lightbox/gallery" in (other.result.meta or {})) == (tool in SHOWN)


@every_wire
async def test_the_page_is_read_at_its_address_and_at_that_of_an_older_chat(
    connect: Connect, settings: MakeSettings, apps: dict[str, Any], transport: Transport, mode: Mode
) -> None:
    async with connect(settings(), transport, mode, **apps) as client:
        address = str((await client.list_resources()).resources[0].uri)
        old = "ui://lightbox/gallery-0.0.9.01234567.html"
        [page], [older] = [(await client.read_resource(uri)).contents for uri in (address, old)]

    assert isinstance(page, TextResourceContents)
    assert isinstance(older, TextResourceContents)
    assert page.mime_type == "text/html;profile=mcp-app"
    assert page.text.lower().startswith("<!doctype html>")
    assert older.text == page.text
    assert page.meta == {"ui": {"prefersBorder": False, "permissions": {"clipboardWrite": {}}}}


# What the page is given


async def test_hits_are_cards_and_nothing_is_fetched_for_them(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any], upstream: Upstream
) -> None:
    async with connect(settings(), **apps) as client:
        answer = await ask(client, "search_images", query="a mountain lake", count=4, check=False)

    gallery = answer.gallery
    assert upstream.count == 1
    assert gallery["schema"] == 1
    assert (gallery["tool"], gallery["status"]) == ("search_images", "completed")
    assert gallery["job_id"] == answer.listed["job_id"]
    assert gallery["cost"] == answer.listed["cost"]
    assert gallery["notes"] == answer.listed["notes"]
    assert gallery["arguments"]["query"] == "a mountain lake"
    assert [card["number"] for card in gallery["pictures"]] == [1, 2, 3, 4]
    for card, hit in zip(gallery["pictures"], answer.listed["hits"], strict=True):
        same = ("image", "title", "image_url", "page_url", "width", "height", "mime_type", "state")
        assert {name: card[name] for name in same} == {name: hit[name] for name in same}
        assert card["origin"] == "found"
        assert card["thumbnail"] is None


async def test_a_made_picture_has_prompt_price_parent_and_children(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    prompt = "a <b>fox</b> by night"
    async with connect(settings(), **apps) as client:
        made = await ask(client, "generate_image", prompt=prompt, size="1024x1024", quality="low")
        [fox] = made.handles
        blue = (await ask(client, "edit_image", images=[fox], prompt="make it blue", **SMALL)).gallery["pictures"][0]
        cards = (await ask(client, "gallery_pictures", images=[fox, blue["image"]])).gallery["pictures"]

    [card] = made.gallery["pictures"]
    assert card["prompt"] == "a ‹b›fox‹/b› by night"
    assert made.gallery["arguments"]["prompt"] == prompt, "the call can be made again"
    assert card["cost"]["amount"] == made.gallery["cost"]["billed"] != "0"
    assert card["path"].endswith(".png")
    assert (card["origin"], card["width"], card["children"]) == ("made", 1024, [])
    assert blue["parent"] == fox
    assert cards[0]["children"] == [blue["image"]]
    assert cards[1]["parent"] == fox
    assert [thumbnail(one).size for one in cards] == [(320, 320), (256, 256)]


async def test_what_lies_here_already_comes_with_small_thumbnails(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any], data_uri: DataURI, paint: Paint
) -> None:
    async with connect(settings(), **apps) as client:
        colours = ["red", "green", "blue", "white"]
        given = [data_uri(paint(colour, "black", size=(900, 600))) for colour in colours]
        sheet = await ask(client, "view_images", images=given)
        listed = await ask(client, "list_images", origin="given")

    pictures = sheet.gallery["pictures"]
    assert [card["number"] for card in pictures] == [None, 1, 2, 3, 4]
    assert [card["origin"] for card in pictures] == ["sheet", *["given"] * 4]
    assert [card["number"] for card in listed.gallery["pictures"]] == [1, 2, 3, 4]
    assert (listed.gallery["found"], listed.gallery["page"], listed.gallery["pages"]) == (4, 1, 1)
    assert {max(thumbnail(card).size) for card in (*pictures[1:], *listed.gallery["pictures"])} == {160}


async def test_pictures_stand_in_the_order_of_the_previews_that_the_answer_has(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any], data_uri: DataURI, paint: Paint
) -> None:
    whole = paint("green", "blue")
    red, bad, white = (data_uri(data) for data in (paint(), whole[: len(whole) // 2], paint("white", "red")))
    async with connect(settings(), **apps) as client:
        answer = await ask(client, "view_images", images=[red, bad, white], layout="each")

    cards = answer.gallery["pictures"]
    assert len(answer.pictures) == 2
    assert [card["image"] for card in cards] == [answer.handles[place] for place in (0, 2, 1)]


async def test_the_gallery_has_thumbnails_where_the_model_is_shown_no_previews(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    async with connect(settings(previews="off"), **apps) as client:
        answer = await ask(client, "generate_image", prompt="a fox", **SMALL)

    assert answer.blocks == []
    [card] = answer.gallery["pictures"]
    assert thumbnail(card).size == (160, 160)


@pytest.mark.parametrize("most", [20_000, 600_000])
async def test_every_answer_stays_within_its_bytes_with_what_the_gallery_is_given(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any], most: int, show: Show, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    for number in range(110):
        title = f"fox {number} " + "with a long title " * 8
        noise = Image.effect_noise((640, 400), number).convert("RGB")
        noise.save(library / f"{title}.jpg", quality=90)
    made = settings(provider="sandbox", library=library, max_result_bytes=most)
    async with connect(made, **apps) as client:
        found = await ask(client, "search_images", query="fox", count=100, check=False)
        handles = [hit["image"] for hit in found.listed["hits"]][:24]
        answers: dict[str, Answer] = {
            "search_images": found,
            "view_images": await ask(client, "view_images", images=handles),
            "gallery_pictures": await ask(client, "gallery_pictures", images=handles, side=640),
            "list_images": await ask(client, "list_images", origin="all", count=100),
            "generate_image": await ask(client, "generate_image", prompt="a fox", size="1024x1024"),
            "gallery_jobs": await ask(client, "gallery_jobs"),
            "gallery_spending": await ask(client, "gallery_spending", period="all"),
        }

    for name, answer in answers.items():
        assert not answer.failed, answer.text
        alone = len(json.dumps(without_meta(answer.result), ensure_ascii=False).encode())
        assert answer.byte_count <= min(most, max(MOST_BYTES, alone + 25_000)), name
    gallery = answers["gallery_pictures"].gallery
    there = [card["image"] for card in gallery["pictures"] if card["thumbnail"]]
    assert there
    assert {*there, *(one["image"] for one in gallery["missing"])} == set(handles)
    assert set(gallery["more"]) <= {one["image"] for one in gallery["missing"]}
    show("\n".join(f"{name}: {answer.byte_count:,} bytes" for name, answer in answers.items()))


async def test_what_had_no_room_is_there_when_it_is_asked_for_again(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    async with connect(settings(max_result_bytes=40_000), **apps) as client:
        found = await ask(client, "search_images", query="a red fox", count=12, check=False)
        left, seen, rounds = found.handles, set[str](), 0
        with anyio.fail_after(60):
            while left:
                rounds += 1
                gallery = (await ask(client, "gallery_pictures", images=left, side=480)).gallery
                seen |= {card["image"] for card in gallery["pictures"] if card["thumbnail"]}
                late = [
                    one["image"] for one in gallery["missing"] if one["reason"].startswith("It was not there in time")
                ]
                assert late or len(gallery["more"]) < len(left)
                left = [*late, *gallery["more"]]

    assert seen == set(found.handles)
    assert rounds > 1


async def test_a_look_in_the_gallery_keeps_no_found_picture(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    made = settings()
    async with connect(made, **apps) as client:
        found = await ask(client, "search_images", query="a red fox", count=2, check=False)
        first = await ask(client, "gallery_pictures", images=found.handles)
        await ask(client, "view_images", images=found.handles[:1])

    assert all(card["thumbnail"] for card in first.gallery["pictures"])
    used = rows(made, "SELECT handle, used_at FROM pictures WHERE origin = 'found'")
    assert {row["handle"] for row in used if row["used_at"]} == {found.handles[0]}


async def test_a_picture_that_is_gone_or_unknown_says_why_and_the_others_come(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    made = settings()
    async with connect(made, **apps) as client:
        [lost] = (await ask(client, "generate_image", prompt="a fox", **SMALL)).handles
        [kept] = (await ask(client, "generate_image", prompt="a hare", **SMALL)).handles
        for path in made.image_dir.glob(f"*{lost}*"):
            path.unlink()
        gallery = (await ask(client, "gallery_pictures", images=[lost, "img_0000000000", kept])).gallery

    assert [bool(card["thumbnail"]) for card in gallery["pictures"]] == [False, True]
    reasons = {one["image"]: one["reason"] for one in gallery["missing"]}
    assert reasons[lost].startswith(f"The file of {lost}")
    assert reasons["img_0000000000"] == "No picture is known here by this handle."
    assert gallery["more"] == []


async def test_a_running_job_is_told_with_its_unfinished_picture_and_a_done_one_with_its_bill(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any], upstream: Upstream
) -> None:
    async with httpx2.AsyncClient(trust_env=False) as service:
        await service.put(f"{upstream.origin}/sandbox/fault", json={"fault": "gap=0.6"})
    slow = {"size": "1024x1024", "provider": "openai"}
    async with connect(settings(wait_seconds=0.5, partial_images=3), **apps) as client:
        running = (await ask(client, "generate_image", prompt="a slow fox", **slow)).gallery
        job: dict[str, Any] = {}
        with anyio.fail_after(30):
            while not job.get("partial"):
                [job] = (await ask(client, "gallery_jobs", job_id=running["job_id"])).gallery["jobs"]
                await anyio.sleep(0.1)
        with anyio.fail_after(30):
            while (await ask(client, "get_job", job_id=running["job_id"])).gallery["status"] == "running":
                pass
        with anyio.fail_after(30):
            while (done := (await ask(client, "gallery_jobs")).gallery["jobs"][0])["basis"] == "pending":
                pass
    upstream.forget()

    assert (running["status"], running["pictures"]) == ("running", [])
    assert (job["status"], job["words"], job["tool"]) == ("running", "a slow fox", "generate_image")
    assert max(thumbnail({"thumbnail": job["partial"]}).size) <= 512
    assert done["status"] == "completed"
    assert done["billed"]
    assert done["basis"] == "usage"
    assert done["estimate_high"]
    assert len(done["images"]) == 1
    assert done["partial"] is None


async def test_spending_is_told_by_day_model_and_tool_with_what_is_left_of_the_budget(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    async with connect(settings(budget=("5 USD/day",)), **apps) as client:
        await ask(client, "generate_image", prompt="a fox", size="1024x1024", quality="low")
        ledger = (await ask(client, "get_spending")).listed
        spending = (await ask(client, "gallery_spending", period="today")).gallery["spending"]

    [total] = ledger["totals"]
    [dollars] = spending["currencies"]
    [cap] = spending["budget"]
    assert (dollars["currency"], dollars["billed"], dollars["jobs"]) == ("USD", total["billed"], 1)
    assert [one["tool"] for one in dollars["by_tool"]] == ["generate_image"]
    assert [one["billed"] for one in (*dollars["by_day"], *dollars["by_model"])] == [total["billed"]] * 2
    assert float(dollars["expected"]) > 0
    assert (cap["limit"], cap["currency"], cap["period"], cap["spent"]) == ("5", "USD", "day", total["billed"])
    assert float(cap["left"]) == pytest.approx(5 - float(total["billed"]))


async def test_nothing_that_the_gallery_asks_by_itself_is_sent_to_a_service(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any], upstream: Upstream
) -> None:
    async with connect(settings(), **apps) as client:
        fox = (await ask(client, "generate_image", prompt="a fox", **SMALL)).handles
        upstream.forget()
        for tool, arguments in (("gallery_pictures", {"images": fox}), ("gallery_jobs", {}), ("gallery_spending", {})):
            assert not (await ask(client, tool, **arguments)).failed
            priced = await ask(client, "estimate_cost", tool=tool, arguments=arguments)
            assert priced.failed, "it has no price"

    assert upstream.count == 0


# Over HTTP


async def test_one_callers_gallery_shows_nothing_of_anothers(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn, apps: dict[str, Any]
) -> None:
    made = settings(tokens=let_in("alice", "bob"))
    async with (
        serve_http(made) as url,
        connect(made, "http", token="alice", url=url, **apps) as alice,  # noqa: S106 - a name
        connect(made, "http", token="bob", url=url, **apps) as bob,  # noqa: S106 - likewise
    ):
        hers = (await ask(alice, "generate_image", prompt="a fox", **SMALL)).gallery
        fox = hers["pictures"][0]
        pictures = (await ask(bob, "gallery_pictures", images=[fox["image"]])).gallery
        jobs = (await ask(bob, "gallery_jobs", job_id=hers["job_id"])).gallery["jobs"]
        spending = (await ask(bob, "gallery_spending")).gallery["spending"]
        async with httpx2.AsyncClient(trust_env=False) as browser:
            shown = await browser.get(fox["link"])

    assert fox["path"] is None
    assert shown.headers["content-type"] == "image/png"
    assert pictures["pictures"] == jobs == spending["currencies"] == []
    assert [one["image"] for one in pictures["missing"]] == [fox["image"]]


async def test_a_caller_has_only_what_is_like_its_own_tools(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn, apps: dict[str, Any]
) -> None:
    made = settings(tokens=let_in("alice", alice='tools = ["view_images", "search_images"]'))
    async with serve_http(made) as url, connect(made, "http", token="alice", url=url, **apps) as alice:  # noqa: S106 - a name
        names = [tool.name for tool in (await alice.list_tools()).tools]
        refused = await ask(alice, "gallery_spending")

    assert names == ["search_images", "view_images", "gallery_pictures"]
    assert refused.failed


INTRODUCTION: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"extensions": {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}}},
        "clientInfo": {"name": "an older host", "version": "1"},
    },
}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
ACCEPTS = {"Accept": "application/json, text/event-stream"}


async def test_what_an_older_host_said_of_itself_is_known_to_every_replica_and_to_no_other_caller(
    settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    made = settings(tokens=let_in("alice", "bob"))
    async with (
        serve_http(made) as one,
        serve_http(made) as other,
        httpx2.AsyncClient(trust_env=False, headers={**ACCEPTS, "Authorization": "Bearer alice"}) as http,
    ):
        opened = await http.post(f"{one}/mcp", json=INTRODUCTION)
        session = opened.headers["mcp-session-id"]
        named = {"mcp-session-id": session}
        there = await http.post(f"{other}/mcp", json=LIST, headers=named)
        unnamed = await http.post(f"{other}/mcp", json=LIST)
        bobs = await http.post(f"{other}/mcp", json=LIST, headers={**named, "Authorization": "Bearer bob"})
        forged = await http.post(f"{other}/mcp", json=LIST, headers={"mcp-session-id": f"{session[:-3]}AAA"})
        stream = await http.get(f"{other}/mcp", headers=named)
        ended = await http.delete(f"{other}/mcp", headers=named)

    assert re.fullmatch(r"[\x21-\x7e]{20,200}", session)
    assert "gallery_pictures" in there.text
    assert "gallery" not in unnamed.text
    assert (bobs.status_code, forged.status_code) == (404, 404)
    assert bobs.json()["error"]["message"] == "Session not found"
    assert stream.status_code == 405
    assert ended.status_code == 204


async def test_an_older_client_without_apps_is_given_no_session(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    plain: dict[str, Any] = {**INTRODUCTION, "params": {**INTRODUCTION["params"], "capabilities": {}}}
    async with serve_http(settings()) as url, httpx2.AsyncClient(trust_env=False, headers=ACCEPTS) as http:
        opened = await http.post(f"{url}/mcp", json=plain)

    assert opened.status_code == 200
    assert "mcp-session-id" not in opened.headers
    assert "extensions" not in opened.text


async def test_an_older_host_that_can_be_asked_has_a_session_that_is_kept_and_its_gallery(
    connect: Connect, ask: Ask, settings: MakeSettings, apps: dict[str, Any]
) -> None:
    asked: list[str] = []

    async def agree(_: Any, params: Any) -> Any:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"agree": True})

    made = settings(confirm_above="0.0001 USD")
    async with connect(made, "http", "legacy", elicitation_callback=agree, **apps) as client:
        answer = await ask(client, "generate_image", prompt="a fox", size="1024x1024")

    assert len(asked) == 1
    assert len(answer.gallery["pictures"]) == 1
