"""What a test asks to go wrong goes wrong, and nothing else does."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import time
from typing import TYPE_CHECKING, Any

import openai
import pytest
from PIL import Image

from lightbox_sandbox import faults
from lightbox_sandbox.faults import Fault, read_faults
from lightbox_sandbox.server import Sandbox

if TYPE_CHECKING:
    from .conftest import Json, Wire

WORDS: Any = {"model": "gpt-6.1-sol", "input": "Hello"}
STREAM: Any = WORDS | {"stream": True}
PICTURE: Any = {
    "model": "gpt-6.1-sol",
    "input": "Paint a fox",
    "tools": [{"type": "image_generation", "model": "sandbox-image", "size": "256x256", "quality": "low"}],
}
SEARCH: Any = {"model": "qwen3.7-plus", "input": "Find a fox", "tools": [{"type": "web_search_image"}]}


def test_every_option_is_documented() -> None:
    documented = re.findall(r"\b([a-z_]+)(?==|\b)", faults.__doc__ or "")

    assert set(Fault.model_fields) <= set(documented)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("shape", ["openai", "dashscope"])
def test_any_status_comes_in_either_shape(wire: Wire, status: int, shape: str) -> None:
    answer = wire.post(WORDS, fault=f"status={status};shape={shape};message=No%2C%20really;code=my_code")

    assert answer.status == status
    error = answer.json["error"] if shape == "openai" else answer.json
    assert (error["message"], error["code"]) == ("No, really", "my_code")
    assert ("request_id" in answer.json) is (shape == "dashscope")


def test_the_usual_shape_is_the_dialects_own(wire: Wire) -> None:
    assert set(wire.post(WORDS, fault="status=500").json) == {"error"}
    assert set(wire.post(SEARCH, fault="status=500").json) == {"request_id", "code", "message"}


def test_an_error_can_be_a_page_or_nothing(wire: Wire) -> None:
    page, nothing = (wire.post(WORDS, fault=f"status=502;shape={shape}") for shape in ("html", "empty"))

    assert page.raw.startswith(b"<html>")
    assert page.headers["content-type"].startswith("text/html")
    assert (nothing.status, nothing.raw) == (502, b"")


def test_retry_after_is_sent_and_times_runs_out(wire: Wire) -> None:
    fault = "status=429;retry_after=1.5;times=2"
    answers = [wire.post(WORDS, fault=fault) for _ in range(3)]

    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "1.5"


def test_faults_follow_one_another(wire: Wire) -> None:
    fault = "status=503;times=1,status=429;times=2"

    assert [wire.post(WORDS, fault=fault).status for _ in range(4)] == [503, 429, 429, 200]
    wire.send("DELETE", "/sandbox/requests")
    assert wire.post(WORDS, fault=fault).status == 503


def test_a_models_name_can_ask_for_a_fault(wire: Wire) -> None:
    broken = wire.post(WORDS | {"model": "sandbox-fault/status=503"})
    tool = PICTURE["tools"][0] | {"model": "sandbox-fault/refusal=item@sandbox-image"}
    refused = wire.post(PICTURE | {"tools": [tool]}).json

    assert broken.status == 503
    assert refused["output"][1]["error"]["code"] == "moderation_blocked"


def test_the_official_client_tries_again_after_a_fault(sandbox: Sandbox, wire: Wire) -> None:
    with openai.OpenAI(base_url=sandbox.base_url, api_key="sandbox", max_retries=2) as client:
        response = client.responses.create(model="sandbox-fault/status=503;retry_after=0;times=2", input="Hello")

    assert response.status == "completed"
    assert [visit["status"] for visit in wire.requests()["requests"]] == [503, 503, 200]


@pytest.mark.parametrize("text", ["statsu=500", "status=abc", "status=42", "hits=funny", "delay=-1", "times=0"])
def test_a_fault_that_says_nothing_known_is_an_error(wire: Wire, text: str) -> None:
    answer = wire.post(WORDS, fault=text)

    assert answer.status == 400
    assert answer.json["error"]["param"] == "x-sandbox-fault"
    assert text.partition("=")[0] in answer.json["error"]["message"]


def test_options_are_read_as_written() -> None:
    assert read_faults("status=429; retry_after=1 ;shape=openai, endless") == [
        Fault(status=429, retry_after=1, shape="openai"),
        Fault(endless=True),
    ]


# Time


@pytest.mark.parametrize(("fault", "least"), [("delay=0.3", 0.3), ("gap=0.05", 0.4)])
def test_an_answer_can_be_slow(wire: Wire, fault: str, least: float) -> None:
    began = time.perf_counter()

    answer = wire.post(STREAM, fault=fault)

    assert time.perf_counter() - began >= least
    assert answer.kinds[-1] == "response.completed"


# Streams


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_stream_can_be_dropped(wire: Wire, count: int) -> None:
    answer = wire.post(STREAM, fault=f"drop={count}")

    assert answer.broken
    assert len(answer.events) == count


@pytest.mark.parametrize("count", [0, 4])
def test_a_stream_can_end_early_in_good_order(wire: Wire, count: int) -> None:
    answer = wire.post(STREAM, fault=f"end={count}")

    assert not answer.broken
    assert len(answer.events) == count


def test_an_event_can_be_truncated(wire: Wire) -> None:
    answer = wire.post(STREAM, fault="truncate=2")

    assert answer.broken
    assert len(answer.events) == 2
    assert answer.raw.split(b"\n\n")[2].startswith(b"event: ")


def test_a_whole_body_can_be_truncated(wire: Wire) -> None:
    answer = wire.post(WORDS, fault="truncate=0")

    assert answer.broken
    assert answer.raw.startswith(b'{"id"')


def test_an_event_can_be_oversized(wire: Wire) -> None:
    answer = wire.post(STREAM, fault="oversize=3000000")

    assert len(answer.events[1]["padding"]) == 3_000_000
    assert answer.kinds[-1] == "response.completed"


def test_a_stream_can_go_on_for_ever_until_the_client_goes(sandbox: Sandbox, wire: Wire) -> None:
    headers = {"x-sandbox-fault": "endless;gap=0.001"}
    with openai.OpenAI(base_url=sandbox.base_url, api_key="sandbox") as client:
        stream = client.responses.create(model="gpt-6.1-sol", input="Hello", stream=True, extra_headers=headers)
        kinds = [next(stream).type for _ in range(100)]
        stream.close()

    assert kinds[-50:] == ["response.in_progress"] * 50
    assert "response.completed" not in kinds
    while wire.requests()["requests"][0]["seconds"] is None:
        pass  # the sandbox notices in its own time


def test_a_stream_can_have_the_wrong_content_type(wire: Wire) -> None:
    assert wire.post(STREAM, fault="content_type=text/plain").headers["content-type"].startswith("text/plain")


def test_usage_can_be_missing(wire: Wire) -> None:
    assert wire.post(PICTURE).json.keys() >= {"usage", "tool_usage"}
    missing = wire.post(PICTURE, fault="usage=missing").json
    assert missing["usage"] is None
    assert "tool_usage" not in missing
    assert "usage" not in wire.post(SEARCH, fault="usage=missing").json


# Refusals


def test_a_refusal_as_an_http_error(wire: Wire) -> None:
    answer = wire.post(PICTURE, fault="refusal=http")

    assert answer.status == 400
    assert (answer.json["error"]["type"], answer.json["error"]["code"]) == (
        "image_generation_user_error",
        "moderation_blocked",
    )
    assert answer.json["error"]["moderation_details"]["categories"]
    assert wire.post(SEARCH, fault="refusal=http").json["code"] == "DataInspectionFailed"


def test_a_refusal_as_an_event(wire: Wire) -> None:
    streamed = wire.post(PICTURE | {"stream": True}, fault="refusal=sse")

    assert streamed.kinds == ["response.created", "response.in_progress", "error"]
    assert streamed.events[-1]["code"] == "moderation_blocked"
    assert wire.post(PICTURE, fault="refusal=sse").status == 400


def test_a_refusal_as_a_failed_response(wire: Wire) -> None:
    streamed = wire.post(PICTURE | {"stream": True}, fault="refusal=failed")
    whole = wire.post(PICTURE, fault="refusal=failed").json

    assert streamed.kinds[-1] == "response.failed"
    assert (whole["status"], whole["error"]["code"]) == ("failed", "moderation_blocked")


def test_a_refusal_as_the_items_error(wire: Wire) -> None:
    response = wire.post(PICTURE, fault="refusal=item").json

    [item] = [item for item in response["output"] if item["type"] == "image_generation_call"]
    assert (response["status"], item["status"], item["result"]) == ("completed", "failed", None)
    assert item["error"]["moderation_details"]["moderation_stage"] == "output"


@pytest.mark.parametrize("fault", ["refusal=empty", "calls=none"])
def test_an_answer_without_the_call(wire: Wire, fault: str) -> None:
    response = wire.post(PICTURE | {"tool_choice": {"type": "image_generation"}}, fault=fault).json

    assert response["status"] == "completed"
    assert {item["type"] for item in response["output"]} == {"reasoning", "message"}


def test_throttling_can_come_as_success(wire: Wire) -> None:
    answer = wire.post(SEARCH, fault="throttled")

    assert (answer.status, answer.json["status"], answer.json["output"]) == (200, "failed", [])
    assert "rate limit" in answer.json["error"]["message"]


@pytest.mark.parametrize("fault", ["generating", "broken", "missing"])
def test_a_finished_picture_can_be_odd(wire: Wire, fault: str) -> None:
    response = wire.post(PICTURE, fault=f"picture={fault}").json

    [item] = [item for item in response["output"] if item["type"] == "image_generation_call"]
    if fault == "generating":
        assert item["status"] == "generating"
        assert base64.b64decode(item["result"], validate=True)
    elif fault == "broken":
        with pytest.raises(binascii.Error):
            base64.b64decode(item["result"], validate=True)
    else:
        assert item["result"] is None


# Hits


def spoilt(wire: Wire, fault: str) -> str:
    """Give the path of the first hit of a search with this fault."""
    response = wire.post(SEARCH, fault=f"hits={fault}").json
    [call] = [item for item in response["output"] if item["type"] == "web_search_image_call"]
    url: str = json.loads(call["output"])[0]["url"]
    return url.removeprefix(wire.origin)


def test_a_search_can_find_nothing(wire: Wire) -> None:
    response = wire.post(SEARCH, fault="hits=empty").json

    assert [item["output"] for item in response["output"] if item["type"] == "web_search_image_call"] == ["[]"]


def test_hits_can_be_dead(wire: Wire) -> None:
    assert wire.send("GET", spoilt(wire, "dead")).status == 404


def test_hits_can_be_mislabelled(wire: Wire) -> None:
    answer = wire.send("GET", spoilt(wire, "mislabelled"))

    kind = Image.open(io.BytesIO(answer.raw)).format or ""
    assert answer.headers["content-type"] != Image.MIME[kind]


def test_hits_can_be_no_pictures(wire: Wire) -> None:
    answer = wire.send("GET", spoilt(wire, "not_an_image"))

    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.raw.startswith(b"<html>")


def test_hits_can_be_redirected(wire: Wire) -> None:
    here, away = (wire.send("GET", spoilt(wire, fault)) for fault in ("redirected", "private"))

    assert (here.status, away.status) == (302, 302)
    assert wire.send("GET", here.headers["location"].removeprefix(wire.origin)).status == 200
    assert away.headers["location"].startswith("http://169.254.169.254/")


def test_hits_can_be_huge(wire: Wire) -> None:
    path = spoilt(wire, "huge")

    assert int(wire.send("HEAD", path).headers["content-length"]) == 200 * 1024 * 1024
    assert wire.head_of(path, 1_000_000).startswith(b"\xff\xd8\xff")


def test_hits_can_be_bombs(wire: Wire) -> None:
    data = wire.send("GET", spoilt(wire, "bomb")).raw

    assert len(data) < 1_000
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(data))


def test_hits_can_be_tiny(wire: Wire) -> None:
    assert Image.open(io.BytesIO(wire.send("GET", spoilt(wire, "tiny")).raw)).size == (1, 1)


# What was asked


def test_requests_are_counted(wire: Wire) -> None:
    body: Json = PICTURE | {"stream": True}
    wire.post(body)
    wire.post(WORDS, fault="status=500")
    wire.send("GET", "/v1/models")

    told = wire.requests()

    assert (told["count"], told["responses"]) == (3, 2)
    painted, failed, listed = told["requests"]
    assert (painted["method"], painted["path"], painted["model"]) == ("POST", "/v1/responses", "gpt-6.1-sol")
    assert (painted["tools"], painted["stream"], painted["status"]) == (["image_generation"], True, 200)
    assert painted["seconds"] > 0
    assert (failed["status"], json.loads(failed["fault"])) == (500, {"status": 500})
    assert (listed["method"], listed["model"]) == ("GET", None)


def test_pictures_are_not_counted_and_the_count_starts_anew(wire: Wire) -> None:
    wire.post(WORDS)
    wire.send("GET", "/pictures/nothing.jpg")

    assert wire.requests()["count"] == 1
    assert wire.send("DELETE", "/sandbox/requests").json["count"] == 0


def test_a_body_is_remembered_without_its_pictures(wire: Wire) -> None:
    wire.post({"model": "m", "input": "x" * 1_000_000, "metadata": {"order": "7"}})

    [asked] = wire.requests()["requests"]
    assert asked["body"]["metadata"] == {"order": "7"}
    assert asked["body"]["input"].endswith("… (1000000 characters)")
    assert len(asked["body"]["input"]) < 3_000


def test_of_a_body_of_many_values_some_are_remembered(wire: Wire) -> None:
    wire.post({"model": "m", "input": [{"role": "user", "content": "word"} for _ in range(20_000)]})

    [asked] = wire.requests()["requests"]
    assert 100 < len(asked["body"]["input"]) < 2_000


def test_an_injected_fault_gives_way_to_one_that_a_request_asks_for(wire: Wire) -> None:
    assert wire.send("PUT", "/sandbox/fault", json={"fault": "status=503"}).status == 204
    assert wire.post({"model": "m", "input": "Hello"}).status == 503
    assert wire.post({"model": "m", "input": "Hello"}, fault="status=418").status == 418
    assert wire.send("DELETE", "/sandbox/fault").status == 204
    assert wire.post({"model": "m", "input": "Hello"}).status == 200


def test_an_injected_fault_ends_with_a_new_start(wire: Wire) -> None:
    wire.send("PUT", "/sandbox/fault", json={"fault": "status=503"})
    wire.send("DELETE", "/sandbox/requests")
    assert wire.post({"model": "m", "input": "Hello"}).status == 200
