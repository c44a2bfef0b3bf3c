"""What a call consumes, counted by the formulas and rows with which estimates are made.

Models are looked up in the catalogue under their own service; one that is not known counts as the sandbox's own.
Everything here but the plain bodies may read the catalogue first: call it in a worker thread.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Final, TypeVar, cast

from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.counting.image_model import given_picture_tokens, made_picture_tokens
from lightbox.costs.counting.use import text_tokens
from lightbox.costs.counting.vision import picture_tokens
from lightbox.vocabulary import Detail

from .dialects import Json

Row = TypeVar("Row")

PROVIDERS: Final = ("openai", "dashscope", "openrouter")
OWN: Final = "sandbox"
OWN_IMAGE_MODEL: Final = "sandbox-image"

IMAGE_TOOL_TOKENS: Final = 2_300
"""What the image tool adds to the mainline model's input. Measured by a third party."""

REASONING_TOKENS: Final = 64
"""What the sandbox's thinking counts as."""


@cache
def catalogue() -> Catalogue:
    """Read the catalogue that is shipped, once."""
    return Catalogue.load()


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
    row = _row(lambda provider, name: _rates().vision(provider, name), model, OWN)
    return math.ceil(picture_tokens(row, *size, cast("Detail", detail)).expected)


def shown_tokens(model: str, size: tuple[int, int], fidelity: str | None) -> int:
    """Count the image model's input tokens of one picture; sides in px."""
    row = _row(lambda provider, name: _rates().image_input(provider, name), model, OWN_IMAGE_MODEL)
    return math.ceil(given_picture_tokens(row, *size, fidelity).expected)


def painted_tokens(model: str, quality: str, size: tuple[int, int], partial_images: int) -> int:
    """Count the image model's output tokens of one picture and its rough stages; sides in px.

    Where a model's tokens are known as a range, that is the likely figure; where its rows do not tell, it counts as the
    sandbox's own model.
    """

    def count(name: str) -> tuple[int, int] | None:
        row = _row(lambda provider, name: _rates().image_output(provider, name), name, OWN_IMAGE_MODEL)
        span = made_picture_tokens(row, None, f"{size[0]}x{size[1]}", quality)
        return None if span is None else (math.ceil(span.expected), row.partial_tokens)

    picture, partial = count(model) or count(OWN_IMAGE_MODEL) or (0, 0)
    return picture + partial * partial_images


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


def _row(find: Callable[[str, str], Row | None], model: str, own_model: str) -> Row:
    rows = (find(provider, model) for provider in PROVIDERS)
    row = next((row for row in rows if row is not None), None) or find(OWN, own_model)
    if row is None:
        raise LookupError(f"the catalogue has no row for the sandbox's own {own_model}")
    return row


def _rates() -> Rates:
    return catalogue().at(datetime.now(UTC))
