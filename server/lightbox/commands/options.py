"""The arguments and options that commands share, and what completes them in a shell."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import typer

from lightbox.commands.calling import names_after, settings_of
from lightbox.commands.wishes import PictureForm
from lightbox.quick_import import quickly_imported
from lightbox.vocabulary import Background, OutputFormat, ProviderChoice, Quality

SIZES = ("1024x1024", "1536x1024", "1024x1536", "1920x1080", "1080x1920", "16:9", "4:3", "1:1")


def references(context: typer.Context, incomplete: str) -> list[Any]:
    """Complete a handle of a picture; what can be none is left to the shell, which knows files."""
    if not incomplete.startswith("img"):
        return []
    return quickly_imported("lightbox.commands.tool_calls:handles")(settings_of(context), incomplete)


def tools(incomplete: str) -> list[str]:
    """Complete the name of a tool."""
    named = quickly_imported("lightbox.tools.table:TOOLS")
    return [tool.name for tool in named if tool.name.startswith(incomplete)]


def clients(incomplete: str) -> list[str]:
    """Complete the name of an MCP client."""
    known = quickly_imported("lightbox.clients.known:known_clients")
    return [client.name for client in known() if client.name.startswith(incomplete)]


def pages(incomplete: str) -> list[str]:
    """Complete the name of a page of the documentation."""
    known = quickly_imported("lightbox.commands.docs:pages")
    return [name for name in known() if name.startswith(incomplete)]


Words: TypeAlias = Annotated[list[str], typer.Argument(metavar="WORDS", help="What to find.")]
Images: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="IMAGE", help="Files, URLs, handles (img_…), or - for standard input.", autocompletion=references
    ),
]
Prompt: TypeAlias = Annotated[list[str], typer.Argument(metavar="PROMPT", help="What the picture shows.")]

Count: TypeAlias = Annotated[int | None, typer.Option("--count", "-n", metavar="N", help="How many at most.")]
Shape: TypeAlias = Annotated[
    Literal["landscape", "portrait", "square"] | None,
    typer.Option(metavar="SHAPE", help="Only landscape, portrait or square ones."),
]
MinSide: TypeAlias = Annotated[
    int | None, typer.Option(metavar="PX", help="Only pictures whose shorter side is at least this long.")
]
Analysis: TypeAlias = Annotated[
    bool, typer.Option("--analysis", help="Let the model write what it makes of them; costs more.", metavar="")
]
NoCheck: TypeAlias = Annotated[
    bool,
    typer.Option("--no-check", help="Don't look whether each is alive and how large; a little faster.", metavar=""),
]
Provider: TypeAlias = Annotated[
    ProviderChoice | None, typer.Option(metavar="NAME", help="Who serves: dashscope, openai, openrouter or sandbox.")
]
Model: TypeAlias = Annotated[str | None, typer.Option(metavar="NAME", help="Any model of the provider's.")]

Size: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="WxH", help="In px, or a shape such as 16:9.", autocompletion=names_after(*SIZES), show_default=False
    ),
]
Number: TypeAlias = Annotated[int | None, typer.Option("--count", "-n", metavar="N", help="How many; each is billed.")]
PictureQuality: TypeAlias = Annotated[
    Quality | None, typer.Option(metavar="QUALITY", help="low, medium, high, xhigh or max; higher costs more.")
]
Format: TypeAlias = Annotated[
    OutputFormat | None,
    typer.Option(
        "--format", metavar="FORMAT", help="png, jpeg, webp, gif or svg; left out: as the name after -o ends, or png."
    ),
]
Ground: TypeAlias = Annotated[
    Background | None, typer.Option(metavar="GROUND", help="auto, transparent (png, webp) or opaque.")
]
Compression: TypeAlias = Annotated[int | None, typer.Option(metavar="N", help="0 to 100, for jpeg and webp.")]

Output: TypeAlias = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Put the picture there: a file, a folder, or - for stdout."),
]
Force: TypeAlias = Annotated[bool, typer.Option("--force", "-f", help="Let -o replace files.", metavar="")]
Open: TypeAlias = Annotated[bool, typer.Option("--open", help="Open it with the system's viewer.", metavar="")]
Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", "-y", help="Agree to the price without being asked.", metavar="")
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Only tell the price; nothing is sent that bills.", metavar="")
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.", metavar="")]
Form: TypeAlias = Annotated[
    PictureForm,
    typer.Option(
        "--pictures",
        metavar="HOW",
        help="How the terminal is sent pictures: auto (it is asked), kitty, iterm, sixel, off.",
    ),
]
NoPictures: TypeAlias = Annotated[bool, typer.Option("--no-pictures", help="The same as --pictures off.", metavar="")]
