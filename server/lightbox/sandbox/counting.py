"""What a call consumes, counted by the formulas with which estimates are made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from lightbox.costs.tokens import text_tokens

from .dialects import Json

IMAGE_TOOL_TOKENS: Final = 2_300
"""What the image tool adds to the mainline model's input. Measured by a third party."""

REASONING_TOKENS: Final = 64
PARTIAL_IMAGE_TOKENS: Final = 100


def words(texts: Sequence[str]) -> int:
    """Count the tokens of several texts."""
    return sum(text_tokens(text) for text in texts)


def tools_tokens(tools: Sequence[Json]) -> int:
    """Count the tokens that the tools' definitions add to the input."""
    functions = [json.dumps(tool) for tool in tools if tool.get("type") == "function"]
    image_tools = sum(tool.get("type") == "image_generation" for tool in tools)
    return words(functions) + IMAGE_TOOL_TOKENS * image_tools


def seen_tokens(model: str, size: tuple[int, int], detail: str) -> int:
    """Count the tokens of a picture that the mainline model looks at; sides in px."""
    del model, size, detail
    return 1_000


def painted_tokens(model: str, quality: str, size: tuple[int, int]) -> int:
    """Count the image model's output tokens of one picture; sides in px."""
    del model, quality, size
    return 1_000


def shown_tokens(model: str, size: tuple[int, int], fidelity: str | None) -> int:
    """Count the image model's input tokens of one picture; sides in px."""
    del model, size, fidelity
    return 1_000


def usage(input_tokens: int, output_tokens: int, reasoning_tokens: int) -> Json:
    """Give the usage of the mainline model."""
    return {
        "input_tokens": input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": reasoning_tokens},
        "total_tokens": input_tokens + output_tokens,
    }


def image_usage(text: int = 0, images: int = 0, output: int = 0) -> Json:
    """Give the usage of the image model."""
    return {
        "input_tokens": text + images,
        "input_tokens_details": {"image_tokens": images, "text_tokens": text},
        "output_tokens": output,
        "output_tokens_details": {"image_tokens": output, "text_tokens": 0},
        "total_tokens": text + images + output,
    }
