"""A dear call is put to the person where the client can ask, and an approval serves once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import httpx2
import pytest
from mcp.client import ClientRequestContext
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult, InputRequiredResult

from lightbox.http.callers import by_proxy
from lightbox.http.sessions import IDLE_SECONDS, MOST_OF_ONE, Sessions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from tests.conftest import LetIn, ServeHTTP

    from .conftest import Bench

ARGUMENTS: dict[str, Any] = {
    "prompt": "a red fox",
    "model": "gpt-image-2",
    "size": "1024x640",
    "quality": "low",
}
ABOVE = "0.001 USD"
AGREED = ElicitResult(action="accept", content={"agree": True})
MODES: tuple[Literal["auto", "legacy"], ...] = ("auto", "legacy")
both_eras = pytest.mark.parametrize("mode", MODES)


class Person:
    """Answers what is asked, and remembers it."""

    def __init__(self, answer: ElicitResult) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        del context
        self.asked.append(params.message)
        return self.answer


@both_eras
@pytest.mark.parametrize("transport", ["memory", "stdio", "http"])
async def test_a_call_that_the_person_accepts_is_made_once(
    bench: Bench, mode: Literal["auto", "legacy"], transport: Literal["memory", "stdio", "http"]
) -> None:
    settings = bench.settings(confirm_above=ABOVE)
    person = Person(AGREED)
    async with bench.connect(settings, transport, mode, elicitation_callback=person) as client:
        answer = await client.call_tool("generate_image", ARGUMENTS)
        rows = await bench.settled(settings)

    assert not answer.is_error, bench.text(answer)
    [question] = person.asked
    assert "generate_image with gpt-image-2 may cost up to 0." in question
    assert "more than 0.001 USD" in question
    assert bench.line.posts == len(rows) == 1


@both_eras
@pytest.mark.parametrize(
    "said",
    [
        ElicitResult(action="decline"),
        ElicitResult(action="cancel"),
        ElicitResult(action="accept", content={"agree": False}),
    ],
    ids=["decline", "cancel", "accept-no"],
)
async def test_a_call_that_the_person_declines_is_not_sent(
    bench: Bench, mode: Literal["auto", "legacy"], said: ElicitResult
) -> None:
    settings = bench.settings(confirm_above=ABOVE)
    async with bench.connect(settings, "memory", mode, elicitation_callback=Person(said)) as client:
        answer = await client.call_tool("generate_image", ARGUMENTS)

    assert answer.is_error
    assert "the person declined" in bench.text(answer)
    assert bench.line.posts == len(bench.journal(settings)) == 0


@both_eras
async def test_without_a_way_to_ask_a_dear_call_is_refused_with_the_figure_and_the_setting(
    bench: Bench, mode: Literal["auto", "legacy"]
) -> None:
    settings = bench.settings(confirm_above=ABOVE)
    async with bench.connect(settings, "memory", mode) as client:
        answer = await client.call_tool("generate_image", ARGUMENTS)

    text = bench.text(answer)
    assert answer.is_error
    assert "may cost up to 0." in text
    assert "LIGHTBOX_CONFIRM_ABOVE" in text
    assert bench.line.posts == len(bench.journal(settings)) == 0


async def test_over_http_only_who_can_be_asked_by_the_old_protocol_has_a_session_and_nobody_else_may_use_it(
    bench: Bench, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    settings = bench.settings(confirm_above=ABOVE, tokens=let_in("alice", "bob"))
    hello: dict[str, Any] = {"protocolVersion": "2025-06-18", "clientInfo": {"name": "test", "version": "1"}}
    accept = {"Accept": "application/json, text/event-stream"}
    async with serve_http(settings) as url, httpx2.AsyncClient(trust_env=False) as web:

        async def post(token: str, method: str, session: str | None = None, **said: Any) -> httpx2.Response:
            headers = {**accept, "Authorization": f"Bearer {token}"} | ({"Mcp-Session-Id": session} if session else {})
            return await web.post(
                f"{url}/mcp", headers=headers, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": said}
            )

        mute = await post("alice", "initialize", None, **hello, capabilities={})
        opened = await post("alice", "initialize", None, **hello, capabilities={"elicitation": {}})
        session = opened.headers["mcp-session-id"]
        hers = await post("alice", "tools/list", session)
        his = await post("bob", "tools/list", session)
        made_up = await post("bob", "tools/list", "f" * 32)
        nobody = await post("nobody", "tools/list", session)
        ended = await web.delete(
            f"{url}/mcp", headers={"Authorization": "Bearer alice", "Mcp-Session-Id": session, **accept}
        )
        after = await post("alice", "tools/list", session)

    assert "mcp-session-id" not in mute.headers
    assert "generate_image" in hers.text
    assert (his.status_code, made_up.status_code, nobody.status_code) == (404, 404, 401)
    assert his.text == made_up.text
    assert (ended.status_code, after.status_code) == (200, 404)


async def test_who_opens_ever_more_sessions_is_answered_without_one_and_takes_no_other_s() -> None:
    clock, served = [0.0], list[str]()

    def answering(where: str) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            del scope, receive, send
            served.append(where)

        return answer

    sessions = Sessions(answering("free"), answering("kept"), lambda: clock[0])
    body = b'{"method": "initialize", "params": {"capabilities": {"elicitation": {}}}}'

    async def opened_by(name: str) -> str:
        caller = AuthenticatedUser(by_proxy(name))
        length = str(len(body)).encode()
        scope: Scope = {"type": "http", "method": "POST", "headers": [(b"content-length", length)], "user": caller}
        receiving = iter([{"type": "http.request", "body": body}])

        async def receive() -> Any:
            return next(receiving)

        async def send(_: Any) -> None: ...

        await sessions(scope, receive, send)
        return served[-1]

    hers = [await opened_by("alice") for _ in range(MOST_OF_ONE + 1)]
    his = await opened_by("bob")
    clock[0] += IDLE_SECONDS + 1
    later = await opened_by("alice")

    assert hers == ["kept"] * MOST_OF_ONE + ["free"]
    assert (his, later) == ("kept", "kept")


async def test_over_http_a_call_that_the_old_protocol_asks_about_can_be_cancelled(
    bench: Bench, serve_http: ServeHTTP
) -> None:
    settings = bench.settings(confirm_above=ABOVE)
    bench.line.hold(r"response\.created")
    async with (
        serve_http(settings) as url,
        bench.connect(settings, "http", "legacy", url=url, elicitation_callback=Person(AGREED)) as client,
    ):
        calling = bench.call(client, "generate_image", ARGUMENTS)
        await bench.line.until(lambda: bench.line.held == 1)
        calling.scope.cancel()
        await calling.done.wait()
        await bench.line.until(lambda: any(asked.endswith("/cancel") for asked in bench.line.asked))
        [row] = await bench.settled(settings)

    assert row.state == "cancelled"


@both_eras
async def test_a_cheap_call_is_not_asked_about(bench: Bench, mode: Literal["auto", "legacy"]) -> None:
    settings = bench.settings(confirm_above="5 USD")
    person = Person(AGREED)
    async with bench.connect(settings, "memory", mode, elicitation_callback=person) as client:
        answer = await client.call_tool("generate_image", ARGUMENTS)

    assert not answer.is_error
    assert person.asked == []


async def test_a_replayed_approval_spends_nothing(bench: Bench) -> None:
    settings = bench.settings(confirm_above=ABOVE)
    async with bench.connect(settings, elicitation_callback=Person(AGREED)) as client:
        asked = await client.session.call_tool("generate_image", ARGUMENTS, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        approval: dict[str, Any] = {"input_responses": {"consent": AGREED}, "request_state": asked.request_state}
        answers: list[Any] = []
        for _ in range(4):
            answers.append(
                await client.session.call_tool("generate_image", ARGUMENTS, allow_input_required=True, **approval)
            )
            await bench.settled(settings)

    first, *replays = answers
    assert isinstance(first, CallToolResult)
    assert not first.is_error
    for replay in replays:
        assert isinstance(replay, CallToolResult)
        assert replay.is_error
        assert "used before" in bench.text(replay)
    assert bench.line.posts == len(bench.journal(settings)) == 1


async def test_an_approval_serves_no_other_call(bench: Bench) -> None:
    settings = bench.settings(confirm_above=ABOVE)
    dearer = ARGUMENTS | {"quality": "high"}
    async with bench.connect(settings, elicitation_callback=Person(AGREED)) as client:
        asked = await client.session.call_tool("generate_image", ARGUMENTS, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        try:
            answer = await client.session.call_tool(
                "generate_image",
                dearer,
                allow_input_required=True,
                input_responses={"consent": AGREED},
                request_state=asked.request_state,
            )
        except Exception as error:  # noqa: BLE001 - the SDK may refuse it before we do
            refused = str(error)
        else:
            assert isinstance(answer, CallToolResult)
            assert answer.is_error
            refused = bench.text(answer)

    assert refused
    assert bench.line.posts == len(bench.journal(settings)) == 0


async def test_a_call_that_joins_or_is_journaled_is_not_asked_about(bench: Bench) -> None:
    free = bench.settings(wait_seconds=0.5)
    settings = bench.settings(confirm_above=ABOVE, wait_seconds=0.5)
    person = Person(AGREED)
    search = {"query": "a lake", "provider": "dashscope"}
    async with bench.connect(free) as first, bench.connect(settings, elicitation_callback=person) as second:
        await first.call_tool("search_images", search)
        await bench.settled(free)
        journaled = await second.call_tool("search_images", search)
        bench.line.hold()
        await first.call_tool("generate_image", ARGUMENTS)
        joined = await second.call_tool("generate_image", ARGUMENTS)
        bench.line.release()
        await bench.settled(settings)

    assert not journaled.is_error
    assert "Still running" in bench.text(joined)
    assert person.asked == []
    assert bench.line.posts == 2


@pytest.mark.parametrize("allowed", [False, True])
async def test_a_call_of_unknown_price_is_refused_above_a_threshold_unless_allowed(
    bench: Bench, *, allowed: bool
) -> None:
    settings = bench.settings(confirm_above=ABOVE, allow_unpriced=allowed)
    arguments = {"query": "a lake", "provider": "openai", "model": "gpt-of-tomorrow"}
    async with bench.connect(settings, elicitation_callback=Person(AGREED)) as client:
        answer = await client.call_tool("search_images", arguments)
        await bench.settled(settings)

    assert answer.is_error is not allowed
    assert bench.line.posts == int(allowed)
