"""A service that falls silent in the middle of an answer; every other fault is met by the whole server, in `jobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from lightbox.errors import Interrupted
from lightbox.providers.calls import Call, DescribeCall, GenerateCall, SearchCall, SentPicture, SimilarCall
from providers.faults import DESCRIBED, LIKENED, PAINTED, SEARCHED, SILENCES, Good

if TYPE_CHECKING:
    from providers.scripted import Bench

PATIENCE = 20
PICTURE = SentPicture(url="https://e.com/a.png")
CALLS: dict[str, tuple[str, Call, Good]] = {
    "search": ("dashscope", SearchCall(model="qwen3.7-plus", query="cats"), SEARCHED),
    "similar": ("dashscope", SimilarCall(model="qwen3.7-plus", picture=PICTURE), LIKENED),
    "generate": (
        "openai",
        GenerateCall(model="gpt-6.1-sol", image_model="gpt-image-2.5-sunburst", prompt="a cat"),
        PAINTED,
    ),
    "describe": ("openai", DescribeCall(model="gpt-6.1-sol", pictures=(PICTURE,), question="What?"), DESCRIBED),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_service_that_falls_silent_is_left_and_not_asked_again(bench: Bench, name: str) -> None:
    provider, call, good = CALLS[name]
    adapter = bench.adapter(provider, read=0.2)
    for posts, fault in enumerate(SILENCES, start=1):
        bench.service.gone = anyio.Event()
        bench.service.answers = [fault.steps(good)]
        told = await bench.collect(adapter.stream(call))
        assert isinstance(told.error, Interrupted), fault.name
        assert (told.error.accepted, bench.service.posts) == (True, posts), fault.name
        assert "was silent for too long" in str(told.error), fault.name
        with anyio.fail_after(PATIENCE):
            await bench.service.gone.wait()
