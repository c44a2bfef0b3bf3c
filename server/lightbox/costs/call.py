"""A call as it would be sent, and what the service told of it afterwards, in the terms that have a price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import GetPydanticSchema

from lightbox.vocabulary import Ability, Detail
from lightbox.wire.response import Usage

REGION_SETTINGS = {"dashscope": "DASHSCOPE_REGION"}
"""The settings that say which price sheet of a service holds where its address does not tell."""

# The journal keeps calls as JSON. A row that a newer release wrote may hold a word that this one does not know: it is
# read as it stands, for whatever such a word would decide is unknown here, or as usual.
_AS_STORED = GetPydanticSchema(lambda _, handler: handler(str))
_AS_STORED_OR_NONE = GetPydanticSchema(lambda _, handler: handler(str | None))


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSize:
    """One picture as it would be sent; sides in px, None where unknown (a public URL that was never fetched).

    Attributes:
        original_width: The side before shrinking, so that the saving can be shown; None where nothing was shrunk.
        original_height: Likewise.
        byte_count: Bytes that travel; None for a picture that the service fetches itself.
        original_byte_count: Bytes before shrinking.
    """

    width: int | None = None
    height: int | None = None
    original_width: int | None = None
    original_height: int | None = None
    byte_count: int | None = None
    original_byte_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCall:
    """Everything about a call that decides its price: made by the tools, priced by `estimate` and `bill`.

    Attributes:
        provider: The service, as users name it.
        region: The service's price sheet (`international`, `mainland`), None where it has but one.
        model: The model that carries the call: it searches or describes, or calls the image model.
        text: Everything worded: instructions, prompt, query or question.
        detail: How closely the pictures are looked at, None where the service has no such option.
        analysis: Whether the model is to write about what it found, or to answer in a word.
        result_count: How many hits are asked for.
        image_model: The model that paints, for `generate` and `edit`.
        size: `WxH` or `auto`.
        format: The format of the pictures made.
        fidelity: `low` or `high` where the image model knows it.
        continued: Whether it goes on from a stored response, whose context is billed again as input.
        count: How many requests alike are sent.
    """

    ability: Annotated[Ability, _AS_STORED]
    provider: str
    model: str
    region: str | None = None
    text: str = ""
    pictures: tuple[SentSize, ...] = ()
    mask: SentSize | None = None
    detail: Annotated[Detail | None, _AS_STORED_OR_NONE] = None
    analysis: bool = False
    result_count: int | None = None
    image_model: str | None = None
    size: str | None = None
    quality: str | None = None
    format: str | None = None
    fidelity: str | None = None
    partial_images: int = 0
    continued: bool = False
    count: int = 1

    @property
    def carried(self) -> bool:
        """Whether a mainline model takes part; else the image model is asked by itself."""
        return self.image_model is None or self.image_model != self.model

    @property
    def where(self) -> str:
        """The service, and which of its price sheets; where that is not known, the setting that says so."""
        if self.region is None and self.provider in REGION_SETTINGS:
            return f"{self.provider} in an unknown region (set {REGION_SETTINGS[self.provider]})"
        return f"{self.provider} ({self.region})" if self.region else self.provider


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedPicture:
    """A picture as the service reports to have made it; None where it did not say.

    Attributes:
        size: `WxH`, px.
    """

    size: str | None = None
    quality: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the service told of one request that may be billed.

    Attributes:
        usage: What it says was consumed; None where it said nothing.
        pictures: The finished pictures that came; they count where the image model's usage is not told.
        answered: Whether anything came that took work: hits, a picture, words. A usage of zero is not believed then.
        unheard: Whether it was our side that stopped listening: a call cancelled, or a server that ended. The service
            then had no chance to tell its usage, and what was expected counts.
    """

    usage: Usage | None = None
    pictures: tuple[PaintedPicture, ...] = ()
    answered: bool = False
    unheard: bool = False
