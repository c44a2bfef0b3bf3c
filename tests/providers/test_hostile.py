"""Answers that no service should give: each ends its own call in words, and loses nothing that had come."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from pydantic import SecretStr

from lightbox.errors import Interrupted, SettingsError
from lightbox.providers.adapter import Adapter
from lightbox.providers.calls import DescribeCall, GenerateCall, SearchCall, SentPicture
from lightbox.providers.dashscope import DIALECT, dashscope_endpoint
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.openai import openai_endpoint
from lightbox.providers.updates import Finished, Found, Made

if TYPE_CHECKING:
    from conftest import Bench

SEARCH = SearchCall(model="qwen3.7-plus", query="cats")
GENERATE = GenerateCall(model="gpt-6.1-sol", image_model="gpt-image-2.5-sunburst", prompt="a cat")
HALF = "\ud83d"


async def test_a_title_cut_in_the_middle_of_an_emoji_is_a_title(bench: Bench) -> None:
    output = json.dumps([{"url": f"http://e.com/{HALF}.png", "title": f"A fox {HALF}"}])
    item = {"type": "web_search_image_call", "id": "a", "status": "completed", "output": output}
    done = {"id": "r", "status": "completed", "output": [item]}
    bench.service.answer(bench.service.stream(bench.service.frame({"type": "response.completed", "response": done})))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    [found] = [update for update in told.updates if isinstance(update, Found)]
    assert (found.hits[0].title, found.hits[0].url) == ("A fox \N{REPLACEMENT CHARACTER}", "http://e.com/\ufffd.png")
    assert told.error is None


async def test_an_emoji_that_comes_in_two_pieces_is_put_together(bench: Bench) -> None:
    pieces: list[dict[str, Any]] = [
        {"type": "response.output_text.delta", "output_index": 0, "delta": half} for half in "\ud83e\udd8a"
    ]
    end: dict[str, Any] = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": []}}
    bench.service.answer(bench.service.stream(*map(bench.service.frame, [*pieces, end])))
    call = DescribeCall(model="qwen3.7-plus", pictures=(SentPicture(url="http://e.com/a.png"),), question="What?")
    told = await bench.collect(bench.adapter("dashscope").stream(call))
    [finished] = [update for update in told.updates if isinstance(update, Finished)]
    assert finished.text == "\N{FOX FACE}"


@pytest.mark.parametrize(
    "item",
    [{"type": []}, {"type": {}}, {"type": "message", "content": {}}, {"type": "image_generation_call", "result": []}],
)
async def test_an_item_of_another_shape_is_passed_over(bench: Bench, item: dict[str, Any]) -> None:
    odd = bench.service.frame({"type": "response.output_item.done", "output_index": 9, "item": item})
    nested = b"data: " + b"[" * 100_000 + b"\n\n"
    frames = bench.service.frames("openai_generate.sse")
    bench.service.answer(bench.service.stream(frames[0], odd, nested, *frames[1:]))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None
    assert told.names.count("Made") == 1


@pytest.mark.parametrize("charset", ["base64", "zlib", "idna", "utf-16", "no-such"])
async def test_events_are_utf_8_whatever_the_header_says(bench: Bench, charset: str) -> None:
    head = bench.service.head(200, f"text/event-stream; charset={charset}")
    bench.service.answer(head + bench.service.example("openai_generate.sse"))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    assert told.error is None


async def test_base64_without_its_padding_is_a_picture(bench: Bench) -> None:
    item = {"type": "image_generation_call", "id": "i", "status": "completed", "result": "iVBORw0KGgo"}
    done = {"id": "r", "status": "completed", "output": [item]}
    bench.service.answer(bench.service.body(done))
    told = await bench.collect(bench.adapter("openai").stream(GENERATE))
    [made] = [update for update in told.updates if isinstance(update, Made)]
    assert made.data == b"\x89PNG\r\n\x1a\n"


class _Broken(httpx2.AsyncByteStream):
    """A body whose encryption breaks after its first event."""

    def __init__(self, first: bytes) -> None:
        self._first = first

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._first
        raise ssl.SSLError(1, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC")


async def test_encryption_that_breaks_is_a_broken_line_and_no_crash(bench: Bench) -> None:
    first = bench.service.frames("dashscope_search.sse")[0]

    def answer(request: httpx2.Request) -> httpx2.Response:
        del request
        return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, stream=_Broken(first))

    endpoint = Endpoint(provider="dashscope", base_url="https://example.com/v1", key=SecretStr("sk-0123456789"))
    adapter = Adapter(endpoint, DIALECT, transport=httpx2.MockTransport(answer))
    bench.adapters.append(adapter)
    told = await bench.collect(adapter.stream(SEARCH))
    assert told.names == ["Accepted"]
    assert isinstance(told.error, Interrupted)
    assert told.error.accepted


async def test_a_large_request_leaves_in_pieces_and_arrives_whole(bench: Bench) -> None:
    picture = SentPicture(url="data:image/png;base64," + "A" * 3_000_000)
    call = DescribeCall(model="gpt-6.1-sol", pictures=(picture,), question=f"Wer füttert {HALF}?")
    bench.service.answer(bench.service.body(bench.service.example("openai_response.json")))
    await bench.collect(bench.adapter("openai").stream(call))
    [asked] = bench.service.asked
    assert asked.headers["content-type"] == "application/json"
    assert asked.json["input"][0]["content"][1]["image_url"] == picture.url
    assert asked.json["input"][0]["content"][0]["text"] == "Wer füttert ??"


@pytest.mark.parametrize("key", ["sk-two words", "sk-broken\nline", "sk-“quoted”", "Bearer sk-0123456789", "sk-\x00"])
def test_a_key_that_can_not_be_sent_is_told_at_the_start_without_showing_it(key: str) -> None:
    for make in (openai_endpoint, dashscope_endpoint):
        with pytest.raises(SettingsError, match="_API_KEY holds") as caught:
            make(SecretStr(key))
        assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("url", ["sk-0123456789abcdef", "https:/x?key=hunter2hunter2"])
def test_a_key_in_place_of_an_address_is_not_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        openai_endpoint(None, base_url=url)
    assert "0123456789" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_a_secret_in_the_base_urls_query_is_shown_nowhere(bench: Bench) -> None:
    echoed = {"error": {"message": "No route /v1/responses?key=hunter2%2Bhunter2 (hunter2+hunter2)."}}
    bench.service.answer(bench.service.body(echoed, 404))
    url = f"{bench.service.url}?key=hunter2%2Bhunter2&api-version=2026-01-01"
    told = await bench.collect(bench.adapter("openai", base_url=url).stream(GENERATE))
    assert "No route" in str(told.error)
    assert "hunter2" not in str(told.error)


def _searches(*outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    items = [
        {
            "type": "web_search_image_call",
            "id": f"call_{n}",
            "status": "completed",
            "arguments": {"queries": [f"query {n}"]},
            "output": json.dumps(output),
        }
        for n, output in enumerate(outputs)
    ]
    done = {"id": "r", "status": "completed", "output": items, "usage": {"input_tokens": 9, "output_tokens": 2}}
    events = [{"type": "response.output_item.done", "output_index": n, "item": item} for n, item in enumerate(items)]
    return [
        {"type": "response.created", "response": {"id": "r"}},
        *events,
        {"type": "response.completed", "response": done},
    ]


async def test_a_malformed_address_costs_its_hit_and_not_the_search(bench: Bench) -> None:
    good = {"url": "https://e.com/cat.jpg", "title": "Cat"}
    bad = [{"url": url} for url in ("http://[bad", "http://[v1.a:b]/x", "http://e.com:99999/x", "http://e.com/\x00")]
    odd = {"url": "https://e.com/dog.jpg", "thumbnail_url": "http://[bad", "source_website_url": "http://e.com:x/"}
    bench.service.answer(bench.service.stream(*map(bench.service.frame, _searches([*bad, good, odd]))))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    [found] = [update for update in told.updates if isinstance(update, Found)]
    assert [hit.url for hit in found.hits] == ["https://e.com/cat.jpg", "https://e.com/dog.jpg"]
    assert (found.hits[1].thumbnail_url, found.hits[1].page_url) == (None, None)
    assert (told.error, told.names[-1]) == (None, "Finished")


async def test_at_most_300_hits_and_100_queries_of_one_call_are_told(bench: Bench) -> None:
    nothing: list[dict[str, Any]] = []
    outputs = [[{"url": f"https://e.com/{n}/{m}.jpg"} for m in range(70)] for n in range(6)]
    events = _searches(*[nothing] * 90, *outputs, *[nothing] * 90)
    bench.service.answer(bench.service.stream(*map(bench.service.frame, events)))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    found = [update for update in told.updates if isinstance(update, Found)]
    assert [len(update.hits) for update in found][90:] == [70, 70, 70, 70, 20, 0, 0, 0, 0, 0]
    assert sum(len(update.hits) for update in found) == 300
    assert [query for update in found for query in update.queries] == [f"query {n}" for n in range(100)]
    assert (told.error, told.names[-2:]) == (None, ["SearchesDone", "Finished"])


async def test_a_service_that_searches_for_ever_is_told_of_a_hundred_times(bench: Bench) -> None:
    nothing: list[dict[str, Any]] = []
    bench.service.answer(bench.service.stream(*map(bench.service.frame, _searches(*[nothing] * 150))))
    told = await bench.collect(bench.adapter("dashscope").stream(SEARCH))
    assert (told.error, told.names.count("Found"), told.names[-1]) == (None, 100, "Finished")
