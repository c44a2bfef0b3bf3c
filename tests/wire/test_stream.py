from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.wire.events import ErrorEvent, PartialImageEvent, ResponseStream
from lightbox.wire.response import Failure, FoundHit, MessageItem, PictureItem, Response, SearchItem

CREATED: dict[str, Any] = {
    "type": "response.created",
    "sequence_number": 0,
    "response": {"id": "resp_1", "status": "in_progress", "model": "m", "output": []},
}
SEARCHED: dict[str, Any] = {
    "type": "response.output_item.done",
    "sequence_number": 4,
    "output_index": 1,
    "item": {
        "type": "web_search_image_call",
        "id": "c1",
        "status": "completed",
        "arguments": '{"queries": ["cats"]}',
        "output": '[{"title": "Cat", "url": "https://e.com/cat.jpg", "index": 1}]',
    },
}
CAT = SearchItem(
    id="c1",
    status="completed",
    queries=("cats",),
    hits=(FoundHit(url="https://e.com/cat.jpg", title="Cat"),),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(
    [
        "response.created",
        "response.completed",
        "response.failed",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.image_generation_call.partial_image",
        "error",
        "response",
        "response.",
        "x",
    ]
)


def test_a_stream_that_stops_keeps_what_came() -> None:
    stream = ResponseStream()
    for event in (CREATED, SEARCHED):
        stream.feed(event)
    assert not stream.ended
    assert stream.sequence == 4
    assert stream.response == Response(id="resp_1", status="in_progress", items=(CAT,))


def test_text_is_kept_although_its_item_never_ends() -> None:
    stream = ResponseStream()
    added: dict[str, Any] = {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {"type": "message", "id": "m", "content": []},
    }
    stream.feed(added)
    for piece in ("Two ", "cats"):
        stream.feed({"type": "response.output_text.delta", "output_index": 0, "delta": piece})
    assert stream.response.items == (MessageItem(id="m", text="Two cats"),)


def test_unknown_events_and_items_mean_nothing() -> None:
    stream = ResponseStream()
    unknown = [
        {"type": "response.output_item.done", "output_index": 0, "item": {"type": "hologram_call", "id": "h"}},
        {"type": "response.weather.changed"},
        {"type": "keepalive", "sequence_number": 7},
        {"type": "response.output_item.done"},
        {},
    ]
    assert [stream.feed(event) for event in unknown] == [None] * 5
    assert stream.response == Response()
    assert stream.sequence == 7


def test_an_end_without_output_keeps_the_items_that_came() -> None:
    stream = ResponseStream()
    for event in (CREATED, SEARCHED, {"type": "response.completed", "response": {"usage": {"input_tokens": 3}}}):
        stream.feed(event)
    assert stream.ended
    assert (stream.response.id, stream.response.status, stream.response.items) == ("resp_1", "completed", (CAT,))


def test_the_body_decides_how_it_ended() -> None:
    stream = ResponseStream()
    stream.feed({"type": "response.completed", "response": {"status": "failed", "error": {"code": "server_error"}}})
    assert (stream.response.status, stream.response.failure) == ("failed", Failure(code="server_error"))


@pytest.mark.parametrize(
    ("event", "told", "status"),
    [
        ("completed", "incomplete", "incomplete"),
        ("incomplete", "failed", "failed"),
        ("completed", "in_progress", "completed"),
        ("incomplete", None, "incomplete"),
    ],
)
def test_the_event_decides_where_the_body_names_no_end(event: str, told: str | None, status: str) -> None:
    stream = ResponseStream()
    stream.feed({"type": f"response.{event}", "response": {"status": told}})
    assert (stream.ended, stream.response.status) == (True, status)


def test_an_event_whose_kind_stands_in_the_frame_alone_is_read() -> None:
    stream = ResponseStream()
    event = stream.feed({"code": "Throttling", "message": "Too fast.", "request_id": "r"}, "error")
    assert event == ErrorEvent(failure=Failure(code="Throttling", message="Too fast."))
    assert stream.ended


def test_items_without_a_place_come_in_the_order_in_which_they_were_added() -> None:
    stream = ResponseStream()
    picture: dict[str, Any] = {"type": "image_generation_call", "id": "ig_1", "status": "in_progress"}
    stream.feed({"type": "response.output_item.added", "item": picture})
    stream.feed({"type": "response.output_item.done", "item": SEARCHED["item"]})
    stream.feed({"type": "response.output_item.done", "item": {**picture, "result": "QUJD"}})
    assert stream.response.items == (PictureItem(id="ig_1", status="in_progress", result="QUJD"), CAT)


def test_nothing_is_read_after_the_end() -> None:
    stream = ResponseStream()
    stream.feed({"type": "response.completed", "response": {"id": "a", "output": []}})
    assert stream.feed(SEARCHED) is None
    assert stream.response.items == ()


def test_a_partial_picture_is_told_with_its_place() -> None:
    event = ResponseStream().feed(
        {
            "type": "response.image_generation_call.partial_image",
            "item_id": "ig",
            "partial_image_index": 2,
            "partial_image_b64": "QUJD",
        }
    )
    assert event == PartialImageEvent(index=2, data="QUJD")


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), KINDS, JSON, JSON)
def test_no_json_at_all_makes_the_reader_fail(event: dict[str, Any], kind: str, item: Any, response: Any) -> None:
    stream = ResponseStream()
    stream.feed({**event, "type": kind, "item": item, "response": response})
    assert isinstance(stream.response, Response)
