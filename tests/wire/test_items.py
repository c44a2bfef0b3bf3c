from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.wire.response import (
    Failure,
    FoundHit,
    Item,
    MessageItem,
    PictureItem,
    Response,
    SearchItem,
    read_item,
    read_response,
)

ROWS = [{"title": "Cat", "url": "https://e.com/cat.jpg", "index": 1}]
CAT = (FoundHit(url="https://e.com/cat.jpg", title="Cat"),)

CASES: dict[str, tuple[dict[str, Any], Item | None]] = {
    "strings of JSON that are lists already": (
        {"type": "image_search_call", "id": "c", "arguments": {"queries": ["a", "b"]}, "output": ROWS},
        SearchItem(id="c", queries=("a", "b"), hits=CAT),
    ),
    "a search that is not done has no hits yet": (
        {"type": "web_search_image_call", "id": "c", "status": "in_progress", "arguments": '{"query": "cats"}'},
        SearchItem(id="c", status="in_progress", queries=("cats",)),
    ),
    "an output that breaks off is not known": (
        {"type": "web_search_image_call", "output": '[{"title": "Cat", "ur'},
        SearchItem(id=None),
    ),
    "rows without a web address are left out": (
        {
            "type": "web_search_image_call",
            "output": [{"title": "no url"}, {"url": "javascript:alert(1)"}, {"url": 7}, "row", None, *ROWS],
        },
        SearchItem(id=None, hits=CAT),
    ),
    "the page of a text result is no picture": (
        {
            "type": "web_search_call",
            "results": [
                {"type": "text_result", "url": "https://e.com/page", "title": "Page"},
                {"type": "image_result", "image_url": "https://e.com/cat.jpg", "caption": "Cat"},
            ],
        },
        SearchItem(id=None, hits=CAT),
    ),
    "the reading of a page is no search": (
        {"type": "web_search_call", "status": "completed", "action": {"type": "open_page", "url": "https://e.com"}},
        None,
    ),
    "a search that failed says why": (
        {"type": "image_search_call", "status": "failed", "error": {"code": "InvalidUrl", "message": "No."}},
        SearchItem(id=None, status="failed", failure=Failure(code="InvalidUrl", message="No.")),
    ),
    "a picture that was refused says why": (
        {
            "type": "image_generation_call",
            "id": "ig",
            "status": "failed",
            "result": None,
            "error": {
                "type": "image_generation_user_error",
                "code": "moderation_blocked",
                "message": "No.",
                "param": None,
                "moderation_details": {"moderation_stage": "output", "categories": ["violence", 3]},
            },
        },
        PictureItem(
            id="ig",
            status="failed",
            failure=Failure(
                type="image_generation_user_error",
                code="moderation_blocked",
                message="No.",
                moderation_stage="output",
                moderation_categories=("violence",),
            ),
        ),
    ),
    "a message in several parts": (
        {"type": "message", "content": [{"type": "output_text", "text": "a"}, {"type": "output_text", "text": "b"}]},
        MessageItem(id=None, text="ab"),
    ),
    "a message that declines": (
        {"type": "message", "content": [{"type": "refusal", "refusal": "I can't."}]},
        MessageItem(id=None, refusal="I can't."),
    ),
    "a message that is plain text": ({"type": "message", "content": "hello"}, MessageItem(id=None, text="hello")),
    "something unknown": ({"type": "function_call", "name": "f"}, None),
}


@pytest.mark.parametrize("case", CASES)
def test_an_item_is_read(case: str) -> None:
    value, item = CASES[case]
    assert read_item(value) == item


@given(
    st.sampled_from(["web_search_image_call", "web_search_call", "image_generation_call", "message", "reasoning"]),
    st.dictionaries(
        st.sampled_from(["id", "status", "arguments", "output", "results", "action", "content", "result", "error"]),
        st.one_of(
            st.none(),
            st.integers(),
            st.text(max_size=6),
            st.lists(
                st.none()
                | st.integers()
                | st.dictionaries(
                    st.sampled_from(["url", "title", "text"]), st.integers() | st.text(max_size=4), max_size=2
                ),
                max_size=2,
            ),
        ),
    ),
)
def test_no_item_makes_the_reader_fail(kind: str, fields: dict[str, Any]) -> None:
    read_item({**fields, "type": kind})


def test_an_incomplete_response_says_why() -> None:
    body: dict[str, Any] = {
        "id": "r",
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [],
    }
    assert read_response(body) == Response(id="r", status="incomplete", incomplete_reason="max_output_tokens")


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (
            {"code": "Arrearage", "message": "Overdue.", "request_id": "r"},
            Failure(code="Arrearage", message="Overdue."),
        ),
        ({"error": "model not loaded"}, Failure(message="model not loaded")),
        ({"error": {"message": "slow", "type": None, "code": 429}}, Failure(code="429", message="slow")),
        ({"status": "failed", "error": None, "output": []}, Failure()),
    ],
)
def test_a_failure_in_a_good_http_answer_is_found(body: dict[str, Any], failure: Failure) -> None:
    assert read_response(body) == Response(status="failed", failure=failure)


@pytest.mark.parametrize("value", [None, [], "text", 3, {}, {"output": "none", "usage": [], "status": 3}])
def test_what_is_no_response_is_read_as_an_empty_one(value: Any) -> None:
    assert read_response(value) == Response()
