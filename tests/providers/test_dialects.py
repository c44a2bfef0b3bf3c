"""What each service is sent, whole: a changed word is a reviewed change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lightbox.errors import BadInput
from lightbox.providers.adapter import Adapter
from lightbox.providers.calls import (
    Call,
    DescribeCall,
    EditCall,
    GenerateCall,
    OutputOptions,
    SearchCall,
    SentPicture,
    SimilarCall,
)
from lightbox.providers.dialect import LOOK
from lightbox.providers.openrouter import PAINT
from lightbox.providers.roster import ORDER, PROVIDERS

URL = SentPicture(url="https://e.com/a.jpg")
DATA = SentPicture(url="data:image/png;base64,QUJD")
FILE = SentPicture(file_id="file-1")
QWEN = "qwen3.7-plus"
SOL = "gpt-6.1-sol"
PAINTER = "gpt-image-2.5-sunburst"

NANO = "google/gemini-3.1-flash-image"

SEARCH = SearchCall(model=QWEN, query="a cat,\n asleep", count=10)
SIMILAR = SimilarCall(model=QWEN, picture=DATA, count=1)
GENERATE = GenerateCall(model=SOL, image_model=PAINTER, prompt="a cat")
EDIT = EditCall(model=SOL, image_model=PAINTER, prompt="add a hat", pictures=(URL, FILE))
DESCRIBE = DescribeCall(model=SOL, pictures=(URL, FILE), question="Which is older?", detail="high")

DONE = "Then answer with the one word “done”."
ANALYSIS = "Then say in three sentences what was found and which results fit best, without naming any address."
FORCED = {"type": "image_generation"}
KEPT = {"store": True, "background": True}

BODIES: dict[str, tuple[str, Call, bool, dict[str, Any]]] = {
    "dashscope searches once and answers in a word": (
        "dashscope",
        SEARCH,
        True,
        {
            "model": QWEN,
            "input": f"Search once, with a single query, for 10 pictures of the following: a cat, asleep\n{DONE}",
            "tools": [{"type": "web_search_image"}],
            "enable_thinking": False,
            "store": False,
        },
    ),
    "dashscope is asked for an analysis": (
        "dashscope",
        SearchCall(model=QWEN, query="cats", count=1, analysis=True),
        False,
        {
            "model": QWEN,
            "input": f"Search once, with a single query, for 1 picture of the following: cats\n{ANALYSIS}",
            "tools": [{"type": "web_search_image"}],
            "enable_thinking": False,
            "store": False,
        },
    ),
    "dashscope finds similar pictures": (
        "dashscope",
        SimilarCall(model=QWEN, picture=DATA, about="the  hat", count=5),
        False,
        {
            "model": QWEN,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "input_text",
                            "text": "Search once for 5 pictures that look like this picture, and pay attention to "
                            f"this: the hat\n{DONE}",
                        },
                        {"type": "input_image", "image_url": "data:image/png;base64,QUJD"},
                    ],
                }
            ],
            "tools": [{"type": "image_search"}],
            "enable_thinking": False,
            "store": False,
        },
    ),
    "dashscope describes without detail, which it does not know": (
        "dashscope",
        DescribeCall(model=QWEN, pictures=(URL,), question="What is this?", detail="high"),
        False,
        {
            "model": QWEN,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is this?"},
                        {"type": "input_image", "image_url": "https://e.com/a.jpg"},
                    ],
                }
            ],
            "instructions": LOOK,
            "enable_thinking": False,
            "store": False,
        },
    ),
    "openai searches the web for pictures": (
        "openai",
        SearchCall(model=SOL, query="owls", count=8),
        True,
        {
            "model": SOL,
            "input": f"Search once, with a single query, for 8 pictures of the following: owls\n{DONE}",
            "tools": [
                {
                    "type": "web_search",
                    "search_content_types": ["image", "text"],
                    "image_settings": {"max_results": 8, "caption": True},
                }
            ],
            "tool_choice": "required",
            "include": ["web_search_call.results"],
            "store": False,
        },
    ),
    "openai generates in the background where it may store": (
        "openai",
        GENERATE,
        True,
        {
            "model": SOL,
            "input": "a cat",
            "tools": [{"type": "image_generation", "model": PAINTER, "action": "generate", "output_format": "png"}],
            "tool_choice": FORCED,
            **KEPT,
        },
    ),
    "openai generates with every option": (
        "openai",
        GenerateCall(
            model=SOL,
            image_model=PAINTER,
            prompt="a cat",
            output=OutputOptions(
                size="1536x1024",
                quality="max",
                format="webp",
                background="transparent",
                compression=0,
                partial_images=2,
            ),
        ),
        False,
        {
            "model": SOL,
            "input": "a cat",
            "tools": [
                {
                    "type": "image_generation",
                    "model": PAINTER,
                    "action": "generate",
                    "size": "1536x1024",
                    "quality": "max",
                    "background": "transparent",
                    "output_format": "webp",
                    "output_compression": 0,
                    "partial_images": 2,
                }
            ],
            "tool_choice": FORCED,
            "store": False,
        },
    ),
    "openai edits several pictures with a mask": (
        "openai",
        EditCall(
            model=SOL,
            image_model="gpt-image-1.5",
            prompt="add a hat",
            pictures=(URL, FILE),
            mask=DATA,
            fidelity="high",
        ),
        False,
        {
            "model": SOL,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "add a hat"},
                        {"type": "input_image", "image_url": "https://e.com/a.jpg", "detail": "auto"},
                        {"type": "input_image", "file_id": "file-1", "detail": "auto"},
                    ],
                }
            ],
            "tools": [
                {
                    "type": "image_generation",
                    "model": "gpt-image-1.5",
                    "action": "edit",
                    "output_format": "png",
                    "input_fidelity": "high",
                    "input_image_mask": {"image_url": "data:image/png;base64,QUJD"},
                }
            ],
            "tool_choice": FORCED,
            "store": False,
        },
    ),
    "openai continues from a stored response": (
        "openai",
        EditCall(model=SOL, image_model=PAINTER, prompt="now in blue", continue_from="resp_1"),
        True,
        {
            "model": SOL,
            "input": [{"role": "user", "content": [{"type": "input_text", "text": "now in blue"}]}],
            "previous_response_id": "resp_1",
            "tools": [{"type": "image_generation", "model": PAINTER, "action": "edit", "output_format": "png"}],
            "tool_choice": FORCED,
            **KEPT,
        },
    ),
    "openai describes numbered pictures": (
        "openai",
        DESCRIBE,
        True,
        {
            "model": SOL,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "input_text",
                            "text": "Which is older?\n\nThe 2 pictures are numbered 1 to 2, in their order.",
                        },
                        {"type": "input_image", "image_url": "https://e.com/a.jpg", "detail": "high"},
                        {"type": "input_image", "file_id": "file-1", "detail": "high"},
                    ],
                }
            ],
            "instructions": LOOK,
            "store": False,
        },
    ),
    "openrouter generates by its own tool, once": (
        "openrouter",
        GenerateCall(
            model=SOL,
            image_model=NANO,
            prompt="a cat",
            output=OutputOptions(size="2752x1536", aspect_ratio="16:9", resolution="2K"),
        ),
        True,
        {
            "model": SOL,
            "input": "a cat",
            "instructions": PAINT,
            "tools": [
                {
                    "type": "openrouter:image_generation",
                    "parameters": {"model": NANO, "aspect_ratio": "16:9", "size": "2K"},
                }
            ],
            "tool_choice": "required",
            "max_tool_calls": 1,
            "store": False,
        },
    ),
    "openrouter generates with every option, in px": (
        "openrouter",
        GenerateCall(
            model=SOL,
            image_model="openai/gpt-image-2",
            prompt="a cat",
            output=OutputOptions(
                size="1536x1024", quality="high", format="webp", background="opaque", compression=80, partial_images=2
            ),
        ),
        True,
        {
            "model": SOL,
            "input": "a cat",
            "instructions": PAINT,
            "tools": [
                {
                    "type": "openrouter:image_generation",
                    "parameters": {
                        "model": "openai/gpt-image-2",
                        "size": "1536x1024",
                        "quality": "high",
                        "background": "opaque",
                        "output_format": "webp",
                        "output_compression": 80,
                    },
                }
            ],
            "tool_choice": "required",
            "max_tool_calls": 1,
            "store": False,
        },
    ),
    "openrouter edits by the image model itself": (
        "openrouter",
        EditCall(
            model=NANO,
            image_model=NANO,
            prompt="add a hat",
            pictures=(URL, DATA),
            output=OutputOptions(size="2752x1536", aspect_ratio="16:9", resolution="2K"),
        ),
        True,
        {
            "model": NANO,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "add a hat"},
                        {"type": "input_image", "image_url": "https://e.com/a.jpg", "detail": "auto"},
                        {"type": "input_image", "image_url": "data:image/png;base64,QUJD", "detail": "auto"},
                    ],
                }
            ],
            "modalities": ["image", "text"],
            "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
            "store": False,
        },
    ),
    "openrouter describes with detail": (
        "openrouter",
        DescribeCall(model=SOL, pictures=(URL,), question="What is this?", detail="high"),
        True,
        {
            "model": SOL,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is this?"},
                        {"type": "input_image", "image_url": "https://e.com/a.jpg", "detail": "high"},
                    ],
                }
            ],
            "instructions": LOOK,
            "store": False,
        },
    ),
}


def test_openrouter_is_given_neither_a_mask_nor_a_fidelity() -> None:
    edit = EditCall(model=NANO, image_model=NANO, prompt="x", pictures=(URL,))
    with pytest.raises(BadInput, match="no mask or area"):
        adapter("openrouter").body(replace(edit, mask=DATA))
    with pytest.raises(BadInput, match="takes no fidelity"):
        adapter("openrouter").body(replace(edit, fidelity="high"))


def adapter(provider: str, *, store: bool = False) -> Adapter:
    """Give an adapter that connects to nobody."""
    row = PROVIDERS[provider]
    return Adapter(row.keyless, row.dialect, store=store)


@pytest.mark.parametrize("case", BODIES)
def test_a_call_is_worded(case: str) -> None:
    provider, call, store, body = BODIES[case]
    assert adapter(provider, store=store).body(call) == {**body, "stream": True}


@pytest.mark.parametrize(
    ("call", "player"),
    [(SEARCH, "dashscope"), (SIMILAR, "dashscope"), (GENERATE, "openai"), (EDIT, "openai"), (DESCRIBE, "openai")],
)
def test_the_sandbox_is_asked_as_the_service_that_it_plays(call: Call, player: str) -> None:
    assert adapter("sandbox", store=True).body(call) == adapter(player, store=True).body(call)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("call", [SEARCH, SIMILAR, GENERATE, EDIT, DESCRIBE], ids=lambda call: call.ability)
def test_a_dialect_words_exactly_what_it_is_able_to(provider: str, call: Call) -> None:
    if PROVIDERS[provider].can(call.ability) and (PROVIDERS[provider].takes_file_ids or call not in (DESCRIBE, EDIT)):
        painter = call.image_model if isinstance(call, GenerateCall | EditCall) else call.model
        named = call.model if PROVIDERS[provider].carries(call.ability) else painter
        assert adapter(provider).body(call)["model"] == named
    else:
        with pytest.raises(BadInput):
            adapter(provider).body(call)


def test_dashscope_is_given_no_file_of_another_service() -> None:
    with pytest.raises(BadInput, match="dashscope does not have the file file-1"):
        adapter("dashscope").body(SimilarCall(model=QWEN, picture=FILE))


def test_an_edit_of_nothing_is_not_sent() -> None:
    with pytest.raises(BadInput, match="needs a picture"):
        adapter("openai").body(EditCall(model=SOL, image_model=PAINTER, prompt="x"))


@pytest.mark.parametrize("fields", [{}, {"url": "https://e.com/a.jpg", "file_id": "file-1"}])
def test_a_sent_picture_is_a_url_or_a_file(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either a url or a file_id"):
        SentPicture(**fields)


def test_only_pictures_made_by_a_service_that_stores_can_be_taken_up() -> None:
    resumable = {
        (name, ability) for name in PROVIDERS for ability in ORDER if adapter(name, store=True).resumable(ability)
    }
    assert resumable == {(name, ability) for name in ("openai", "sandbox") for ability in ("generate", "edit")}
    assert not adapter("openai", store=False).resumable("generate")
