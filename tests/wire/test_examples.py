"""Every captured or documented example is read exactly, whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightbox.wire.events import ResponseStream
from lightbox.wire.response import (
    Failure,
    FoundHit,
    ImageUsage,
    MessageItem,
    PictureItem,
    ReasoningItem,
    Response,
    SearchItem,
    Usage,
    read_failure,
    read_response,
)

DASHSCOPE_ID = "f75c28fb-4064-48ed-90da-4d2cc4362001"
SAFETY = "Your request was rejected by the safety system."
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKklEQVR42mM4YaNBU8QwasGoBaMWjFowasGoBaMWjFowasGoBaMWDBULADahsD1yPRQZ"
    "AAAAAElFTkSuQmCC"
)
OTTER = "A gray tabby cat hugging an otter wearing an orange scarf, warm light."

BRIDGE = FoundHit(
    url="https://thumbs.example.com/z/serene-asian-landscape-376972039.jpg", title="Serene Asian Landscape Stone Bridge"
)
HOLIDAY = FoundHit(
    url="https://www.example.net/blog/QingMing-Festival-Holiday-Notice-2024.jpg",
    title="QingMing Festival Holiday Notice 2024",
)
LAKE = FoundHit(url="https://pics.example.org/misty.webp", title="Misty lake")

STREAMS: dict[str, tuple[int, Response]] = {
    "dashscope_search.sse": (
        14,
        Response(
            id=DASHSCOPE_ID,
            status="completed",
            items=(
                SearchItem(
                    id="msg_c1",
                    status="completed",
                    queries=("technology background PPT cover", "科技 背景 PPT 封面"),
                    hits=(
                        FoundHit(
                            url="https://image.example.com/0-technology-line-network_17825ea41f__960_540.jpg",
                            title="Best Free Information Technology Background Slides Themes",
                        ),
                        FoundHit(
                            url="https://image.example.com/data-technology-blue-abstract_e667bfafcb__960_540.jpg",
                            title="Data Technology Blue Abstract Business Glow Background",
                        ),
                        FoundHit(url="https://img.example.cn/tech/blue?x=1&y=2", title="科技感蓝色背景"),
                    ),
                ),
                MessageItem(id="msg_m1", text="Here are several tech-themed background images."),
            ),
            usage=Usage(
                input_tokens=4326,
                cached_tokens=0,
                output_tokens=645,
                reasoning_tokens=0,
                tool_calls={"web_search_image": 1},
            ),
        ),
    ),
    "dashscope_similar.sse": (
        9,
        Response(
            id=DASHSCOPE_ID,
            status="completed",
            items=(
                MessageItem(id="msg_m0", text="Let me look for similar pictures."),
                SearchItem(id="msg_c1", status="completed", hits=(HOLIDAY, BRIDGE)),
                SearchItem(id="msg_c2", status="completed", hits=(BRIDGE, LAKE)),
                MessageItem(id="msg_m1", text="Here are several tech-themed background images."),
            ),
            usage=Usage(input_tokens=8371, output_tokens=417, tool_calls={"image_search": 2}),
        ),
    ),
    "dashscope_nothing.sse": (
        4,
        Response(
            id=DASHSCOPE_ID,
            status="completed",
            items=(
                SearchItem(id="msg_c1", status="completed", hits=()),
                MessageItem(id="msg_m1", text="I found this picture: https://example.com/image1.jpg"),
            ),
            usage=Usage(input_tokens=2500, output_tokens=40, tool_calls={"image_search": 1}),
        ),
    ),
    "dashscope_failed.sse": (
        1,
        Response(
            id=DASHSCOPE_ID,
            status="failed",
            failure=Failure(
                code="InvalidParameter",
                message="<400> InternalError.Algo.InvalidParameter: The provided URL does not appear to be valid. "
                "Ensure it is correctly formatted.",
            ),
        ),
    ),
    "openai_generate.sse": (
        12,
        Response(
            id="resp_68c0",
            status="completed",
            items=(
                ReasoningItem(id="rs_1"),
                PictureItem(
                    id="ig_68c1",
                    status="completed",
                    result=PICTURE,
                    size="1024x1024",
                    quality="low",
                    format="png",
                    background="opaque",
                    revised_prompt=OTTER,
                ),
                MessageItem(id="msg_1"),
            ),
            usage=Usage(
                input_tokens=2941,
                cached_tokens=0,
                output_tokens=1124,
                reasoning_tokens=1024,
                image=ImageUsage(
                    input_tokens=14,
                    input_text_tokens=14,
                    input_image_tokens=0,
                    output_tokens=296,
                    output_text_tokens=0,
                ),
            ),
        ),
    ),
    "openai_moderation.sse": (
        1,
        Response(
            id="resp_68c0",
            status="failed",
            failure=Failure(code="moderation_blocked", message=SAFETY),
        ),
    ),
}

BODIES: dict[str, Response] = {
    "dashscope_failed_200.json": Response(
        id="resp_e158ca4e-a71c-9a8b-aebe-169a650508d0",
        status="failed",
        failure=Failure(
            code="server_error", message="Operation model request rate limit exceeded, please try again later."
        ),
    ),
    "openai_response.json": Response(
        id="resp_68c0",
        status="completed",
        items=(
            PictureItem(
                id="ig_68c1",
                status="generating",
                result=PICTURE,
                size="1024x1024",
                quality="low",
                format="png",
                background="opaque",
                revised_prompt=OTTER,
            ),
        ),
        usage=Usage(input_tokens=2941, output_tokens=100, unpainted=True),
    ),
    "openai_web_images.json": Response(
        id="resp_w",
        status="completed",
        items=(
            SearchItem(
                id="ws_1",
                status="completed",
                queries=("river of owl feathers",),
                hits=(
                    FoundHit(
                        url="https://pics.example.org/owl.jpg",
                        title="A snowy owl",
                        page_url="https://pics.example.org/page/owl",
                        thumbnail_url="https://pics.example.org/owl_t.jpg",
                    ),
                ),
            ),
            MessageItem(id="msg_1"),
        ),
        usage=Usage(input_tokens=900, output_tokens=60, tool_calls={"web_search": 1}),
    ),
}

FAULTS: dict[str, Failure] = {
    "dashscope_error_401.json": Failure(
        http_status=401, code="InvalidApiKey", message="Invalid API-key provided.", retry_after=None
    ),
    "openai_moderation_400.json": Failure(
        http_status=400,
        type="image_generation_user_error",
        code="moderation_blocked",
        message=SAFETY,
        moderation_stage="input",
        moderation_categories=("violence",),
    ),
    "dashscope_native_refused_200.json": Failure(
        http_status=200, code="DataInspectionFailed", message="Input data may contain inappropriate content."
    ),
    "dashscope_native_free_tier_403.json": Failure(
        http_status=403,
        code="AllocationQuota.FreeTierOnly",
        message="The free tier of the model has been exhausted. If you wish to continue access the model on a paid "
        'basis, please disable the "use free tier only" mode in the management console.',
    ),
    "openai_no_quota_429.json": Failure(
        http_status=429,
        type="insufficient_quota",
        code="insufficient_quota",
        message="You exceeded your current quota, please check your plan and billing details.",
    ),
    "openrouter_flagged_403.json": Failure(
        http_status=403,
        code="403",
        message="Your chosen model requires moderation and your input was flagged",
        moderation_stage="input",
        moderation_categories=("violence",),
    ),
    "openrouter_no_credit_402.json": Failure(
        http_status=402,
        type="openrouter_credits",
        code="402",
        message="Insufficient credits. Add more using https://openrouter.ai/settings/credits",
    ),
    "openrouter_free_models_429.json": Failure(
        http_status=429,
        code="429",
        message="Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_adds_up_to_its_response(name: str, read_stream: Callable[[str], ResponseStream]) -> None:
    sequence, response = STREAMS[name]
    stream = read_stream(name)
    assert (stream.ended, stream.sequence, stream.response) == (True, sequence, response)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_read_whole(name: str, read_body: Callable[[str], Any]) -> None:
    assert read_response(read_body(name)) == BODIES[name]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_read_whole(name: str, read_body: Callable[[str], Any]) -> None:
    assert read_failure(read_body(name), http_status=FAULTS[name].http_status) == FAULTS[name]


def test_every_example_names_its_source() -> None:
    folder = Path(__file__).parent / "examples"
    named = re.findall(r"`(\w+\.(?:json|sse))`", (folder / "README.md").read_text("utf-8"))
    assert sorted(named) == sorted(path.name for path in folder.iterdir() if path.name != "README.md")


def test_a_url_in_the_text_is_no_hit(read_stream: Callable[[str], ResponseStream]) -> None:
    response = read_stream("dashscope_nothing.sse").response
    assert "https://example.com/image1.jpg" in response.text
    assert [search.hits for search in response.searches] == [()]


def test_the_last_message_is_the_text(read_stream: Callable[[str], ResponseStream]) -> None:
    assert read_stream("dashscope_similar.sse").response.text == "Here are several tech-themed background images."
