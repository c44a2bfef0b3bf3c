"""A server that refuses a field which the call can do without gets it once more without: only where it took nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lightbox.errors import Interrupted, RequestRejected
from lightbox.providers.calls import GenerateCall, OutputOptions, SearchCall
from lightbox.providers.omission import MOST_REPEATS
from lightbox.providers.updates import Accepted, LeftOut, Made
from providers.scripted import Bench, Service

pytestmark = pytest.mark.anyio

GENERATE = GenerateCall(
    model="gpt-5.6-luna", image_model="gpt-image-2", prompt="a fox", output=OutputOptions(partial_images=1)
)
SEARCH = SearchCall(model="gpt-5.6-luna", query="a fox")


def refused(param: str, **beside: Any) -> bytes:
    told = {"message": f"Unknown parameter: '{param}'.", "param": param, "code": "unknown_parameter"}
    return Service.body({"error": {**told, "type": "invalid_request_error"}, **beside}, 400)


async def test_the_call_goes_once_more_without_the_field_and_says_so(bench: Bench) -> None:
    bench.service.answer(refused("tools[0].partial_images"))
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert told.error is None
    assert told.names[:2] == ["Accepted", "LeftOut"]
    assert LeftOut(fields=("tools.partial_images",)) in told.updates
    first, second = (asked.json for asked in bench.service.asked)
    assert first["tools"][0].pop("partial_images") == 1
    assert second == first
    assert bench.slept == []


async def test_what_a_server_does_not_know_is_not_sent_to_it_again(bench: Bench) -> None:
    adapter = bench.adapter("openai", store=True)
    bench.service.answer(refused("tools[0].action"))
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    for _ in range(2):
        told = await bench.collect(adapter.stream(GENERATE))
        assert LeftOut(fields=("tools.action",)) in told.updates
    assert bench.service.posts == 3
    assert "action" not in bench.service.asked[2].json["tools"][0]


async def test_a_call_that_never_had_the_field_says_nothing_of_it(bench: Bench) -> None:
    adapter = bench.adapter("openai", store=True)
    bench.service.answer(refused("tools[0].action"))
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    bench.service.answer(bench.service.body(bench.service.example("openai_web_images.json")))
    await bench.collect(adapter.stream(GENERATE))
    assert "LeftOut" not in (await bench.collect(adapter.stream(SEARCH))).names


@pytest.mark.parametrize("field", ["background", "store"])
async def test_a_response_that_is_not_kept_is_neither_told_nor_taken_up_as_one_that_is(
    bench: Bench, field: str
) -> None:
    frames = bench.service.frames("openai_generate.sse")
    bench.service.answer(refused(field))
    bench.service.answer(bench.service.stream(*frames[:4], cut=True))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert [update.resumable for update in told.updates if isinstance(update, Accepted)] == [False]
    assert isinstance(told.error, Interrupted)
    assert "may have been billed" in str(told.error)
    assert [asked.method for asked in bench.service.asked] == ["POST", "POST"]
    last = bench.service.asked[-1].json
    assert "background" not in last
    assert last.get("store", False) is False


async def test_a_server_that_knows_nothing_of_streams_answers_whole(bench: Bench) -> None:
    bench.service.answer(refused("stream"))
    bench.service.answer(bench.service.body(bench.service.example("openai_response.json")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None
    assert any(isinstance(update, Made) for update in told.updates)
    assert "stream" not in bench.service.asked[-1].json


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refused("model"), "the call can't do without it"),
        (refused("tools"), "the call can't do without it"),
        (refused("tools[0].quality"), "it decides what is made, and its price"),
        (refused("input[0].store"), "it stands elsewhere"),
        (refused("background", id="resp_1"), "there is a response already"),
        (refused("background", usage={"input_tokens": 1}), "something was counted"),
        (Service.body({"error": {"message": "Unknown parameter: 'background'."}}, 500), "the work may have begun"),
        (Service.body({"error": {"message": "Unknown parameter: 'background'."}}, 409), "it was not turned away"),
        (
            Service.body(
                {"status": "failed", "id": "resp_1", "error": {"message": "Unknown parameter: 'store'."}}, 200
            ),
            "it was accepted",
        ),
    ],
)
async def test_a_call_that_may_have_been_accepted_or_needs_the_field_is_sent_once(
    bench: Bench, answer: bytes, why: str
) -> None:
    bench.service.answer(answer)
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert told.error is not None, why
    assert bench.service.posts == 1, why


async def test_a_refusal_in_the_middle_of_a_stream_is_not_followed_by_another_try(bench: Bench) -> None:
    frames = bench.service.frames("openai_generate.sse")
    error = bench.service.frame({"type": "error", "code": "unknown_parameter", "message": "x", "param": "background"})
    bench.service.answer(bench.service.stream(*frames[:4], error))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert told.error is not None
    assert bench.service.posts == 1


async def test_a_server_that_refuses_one_field_after_another_is_asked_a_few_times(bench: Bench) -> None:
    fields = ("background", "tools[0].action", "tools[0].partial_images", "stream", "store")
    for field in fields:
        bench.service.answer(refused(field))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert isinstance(told.error, RequestRejected)
    assert bench.service.posts == 1 + MOST_REPEATS


async def test_the_same_field_is_not_refused_for_ever(bench: Bench) -> None:
    bench.service.answer(refused("background"))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert isinstance(told.error, RequestRejected)
    assert bench.service.posts == 2


async def test_a_tools_field_that_the_server_names_without_its_place_is_found(bench: Bench) -> None:
    bench.service.answer(Service.body({"error": 'json: unknown field "partial_images"'}, 400))
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None
    assert LeftOut(fields=("tools.partial_images",)) in told.updates


async def test_busy_and_strict_servers_are_each_given_their_tries(bench: Bench) -> None:
    busy = Service.body({"error": {"code": "rate_limit_exceeded", "message": "busy"}}, 429)
    for answer in (busy, refused("tools[0].action"), busy):
        bench.service.answer(answer)
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert told.error is None
    assert bench.service.posts == 4
    assert len(bench.slept) == 2


async def test_the_version_of_an_api_stays_on_every_request(bench: Bench) -> None:
    base_url = f"{bench.service.url}?api-version=preview"
    adapter = bench.adapter("openai", store=True, base_url=base_url)
    bench.service.answer(bench.service.stream(*bench.service.frames("openai_generate.sse")[:4], cut=True))
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(adapter.stream(GENERATE))
    assert told.error is None
    await adapter.cancel("resp_1")
    await adapter.models()
    lines = [asked.line.partition("/v1/")[2] for asked in bench.service.asked]
    assert lines[0] == "responses?api-version=preview"
    assert lines[1].startswith("responses/resp_") or "?api-version=preview&stream=true" in lines[1]
    assert all("api-version=preview" in line for line in lines)
    assert lines[2:] == ["responses/resp_1/cancel?api-version=preview", "models?api-version=preview"]
