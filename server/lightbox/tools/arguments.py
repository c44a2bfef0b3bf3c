"""What the tools have in common in their arguments."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from lightbox.vocabulary import Background, OutputFormat, ProviderChoice, QualityChoice


class Arguments(ArgModelBase):
    """Arguments of a tool; unknown ones are errors."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def given(self) -> dict[str, Any]:
        """Give the arguments as JSON, defaults included, so that two calls that mean the same are the same."""
        return self.model_dump(mode="json", exclude_none=True)


def _one_or_more(value: object) -> object:
    """Take a single reference for a list of one: models send both."""
    return [value] if isinstance(value, str) else value


ProviderArgument = Annotated[ProviderChoice, Field(description="Who serves; auto: whoever is configured.")]
ModelArgument = Annotated[
    str | None,
    StringConstraints(min_length=1, max_length=120),
    Field(description="Any model name of the provider; left out: its default."),
]
Reference = Annotated[str, StringConstraints(min_length=1)]
Count = Annotated[int, Field(ge=1, le=100, description="How many hits at most.")]
Check = Annotated[bool, Field(description="Look whether each hit is alive, an image, and how large; adds at most 3 s.")]
Analysis = Annotated[bool, Field(description="Let the model also write what it makes of the hits: slower, dearer.")]


References = Annotated[list[Reference], BeforeValidator(_one_or_more)]


class OutputArguments(Arguments):
    """How a made picture shall come out; shared by `generate_image` and `edit_image`."""

    size: Annotated[
        str,
        StringConstraints(pattern=r"^(auto|[1-9]\d{0,4}x[1-9]\d{0,4})$"),
        Field(description="WIDTHxHEIGHT in px, or auto."),
    ] = "auto"
    quality: Annotated[QualityChoice, Field(description="low is a tenth of high's price.")] = "auto"
    format: OutputFormat = "png"
    background: Annotated[Background, Field(description="transparent wants png or webp.")] = "auto"
    compression: Annotated[int | None, Field(ge=0, le=100, description="jpeg and webp only.")] = None
    count: Annotated[int, Field(ge=1, le=4, description="How many pictures; each is billed.")] = 1
    model: ModelArgument = None
    provider: ProviderArgument = "auto"
