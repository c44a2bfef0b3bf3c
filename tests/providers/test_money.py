"""A paid request is sent again only where it surely was not accepted; what broke off is taken up where it is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from lightbox.errors import Interrupted, KeyRejected, QuotaExhausted, Refused, Throttled, Unavailable, UpstreamError
from lightbox.providers.calls import GenerateCall, SearchCall
from lightbox.providers.updates import Accepted

if TYPE_CHECKING:
    from conftest import Bench

SEARCH = SearchCall(model="qwen3.7-plus", query="cats")
GENERATE = GenerateCall(model="gpt-6.1-sol", image_model="gpt-image-2.5-sunburst", prompt="a cat")
WHOLE = ["Accepted", "Stage", "Stage", "Partial", "Made", "Stage", "Finished"]
SLOW_DOWN: dict[str, Any] = {"error": {"code": "rate_limit_exceeded", "message": "Too many requests."}}
GONE: dict[str, Any] = {"error": {"message": "Response with id 'resp_68c0' not found.", "code": None}}


@pytest.mark.parametrize(
    ("headers", "waits"),
    [({}, [1.0, 2.0]), ({"Retry_After": 7}, [7.0, 7.0]), ({"retry_after_ms": 250, "Retry_After": 9}, [0.25, 0.25])],
)
async def test_429_is_asked_again_when_the_service_wants_it(
    bench: Bench, headers: dict[str, int], waits: list[float]
) -> None:
    for _ in range(2):
        bench.service.answer(bench.service.body(SLOW_DOWN, 429, **headers))
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert (told.names, told.error, bench.service.posts, bench.slept) == (WHOLE, None, 3, waits)


async def test_429_is_asked_again_a_few_times_only(bench: Bench) -> None:
    bench.service.answer(bench.service.body(SLOW_DOWN, 429))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Throttled)
    assert (told.error.accepted, bench.service.posts) == (False, 3)


async def test_a_service_that_wants_long_peace_gets_it(bench: Bench) -> None:
    bench.service.answer(bench.service.body(SLOW_DOWN, 429, Retry_After=120))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Throttled)
    assert (told.error.retry_after, bench.service.posts, bench.slept) == (120.0, 1, [])
    assert "try again in 120 s" in str(told.error)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "insufficient_quota", QuotaExhausted),
        (429, "billing_hard_limit_reached", QuotaExhausted),
        (400, "Arrearage", QuotaExhausted),
        (400, "moderation_blocked", Refused),
        (400, "DataInspectionFailed", Refused),
        (500, "server_error", Interrupted),
        (504, "timeout", Interrupted),
    ],
)
async def test_what_would_fail_again_or_may_have_been_accepted_is_sent_once(
    bench: Bench, status: int, code: str, kind: type[UpstreamError]
) -> None:
    bench.service.answer(bench.service.body({"error": {"code": code, "message": "No."}}, status, Retry_After=0))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert type(told.error) is kind
    assert bench.service.posts == 1
    assert isinstance(told.error, UpstreamError)
    assert told.error.accepted == (status >= 500)


async def test_503_in_the_services_own_words_is_asked_again(bench: Bench) -> None:
    bench.service.answer(
        bench.service.body({"error": {"type": "server_error", "code": None, "message": "Overloaded."}}, 503)
    )
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert (told.names, bench.service.posts) == (WHOLE, 2)


async def test_503_by_something_in_between_is_not_asked_again(bench: Bench) -> None:
    bench.service.answer(bench.service.head(503, "text/plain") + b"upstream reset before headers")
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Unavailable)
    assert (told.error.accepted, bench.service.posts) == (True, 1)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, {"message": "Service Unavailable"}),
        (500, {"error": {"type": "server_error", "code": None, "message": "Upstream rate limit."}}),
        (502, {"error": {"type": "x", "code": "overloaded", "message": "Upstream is overloaded."}}),
        (504, {"error": {"type": "x", "code": "rate_limit_exceeded", "message": "Slow."}}),
        (408, {"error": {"code": "408", "message": "The operation was timeout."}}),
    ],
)
async def test_what_a_gateway_says_after_the_work_may_have_begun_is_not_asked_again(
    bench: Bench, status: int, body: dict[str, Any]
) -> None:
    bench.service.answer(bench.service.body(body, status))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, UpstreamError)
    assert (told.error.accepted, bench.service.posts) == (True, 1)


@pytest.mark.parametrize("date", ["Sat, 99999999999999999999 Nov 2026 00:00:00 GMT", "Sat, 21 Nov 2026 00:00:00 +9999"])
async def test_a_retry_date_that_is_none_is_passed_over(bench: Bench, date: str) -> None:
    bench.service.answer(bench.service.body(SLOW_DOWN, 429, Retry_After=date))
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert (told.names, told.error) == (WHOLE, None)


async def test_throttling_as_http_200_is_asked_again_where_failures_are_free(bench: Bench) -> None:
    bench.service.answer(bench.service.body(bench.service.example("dashscope_failed_200.json")))
    bench.service.answer(bench.service.stream(bench.service.example("dashscope_similar.sse")))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    assert (told.error, bench.service.posts, bench.slept) == (None, 2, [1.0])
    assert told.names.count("Accepted") == 1


async def test_throttling_as_http_200_is_not_asked_again_elsewhere(bench: Bench) -> None:
    bench.service.answer(bench.service.body(bench.service.example("dashscope_failed_200.json")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Throttled)
    assert (told.error.accepted, bench.service.posts) == (True, 1)


async def test_a_call_that_was_named_before_it_was_throttled_is_not_sent_again(bench: Bench) -> None:
    begun, _ = bench.service.frames("dashscope_failed.sse")
    failed = {"type": "response.failed", "response": {"error": {"code": "Throttling", "message": "Slow."}}}
    bench.service.answer(bench.service.stream(begun, bench.service.frame(failed)))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    assert isinstance(told.error, Throttled)
    assert (told.names, bench.service.posts) == (["Accepted"], 1)


async def test_a_refused_connection_is_tried_again(bench: Bench) -> None:
    told = await bench.collect(bench.adapter("openai", base_url="http://127.0.0.1:9/v1").stream(GENERATE))
    assert isinstance(told.error, Unavailable)
    assert (told.error.accepted, bench.slept) == (False, [1.0, 2.0])


@pytest.mark.parametrize("provider", ["openai", "dashscope"])
async def test_silence_is_never_answered_by_sending_again(bench: Bench, provider: str) -> None:
    bench.service.answer(anyio.sleep_forever)
    call = GENERATE if provider == "openai" else SEARCH
    told = await bench.collect(bench.adapter(provider, read=0.2).stream(call))
    assert isinstance(told.error, Interrupted)
    assert (told.error.accepted, bench.service.posts, bench.slept) == (True, 1, [])
    assert "was silent for too long" in str(told.error)


async def test_a_line_that_drops_before_an_answer_is_never_answered_by_sending_again(bench: Bench) -> None:
    bench.service.answer()
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert isinstance(told.error, Interrupted)
    assert (told.error.accepted, told.updates, bench.service.posts) == (True, [], 1)


@pytest.mark.parametrize("cut", [True, False])
async def test_a_dropped_stream_keeps_what_came(bench: Bench, *, cut: bool) -> None:
    frames = bench.service.frames("dashscope_search.sse")
    bench.service.answer(bench.service.stream(*frames[:8], cut=cut))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    assert told.names == ["Accepted", "Stage", "Stage", "Found"]
    assert isinstance(told.error, Interrupted)
    assert (told.error.accepted, bench.service.posts) == (True, 1)


@pytest.mark.parametrize("at", range(1, 13))
async def test_a_stored_stream_is_taken_up_where_it_broke_and_nothing_is_told_twice(bench: Bench, at: int) -> None:
    frames = bench.service.frames("openai_generate.sse")
    bench.service.answer(bench.service.stream(*frames[:at], cut=True))
    bench.service.answer(bench.service.stream(*frames[at:]))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert (told.names, told.error) == (WHOLE, None)
    assert told.updates[0] == Accepted(response_id="resp_68c0", resumable=True)
    assert [asked.line for asked in bench.service.asked] == [
        "POST /v1/responses",
        f"GET /v1/responses/resp_68c0?stream=true&starting_after={at - 1}",
    ]


async def test_a_stored_stream_is_taken_up_again_and_again_while_it_gets_on(bench: Bench) -> None:
    for frame in bench.service.frames("openai_generate.sse"):
        bench.service.answer(bench.service.stream(frame, cut=True))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert (told.names, told.error, bench.service.posts) == (WHOLE, None, 1)


async def test_a_stored_stream_that_never_gets_on_is_given_up(bench: Bench) -> None:
    frames = bench.service.frames("openai_generate.sse")
    bench.service.answer(bench.service.stream(*frames[:3], cut=True))
    bench.service.answer(bench.service.stream(cut=True))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert isinstance(told.error, Interrupted)
    assert "resp_68c0" in str(told.error)
    assert (len(bench.service.asked), bench.service.posts) == (7, 1)


async def test_a_response_that_can_not_be_streamed_is_asked_for_until_it_is_done(bench: Bench) -> None:
    working: dict[str, Any] = {"id": "resp_68c0", "status": "in_progress", "output": []}
    bench.service.answer(bench.service.body({"id": "resp_68c0", "status": "queued"}))
    bench.service.answer(bench.service.body({"error": {"message": "Not created with stream=true."}}, 400))
    bench.service.answer(bench.service.body(working))
    bench.service.answer(bench.service.body(working))
    bench.service.answer(bench.service.body(bench.service.example("openai_response.json")))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert (told.names, told.error) == (["Accepted", "Made", "Finished"], None)
    assert [asked.line for asked in bench.service.asked[1:]] == [
        "GET /v1/responses/resp_68c0?stream=true",
        *["GET /v1/responses/resp_68c0"] * 3,
    ]
    assert bench.slept == [2.0, 2.0]


async def test_a_response_is_taken_up_by_its_id_after_a_crash(bench: Bench) -> None:
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai", store=True).take_up("resp_68c0", "generate"))
    assert (told.names, told.error) == (WHOLE[1:], None)
    assert [asked.line for asked in bench.service.asked] == ["GET /v1/responses/resp_68c0?stream=true"]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "invalid_api_key", KeyRejected),
        (429, "insufficient_quota", QuotaExhausted),
        (404, "model_not_found", None),
    ],
)
async def test_work_that_can_not_be_asked_about_may_have_been_billed(
    bench: Bench, status: int, code: str, kind: type[UpstreamError] | None
) -> None:
    bench.service.answer(bench.service.body({"error": {"code": code, "message": "No."}}, status))
    told = await bench.collect(bench.adapter("openai", store=True).take_up("resp_68c0", "generate"))
    assert isinstance(told.error, kind or UpstreamError)
    assert told.error.accepted


async def test_a_taken_up_call_that_the_service_rejected_says_why(bench: Bench) -> None:
    begun = bench.service.frames("openai_generate.sse")[0]
    failed = {"type": "response.failed", "response": {"error": {"code": "invalid_image", "message": "Too odd."}}}
    bench.service.answer(bench.service.stream(begun, cut=True))
    bench.service.answer(bench.service.stream(bench.service.frame(failed)))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert "Too odd." in str(told.error)
    assert len(bench.service.asked) == 2


async def test_a_result_is_waited_for_while_the_line_is_down_for_minutes(bench: Bench) -> None:
    adapter = bench.adapter("openai", store=True)
    frames = bench.service.frames("openai_generate.sse")
    bench.service.answer(bench.service.stream(*frames[:3], cut=True))
    down = {"error": {"code": "service_unavailable", "message": "Down."}}
    for _ in range(20):
        bench.service.answer(bench.service.body(down, 503))
    bench.service.answer(bench.service.stream(*frames[3:]))
    told = await bench.collect(adapter.stream(GENERATE))
    assert (told.names, told.error, bench.service.posts) == (WHOLE, None, 1)


async def test_a_response_that_is_gone_may_have_been_billed(bench: Bench) -> None:
    bench.service.answer(bench.service.body(GONE, 404))
    told = await bench.collect(bench.adapter("openai", store=True).take_up("resp_68c0", "generate"))
    assert isinstance(told.error, Interrupted)
    assert str(told.error) == "openai no longer has resp_68c0; it may have been billed."


@pytest.mark.parametrize(("provider", "store"), [("dashscope", True), ("openai", False)])
async def test_nothing_is_taken_up_where_nothing_is_kept(bench: Bench, provider: str, *, store: bool) -> None:
    told = await bench.collect(bench.adapter(provider, store=store).take_up("resp_1", "generate"))
    assert isinstance(told.error, Interrupted)
    assert bench.service.asked == []


BROKEN: dict[str, Any] = {"type": "error", "code": "server_error", "message": "The line to the service broke."}
MADE_UP: dict[str, Any] = {
    "type": "response.failed",
    "response": {"id": "resp_68c0", "status": "failed", "error": BROKEN},
}


@pytest.mark.parametrize("said", [BROKEN, MADE_UP])
@pytest.mark.parametrize("at", [1, 4])
async def test_a_stored_response_is_asked_for_where_something_in_between_says_that_it_failed(
    bench: Bench, at: int, said: dict[str, Any]
) -> None:
    begun = bench.service.frames("openai_generate.sse")[:at]
    bench.service.answer(bench.service.stream(*begun, bench.service.frame(said)))
    bench.service.answer(bench.service.body({"error": {"message": "Not created with stream=true."}}, 400))
    bench.service.answer(bench.service.body(bench.service.example("openai_response.json")))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert told.error is None
    assert "Made" in told.names
    assert bench.service.posts == 1


async def test_a_stored_response_that_did_fail_says_so_after_the_error_of_its_stream(bench: Bench) -> None:
    failed = {"id": "resp_68c0", "status": "failed", "error": {"code": "moderation_blocked", "message": "No."}}
    begun = bench.service.frames("openai_generate.sse")[0]
    bench.service.answer(bench.service.stream(begun, bench.service.frame(BROKEN)))
    bench.service.answer(bench.service.body(failed))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert isinstance(told.error, Refused)
    assert len(bench.service.asked) == 2


async def test_the_error_of_a_stream_stands_where_its_response_is_gone(bench: Bench) -> None:
    begun = bench.service.frames("openai_generate.sse")[0]
    bench.service.answer(bench.service.stream(begun, bench.service.frame(BROKEN)))
    bench.service.answer(bench.service.body(GONE, 404))
    told = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert "The line to the service broke." in str(told.error)
    assert (len(bench.service.asked), bench.service.posts) == (3, 1)


@pytest.mark.parametrize(
    ("code", "told", "kind"),
    [("moderation_blocked", {}, Refused), ("server_error", {"usage": {"input_tokens": 9}}, Interrupted)],
)
async def test_a_failure_is_not_taken_up(
    bench: Bench, code: str, told: dict[str, Any], kind: type[UpstreamError]
) -> None:
    begun = bench.service.frames("openai_generate.sse")[0]
    failed = {"type": "response.failed", "response": {"error": {"code": code, "message": "No."}, **told}}
    bench.service.answer(bench.service.stream(begun, bench.service.frame(failed)))
    seen = await bench.collect(bench.adapter("openai", store=True).stream(GENERATE))
    assert type(seen.error) is kind
    assert len(bench.service.asked) == 1


async def test_a_stored_call_can_be_cancelled(bench: Bench) -> None:
    bench.service.answer(bench.service.body({"id": "resp/1", "status": "cancelled"}))
    assert await bench.adapter("openai", store=True).cancel("resp/1")
    assert [asked.line for asked in bench.service.asked] == ["POST /v1/responses/resp%2F1/cancel"]


async def test_cancelling_what_is_over_or_not_kept_is_no_error(bench: Bench) -> None:
    bench.service.answer(bench.service.body(GONE, 404))
    assert not await bench.adapter("openai", store=True).cancel("resp_1")
    assert not await bench.adapter("dashscope").cancel("resp_1")
    assert len(bench.service.asked) == 1


async def test_a_body_that_breaks_off_may_have_been_billed(bench: Bench) -> None:
    data = json.dumps({"id": "resp_1", "output": []}).encode()[:-5]
    bench.service.answer(bench.service.body(data))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Interrupted)
    assert (told.error.accepted, bench.service.posts) == (True, 1)
