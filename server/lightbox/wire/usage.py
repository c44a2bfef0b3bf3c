"""What a service says that a call consumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lightbox.wire.fields import integer, mapping


@dataclass(frozen=True, slots=True)
class ImageUsage:
    """Tokens of the image model (`response.tool_usage.image_gen`); a figure that the service left out is None."""

    input_tokens: int | None = None
    input_text_tokens: int | None = None
    input_image_tokens: int | None = None
    output_tokens: int | None = None
    output_text_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the mainline model and calls of the service's own tools.

    Attributes:
        input_tokens: All input tokens, cached ones included.
        cached_tokens: Those of the input that were read from the service's cache.
        output_tokens: All output tokens, reasoning included.
        reasoning_tokens: Those of the output that were reasoning.
        tool_calls: Calls of the service's tools by name, e.g. `{"web_search_image": 1}`.
        cache_write_tokens: Those of the input that were written to the service's cache.
        image: Tokens of the image model, where one was called and the service told.
    """

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    tool_calls: Mapping[str, int] = field(default_factory=dict[str, int])
    image: ImageUsage | None = None
    cache_write_tokens: int | None = None


def read_usage(response: Mapping[str, Any]) -> Usage | None:
    """Read the usage of a response body, or None where the service gave none."""
    usage = mapping(response.get("usage"))
    tool_usage = mapping(response.get("tool_usage"))
    image = _image_usage(tool_usage.get("image_gen"))
    calls = {name: count for name, row in mapping(usage.get("x_tools")).items() if (count := _count(row, "count"))}
    if searches := _count(tool_usage.get("web_search"), "num_requests"):
        calls["web_search"] = searches
    if not (usage or calls or image):
        return None  # a response that has only begun already carries a `tool_usage`, all zeros
    input_details = mapping(usage.get("input_tokens_details"))
    output_details = mapping(usage.get("output_tokens_details"))
    return Usage(
        input_tokens=integer(usage.get("input_tokens")),
        cached_tokens=integer(input_details.get("cached_tokens")),
        output_tokens=integer(usage.get("output_tokens")),
        reasoning_tokens=integer(output_details.get("reasoning_tokens")),
        tool_calls=calls,
        image=image,
        cache_write_tokens=integer(input_details.get("cache_write_tokens")),
    )


def _image_usage(value: object) -> ImageUsage | None:
    row = mapping(value)
    if not integer(row.get("total_tokens")) and not integer(row.get("output_tokens")):
        return None  # a service that did not call the image model reports zeros
    inputs = mapping(row.get("input_tokens_details"))
    outputs = mapping(row.get("output_tokens_details"))
    return ImageUsage(
        input_tokens=integer(row.get("input_tokens")),
        input_text_tokens=integer(inputs.get("text_tokens")),
        input_image_tokens=integer(inputs.get("image_tokens")),
        output_tokens=integer(row.get("output_tokens")),
        output_text_tokens=integer(outputs.get("text_tokens")),
    )


def _count(row: object, key: str) -> int:
    return integer(mapping(row).get(key)) or 0
