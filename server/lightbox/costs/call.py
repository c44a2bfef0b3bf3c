"""A call as it would be sent, in the terms that have a price."""

from __future__ import annotations

from dataclasses import dataclass

from lightbox.vocabulary import Ability, Detail


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
        provider: `dashscope`, `openai` or `sandbox`.
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

    ability: Ability
    provider: str
    model: str
    region: str | None = None
    text: str = ""
    pictures: tuple[SentSize, ...] = ()
    mask: SentSize | None = None
    detail: Detail | None = None
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
