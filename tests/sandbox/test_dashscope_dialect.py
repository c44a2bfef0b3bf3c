"""DashScope's items and frames stand as in the wire examples, byte for byte where bytes matter."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from PIL import Image

if TYPE_CHECKING:
    from .conftest import Json, Pictures, Wire

EXAMPLES = Path(__file__).parent.parent / "wire" / "examples"
MODEL = "qwen3.7-plus"
BY_WORDS: Any = {"model": MODEL, "tools": [{"type": "web_search_image"}]}
BY_PICTURE: Any = {"model": MODEL, "tools": [{"type": "image_search"}]}
FRAME = re.compile(rb"id:(\d+)\nevent:([a-z_.]+)\n:HTTP_STATUS/200\ndata:(\{.*\})\n")


def example(name: str) -> list[Json]:
    frames = (EXAMPLES / name).read_bytes().split(b"\n\n")
    return [json.loads(match.group(3)) for frame in frames if (match := FRAME.fullmatch(frame + b"\n"))]


def calls_in(response: Json) -> list[Json]:
    return [
        item for item in response["output"] if item["type"].endswith("search_call") or "search_image" in item["type"]
    ]


def rows_of(response: Json) -> list[Json]:
    return [row for call in calls_in(response) for row in json.loads(call["output"])]


def shapes(events: Iterable[Json]) -> dict[str, set[str]]:
    """Give the names of the fields of each kind of event and item, at any depth."""
    found: dict[str, set[str]] = {}
    for event in events:
        for place, fields in _fields(event, event["type"]):
            found.setdefault(place, set()).update(fields)
    return found


def _fields(value: Any, place: str) -> Iterable[tuple[str, set[str]]]:
    if isinstance(value, list):
        for element in value:  # pyright: ignore[reportUnknownVariableType] - JSON
            yield from _fields(element, place)
    elif isinstance(value, dict):
        fields: Json = value  # pyright: ignore[reportUnknownVariableType] - JSON
        yield f"{place} {fields.get('type', '')} {fields.get('status', '')}", set(fields)
        for name, inner in fields.items():
            yield from _fields(inner, f"{place}.{name}")


def test_a_text_search_streams_the_events_of_the_example(wire: Wire) -> None:
    ours = wire.post(BY_WORDS | {"input": "Find pictures of a fox", "stream": True}).events

    theirs = example("dashscope_search.sse")
    once = list(dict.fromkeys(event["type"] for event in ours))
    assert once == list(dict.fromkeys(event["type"] for event in theirs))
    assert shapes(ours) == shapes(theirs)


@pytest.mark.parametrize("fault", ["", "hits=empty"])
def test_an_image_search_has_the_items_of_the_example(wire: Wire, pictures: Pictures, fault: str) -> None:
    body = BY_PICTURE | {"input": pictures.message("Find similar", pictures.png()), "enable_thinking": False}

    ours = wire.post(body, fault=fault).json

    theirs = example("dashscope_similar.sse")[-1]["response"]
    assert [item["type"] for item in ours["output"]] == ["message", "image_search_call", "message"]
    by_type = {item["type"]: set(item) for item in theirs["output"]}
    assert {item["type"]: set(item) for item in ours["output"]} == by_type
    assert ours["usage"]["x_tools"] == {"image_search": {"count": 1}}
    [call] = calls_in(ours)
    assert set(json.loads(call["arguments"])) == {"img_idx", "bbox"}
    assert bool(rows_of(ours)) is not bool(fault)


def test_frames_have_the_services_oddities(wire: Wire) -> None:
    answer = wire.post(BY_WORDS | {"input": "Find pictures of a fox", "stream": True})

    frames = answer.raw.split(b"\n\n")
    assert frames.pop() == b""
    for number, frame in enumerate(frames, 1):
        match = FRAME.fullmatch(frame + b"\n")
        assert match, frame
        event = json.loads(match.group(3))
        assert (int(match.group(1)), match.group(2).decode()) == (number, event["type"])
        assert event["sequence_number"] == number - 1


def test_arguments_and_hits_travel_as_strings(wire: Wire) -> None:
    response = wire.post(BY_WORDS | {"input": "Find pictures of a fox"}).json

    [call] = calls_in(response)
    assert json.loads(call["arguments"]) == {"queries": ["a fox"]}
    rows = rows_of(response)
    assert rows
    assert all(set(row) == {"title", "url", "index"} for row in rows)
    assert [row["index"] for row in rows] == list(range(1, len(rows) + 1))


def test_hits_are_served_by_the_sandbox_itself(wire: Wire) -> None:
    rows = rows_of(wire.post(BY_WORDS | {"input": "Find pictures of a fox"}).json)

    for row in rows[:3]:
        assert row["url"].startswith(f"{wire.origin}/pictures/")
        picture = httpx2.get(row["url"], trust_env=False)
        assert picture.headers["content-type"].startswith("image/")
        assert int(picture.headers["content-length"]) == len(picture.content)


@pytest.mark.parametrize("path", ["/v1/responses", "/compatible-mode/v1/responses"])
def test_both_base_urls_speak_the_dialect(wire: Wire, path: str) -> None:
    response = wire.post(BY_WORDS | {"input": "Find pictures of a fox"}, path=path).json

    assert [item["type"] for item in calls_in(response)] == ["web_search_image_call"]


@pytest.mark.parametrize(
    ("said", "queries"),
    [
        ("Search once, for 5 pictures of the following: St. Peter's, dome, dusk\nThen…", [["St. Peter's, dome, dusk"]]),
        ('Show me "red fox" and "arctic fox" pictures', [["red fox", "arctic fox"]]),
        ("cat, dog, horse", [["cat"], ["dog"], ["horse"]]),
        ("cat, dog, horse, search once", [["cat, dog, horse, search once"]]),
        ("please find me pictures of foxes. Thanks!", [["foxes"]]),
        ("科技 背景", [["科技 背景"]]),
    ],
)  # fmt: skip
def test_the_model_words_its_own_queries(wire: Wire, said: str, queries: list[list[str]]) -> None:
    response = wire.post(BY_WORDS | {"input": said}).json

    assert [json.loads(call["arguments"])["queries"] for call in calls_in(response)] == queries
    assert response["usage"]["x_tools"]["web_search_image"]["count"] == len(queries)


def test_the_number_of_hits_is_a_matter_of_words(wire: Wire) -> None:
    response = wire.post(
        BY_WORDS | {"input": "Search once, with a single query, for 1 picture of the following: fox"}
    ).json

    assert len(rows_of(response)) == 1


def test_a_search_can_be_answered_in_a_word(wire: Wire) -> None:
    said = (
        "Search once, with a single query, for 3 pictures of the following: fox\nThen answer with the one word “done”."
    )

    response = wire.post(BY_WORDS | {"input": said}).json

    assert response["output"][-1]["content"][0]["text"] == "[sandbox] done"


def test_each_picture_is_searched_for(wire: Wire, pictures: Pictures) -> None:
    said = pictures.message("Find similar", pictures.png(), pictures.png(colour=(0, 0, 99)))

    response = wire.post(BY_PICTURE | {"input": said}).json

    assert [json.loads(call["arguments"])["img_idx"] for call in calls_in(response)] == [0, 1]


def test_thinking_can_be_switched_off(wire: Wire) -> None:
    kinds = [
        [item["type"] for item in wire.post(BY_WORDS | {"input": "fox", "enable_thinking": thinks}).json["output"]]
        for thinks in (True, False)
    ]

    assert kinds[0] == ["reasoning", *kinds[1]]


def test_what_it_does_not_know_is_ignored(wire: Wire) -> None:
    tools = [{"type": "web_extractor"}, {"type": "web_search_image"}]

    response = wire.post(BY_WORDS | {"input": "fox", "size": "huge", "background": True, "tools": tools}).json

    assert response["status"] == "completed"
    assert len(calls_in(response)) == 1


def test_a_picture_that_can_not_be_fetched_fails_the_stream_that_has_begun(wire: Wire) -> None:
    content = [{"type": "input_image", "image_url": "https://example.com/cat.jpg"}]
    body = BY_PICTURE | {"input": [{"role": "user", "content": content}]}

    streamed = wire.post(body | {"stream": True})
    whole = wire.post(body)

    assert streamed.status == 200
    assert shapes(streamed.events) == shapes(example("dashscope_failed.sse"))
    assert whole.status == 400
    assert (set(whole.json), whole.json["code"]) == ({"request_id", "code", "message"}, "InvalidParameter")


def test_the_wrong_key_is_rejected_in_the_flat_form(wire: Wire) -> None:
    body = BY_WORDS | {"input": "fox"}

    for path in ("/v1/responses", "/compatible-mode/v1/responses"):
        answer = wire.post(body, path=path, key="wrong")
        theirs = json.loads((EXAMPLES / "dashscope_error_401.json").read_text())
        assert answer.status == 401
        assert answer.json | {"request_id": ""} == theirs | {"request_id": ""}


def test_usage_grows_with_what_was_found(wire: Wire) -> None:
    def tokens(fault: str) -> int:
        return wire.post(BY_WORDS | {"input": "fox"}, fault=fault).json["usage"]["input_tokens"]

    assert tokens("") > tokens("hits=empty")


def test_the_models_of_the_base_url_are_listed(wire: Wire) -> None:
    listed = wire.send("GET", "/compatible-mode/v1/models").json

    names = {model["id"] for model in listed["data"]}
    assert "qwen3.7-plus" in names
    assert "gpt-image-2" not in names


def test_a_painting_finds_what_it_shows_even_after_an_edit(wire: Wire, pictures: Pictures) -> None:
    tool = {"type": "image_generation", "model": "sandbox-image", "size": "512x512", "quality": "low"}
    body = {"model": "gpt-6.1-sol", "input": "Draw a yacht in the mountains", "tools": [tool]}
    painted = wire.post(body).json
    edited = wire.post(body | {"previous_response_id": painted["id"], "input": "Make it black and white"}).json
    for response in (painted, edited):
        [result] = [item["result"] for item in response["output"] if item["type"] == "image_generation_call"]
        bare = pictures.encoded(pictures.decoded(result).convert("RGB"), "PNG")
        found = wire.post(BY_PICTURE | {"input": pictures.message("Find 3 images like this one", bare)}).json
        assert any("boat" in row["title"].lower() for row in rows_of(found)), rows_of(found)


def test_a_hit_has_a_page_that_tells_its_size(wire: Wire) -> None:
    row = rows_of(wire.post(BY_WORDS | {"input": "red fox"}).json)[0]

    page = wire.send("GET", row["url"].removeprefix(wire.origin).replace("/pictures/", "/pages/"))
    told = dict(re.findall(r'property="og:image(?::(\w+))?" content="([^"]+)"', page.raw.decode()))
    with Image.open(io.BytesIO(wire.send("GET", row["url"].removeprefix(wire.origin)).raw)) as image:
        assert told == {
            "": row["url"],
            "type": Image.MIME[str(image.format)],
            "width": str(image.width),
            "height": str(image.height),
        }
