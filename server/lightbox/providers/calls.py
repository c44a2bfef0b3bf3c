"""What Lightbox asks a service for, before it is put into the service's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from lightbox.vocabulary import Ability, Background, Detail, Fidelity, OutputFormat, QualityChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPicture:
    """A picture as it travels to a service: by URL (public http(s), or a data URI) or by the service's file id.

    Raises:
        ValueError: When not exactly one of the two is given.
    """

    url: str | None = None
    file_id: str | None = None

    def __post_init__(self) -> None:
        if (self.url is None) == (self.file_id is None):
            raise ValueError("a sent picture has either a url or a file_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCall:
    """Find pictures by words; `analysis` asks for a few sentences about what was found."""

    ability: ClassVar[Ability] = "search"

    model: str
    query: str
    count: int = 10
    analysis: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCall:
    """Find pictures that look like one; `about` says in words what matters in it."""

    ability: ClassVar[Ability] = "similar"

    model: str
    picture: SentPicture
    about: str | None = None
    count: int = 10
    analysis: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """How a picture shall come out.

    Attributes:
        size: `WIDTHxHEIGHT` in px, or `auto`.
        quality: How much work goes into it.
        format: The file format.
        background: Whether it may be seen through.
        compression: 0 to 100, for jpeg and webp only; None leaves it to the service.
        partial_images: How many unfinished pictures to send on the way, 0 to 3; each is billed.
        aspect_ratio: What a model that knows only ratios calls the size, e.g. `16:9`; None where px are asked for.
        resolution: Likewise how large that ratio is made, e.g. `2K`; None: as the model makes it by itself.
    """

    size: str = "auto"
    quality: QualityChoice = "auto"
    format: OutputFormat = "png"
    background: Background = "auto"
    compression: int | None = None
    partial_images: int = 0
    aspect_ratio: str | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateCall:
    """Make one picture from words. `model` carries the call, `image_model` paints."""

    ability: ClassVar[Ability] = "generate"

    model: str
    image_model: str
    prompt: str
    output: OutputOptions = field(default_factory=OutputOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCall:
    """Change pictures as told by words.

    Attributes:
        model: The model that carries the call.
        image_model: The model that paints.
        prompt: What to change.
        pictures: What to change it in, the first being the one that `mask` belongs to. Those that the stored
            response already holds are left out when `continue_from` is given.
        mask: Where to change it: a picture of the same size whose transparent parts are painted anew.
        fidelity: How close to stay to the pictures; None where the image model takes no such option.
        output: How the picture shall come out.
        continue_from: Id of a stored response whose picture is edited further.
    """

    ability: ClassVar[Ability] = "edit"

    model: str
    image_model: str
    prompt: str
    pictures: tuple[SentPicture, ...] = ()
    mask: SentPicture | None = None
    fidelity: Fidelity | None = None
    output: OutputOptions = field(default_factory=OutputOptions)
    continue_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeCall:
    """Ask a question about pictures; `detail` bounds how closely, and how dearly, they are looked at."""

    ability: ClassVar[Ability] = "describe"

    model: str
    pictures: tuple[SentPicture, ...]
    question: str
    detail: Detail = "auto"


Call: TypeAlias = SearchCall | SimilarCall | GenerateCall | EditCall | DescribeCall
