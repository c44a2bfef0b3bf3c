"""What a row of `config/models/*.toml` may say, and in which unit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from lightbox.costs.money import Exact, Span
from lightbox.vocabulary import Ability, Quality


def _decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Price = Annotated[Exact, BeforeValidator(_decimal), Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Names = Annotated[tuple[str, ...], Field(strict=False)]
Figures = Annotated[tuple[Price, Price, Price], Field(strict=False)]
"""Low, expected and high."""
Factors = Annotated[tuple[Price, Price], Field(strict=False)]
"""Low and high."""


class Row(BaseModel):
    """What every row has: which service it is about, and where it was read.

    Attributes:
        source: Where the figures stand.
        checked: The day on which somebody last read them there.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    provider: str
    source: str
    checked: date


class Dated(Row):
    """A row that holds from a day on, until a later row for the same takes over."""

    effective_from: date


class OfModels(Dated):
    """A dated row about some models by name."""

    models: Names


class ModelRow(Row):
    """A model that reads, searches, or calls an image model.

    Attributes:
        name: As the service spells it.
        also: Dated names of the very same model.
        abilities: What it is known to do.
        lacks: What it is known not to do; what stands in neither is unknown.
        ends: The last day before the service withdraws it.
        note: What a person should know about it.
    """

    name: str
    also: Names = ()
    abilities: Annotated[tuple[Ability, ...], Field(strict=False)] = ()
    lacks: Annotated[tuple[Ability, ...], Field(strict=False)] = ()
    ends: date | None = None
    note: str | None = None


class SizeRule(BaseModel):
    """Which sizes an image model makes besides `auto`: a list, or bounds.

    Attributes:
        sizes: The only sizes; empty where the bounds rule.
        ratios: Of a model that is asked for a ratio: what each of its sizes in px is called, `16:9` or `16:9 2K` with
            its resolution; they are its only sizes.
        multiple: Both sides are multiples of this many px.
        min_side: The shortest side, px.
        max_side: The longest side, px.
        max_aspect: Long side by short side at most.
        min_area: Width by height at least, px.
        max_area: Width by height at most, px.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sizes: Names = ()
    ratios: dict[str, Annotated[str, Field(pattern=r"^\d+:\d+( \dK)?$")]] = Field(default_factory=dict[str, str])
    multiple: int = Field(default=1, ge=1)
    min_side: int = Field(default=1, ge=1)
    max_side: int | None = None
    max_aspect: Price | None = None
    min_area: int | None = None
    max_area: int | None = None

    @property
    def listed(self) -> Names:
        """The only sizes, however the model is asked for them; empty where the bounds rule."""
        return self.sizes or tuple(self.ratios)


class ImageModelRow(Row):
    """A model that paints, and what it accepts; named `*`, whatever other model its service has.

    Attributes:
        abilities: What it does; some only make pictures, some only change them.
        most_pictures: How many pictures it takes at once.
        masks: Whether it can be told by a mask where a picture may change.
        converted_formats: Formats that are written here, for nothing, of the first of `formats`.
        auto_sizes: What `auto` is taken to resolve to when a price is estimated.
        auto_keeps_size: Whether an edit whose size is `auto` comes out as large as its first picture.
        fidelities: Values of `input_fidelity`; empty where the option must be left out.
        compressed_formats: Formats for which `output_compression` counts.
        unsure_formats: Formats that the service has, but not known for this model: they are let through.
        size_rule_certain: Whether the rule is known well enough to refuse a call for its size.
    """

    name: str
    also: Names = ()
    ends: date | None = None
    note: str | None = None
    abilities: Annotated[tuple[Ability, ...], Field(strict=False)] = ("generate", "edit")
    most_pictures: int = Field(default=16, ge=0)
    masks: bool = True
    size_rule: SizeRule
    size_rule_certain: bool = True
    auto_sizes: Names
    auto_keeps_size: bool = False
    qualities: Annotated[tuple[Quality, ...], Field(strict=False)]
    formats: Names
    unsure_formats: Names = ()
    converted_formats: Names = ()
    backgrounds: Names
    transparent_formats: Names = ("png", "webp")
    fidelities: Names = ()
    compressed_formats: Names = ("jpeg", "webp")


class TokenTier(BaseModel):
    """What tokens cost in requests of up to so many input tokens.

    Attributes:
        max_input_tokens: The most input tokens of a request in this tier; None in the last tier without end.
        cached_input_per_million_tokens: For input that the service read from its cache.
        cache_write_per_million_tokens: For input that the service wrote to its cache.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    max_input_tokens: int | None = Field(default=None, gt=0)
    input_per_million_tokens: Price
    cached_input_per_million_tokens: Price | None = None
    cache_write_per_million_tokens: Price | None = None
    output_per_million_tokens: Price


class TokenPriceRow(OfModels):
    """What the tokens of some models cost; one tier prices a whole request.

    Attributes:
        service_tiers: The service's names for the ways of serving that the prices are of, e.g. `flex`; empty for the
            standard one.
    """

    region: str | None = None
    service_tiers: Names = ()
    currency: Currency
    tiers: Annotated[tuple[TokenTier, ...], Field(strict=False, min_length=1)]

    @field_validator("tiers")
    @classmethod
    def _rise(cls, tiers: tuple[TokenTier, ...]) -> tuple[TokenTier, ...]:
        for lower, upper in pairwise(tiers):
            if lower.max_input_tokens is None or (
                upper.max_input_tokens is not None and upper.max_input_tokens <= lower.max_input_tokens
            ):
                raise ValueError("the tiers overlap: max_input_tokens must rise, and only the last may leave it out")
        return tiers

    def tier(self, input_tokens: Decimal | int) -> TokenTier | None:
        """Give the tier of a request of so many input tokens; None above the end of the last."""
        for tier in self.tiers:
            if tier.max_input_tokens is None or input_tokens <= tier.max_input_tokens:
                return tier
        return None


class ImagePriceRow(OfModels):
    """What the tokens of some image models cost; `service_tiers` as in `TokenPriceRow`."""

    region: str | None = None
    service_tiers: Names = ()
    currency: Currency
    text_input_per_million_tokens: Price
    cached_text_input_per_million_tokens: Price | None = None
    image_input_per_million_tokens: Price
    cached_image_input_per_million_tokens: Price | None = None
    image_output_per_million_tokens: Price
    text_output_per_million_tokens: Price | None = None


class PictureClass(BaseModel):
    """What a picture of up to so many px costs.

    Attributes:
        name: The service's own word for it in its usage, e.g. `2k`.
        max_area: Width by height at most, px; None in the last class without end.
        at_most: What it may come to, where the price is not known more exactly.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str | None = None
    max_area: int | None = Field(default=None, gt=0)
    per_picture: Price
    at_most: Price | None = None

    @property
    def most(self) -> Decimal:
        """What a picture may come to."""
        return self.per_picture if self.at_most is None else max(self.at_most, self.per_picture)


class PicturePriceRow(OfModels):
    """What some image models cost by the picture, whatever the words.

    Attributes:
        classes: The price by size, the smallest first.
        per_input_picture: The price of each picture that is given.
        input_certain: Whether pictures that are given are known to be billed so; where not, the high figure counts them
            and the low one does not.
    """

    region: str | None = None
    currency: Currency
    classes: Annotated[tuple[PictureClass, ...], Field(strict=False, min_length=1)]
    per_input_picture: Price = Decimal(0)
    input_certain: bool = True
    note: str | None = None

    @field_validator("classes")
    @classmethod
    def _rise(cls, classes: tuple[PictureClass, ...]) -> tuple[PictureClass, ...]:
        for smaller, larger in pairwise(classes):
            if smaller.max_area is None or (larger.max_area is not None and larger.max_area <= smaller.max_area):
                raise ValueError("the classes overlap: max_area must rise, and only the last may leave it out")
        return classes

    def class_of(self, area: int) -> PictureClass | None:
        """Give the class of a picture of so many px; None for one beyond the last."""
        return next((each for each in self.classes if each.max_area is None or area <= each.max_area), None)

    def class_named(self, name: str | None) -> PictureClass | None:
        """Give the class that a service names; None for a word that is not known."""
        return next((each for each in self.classes if each.name is not None and each.name == name), None)


class FeeRow(Dated):
    """What each call of a service's own tool costs, whatever comes of it."""

    tool: str
    region: str | None = None
    currency: Currency
    per_thousand_calls: Price


class VisionRow(OfModels):
    """How some models count the pictures that they are shown.

    Attributes:
        method: `patches` of 32 px, `tiles` of 512 px, or `qwen`.
        multiplier: Tokens per patch.
        high: The most patches at `detail: high`.
        high_side: The longest side at `detail: high`, px.
        original: The most patches at `detail: original`; None where there is no cap.
        original_side: The longest side at `detail: original`, px.
        auto: What `detail: auto` means.
        base: Tokens of any picture, for tiles.
        tile: Tokens of each tile.
    """

    method: Literal["patches", "tiles", "qwen"]
    multiplier: Price = Decimal(1)
    high: int | None = Field(default=None, gt=0)
    high_side: int | None = Field(default=None, gt=0)
    original: int | None = Field(default=None, gt=0)
    original_side: int | None = Field(default=None, gt=0)
    auto: Literal["high", "original"] = "high"
    details: Names = ()
    base: int | None = None
    tile: int | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"patches": ("high",), "tiles": ("base", "tile"), "qwen": ()}[self.method]
        if missing := [key for key in needed if getattr(self, key) is None]:
            raise ValueError(f"counting by {self.method} needs {' and '.join(missing)}")
        return self


class ImageInputRow(OfModels):
    """How some image models count the pictures that they are given.

    Attributes:
        method: `tiles` with the shortest side at 512 px, or `patches` after a small picture was enlarged.
        high_fidelity_square: Tokens that `input_fidelity: high` adds to a square picture.
        high_fidelity_other: Likewise to any other.
    """

    method: Literal["tiles", "patches"]
    base: int = 0
    tile: int = 0
    high: int = Field(default=1536, gt=0)
    high_fidelity_square: int = 0
    high_fidelity_other: int = 0
    note: str | None = None


class ImageOutputRow(OfModels):
    """How some image models count the pictures that they make.

    Attributes:
        tokens: Tokens by size and quality, where the service lists them.
        grid: The formula's G by quality, where it gives a formula.
        factors: What the count was seen multiplied by (low, high), by quality; 1 where left out.
        partial_tokens: Image output tokens of each partial picture.
    """

    tokens: dict[str, dict[Quality, int]] | None = None
    grid: dict[Quality, int] | None = None
    factors: dict[Quality, Factors] = Field(default_factory=dict[Quality, Factors])
    partial_tokens: int = 100
    note: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.tokens is None) == (self.grid is None):
            raise ValueError("needs either tokens or grid")
        return self


class TypicalRow(Dated):
    """What a kind of call was seen to take beside its text and pictures: low, expected, high.

    Attributes:
        analysis: Whether the row is about calls with or without analysis; None for both.
        searches: Calls of the service's search tool.
        passes: How often the model reads text and pictures again.
        input_tokens: Input of the mainline model that neither text nor pictures explain.
        input_tokens_per_search: Likewise, for each search.
        output_tokens: Output of the mainline model, thinking included.
        context_tokens: What a stored response adds when a call goes on from it.
        prompt_factor: The image model's prompt, as a multiple of ours: the mainline model words it anew.
    """

    abilities: Annotated[tuple[Ability, ...], Field(strict=False)]
    analysis: bool | None = None
    tool: str | None = None
    searches: Figures = (Decimal(0), Decimal(0), Decimal(0))
    passes: Figures = (Decimal(1), Decimal(1), Decimal(1))
    input_tokens: Figures = (Decimal(0), Decimal(0), Decimal(0))
    input_tokens_per_search: Figures = (Decimal(0), Decimal(0), Decimal(0))
    output_tokens: Figures
    context_tokens: Figures = (Decimal(0), Decimal(0), Decimal(0))
    prompt_factor: Figures = (Decimal(1), Decimal(1), Decimal(1))
    note: str | None = None

    @field_validator(
        "searches",
        "passes",
        "input_tokens",
        "input_tokens_per_search",
        "output_tokens",
        "context_tokens",
        "prompt_factor",
    )
    @classmethod
    def _rise(cls, figures: tuple[Decimal, Decimal, Decimal]) -> tuple[Decimal, Decimal, Decimal]:
        return Span.of(*figures)


class DefaultRow(Row):
    """Which model a service is asked with when nobody names one, and why that one."""

    abilities: Annotated[tuple[Ability | Literal["image_model"], ...], Field(strict=False)]
    model: str
    why: str
