"""What a known model accepts, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.catalogue.rows import ImageModelRow, SizeRule
from lightbox.costs.catalogue.sizes import nearest_size, size_fault
from lightbox.costs.counting.image_output import parse_size
from lightbox.errors import BadInput
from lightbox.vocabulary import Ability, Detail

_COMPRESSED = ("jpeg", "webp")
_MOST_COMPRESSION = 100
_MOST_PARTIALS = 3


def check_output(
    model: ImageModelRow | None,
    *,
    size: str = "auto",
    quality: str = "auto",
    format: str = "png",  # noqa: A002 - the service's and the tool's own word
    background: str = "auto",
    compression: int | None = None,
    fidelity: str | None = None,
    partial_images: int = 0,
    masked: bool = False,
) -> None:
    """Check how a picture shall come out against what its model accepts.

    A model that the catalogue does not know (None) is checked for plain syntax only: it may accept anything.

    Raises:
        BadInput: Something is not accepted; the text names the thing, the value and the nearest that is.
    """
    _check_size(model, size)
    if model is not None:
        _check_choice(model, "quality", quality, (*model.qualities, "auto"), near=model.qualities[-1])
        formats = (*model.formats, *model.unsure_formats)
        _check_choice(model, "format", format, formats, near=model.formats[0])
        _check_choice(model, "background", background, (*model.backgrounds, "auto"), near="auto")
        _check_transparency(model, background, format)
        _check_fidelity(model, fidelity)
    _check_compression(compression, format, model.compressed_formats if model else _COMPRESSED)
    if not 0 <= partial_images <= _MOST_PARTIALS:
        raise BadInput(f"partial_images {partial_images} is out of range: 0 to {_MOST_PARTIALS}")
    if format == "gif" and (masked or partial_images):
        what = "a mask" if masked else "partial pictures"
        raise BadInput(f"format gif goes without {what}: take png, or leave that out")


def check_detail(
    catalogue: Catalogue, provider: str, model: str, detail: Detail | None, at: datetime | None = None
) -> None:
    """Check how closely a model shall look against what it can; an unknown model may look as it likes.

    Raises:
        BadInput: The model has no such detail; the text names those it has.
    """
    row = catalogue.vision(provider, model, at or datetime.now(UTC))
    if row is None or not row.details or detail is None or detail in row.details:
        return
    raise BadInput(f"{model} has no detail {detail}: it looks at {_listed(row.details)} (try high)")


def check_ability(catalogue: Catalogue, provider: str, model: str, ability: Ability) -> None:
    """Check that a model is not known to lack what it is asked for; an unknown one may have it.

    Raises:
        BadInput: It is known to lack it; the text names a model that has it.
    """
    row = catalogue.model(provider, model)
    if row is None or row.can(ability) is not False:
        return
    note = f" ({row.note})" if row.note else ""
    default = catalogue.default(provider, ability)
    fix = f"try {default}" if default else f"no model of {provider} can"
    raise BadInput(f"{model} can't do {ability}{note}: {fix}")


def _check_size(model: ImageModelRow | None, size: str) -> None:
    if size == "auto":
        return
    sides = parse_size(size)
    if sides is None or min(sides) == 0:
        raise BadInput(f"size {size!r} is none: write WIDTHxHEIGHT in px, like 1024x1024, or auto")
    if model is None or not model.size_rule_certain:
        return
    if fault := size_fault(model.size_rule, *sides):
        raise BadInput(f"{model.name} makes no {size}: {fault} (try {_near(model.size_rule, sides)})")


def _near(rule: SizeRule, sides: tuple[int, int]) -> str:
    width, height = nearest_size(rule, *sides)
    return f"{width}x{height}"


def _check_choice(model: ImageModelRow, name: str, value: str, accepted: Iterable[str], *, near: str) -> None:
    accepted = tuple(dict.fromkeys(accepted))
    if value not in accepted:
        raise BadInput(f"{model.name} has no {name} {value}: it has {_listed(accepted)} (try {near})")


def _check_transparency(model: ImageModelRow, background: str, picture_format: str) -> None:
    if background == "transparent" and picture_format not in {*model.transparent_formats, "gif", "svg"}:
        raise BadInput(
            f"background transparent can't be kept in {picture_format}: take {_listed(model.transparent_formats)} "
            f"(try {model.transparent_formats[0]})"
        )


def _check_fidelity(model: ImageModelRow, fidelity: str | None) -> None:
    if fidelity is None or fidelity in model.fidelities:
        return
    if not model.fidelities:
        raise BadInput(f"{model.name} takes no fidelity, {fidelity} or other: leave it out")
    raise BadInput(f"{model.name} has no fidelity {fidelity}: it has {_listed(model.fidelities)}")


def _check_compression(compression: int | None, picture_format: str, compressed: tuple[str, ...]) -> None:
    if compression is None:
        return
    if not 0 <= compression <= _MOST_COMPRESSION:
        near = min(max(compression, 0), _MOST_COMPRESSION)
        raise BadInput(f"compression {compression} is out of range: 0 to {_MOST_COMPRESSION} (try {near})")
    if picture_format not in compressed:
        raise BadInput(
            f"compression {compression} means nothing for {picture_format}: take {_listed(compressed)}, or leave it out"
        )


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
