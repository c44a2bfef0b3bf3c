"""The options of the `image_generation` tool, checked as OpenAI checks them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, cast

from .dialects import Json, Rejected, out_of_range

DEFAULT_MODEL: Final = "gpt-image-2.6-sunburst"
CHOICES: Final = {
    "action": ("generate", "edit", "auto"),
    "background": ("transparent", "opaque", "auto"),
    "input_fidelity": ("high", "low"),
    "moderation": ("auto", "low"),
    "output_format": ("png", "webp", "jpeg", "gif", "svg"),
    "quality": ("low", "medium", "high", "xhigh", "max", "auto"),
}
RANGES: Final = {"output_compression": (0, 100), "partial_images": (0, 3)}
OTHERS: Final = frozenset(
    {"type", "model", "size", "input_image_mask", "complexity", "frame_count", "frame_duration_ms", "svg"}
)
OLD_SIZES: Final = ("1024x1024", "1024x1536", "1536x1024")

SIDE_MULTIPLE: Final = 16
MIN_SIDE: Final = 64
MAX_SIDE: Final = 3_840
MAX_RATIO: Final = 3
MIN_PIXELS: Final = 655_360
MAX_PIXELS: Final = 8_294_400

_VERSION: Final = re.compile(r"gpt-image-(\d+(?:\.\d+)?)")
_SECOND: Final = Fraction(2)


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """How a picture is to be made. `size` is None where the model is to choose; sides in px."""

    model: str
    action: str
    size: tuple[int, int] | None
    quality: str
    format: str
    compression: int | None
    background: str
    partial_images: int
    fidelity: str | None
    mask: Json | None


def read_options(tool: Json, place: str) -> ImageOptions:
    """Check a tool's options. Raises `Rejected` (400) naming the option, as the service would.

    Known models have their own limits; a model that is not known may do everything. Limits: the facts that the
    catalogue's rows cite, OpenAI's image generation guide.
    """
    _check_names(tool, place)
    _choice(tool, "moderation", place)
    model = str(tool.get("model") or DEFAULT_MODEL)
    options = ImageOptions(
        model=model,
        action=_choice(tool, "action", place) or "auto",
        size=_size(tool.get("size"), model, place),
        quality=_choice(tool, "quality", place) or "auto",
        format=_choice(tool, "output_format", place) or "png",
        compression=_integer(tool, "output_compression", place),
        background=_choice(tool, "background", place) or "auto",
        partial_images=_integer(tool, "partial_images", place) or 0,
        fidelity=_choice(tool, "input_fidelity", place),
        mask=_mask(tool.get("input_image_mask"), place),
    )
    _check_together(options, version_of(model), place)
    return options


def version_of(model: str) -> Fraction | None:
    """Give an image model's version, None for a name that is not known."""
    if model == "chatgpt-image-latest":
        return Fraction("1.5")
    match = _VERSION.match(model)
    return Fraction(match.group(1)) if match else None


def _check_names(tool: Json, place: str) -> None:
    for name in tool:
        if name not in OTHERS and name not in CHOICES and name not in RANGES:
            raise Rejected(f"Unknown parameter: '{place}.{name}'.", code="unknown_parameter", param=f"{place}.{name}")


def _check_together(options: ImageOptions, version: Fraction | None, place: str) -> None:
    if options.background == "transparent" and options.format == "jpeg":
        raise Rejected(
            "Transparent background is not supported for JPEG output format.",
            code="invalid_value",
            param=f"{place}.background",
        )
    if options.compression not in {None, 100} and options.format not in {"jpeg", "webp"}:
        raise Rejected(
            f"Compression less than 100 is not supported for {options.format.upper()} output format.",
            code=f"invalid_{options.format}_output_compression",
            param=f"{place}.output_compression",
        )
    if version is None:
        return
    if options.quality in {"xhigh", "max"} and version <= _SECOND:
        raise _not_one_of(options.quality, ("low", "medium", "high", "auto"), f"{place}.quality")
    if options.format in {"gif", "svg"} and version <= _SECOND:
        raise _not_one_of(options.format, ("png", "webp", "jpeg"), f"{place}.output_format")
    if options.fidelity and version >= _SECOND:
        raise Rejected(
            f"The model '{options.model}' does not support the 'input_fidelity' parameter.",
            code="invalid_input_fidelity_model",
            param=f"{place}.input_fidelity",
        )
    if options.fidelity == "high" and options.model == "gpt-image-1-mini":
        raise _not_one_of("high", ("low",), f"{place}.input_fidelity")


def _choice(tool: Json, name: str, place: str) -> str | None:
    value: Any = tool.get(name)
    if value is not None and value not in CHOICES[name]:
        raise _not_one_of(value, CHOICES[name], f"{place}.{name}")
    return value


def _integer(tool: Json, name: str, place: str) -> int | None:
    value: Any = tool.get(name)
    low, high = RANGES[name]
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise Rejected(f"Invalid type for '{place}.{name}'.", code="invalid_type", param=f"{place}.{name}")
    if not low <= value <= high:
        raise out_of_range(f"{place}.{name}", value, low, high)
    return value


def _mask(value: Any, place: str) -> Json | None:
    if value is None:
        return None
    mask = cast("Json", value) if isinstance(value, dict) else {}
    if bool(mask.get("image_url")) == bool(mask.get("file_id")):
        raise Rejected(
            "A mask has either an 'image_url' or a 'file_id'.", code="invalid_value", param=f"{place}.input_image_mask"
        )
    return mask


def _size(value: Any, model: str, place: str) -> tuple[int, int] | None:
    if value is None or value == "auto":
        return None
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(value))
    if not match:
        raise _bad_size(value, "WIDTHxHEIGHT in px, or 'auto'", place)
    width, height = int(match.group(1)), int(match.group(2))
    version = version_of(model)
    if version is not None and version < _SECOND:
        if value not in OLD_SIZES:
            raise _not_one_of(value, (*OLD_SIZES, "auto"), f"{place}.size")
        return width, height
    if width % SIDE_MULTIPLE or height % SIDE_MULTIPLE:
        raise _bad_size(value, f"width and height divisible by {SIDE_MULTIPLE}", place)
    if max(width, height) > MAX_SIDE:
        raise _bad_size(value, f"edges of at most {MAX_SIDE} px", place)
    if max(width, height) > MAX_RATIO * min(width, height):
        raise _bad_size(value, f"a long edge of at most {MAX_RATIO} times the short one", place)
    least = MIN_PIXELS if version is not None else MIN_SIDE**2
    if min(width, height) < MIN_SIDE or not least <= width * height <= MAX_PIXELS:
        raise _bad_size(value, f"{least:,} to {MAX_PIXELS:,} px in all", place)
    return width, height


def _bad_size(value: Any, wanted: str, place: str) -> Rejected:
    return Rejected(f"Invalid size '{value}'. Expected {wanted}.", code="invalid_value", param=f"{place}.size")


def _not_one_of(value: object, choices: Collection[str], param: str) -> Rejected:
    supported = ", ".join(f"'{choice}'" for choice in choices)
    return Rejected(f"Invalid value: '{value}'. Supported values are: {supported}.", code="invalid_value", param=param)
