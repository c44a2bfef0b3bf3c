"""DashScope's own endpoint for pictures: what it is sent and where, what its answers mean, and what is sent again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import SecretStr

from lightbox.errors import (
    BadInput,
    Interrupted,
    NotDone,
    QuotaExhausted,
    Refused,
    RequestRejected,
    UpstreamError,
)
from lightbox.providers.adapter import Adapter
from lightbox.providers.calls import EditCall, GenerateCall, OutputOptions, SentPicture
from lightbox.providers.dashscope import dashscope_endpoint
from lightbox.providers.dashscope_native import translate
from lightbox.providers.roster import PROVIDERS
from lightbox.providers.updates import Accepted, Finished, MadeAt
from lightbox.wire.response import PictureUsage, Usage
from providers.scripted import EXAMPLES, KEY

if TYPE_CHECKING:
    from conftest import Bench

QWEN = "qwen-image-2.0"
URL = SentPicture(url="https://e.com/a.jpg")
DATA = SentPicture(url="data:image/png;base64,QUJD")
GENERATE = GenerateCall(model=QWEN, image_model=QWEN, prompt="a cat")
EDIT = EditCall(model=QWEN, image_model=QWEN, prompt="add a hat", pictures=(URL, DATA))
ADDRESS = "https://dashscope-result-sz.oss-cn-shenzhen.aliyuncs.com/7d/a1.png?Expires=1795300000&Signature=x"
PATH = "/api/v1/services/aigc/multimodal-generation/generation"


def painted(model: str, size: str = "auto") -> GenerateCall:
    return GenerateCall(model=model, image_model=model, prompt="a cat", output=OutputOptions(size=size))


def said(*content: dict[str, str]) -> dict[str, Any]:
    return {"input": {"messages": [{"role": "user", "content": list(content)}]}}


BODIES: dict[str, tuple[GenerateCall | EditCall, dict[str, Any]]] = {
    "a picture from words": (
        GENERATE,
        {
            "model": QWEN,
            **said({"text": "a cat"}),
            "parameters": {"n": 1, "prompt_extend": True, "watermark": False},
        },
    ),
    "a size in px": (
        painted(QWEN, "1920x1088"),
        {
            "model": QWEN,
            **said({"text": "a cat"}),
            "parameters": {"n": 1, "size": "1920*1088", "prompt_extend": True, "watermark": False},
        },
    ),
    "pictures before the words of an edit": (
        EDIT,
        {
            "model": QWEN,
            **said({"image": "https://e.com/a.jpg"}, {"image": "data:image/png;base64,QUJD"}, {"text": "add a hat"}),
            "parameters": {"n": 1, "watermark": False},
        },
    ),
    "z-image does not think about the prompt, which costs twice": (
        painted("z-image-turbo", "1024x1536"),
        {
            "model": "z-image-turbo",
            **said({"text": "a cat"}),
            "parameters": {"size": "1024*1536", "prompt_extend": False},
        },
    ),
    "a model of another family gets no option that it may lack": (
        painted("wan2.7-image", "2048x2048"),
        {
            "model": "wan2.7-image",
            **said({"text": "a cat"}),
            "parameters": {"n": 1, "size": "2048*2048", "watermark": False},
        },
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_picture_is_asked_for_in_exactly_these_words(name: str) -> None:
    call, body = BODIES[name]
    endpoint = dashscope_endpoint(SecretStr(KEY))
    assert Adapter(endpoint, PROVIDERS["dashscope"].dialect, store=True).body(call) == body


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        (None, f"https://dashscope-intl.aliyuncs.com{PATH}"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", f"https://dashscope.aliyuncs.com{PATH}"),
        (
            "https://ws-1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1/",
            f"https://ws-1.eu-central-1.maas.aliyuncs.com{PATH}",
        ),
        ("https://ws-1.ap-northeast-1.maas.aliyuncs.com", f"https://ws-1.ap-northeast-1.maas.aliyuncs.com{PATH}"),
        (
            "https://dashscope.aliyuncs.com/api/v2/apps/protocols/compatible-mode/v1",
            f"https://dashscope.aliyuncs.com{PATH}",
        ),
        ("https://gateway.example.com/qwen/v1?team=a", f"https://gateway.example.com/qwen{PATH}?team=a"),
        ("https://gateway.example.com/qwen", f"https://gateway.example.com/qwen{PATH}"),
    ],
)
def test_pictures_are_made_beside_the_responses_api_of_the_same_host(base_url: str | None, url: str) -> None:
    endpoint = dashscope_endpoint(SecretStr(KEY), base_url=base_url)
    assert PROVIDERS["dashscope"].dialect.operations["generate"].url(endpoint) == url


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (EditCall(model=QWEN, image_model=QWEN, prompt="x"), "needs a picture"),
        (EditCall(model=QWEN, image_model=QWEN, prompt="x", pictures=(URL,), mask=DATA), "takes no mask"),
        (
            EditCall(model=QWEN, image_model=QWEN, prompt="x", pictures=(SentPicture(file_id="file-1"),)),
            "does not have the file file-1",
        ),
    ],
)
def test_what_the_endpoint_can_not_take_is_not_put_into_words(call: EditCall, text: str) -> None:
    with pytest.raises(BadInput, match=text):
        PROVIDERS["dashscope"].dialect.words["edit"](call)


async def test_a_picture_is_told_by_its_address_with_what_was_counted(bench: Bench) -> None:
    bench.service.answer(bench.service.body(bench.service.example("dashscope_native_picture.json")))
    told = await bench.collect(bench.adapter("dashscope").stream(GENERATE))
    assert told.error is None
    assert told.updates == [
        Accepted(response_id="d0250a3d-b07f-49e1-bdc8-6793f4929001"),
        MadeAt(item_id=None, url=ADDRESS, size="2048x2048", format="png"),
        Finished(text="", usage=Usage(pictures=PictureUsage(made=1, width=2048, height=2048))),
    ]
    [asked] = bench.service.asked
    assert asked.target == PATH
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert "stream" not in asked.json


def test_what_newer_models_count_is_read() -> None:
    body = json.loads((EXAMPLES / "dashscope_native_counted.json").read_text("utf-8"))
    assert translate(body)["usage"] == {
        "pictures": {"made": 1, "given": 1, "width": 2048, "height": 1536, "size_class": "2k"}
    }


FREE = "AllocationQuota.FreeTierOnly"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ("DataInspectionFailed", Refused, "moderation refused"),
        ("Arrearage", QuotaExhausted, "top it up"),
        (FREE, QuotaExhausted, "free quota of qwen-image-2.0 at dashscope is used up"),
        ("InvalidParameter", RequestRejected, "did not accept the request"),
        ("BadRequest.InputDownloadFailed", RequestRejected, "could not download a picture"),
        ("InvalidParameter.DataInspection", RequestRejected, "could not download a picture"),
        ("InvalidApiKey", UpstreamError, "Keys belong to one region"),
        ("ModelNotFound", UpstreamError, "does not know qwen-image-2.0, or this key"),
    ],
)
async def test_an_error_is_told_by_its_code_whatever_the_status(
    bench: Bench, status: int, code: str, kind: type[UpstreamError], text: str
) -> None:
    fault = {"request_id": "r", "code": code, "message": "No."}
    bench.service.answer(bench.service.body(fault, status))
    told = await bench.collect(bench.adapter("dashscope").stream(GENERATE))
    assert isinstance(told.error, kind)
    assert text in str(told.error)
    assert (told.error.accepted, bench.service.posts) == (False, 1)


async def test_a_refusal_as_the_service_writes_it_is_one(bench: Bench) -> None:
    bench.service.answer(bench.service.body(bench.service.example("dashscope_native_refused_200.json")))
    told = await bench.collect(bench.adapter("dashscope").stream(GENERATE))
    assert isinstance(told.error, Refused)


@pytest.mark.parametrize("status", [200, 429])
async def test_throttling_is_asked_again_once_it_surely_was_not_accepted(bench: Bench, status: int) -> None:
    bench.service.answer(bench.service.body({"code": "Throttling.RateQuota", "message": "Slow down."}, status))
    bench.service.answer(bench.service.body(bench.service.example("dashscope_native_picture.json")))
    told = await bench.collect(bench.adapter("dashscope").stream(GENERATE))
    assert (told.error, bench.service.posts) == (None, 2)
    assert told.names.count("MadeAt") == 1


async def test_what_was_not_answered_in_time_may_have_been_billed_and_is_not_sent_again(bench: Bench) -> None:
    bench.service.answer(anyio.sleep_forever)
    adapter = bench.adapter("dashscope", read=0.1)
    told = await bench.collect(adapter.stream(GENERATE))
    assert isinstance(told.error, Interrupted)
    assert "may have been billed" in str(told.error)
    assert (told.error.accepted, bench.service.posts) == (True, 1)


async def test_an_answer_that_breaks_off_is_not_asked_for_again(bench: Bench) -> None:
    whole = bench.service.body(bench.service.example("dashscope_native_picture.json"))
    bench.service.answer(whole[:-40])
    told = await bench.collect(bench.adapter("dashscope").stream(GENERATE))
    assert isinstance(told.error, Interrupted)
    assert (told.error.accepted, bench.service.posts) == (True, 1)


async def test_words_in_the_place_of_a_picture_are_no_picture(bench: Bench) -> None:
    body = {"output": {"choices": [{"message": {"content": [{"text": "I would rather not."}]}}]}, "request_id": "r"}
    bench.service.answer(bench.service.body(body))
    told = await bench.collect(bench.adapter("dashscope").stream(GENERATE))
    assert isinstance(told.error, NotDone)
    assert "I would rather not." in str(told.error)


ODD: list[Any] = [None, [], {}, "x", 7, [[]], [None], [{"message": None}], [{"message": {"content": "x"}}]]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", ["output", "choices", "usage", "code", "image"])
def test_whatever_comes_is_put_into_the_shape_of_a_response(place: str, odd: Any) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "output": {"output": odd},
        "choices": {"output": {"choices": odd}},
        "usage": {"usage": odd},
        "code": {"code": odd},
        "image": {"output": {"choices": [{"message": {"content": [{"image": odd}]}}]}},
    }
    assert translate(bodies[place])["status"] in {"completed", "failed"}
