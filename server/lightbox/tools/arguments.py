"""The arguments of every tool, as clients are shown them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from lightbox.tools.tool import Arguments
from lightbox.vocabulary import (
    Background,
    Detail,
    Fidelity,
    Fit,
    Flip,
    OutputFormat,
    Period,
    ProviderChoice,
    QualityChoice,
    SavedFormat,
    Shape,
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
WantedShape = Annotated[Shape | None, Field(description="Only hits of this shape.")]
MinSide = Annotated[int | None, Field(ge=1, le=10_000, description="Least px of their shorter side.")]
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
    shape: WantedShape = None
    min_side: MinSide = None
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
    shape: WantedShape = None
    min_side: MinSide = None
    provider: ProviderArgument = "auto"
    model: ModelArgument = None


class OutputArguments(Arguments):
    """How a made picture shall come out; shared by `generate_image` and `edit_image`."""

    size: Annotated[str, Field(description="Any WIDTHxHEIGHT in px, a ratio such as 16:9, or auto.")] = "auto"
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
            description="Picture of the first image's shape, transparent (or, without transparency, white) where it "
            "may change."
        ),
    ] = None
    area: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=500),
        Field(
            description="Or say where: `left third`, `top left quarter`, `centre`, x,y,width,height in px or %; "
            "join by `;`; `outside …`; `… feather 12` for soft edges."
        ),
    ] = None
    fidelity: Annotated[
        Fidelity | None, Field(description="How close to stay to the originals; older models only.")
    ] = None

    @property
    def bounded(self) -> bool:
        """Whether it is said where the picture may change."""
        return self.mask is not None or self.area is not None


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
    title: Annotated[
        str | None, StringConstraints(min_length=1, max_length=160), Field(description="Of the sheet, drawn on it.")
    ] = None


class ListImages(Arguments):
    """Which of the known pictures."""

    origin: Annotated[Literal["made", "found", "given", "all"], Field(description="all: contact sheets too.")] = "made"
    query: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=400),
        Field(description="Words in title, prompt or collection; beginnings do."),
    ] = None
    since: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=40),
        Field(description="2026-11-30, or today, yesterday, week, month, year (UTC)."),
    ] = None
    count: Annotated[int, Field(ge=1, le=100, description="How many on a page.")] = 20
    page: Annotated[int, Field(ge=1, le=100_000, description="1 is the newest.")] = 1


class SaveImages(Arguments):
    """What to keep, where, and called what."""

    images: Annotated[References, Field(min_length=1, max_length=24, description="Image references.")]
    folder: Annotated[
        str,
        StringConstraints(min_length=1, max_length=400),
        Field(description="The collection, e.g. slides or client/slides."),
    ] = "saved"
    name: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=200),
        Field(description="What the files are called; left out: by title or prompt."),
    ] = None


class TransformImage(Arguments):
    """What to do to which pictures; `images.transform` reads it, and says what is wrong with it."""

    images: Annotated[References, Field(min_length=1, max_length=24, description="Image references.")]
    crop: Annotated[str | None, Field(description="x,y,width,height (px or %), square, or 16:9.")] = None
    rotate: Annotated[int | None, Field(description="90, 180 or 270, clockwise.")] = None
    flip: Annotated[Flip | None, Field(description="Mirror.")] = None
    size: Annotated[str | None, Field(description="1920x1080; 800x; 16:9 cuts.")] = None
    fit: Annotated[Fit, Field(description="Whole, filled (cut), distorted, padded.")] = "contain"
    format: SavedFormat | None = None
    compression: Annotated[int | None, Field(description="Quality, to 100.")] = None
    max_kilobytes: Annotated[float | None, Field(description="Per file.")] = None
    background: Annotated[str | None, Field(description="CSS colour or transparent.")] = None
    metadata: Annotated[Literal["keep", "strip"] | None, Field(description="strip: sRGB px alone.")] = None


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


Handle = Annotated[str, StringConstraints(pattern=r"^img_[0-9a-z]{10}$")]


class GalleryPictures(Arguments):
    """Of what, and how large."""

    images: Annotated[list[Handle], Field(min_length=1, max_length=24, description="Handles.")]
    side: Annotated[int, Field(ge=64, le=2_048, description="Longest side of a thumbnail in px.")] = 320


class GalleryJobs(Arguments):
    """Which."""

    count: Annotated[int, Field(ge=1, le=50, description="How many, the newest first.")] = 20
    job_id: Annotated[
        str | None, StringConstraints(min_length=1, max_length=40), Field(description="This one alone.")
    ] = None


class GallerySpending(Arguments):
    """Of when."""

    period: Annotated[Period, Field(description="As in get_spending.")] = "month"
