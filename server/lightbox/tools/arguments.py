"""The arguments of every tool, as clients are shown them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from lightbox.tools.tool import Arguments
from lightbox.vocabulary import (
    Background,
    Detail,
    Fidelity,
    OutputFormat,
    Period,
    ProviderChoice,
    QualityChoice,
)


def _one_or_more(value: object) -> object:
    """Take a single reference for a list of one: models send both."""
    return [value] if isinstance(value, str) else value


ProviderArgument = Annotated[ProviderChoice, Field(description="Service to use; auto: one that is configured.")]
ModelArgument = Annotated[
    str | None,
    StringConstraints(min_length=1, max_length=120),
    Field(description="Any model name of the provider."),
]
Reference = Annotated[str, StringConstraints(min_length=1)]
References = Annotated[list[Reference], BeforeValidator(_one_or_more)]
Count = Annotated[int, Field(ge=1, le=100, description="How many hits at most.")]
Check = Annotated[bool, Field(description="Look whether each hit is alive, an image, and how large; adds at most 3 s.")]
Analysis = Annotated[bool, Field(description="Let the model also write about the hits: slower, more expensive.")]
Prompt = Annotated[str, StringConstraints(min_length=1, max_length=32_000)]

DEFAULT_QUESTION = "Describe this precisely: what is shown, where, in which style and colours, and any text."


class SearchImages(Arguments):
    """What to find."""

    query: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2_000),
        Field(description="What to find, as one plain sentence rather than a bag of keywords."),
    ]
    count: Count = 10
    analysis: Analysis = False
    check: Check = True
    provider: ProviderArgument = "auto"
    model: ModelArgument = None


class FindSimilarImages(Arguments):
    """What it shall look like."""

    image: Annotated[Reference, Field(description="Handle, URL, path or data URI of the picture.")]
    about: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=2_000),
        Field(description="What matters in it, e.g. “the lamp, not the room”."),
    ] = None
    count: Count = 10
    analysis: Analysis = False
    check: Check = True
    provider: ProviderArgument = "auto"
    model: ModelArgument = None


class OutputArguments(Arguments):
    """How a made picture shall come out; shared by `generate_image` and `edit_image`."""

    size: Annotated[
        str,
        StringConstraints(pattern=r"^(auto|[1-9]\d{0,4}x[1-9]\d{0,4})$"),
        Field(description="WIDTHxHEIGHT in px, or auto."),
    ] = "auto"
    quality: Annotated[QualityChoice, Field(description="More quality costs more: see above.")] = "auto"
    format: OutputFormat = "png"
    background: Annotated[Background, Field(description="transparent needs png or webp.")] = "auto"
    compression: Annotated[int | None, Field(ge=0, le=100, description="jpeg and webp only.")] = None
    count: Annotated[int, Field(ge=1, le=4, description="How many pictures; each is billed.")] = 1
    model: ModelArgument = None
    provider: ProviderArgument = "auto"


class GenerateImage(OutputArguments):
    """What to make."""

    prompt: Annotated[Prompt, Field(description="What the picture shows, in any language.")]


class EditImage(OutputArguments):
    """What to change in what."""

    images: Annotated[
        References,
        Field(min_length=1, max_length=16, description="Image references; the first is changed."),
    ]
    prompt: Annotated[Prompt, Field(description="What to change, and what to leave.")]
    mask: Annotated[
        Reference | None,
        Field(
            description="Picture as large as the first image, transparent (or, without transparency, white) where it "
            "may change."
        ),
    ] = None
    fidelity: Annotated[
        Fidelity | None, Field(description="How close to stay to the originals; older models only.")
    ] = None


class ViewImages(Arguments):
    """What to look at."""

    images: Annotated[References, Field(min_length=1, max_length=24, description="Image references.")]
    layout: Annotated[
        Literal["auto", "sheet", "each"],
        Field(description="sheet: one numbered picture of all. each: one by one. auto: a sheet for several."),
    ] = "auto"
    max_side: Annotated[int, Field(ge=64, le=2000, description="Longest side in px of a picture shown by itself.")] = (
        768
    )


class DescribeImages(Arguments):
    """What to ask about what."""

    images: Annotated[References, Field(min_length=1, max_length=16, description="Image references.")]
    question: Annotated[
        str, StringConstraints(min_length=1, max_length=8_000), Field(description="What to tell about them.")
    ] = DEFAULT_QUESTION
    detail: Annotated[
        Detail, Field(description="How closely to look; low is cheapest; auto depends on the question.")
    ] = "auto"
    provider: ProviderArgument = "auto"
    model: ModelArgument = None


class GetJob(Arguments):
    """Which job, and how long to wait for it."""

    job_id: Annotated[str, Field(description="As a tool answered it: job_ and 12 letters or digits.")]
    wait_seconds: Annotated[
        float | None, Field(ge=0, description="Default and maximum: the server's WAIT_SECONDS.")
    ] = None
    cancel: Annotated[bool, Field(description="Stop it where the service can be told.")] = False


class GetSpending(Arguments):
    """Of when."""

    period: Annotated[
        Period, Field(description="hour and week are the last ones; the rest of the calendar, in UTC.")
    ] = "today"
