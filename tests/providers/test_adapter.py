"""Calls over real HTTP: what is told, and in which order."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest

from lightbox.errors import Interrupted, KeyRejected, NotDone, Refused, RequestRejected, Unavailable, UpstreamError
from lightbox.providers.calls import DescribeCall, GenerateCall, SearchCall, SentPicture, SimilarCall
from lightbox.providers.updates import Accepted, Finished, Found, Made, Partial, SearchesDone, Stage
from lightbox.wire.response import FoundHit, ImageUsage, Usage

if TYPE_CHECKING:
    from conftest import Bench

SEARCH = SearchCall(model="qwen3.7-plus", query="tech backgrounds")
SIMILAR = SimilarCall(model="qwen3.7-plus", picture=SentPicture(url="https://e.com/a.jpg"))
GENERATE = GenerateCall(model="gpt-6.1-sol", image_model="gpt-image-2.5-sunburst", prompt="a cat")
DESCRIBE = DescribeCall(model="gpt-6.1-sol", pictures=(SentPicture(url="https://e.com/a.jpg"),), question="What?")
DASHSCOPE_ID = "f75c28fb-4064-48ed-90da-4d2cc4362001"
HOLIDAY = FoundHit(
    url="https://www.example.net/blog/QingMing-Festival-Holiday-Notice-2024.jpg",
    title="QingMing Festival Holiday Notice 2024",
)
BRIDGE = FoundHit(
    url="https://thumbs.example.com/z/serene-asian-landscape-376972039.jpg", title="Serene Asian Landscape Stone Bridge"
)
LAKE = FoundHit(url="https://pics.example.org/misty.webp", title="Misty lake")
SIMILAR_TOLD = [
    Accepted(response_id=DASHSCOPE_ID),
    Stage(name="writing"),
    Stage(name="searching"),
    Found(hits=(HOLIDAY, BRIDGE)),
    Found(hits=(LAKE,)),
    Stage(name="writing"),
    SearchesDone(),
    Finished(
        text="Here are several tech-themed background images.",
        usage=Usage(input_tokens=8371, output_tokens=417, tool_calls={"image_search": 2}),
    ),
]


def picture_of(bench: Bench, key: str) -> bytes:
    text = bench.service.example("openai_generate.sse").decode()
    return base64.b64decode(text.partition(f'"{key}": "')[2].partition('"')[0])


async def test_hits_of_each_search_call_are_told_once_and_the_end_of_searching_before_the_text(bench: Bench) -> None:
    bench.service.answer(bench.service.stream(bench.service.example("dashscope_similar.sse")))
    told = await bench.collect(bench.adapter("dashscope").stream(SIMILAR))
    assert (told.updates, told.error) == (SIMILAR_TOLD, None)


async def test_a_stream_that_drips_is_read_as_one_that_flows(bench: Bench) -> None:
    data = bench.service.example("dashscope_similar.sse")
    steps: list[Any] = [bench.service.head()]
    for at in range(0, len(data), 61):
        steps += [data[at : at + 61], anyio.lowlevel.checkpoint]
    bench.service.answer(*steps)
    told = await bench.collect(bench.adapter("dashscope").stream(SIMILAR))
    assert (told.updates, told.error) == (SIMILAR_TOLD, None)


async def test_a_picture_is_told_once_although_it_crosses_the_wire_twice(bench: Bench) -> None:
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None
    assert told.updates == [
        Accepted(response_id="resp_68c0"),
        Stage(name="thinking"),
        Stage(name="painting"),
        Partial(index=0, data=picture_of(bench, "partial_image_b64")),
        Made(
            item_id="ig_68c1",
            data=picture_of(bench, "result"),
            size="1024x1024",
            quality="low",
            format="png",
            background="opaque",
            revised_prompt="A gray tabby cat hugging an otter wearing an orange scarf, warm light.",
        ),
        Stage(name="writing"),
        Finished(
            text="",
            usage=Usage(
                input_tokens=2941,
                cached_tokens=0,
                output_tokens=1124,
                reasoning_tokens=1024,
                image=ImageUsage(
                    input_tokens=14, input_text_tokens=14, input_image_tokens=0, output_tokens=296, output_text_tokens=0
                ),
            ),
        ),
    ]


async def test_a_json_body_instead_of_a_stream_is_read_too(bench: Bench) -> None:
    bench.service.answer(bench.service.body(bench.service.example("openai_response.json")))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None
    assert told.names == ["Accepted", "Made", "Finished"]


async def test_image_results_of_web_search_carry_page_and_thumbnail(bench: Bench) -> None:
    bench.service.answer(bench.service.body(bench.service.example("openai_web_images.json")))
    told = await bench.collect(bench.adapter("openai").stream(SEARCH))
    assert told.names == ["Accepted", "Found", "SearchesDone", "Finished"]
    assert told.updates[1] == Found(
        hits=(
            FoundHit(
                url="https://pics.example.org/owl.jpg",
                title="A snowy owl",
                page_url="https://pics.example.org/page/owl",
                thumbnail_url="https://pics.example.org/owl_t.jpg",
            ),
        ),
        queries=("river of owl feathers",),
    )


async def test_a_search_that_finds_nothing_takes_no_url_from_the_text(bench: Bench) -> None:
    bench.service.answer(bench.service.stream(bench.service.example("dashscope_nothing.sse")))
    told = await bench.collect(bench.adapter("dashscope").stream(SIMILAR))
    assert told.error is None
    assert [update for update in told.updates if isinstance(update, Found)] == [Found(hits=())]


async def test_hits_are_told_while_the_service_is_still_writing(bench: Bench) -> None:
    frames = bench.service.frames("dashscope_search.sse")
    go_on = anyio.Event()
    bench.service.answer(bench.service.head() + b"".join(frames[:9]), go_on.wait, b"".join(frames[9:]))
    told: list[str] = []
    async for update in bench.adapter("dashscope").stream(SEARCH):
        told.append(type(update).__name__)
        if isinstance(update, SearchesDone):
            assert "Found" in told
            go_on.set()
    assert told == ["Accepted", "Stage", "Stage", "Found", "Stage", "SearchesDone", "Finished"]


async def test_comments_blank_frames_done_marks_and_strange_data_are_passed_over(bench: Bench) -> None:
    frames = bench.service.frames("dashscope_nothing.sse")
    noise = b": ping\n\ndata:\n\ndata: [DONE]\n\ndata: {broken\n\nevent: x\nid: 9\n\nretry: 10\n\n"
    bench.service.answer(bench.service.stream(*(noise + frame for frame in frames)))
    told = await bench.collect(bench.adapter("dashscope").stream(SIMILAR))
    assert told.error is None
    assert told.names == ["Accepted", "Stage", "Found", "Stage", "SearchesDone", "Finished"]


async def test_lines_that_end_as_on_windows_are_read(bench: Bench) -> None:
    data = bench.service.example("dashscope_similar.sse").replace(b"\n", b"\r\n")
    bench.service.answer(bench.service.stream(data))
    assert (await bench.collect(bench.adapter("dashscope").stream(SIMILAR))).updates == SIMILAR_TOLD


async def test_the_end_is_told_although_the_line_stays_open(bench: Bench) -> None:
    held = anyio.Event()
    bench.service.answer(bench.service.head() + bench.service.example("dashscope_similar.sse"), held.wait)
    with anyio.fail_after(5):
        told = await bench.collect(bench.adapter("dashscope").stream(SIMILAR))
    assert told.updates == SIMILAR_TOLD


@pytest.mark.parametrize("mebibytes", [2, pytest.param(30, marks=pytest.mark.slow)])
async def test_events_above_the_usual_bound_are_read(bench: Bench, mebibytes: int) -> None:
    picture = bytes(range(256)) * (mebibytes * 3072)
    item: dict[str, Any] = {"type": "image_generation_call", "id": "ig", "result": base64.b64encode(picture).decode()}
    whole = {"id": "resp_big", "status": "completed", "output": [item]}
    bench.service.answer(
        bench.service.head()
        + bench.service.frame({"type": "response.created", "response": {"id": "resp_big", "status": "in_progress"}})
        + bench.service.frame({"type": "response.output_item.done", "output_index": 0, "item": item})
        + bench.service.frame({"type": "response.completed", "response": whole})
    )
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None
    assert [update.data for update in told.updates if isinstance(update, Made)] == [picture]


async def test_an_event_above_the_bound_ends_the_call_and_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lightbox.providers.connection.LARGEST_EVENT", 1024 * 1024)
    bench.service.answer(bench.service.head() + b"data: " + b"x" * (1 << 21))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Interrupted)
    assert "sent an event of more than 1 MiB" in str(told.error)


@pytest.mark.parametrize(
    ("kind", "accepted"), [("text/html", False), ("text/plain", True), ("application/octet-stream", True)]
)
async def test_a_wrong_content_type_is_named_with_the_address(bench: Bench, kind: str, *, accepted: bool) -> None:
    bench.service.answer(bench.service.head(content_type=f"{kind}; charset=utf-8") + b"<html>sk-secret-000000</html>")
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, RequestRejected)
    assert str(told.error) == (
        f"openai at {bench.service.url} answered with {kind} where text/event-stream was expected: "
        "OPENAI_BASE_URL may not be the address of a Responses API."
    )
    assert (told.error.accepted, bench.service.posts) == (accepted, 1)


async def test_a_redirect_is_not_followed_with_the_key(bench: Bench) -> None:
    bench.service.answer(bench.service.head(307, Location="https://elsewhere.example/v1/responses?token=secret"))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, RequestRejected)
    assert "https://elsewhere.example/v1/responses;" in str(told.error)
    assert "secret" not in str(told.error)
    assert bench.service.posts == 1


@pytest.mark.parametrize("example", ["openai_moderation.sse", "openai_moderation_400.json"])
async def test_a_refusal_is_a_refusal_in_every_shape(bench: Bench, example: str) -> None:
    data = bench.service.example(example)
    bench.service.answer(bench.service.stream(data) if example.endswith("sse") else bench.service.body(data, 400))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Refused)
    assert bench.service.posts == 1


@pytest.mark.parametrize(
    "output",
    [
        [{"type": "image_generation_call", "id": "ig", "status": "failed", "error": {"code": "moderation_blocked"}}],
        [{"type": "message", "content": [{"type": "refusal", "refusal": "I can't paint that."}]}],
    ],
)
async def test_an_answer_without_a_picture_may_be_a_refusal_and_is_billed(
    bench: Bench, output: list[dict[str, Any]]
) -> None:
    bench.service.answer(
        bench.service.body({"id": "r", "status": "completed", "output": output, "usage": {"input_tokens": 9}})
    )
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert isinstance(told.error, Refused)
    assert told.error.accepted
    assert isinstance(told.updates[-1], Finished)
    assert told.updates[-1].usage == Usage(input_tokens=9)


@pytest.mark.parametrize(
    ("provider", "call", "text"),
    [
        ("openai", GENERATE, "openai answered without a picture: write the prompt as an order. It wrote: “Sorry.”"),
        (
            "dashscope",
            SEARCH,
            "dashscope answered without searching: try again with one plain sentence. It wrote: “Sorry.”",
        ),
    ],
)
async def test_an_answer_that_did_not_do_what_was_asked_is_an_error_after_its_bill(
    bench: Bench, provider: str, call: GenerateCall | SearchCall, text: str
) -> None:
    message = {"type": "message", "content": [{"type": "output_text", "text": "Sorry."}]}
    bench.service.answer(bench.service.body({"id": "r", "status": "completed", "output": [message]}))
    told = await bench.collect(bench.adapter(provider).stream(call))
    assert isinstance(told.error, NotDone)
    assert (str(told.error), told.error.accepted, told.names) == (text, True, ["Accepted", "Finished"])


async def test_a_description_is_the_text_of_the_end(bench: Bench) -> None:
    message = {"type": "message", "content": [{"type": "output_text", "text": "A cat."}]}
    bench.service.answer(bench.service.body({"id": "r", "model": "m", "status": "completed", "output": [message]}))
    told = await bench.collect(bench.adapter("openai").stream(DESCRIBE))
    assert told.updates[-1] == Finished(text="A cat.", usage=None)


async def test_a_failure_after_the_stream_began_names_what_was_wrong(bench: Bench) -> None:
    bench.service.answer(bench.service.stream(bench.service.example("dashscope_failed.sse")))
    told = await bench.collect(bench.adapter("dashscope").stream(SIMILAR))
    assert told.names == ["Accepted"]
    assert isinstance(told.error, RequestRejected)
    assert not told.error.accepted  # DashScope does not charge for what fails
    assert "The provided URL does not appear to be valid." in str(told.error)


async def test_the_request_goes_out_as_the_dialect_words_it_and_always_as_a_stream(bench: Bench) -> None:
    bench.service.answer(bench.service.stream(bench.service.example("openai_generate.sse")))
    adapter = bench.adapter("openai", store=True)
    await bench.collect(adapter.stream(GENERATE))
    [asked] = bench.service.asked
    assert asked.line == "POST /v1/responses"
    assert asked.headers["authorization"].startswith("Bearer sk-test-")
    assert asked.headers["accept"] == "text/event-stream"
    assert asked.json == adapter.body(GENERATE)


async def test_models_are_named_for_nothing(bench: Bench) -> None:
    bench.service.answer(bench.service.body({"data": [{"id": "b"}, {"id": "a"}, {"no": "id"}, 3]}))
    assert await bench.adapter("dashscope").models() == ["a", "b"]
    assert [asked.line for asked in bench.service.asked] == ["GET /v1/models"]


async def test_a_key_check_with_a_wrong_key_names_the_address(bench: Bench) -> None:
    bench.service.answer(bench.service.body(bench.service.example("dashscope_error_401.json"), 401))
    with pytest.raises(KeyRejected, match=bench.service.url):
        await bench.adapter("dashscope").models()


async def test_nobody_listening_is_told_with_the_address(bench: Bench) -> None:
    adapter = bench.adapter("openai", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(Unavailable, match=r"openai can't be reached at http://127\.0\.0\.1:9/v1"):
        await adapter.models()


async def test_a_proxy_of_the_environment_does_not_stand_before_this_machine(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    bench.service.answer(bench.service.body({"data": [{"id": "a"}]}))
    assert await bench.adapter("sandbox").models() == ["a"]


async def test_a_stream_is_read_to_its_end_so_that_the_next_call_finds_the_line_open(bench: Bench) -> None:
    data = bench.service.example("dashscope_search.sse")
    head = bench.service.head(Connection="keep-alive", Transfer_Encoding="chunked")
    bench.service.keeps_lines = True
    bench.service.answer(head + b"%x\r\n%b\r\n" % (len(data), data), b"0\r\n\r\n")
    adapter = bench.adapter("dashscope")
    for _ in range(3):
        assert (await bench.collect(adapter.stream(SEARCH))).error is None
    assert (bench.service.posts, bench.service.lines) == (3, 1)


async def test_a_service_that_does_not_end_its_stream_after_the_last_event_is_not_waited_for(bench: Bench) -> None:
    bench.service.answer(bench.service.head() + bench.service.example("dashscope_search.sse"), anyio.sleep_forever)
    with anyio.fail_after(5):
        told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    assert told.error is None
    assert told.names[-1] == "Finished"


async def test_closing_the_generator_hangs_up(bench: Bench) -> None:
    frames = bench.service.frames("dashscope_search.sse")
    bench.service.answer(bench.service.head() + frames[0], *([b": ping\n\n" * 1000] * 10_000))
    stream = bench.adapter("dashscope").stream(SEARCH)
    assert await anext(stream) == Accepted(response_id=DASHSCOPE_ID)
    await stream.aclose()
    with anyio.fail_after(5):
        await bench.service.gone.wait()


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500, 503])
async def test_a_key_is_in_no_error_and_no_log(bench: Bench, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    key = "sk-very-secret-0123456789"
    echo = f"Incorrect key {key} or Bearer {key} in Authorization: Bearer {key}, like sk-oth*****7890"
    bench.service.answer(bench.service.body({"error": {"message": echo, "code": key, "type": key}}, status))
    told = await bench.collect(bench.adapter("openai", key=key).stream(GENERATE))
    assert isinstance(told.error, UpstreamError)
    written = "\n".join([str(told.error), repr(told.error), str(told.error.code), caplog.text, repr(told.updates)])
    assert "very-secret" not in written
    assert "sk-oth" not in written


async def test_each_picture_of_one_response_is_told_once(bench: Bench) -> None:
    first, second = (
        {
            "type": "image_generation_call",
            "id": f"ig_{n}",
            "status": "completed",
            "result": base64.b64encode(b"\x89PNG\r\n\x1a\n%d" % n).decode(),
            "size": f"{n}024x1024",
            "quality": "low",
            "output_format": "png",
            "background": "opaque",
        }
        for n in (1, 2)
    )
    done = {"id": "r", "status": "completed", "output": [first, {**second, "id": "another"}]}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": "r"}},
        {"type": "response.output_item.done", "output_index": 0, "item": first},
        {"type": "response.output_item.done", "output_index": 1, "item": second},
        {"type": "response.completed", "response": done},
    ]
    bench.service.answer(bench.service.stream(*map(bench.service.frame, events)))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None
    assert [update for update in told.updates if isinstance(update, Made)] == [
        Made(
            item_id=f"ig_{n}",
            data=b"\x89PNG\r\n\x1a\n%d" % n,
            size=f"{n}024x1024",
            quality="low",
            format="png",
            background="opaque",
        )
        for n in (1, 2)
    ]
