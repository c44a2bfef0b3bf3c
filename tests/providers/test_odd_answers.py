"""Answers that are almost right are read; of what is wrong, the words say what happened and what to do."""

from __future__ import annotations

import base64
import json
import ssl
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.abc import SocketStream

from lightbox.errors import NotDone, RequestRejected, Throttled, UpstreamError
from lightbox.providers.adapter import Retries
from lightbox.providers.calls import GenerateCall, SearchCall
from lightbox.providers.reading import picture_bytes
from lightbox.providers.room import Held, NoRoom, Room
from lightbox.providers.updates import Damaged, Finished, Found, Made, MadeAt, Partial
from loopback import listening

if TYPE_CHECKING:
    from conftest import Bench

SEARCH = SearchCall(model="qwen3.7-plus", query="cats")
GENERATE = GenerateCall(model="gpt-6.1-sol", image_model="gpt-image-2.5-sunburst", prompt="a cat")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(240, 256)) * 3
PLAIN = base64.b64encode(PICTURE).decode()


def made(result: str) -> dict[str, Any]:
    item = {"type": "image_generation_call", "id": "i", "status": "completed", "result": result}
    usage = {"input_tokens": 9, "output_tokens": 2}
    return {"id": "r", "status": "completed", "output": [item], "usage": usage}


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.rstrip("="),
        base64.urlsafe_b64encode(PICTURE).decode(),
        base64.urlsafe_b64encode(PICTURE).decode().rstrip("="),
        base64.encodebytes(PICTURE).decode(),
        base64.encodebytes(PICTURE).decode().replace("\n", "\r\n"),
        "data:image/png;base64," + PLAIN,
    ],
)
async def test_base64_of_every_form_is_a_picture(bench: Bench, text: str) -> None:
    partial = {"type": "response.image_generation_call.partial_image", "partial_image_b64": text}
    done = {"type": "response.completed", "response": made(text)}
    bench.service.answer(bench.service.stream(*map(bench.service.frame, [partial, done])))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert [update.data for update in told.updates if isinstance(update, Made | Partial)] == [PICTURE] * 2
    assert told.error is None


@pytest.mark.parametrize("text", [PLAIN[:20] + "!" + PLAIN[20:], PLAIN[:21], "\u732b" * 40, "data:image/png;base64,?"])
async def test_a_damaged_picture_is_handed_on_as_it_came_and_told(bench: Bench, text: str) -> None:
    assert picture_bytes(text) is None
    item = made(text)["output"][0]
    events = [
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": made(text)},
    ]
    bench.service.answer(bench.service.stream(*map(bench.service.frame, events)))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert [update for update in told.updates if isinstance(update, Damaged)] == [
        Damaged(item_id="i", data=text.encode())
    ]
    assert isinstance(told.error, NotDone)
    assert str(told.error) == (
        "openai made a picture, but it came damaged: what came can't be read as base64. "
        "It may have been billed, and making the call again pays again."
    )
    assert told.names[-1] == "Finished"


async def test_an_address_in_the_place_of_a_picture_is_told_as_such(bench: Bench) -> None:
    bench.service.answer(bench.service.body(made("https://e.com/cat.png?sig=a_b")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.updates[1] == MadeAt(item_id="i", url="https://e.com/cat.png?sig=a_b")
    assert (told.names.count("Made"), told.error) == (0, None)


@pytest.mark.parametrize("headers", [{}, {"Retry_After": 0}, {"Retry_After": 5}])
async def test_503_without_the_services_own_words_is_not_sent_again(bench: Bench, headers: dict[str, int]) -> None:
    for body in ({"message": "Service Unavailable"}, {"error": {"code": 503, "message": "Down"}}):
        bench.service.answers.clear()
        bench.service.asked.clear()
        bench.service.answer(bench.service.body(body, 503, **headers))
        told = await bench.collect(bench.adapter("openai").stream(GENERATE))
        assert isinstance(told.error, UpstreamError)
        assert (told.error.accepted, bench.service.posts) == (True, 1)


def test_requests_turned_away_together_do_not_come_back_together() -> None:
    def wait(chance: float, told: float | None) -> float | None:
        return Retries(chance=lambda: chance).wait(Throttled("x", retry_after=told), 1)

    assert (wait(0.0, None), wait(1.0, None)) == (1.0, 1.5)
    assert (wait(0.0, 0.0), wait(1.0, 0.0)) == (0.0, 0.5)
    assert (wait(0.0, 10.0), wait(0.5, 10.0)) == (10.0, 12.5)
    assert len({Retries().wait(Throttled("x"), 1) for _ in range(20)}) > 1


@pytest.mark.parametrize("told", ["9" * 5_000, "Sat, 22 Nov 3000 00:00:00 GMT"])
async def test_a_service_that_wants_peace_for_ever_is_told_as_later(bench: Bench, told: str) -> None:
    slow = {"error": {"code": "rate_limit_exceeded", "message": "Slow."}}
    bench.service.answer(bench.service.body(slow, 429, Retry_After=told))
    ended = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert "try again later." in str(ended.error)
    assert bench.service.posts == 1


async def test_422_says_which_field_and_why(bench: Bench) -> None:
    row = {"loc": ["body", "tools", 0, "size"], "msg": "Input should be '1024x1024'", "type": "literal_error"}
    bench.service.answer(bench.service.body({"detail": [row]}, 422))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, RequestRejected)
    assert "because of `tools.0.size`" in str(told.error)
    assert "Input should be '1024x1024'" in str(told.error)


@pytest.mark.parametrize("status", [500, 408])
async def test_a_fault_on_their_side_says_whether_it_was_billed(bench: Bench, status: int) -> None:
    for provider, body, words in (
        ("openai", b"<html>", "may have been billed"),
        ("dashscope", b"<html>", "may have been billed"),
        ("dashscope", b'{"code":"InternalError","message":"Odd."}', "failed calls are not charged"),
    ):
        bench.service.answers.clear()
        bench.service.answer(bench.service.body(body, status))
        call = GENERATE if provider == "openai" else SEARCH
        told = await bench.collect(bench.adapter(provider).stream(call))
        assert words in str(told.error)


async def test_a_server_that_wants_tls_says_so(bench: Bench) -> None:
    page = b"<h1>400</h1><p>The plain HTTP request was sent to HTTPS port"
    for answer, words in (
        (
            bench.service.head(400, "text/html") + page,
            "expects TLS, but was asked in plain HTTP: set OPENAI_BASE_URL to https://127",
        ),
        (b"\x15\x03\x01\x00\x02\x02\x46", "If that server expects TLS, write OPENAI_BASE_URL with https://."),
        (b"", "If that server expects TLS, write OPENAI_BASE_URL with https://."),
    ):
        bench.service.answers.clear()
        bench.service.answer(answer)
        told = await bench.collect(bench.adapter("openai").stream(GENERATE))
        assert words in str(told.error)


async def test_a_plain_server_that_is_asked_by_tls_says_so(bench: Bench) -> None:
    async def plain(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    said = ""
    async with listening(plain) as port:
        told = await bench.collect(bench.adapter("openai", base_url=f"https://127.0.0.1:{port}/v1").stream(GENERATE))
        said = str(told.error)
    assert "does not speak TLS: set OPENAI_BASE_URL to http://127" in said, ssl.OPENSSL_VERSION


def web(**fields: Any) -> dict[str, Any]:
    call = {"type": "web_search_call", "id": "w", "status": "completed", **fields}
    return {"id": "r", "status": "completed", "output": [call], "usage": {"input_tokens": 9, "output_tokens": 2}}


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"results": [{"type": "text_result", "url": "https://e.com", "title": "Cats"}]}, "answered with 1 results"),
        ({}, "does not tell what it found"),
        ({"results": []}, None),
    ],
)
async def test_a_search_without_pictures_is_told_apart_from_one_that_found_none(
    bench: Bench, fields: dict[str, Any], note: str | None
) -> None:
    bench.service.answer(bench.service.body(web(**fields)))
    told = await bench.collect(bench.adapter("openai").stream(SEARCH))
    [finished] = [update for update in told.updates if isinstance(update, Finished)]
    assert (note in finished.note) if note and finished.note else finished.note is note
    assert [update for update in told.updates if isinstance(update, Found)] == [Found(hits=())]


async def test_hits_that_come_later_are_of_the_same_search(bench: Bench) -> None:
    output = json.dumps([{"url": "https://e.com/a.jpg"}])
    early = {"type": "web_search_image_call", "id": "c", "status": "completed"}
    bench.service.answer(
        bench.service.stream(
            bench.service.frame({"type": "response.output_item.done", "output_index": 0, "item": early}),
            bench.service.frame(
                {"type": "response.completed", "response": {"id": "r", "output": [{**early, "output": output}]}}
            ),
        )
    )
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    assert [(len(u.hits), u.again) for u in told.updates if isinstance(u, Found)] == [(0, False), (1, True)]


async def test_the_words_of_a_search_are_told_once_though_its_hits_come_later(bench: Bench) -> None:
    output = json.dumps([{"url": "https://e.com/a.jpg"}])
    early = {"type": "web_search_image_call", "id": "c", "status": "completed", "action": {"query": "cats"}}
    done = {"id": "r", "status": "completed", "output": [{**early, "output": output}]}
    events = [
        {"type": "response.output_item.done", "output_index": 0, "item": early},
        {"type": "response.completed", "response": done},
    ]
    bench.service.answer(bench.service.stream(*map(bench.service.frame, events)))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    found = [(len(u.hits), u.queries, u.again) for u in told.updates if isinstance(u, Found)]
    assert found == [(0, ("cats",), False), (1, (), True)]


async def test_who_needs_more_room_than_there_is_waits_and_one_can_always_finish() -> None:
    room = Room(100, apart=60, patience=5)
    first, second, third = Held(room), Held(room), Held(room)
    await first.hold(30)
    await second.hold(50)  # more than is left: it has what is set apart
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(third.hold, 40)
        await anyio.wait_all_tasks_blocked()
        assert third.size == 0
        await second.hold(60)
        second.release()
    assert (first.size, third.size) == (30, 40)


async def test_who_waits_too_long_for_room_is_told() -> None:
    room = Room(100, apart=60, patience=0)
    first, second = Held(room), Held(room)
    await first.hold(50)
    await second.hold(40)
    with pytest.raises(NoRoom):
        await Held(room).hold(1)
    first.release()
    await Held(room).hold(1)
