"""An image reference in any form, in every tool that takes one."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from lightbox.http.entries import token_hash

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Ask, Connect, LetIn, MakeSettings, Mode, ServeHTTP, Transport, Upstream
    from tests.tools.conftest import DataURI, Paint

FORMS = ("handle", "resource", "url", "path", "file url", "data uri")
TAKERS = ("find_similar_images", "edit_image", "mask", "view_images", "describe_images", "estimate_cost")
SECRET = "alice's-own-token-0123456789"  # noqa: S105 - looked for where it must not be
SMALL: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": "256x256"}


def call_of(taker: str, reference: str, other: str) -> tuple[str, dict[str, Any]]:
    """Give tool and arguments of a call that takes a reference; `other` is a second picture of the same size."""
    match taker:
        case "find_similar_images":
            return taker, {"image": reference}
        case "edit_image":
            return taker, {"images": [reference], "prompt": "at night", **SMALL}
        case "mask":
            return "edit_image", {"images": [other], "mask": reference, "prompt": "at night", **SMALL}
        case "estimate_cost":
            return taker, {"tool": "describe_images", "arguments": {"images": [reference]}}
        case _:
            return taker, {"images": [reference]}


@pytest.fixture
def other(photo: Path, data_uri: DataURI) -> str:
    return data_uri(photo.read_bytes())


@pytest.fixture
def served(upstream: Upstream, photo: Path) -> str:
    """An address that gives the photo's bytes: a file of the sandbox."""
    files = {"file": ("photo.png", photo.read_bytes(), "image/png")}
    answer = httpx2.post(f"{upstream.openai_url}/files", data={"purpose": "vision"}, files=files, trust_env=False)
    upstream.forget()
    return f"{upstream.openai_url}/files/{answer.json()['id']}/content"


@pytest.mark.parametrize("form", FORMS)
async def test_a_reference_works_in_every_form_in_every_tool(
    connect: Connect, ask: Ask, settings: MakeSettings, photo: Path, served: str, other: str, form: str
) -> None:
    async with connect(settings(read_dirs=(photo.parent,))) as client:
        [handle] = (await ask(client, "view_images", images=[str(photo)])).handles
        forms = {
            "handle": handle,
            "resource": f"lightbox://images/{handle}",
            "url": served,
            "path": str(photo),
            "file url": photo.as_uri(),
            "data uri": other,
        }
        for taker in TAKERS:
            tool, arguments = call_of(taker, forms[form], other)
            answer = await ask(client, tool, **arguments)
            assert not answer.failed, answer.text


@pytest.mark.parametrize("taker", ["edit_image", "describe_images", "estimate_cost"])
async def test_a_file_of_the_provider_is_passed_on_to_it(
    connect: Connect, ask: Ask, settings: MakeSettings, served: str, other: str, taker: str
) -> None:
    file_id = served.split("/")[-2]
    async with connect(settings()) as client:
        tool, arguments = call_of(taker, file_id, other)
        answer = await ask(client, tool, **arguments)

    assert file_id.startswith("file-")
    assert not answer.failed, answer.text


@pytest.mark.parametrize("taker", ["find_similar_images", "mask", "view_images"])
async def test_where_a_file_of_the_provider_can_not_be_used_the_answer_says_why(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, other: str, taker: str
) -> None:
    async with connect(settings()) as client:
        tool, arguments = call_of(taker, "file-abc123", other)
        answer = await ask(client, tool, **arguments)

    assert answer.failed
    assert "file" in answer.text
    assert taker == "mask" or upstream.paid == 0


async def test_the_same_bytes_and_the_same_address_have_the_same_handle(
    connect: Connect, ask: Ask, settings: MakeSettings, photo: Path, served: str, other: str
) -> None:
    async with connect(settings(read_dirs=(photo.parent,))) as client:
        by_path, by_uri = [await ask(client, "view_images", images=[form]) for form in (str(photo), other)]
        by_url, again = [await ask(client, "view_images", images=[form]) for form in (served, f"{served}#part")]

    assert by_path.handles == by_uri.handles
    assert by_url.handles == again.handles
    assert len(by_path.handles) == 1


async def test_a_hit_has_the_handle_that_its_address_has(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        found = await ask(client, "search_images", query="a fox", count=1)
        [hit] = found.listed["hits"]
        seen = await ask(client, "view_images", images=[hit["image_url"]])

    assert seen.handles == [hit["image"]]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("later", ["memory", "stdio"])
async def test_handles_work_in_a_later_session_and_in_another_process(
    connect: Connect, ask: Ask, settings: MakeSettings, later: Transport, mode: Mode
) -> None:
    made = settings()
    async with connect(made) as client:
        found = await ask(client, "search_images", query="a fox", count=1)
        painted = await ask(client, "generate_image", prompt="a fox", **SMALL)
    handles = [*found.handles, *painted.handles]
    async with connect(made, later, mode) as client:
        seen = await ask(client, "view_images", images=handles, layout="each")

    assert not seen.failed, seen.text
    assert seen.handles == handles
    assert len(seen.blocks) == len(handles)


@pytest.mark.parametrize("taker", TAKERS)
async def test_a_handle_of_another_caller_is_unknown_in_every_tool(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    serve_http: ServeHTTP,
    upstream: Upstream,
    let_in: LetIn,
    other: str,
    taker: str,
) -> None:
    made = settings(tokens=let_in("alice", "bob"))
    async with serve_http(made) as url:
        async with connect(made, "http", token="alice", url=url) as client:  # noqa: S106 - a caller, no secret
            [handle] = (await ask(client, "view_images", images=[other])).handles
        async with connect(made, "http", token="bob", url=url) as client:  # noqa: S106 - likewise
            tool, arguments = call_of(taker, handle, other)
            answer = await ask(client, tool, **arguments)
            assert answer.failed
            assert "No picture is known here" in answer.text
            with pytest.raises(Exception, match="No picture is known"):
                await client.read_resource(f"lightbox://images/{handle}")

    assert upstream.paid == 0


async def test_a_secret_of_a_caller_is_kept_nowhere(
    connect: Connect, ask: Ask, settings: MakeSettings, let_in: LetIn, other: str
) -> None:
    tokens = let_in("alice")
    tokens.write_text(tokens.read_text().replace(token_hash("alice"), token_hash(SECRET)))
    made = settings(tokens=tokens)
    async with connect(made, "http", token=SECRET) as client:
        await ask(client, "view_images", images=[other])
        await ask(client, "search_images", query="a fox")

    with closing(sqlite3.connect(made.state_dir / "lightbox.sqlite3")) as database:
        dump = "\n".join(database.iterdump())
    assert "token:alice" in dump
    assert SECRET not in dump
    assert token_hash(SECRET) not in dump


async def test_every_kind_of_picture_is_taken(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, odd: bytes
) -> None:
    async with connect(settings()) as client:
        for taker in ("describe_images", "edit_image", "find_similar_images"):
            tool, arguments = call_of(taker, data_uri(odd), "")
            answer = await ask(client, tool, **arguments)
            assert not answer.failed, answer.text


async def test_every_kind_of_picture_comes_out_as_a_person_sees_it(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, odd: bytes, kind: str, mime_type: str
) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=[data_uri(odd)])

    [picture] = answer.pictures
    pixels = picture.convert("RGB")
    left, right = pixels.getpixel((20, 120)), pixels.getpixel((300, 120))
    assert picture.size == (320, 240)
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    if kind == "16-bit png":
        assert abs(left[0] - right[0]) > 180
    else:
        assert left[0] - left[2] > 110
        assert right[2] - right[0] > 110
    assert f"320x240 px  {mime_type}" in answer.text


async def test_the_type_comes_from_the_bytes_whatever_name_or_uri_say(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path, paint: Paint
) -> None:
    jpeg = paint(kind="JPEG")
    path = tmp_path / "it-says.png"
    path.write_bytes(jpeg)
    uri = f"data:image/webp;base64,{base64.b64encode(jpeg).decode()}"
    async with connect(settings(read_dirs=(tmp_path,))) as client:
        for reference in (str(path), uri):
            answer = await ask(client, "view_images", images=[reference])
            assert "image/jpeg" in answer.text
            assert answer.blocks[0][0] == f"image/{(answer.pictures[0].format or '').lower()}"


async def test_a_single_reference_is_taken_for_a_list_of_one(
    connect: Connect, ask: Ask, settings: MakeSettings, other: str
) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=other)

    assert len(answer.blocks) == 1


async def _made(client: Client, ask: Ask) -> str:
    [handle] = (await ask(client, "generate_image", prompt="a fox", **SMALL)).handles
    return handle


async def test_a_made_picture_goes_into_every_tool(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        handle = await _made(client, ask)
        for taker in ("find_similar_images", "edit_image", "view_images", "describe_images", "estimate_cost"):
            tool, arguments = call_of(taker, handle, "")
            answer = await ask(client, tool, **arguments)
            assert not answer.failed, answer.text
