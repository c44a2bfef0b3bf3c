"""Two callers of one server over HTTP: neither sees, joins, stops, approves or pays for anything of the other's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.types import CallToolResult, ElicitResult, InputRequiredResult, ResourceTemplateReference
from pydantic import SecretStr

from lightbox.tools.resource_list import IMAGE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import LetIn, Mode, ServeHTTP

    from lightbox.settings import Settings

    from .conftest import Bench

GENERATE = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}
SEARCH = {"query": "a lake", "provider": "dashscope"}
AGREED = ElicitResult(action="accept", content={"agree": True})


@dataclass(frozen=True)
class Two:
    """A server with two callers."""

    url: str
    alice: Client
    bob: Client


@pytest.fixture
def two(bench: Bench, serve_http: ServeHTTP, let_in: LetIn) -> Any:
    @asynccontextmanager
    async def serve(mode: Mode = "auto", **wanted: Any) -> AsyncGenerator[tuple[Two, Settings]]:
        settings = bench.settings(tokens=let_in("alice", "bob"), **wanted)
        async with (
            serve_http(settings) as url,
            bench.connect(settings, "http", mode, url=url, token="alice", elicitation_callback=agree) as alice,  # noqa: S106 - a name
            bench.connect(settings, "http", mode, url=url, token="bob", elicitation_callback=agree) as bob,  # noqa: S106 - likewise
        ):
            yield Two(url, alice, bob), settings

    return serve


async def agree(*_: object) -> ElicitResult:
    return AGREED


async def test_what_one_caller_made_the_other_neither_sees_nor_uses_nor_is_billed(bench: Bench, two: Any) -> None:
    async with two() as (pair, settings):
        made = await pair.alice.call_tool("generate_image", GENERATE)
        text = bench.text(made)
        handle = next(word.strip(":,.") for word in text.split() if word.startswith("img_"))
        [link] = [line.removeprefix("link: ") for line in text.splitlines() if line.startswith("link: ")]
        [row] = await bench.settled(settings)
        stolen = [
            await pair.bob.call_tool("view_images", {"images": [handle]}),
            await pair.bob.call_tool("edit_image", {"images": [handle], "prompt": "at night"}),
            await pair.bob.call_tool("describe_images", {"images": [handle], "question": "what is it?"}),
            await pair.bob.call_tool("get_job", {"job_id": row.id}),
            await pair.bob.call_tool("get_job", {"job_id": row.id, "cancel": True}),
        ]
        unread: list[str] = []
        for uri in (f"images/{handle}", f"images/{handle}/preview", f"jobs/{row.id}", f"jobs/{row.id}/preview"):
            with pytest.raises(MCPError) as refused:
                await pair.bob.read_resource(f"lightbox://{uri}")
            unread.append(str(refused.value))
        begun = ResourceTemplateReference(uri=IMAGE), {"name": "handle", "value": "img_"}
        offered = [(await client.complete(*begun)).completion.values for client in (pair.alice, pair.bob)]
        spent = await pair.bob.call_tool("get_spending", {"period": "all"})
        spent_by_her = await pair.alice.call_tool("get_spending", {"period": "all"})
        seen = await pair.alice.call_tool("view_images", {"images": [handle]})
        async with httpx2.AsyncClient(trust_env=False) as web:
            hers = await web.get(link)
            parts = urlsplit(link)
            forged = await web.get(f"{pair.url}{parts.path}?token={parts.query.removeprefix('token=')[::-1]}")

    assert not made.is_error
    assert all(answer.is_error for answer in stolen)
    assert all("Unknown" in each or "There is no" in each or "No picture is known" in each for each in unread)
    assert offered == [[handle], []]
    assert not any("red fox" in bench.text(answer) for answer in stolen)
    assert spent.structured_content is not None
    assert spent.structured_content["lines"] == []
    assert spent_by_her.structured_content is not None
    assert [line["jobs"] for line in spent_by_her.structured_content["lines"]] == [1]
    assert not seen.is_error
    assert (hers.status_code, forged.status_code) == (200, 403)
    assert bench.line.posts == 1


async def test_an_identical_call_of_another_caller_is_neither_joined_nor_answered_from_the_journal(
    bench: Bench, two: Any
) -> None:
    async with two() as (pair, settings):
        await pair.alice.call_tool("search_images", SEARCH)
        await bench.settled(settings)
        his = await pair.bob.call_tool("search_images", SEARCH)
        bench.line.hold()
        calls = [bench.call(client, "generate_image", GENERATE) for client in (pair.alice, pair.bob)]
        await bench.line.until(lambda: bench.line.held == 2)
        bench.line.release()
        made = [await calling.result() for calling in calls]
        rows = await bench.settled(settings)

    assert his.structured_content is not None
    assert his.structured_content["cached"] is False
    assert not any(answer.is_error for answer in made)
    assert len(rows) == bench.line.posts == 4


async def test_an_unfinished_picture_is_shown_to_whoever_ordered_it_alone(bench: Bench, two: Any) -> None:
    bench.line.hold("partial_image")
    async with two() as (pair, settings):
        calling = bench.call(pair.alice, "generate_image", GENERATE)
        await calling.hears("partial 1 of 1")
        [row] = bench.journal(settings)
        uri = f"lightbox://jobs/{row.id}/preview"
        hers = await pair.alice.read_resource(uri)
        with pytest.raises(MCPError, match="There is no job"):
            await pair.bob.read_resource(uri)
        stopped = await pair.bob.call_tool("get_job", {"job_id": row.id, "cancel": True})
        bench.line.release()
        made = await calling.result()

    assert hers.contents
    assert stopped.is_error
    assert not made.is_error


async def test_an_old_client_cancels_its_own_call_and_no_other_s_of_the_same_number(bench: Bench, two: Any) -> None:
    """Both count their requests from the start, so that their calls have one number."""
    bench.line.hold()
    async with two("legacy") as (pair, settings):
        hers, his = (bench.call(client, "generate_image", GENERATE) for client in (pair.alice, pair.bob))
        await bench.line.until(lambda: bench.line.held == 2)
        his.scope.cancel()
        await his.done.wait()
        bench.line.release()
        made = await hers.result()
        await bench.settled(settings)

    assert not made.is_error


async def test_an_approval_of_one_caller_serves_no_other(bench: Bench, two: Any) -> None:
    async with two(confirm_above="0.001 USD") as (pair, settings):
        asked = await pair.alice.session.call_tool("generate_image", GENERATE, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        approval: dict[str, Any] = {"input_responses": {"consent": AGREED}, "request_state": asked.request_state}
        with pytest.raises(MCPError, match="requestState"):
            await pair.bob.session.call_tool("generate_image", GENERATE, allow_input_required=True, **approval)
        sent_by_then = bench.line.posts
        made = await pair.alice.session.call_tool("generate_image", GENERATE, allow_input_required=True, **approval)
        await bench.settled(settings)

    assert sent_by_then == 0
    assert isinstance(made, CallToolResult)
    assert not made.is_error
    assert bench.line.posts == 1


async def test_what_was_ordered_with_a_caller_s_own_key_is_asked_for_with_it_by_the_next_server(
    bench: Bench, serve_http: ServeHTTP, let_in: LetIn, tmp_path: Path
) -> None:
    """The service turns the server's own key away."""
    (tmp_path / "hers").write_text("sk-of-alice-alone-0123456789")
    tokens = let_in("alice", alice='openai_api_key_file = "hers"')
    settings = bench.settings(tokens=tokens, openai_api_key=SecretStr("wrong"), wait_seconds=1)
    bench.line.hold(r"response\.created")
    async with (
        serve_http(settings) as url,
        bench.connect(settings, "http", url=url, token="alice") as alice,  # noqa: S106 - a name
    ):
        running = await alice.call_tool("generate_image", GENERATE)
        row = await bench.accepted(settings)
    bench.line.release()
    async with (
        serve_http(settings) as url,
        bench.connect(settings, "http", url=url, token="alice") as alice,  # noqa: S106 - a name
    ):
        await alice.call_tool("get_spending", {})  # opens the server, which takes over what was left
        await bench.settled(settings)
        made = await alice.call_tool("get_job", {"job_id": row.id})

    assert "Still running" in bench.text(running)
    assert not made.is_error, bench.text(made)
    assert bench.line.posts == 1
