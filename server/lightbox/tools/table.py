"""The table of tools: what exists, in the order in which clients list it, what each needs, and whether it bills.

A tool is a row here, its arguments, and a module of its name that does the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from lightbox.errors import NoProvider
from lightbox.providers.roster import choose, missing_keys
from lightbox.tools import arguments
from lightbox.tools.arguments import Arguments
from lightbox.tools.outputs import Estimates, HitList, Spending
from lightbox.tools.tool import PRICE, Tool
from lightbox.vocabulary import Ability

if TYPE_CHECKING:
    from lightbox.providers.endpoint import Endpoint
    from lightbox.settings import Settings

_MAKING: tuple[Tool, ...] = (
    Tool(
        name="search_images",
        title="Search images",
        text=(
            "Find pictures on the web by words. Answers a ranked list of hits, each with a handle (img_…) that every "
            "other tool takes. Nobody has looked at the pictures: use view_images to see them. "
            f"Bills one search{PRICE}; a repeated search within the hour is free."
        ),
        arguments=arguments.SearchImages,
        abilities=frozenset({"search"}),
        bills="list",
        output=HitList,
        in_gallery=True,
    ),
    Tool(
        name="find_similar_images",
        title="Find similar images",
        text=(
            "Find pictures on the web that look like a given one: its source, other versions, similar products or "
            "scenes. Takes any image reference, also a local file, which is sent inside the request. Answers a list as "
            f"search_images does. Bills one image search{PRICE}; may take over a minute."
        ),
        arguments=arguments.FindSimilarImages,
        abilities=frozenset({"similar"}),
        bills="list",  # a HitList too; its schema is listed with search_images, for it is long
        in_gallery=True,
    ),
    Tool(
        name="generate_image",
        title="Generate image",
        text=(
            "Make a picture from words. Answers its handle, size, file and a preview; the full picture is saved. "
            "Common sizes: 1920x1080 (slides), 1024x1024, 1536x1024 (landscape), 1024x1536 (portrait). "
            f"Bills per picture{PRICE}. May take minutes; then a job id comes back and get_job brings the picture."
        ),
        arguments=arguments.GenerateImage,
        abilities=frozenset({"generate"}),
        bills="picture",
        in_gallery=True,
    ),
    Tool(
        name="edit_image",
        title="Edit image",
        text=(
            "Change a picture, or combine several, as you describe; a mask limits where. Takes any image references: "
            "what a tool made, found, or a file. Answers as generate_image does; the original stays. "
            f"Bills as generate_image does, plus reading the images{PRICE}."
        ),
        arguments=arguments.EditImage,
        abilities=frozenset({"edit"}),
        bills="picture",
        in_gallery=True,
    ),
    Tool(
        name="view_images",
        title="View images",
        text=(
            "Look at pictures yourself: several on one numbered contact sheet, or one by one, larger. Takes any image "
            "references: handles of hits or made pictures, URLs, files. Costs nothing. Use it after a search."
        ),
        arguments=arguments.ViewImages,
        only_looks=True,
        in_gallery=True,
    ),
    Tool(
        name="describe_images",
        title="Describe images",
        text=(
            "Let a vision model answer a question about pictures: what is shown, text in them, how they differ. "
            "Choose it where you can't see pictures, or for many pictures and fine print; else view_images is free. "
            f"Bills tokens{PRICE}."
        ),
        arguments=arguments.DescribeImages,
        abilities=frozenset({"describe"}),
        bills="text",
    ),
    Tool(
        name="transform_image",
        title="Transform image",
        text=(
            "Crop, rotate, flip, scale, pad, convert, compress (in this order). Free. Answers as generate_image does."
        ),
        arguments=arguments.TransformImage,
        changes=True,
        only_looks=True,
        in_gallery=True,
    ),
    Tool(
        name="list_images",
        title="List images",
        text=(
            "List the pictures that are known here, newest first: made (with what each cost), found or given before. "
            "Answers a list as search_images does. Free."
        ),
        arguments=arguments.ListImages,
        quick=True,
        open_world=False,
        only_looks=True,
        in_gallery=True,
    ),
    Tool(
        name="save_images",
        title="Save images",
        text=(
            "Keep pictures in a named collection: their true bytes, with title, source, prompt and price written into "
            "the files. Answers where each is. Nothing is overwritten. Free."
        ),
        arguments=arguments.SaveImages,
        changes=True,
        only_looks=True,
    ),
)

_ASKING: tuple[Tool, ...] = (
    Tool(
        name="get_job",
        title="Get job",
        text=(
            "Get what a call brought that answered `running`: waits, then answers exactly as that call would have. "
            "Works after restarts too, and costs nothing. cancel=true stops it where the service can be told."
        ),
        arguments=arguments.GetJob,
        changes=True,
        quick=True,
        open_world=False,
        in_gallery=True,
    ),
    Tool(
        name="get_spending",
        title="Get spending",
        text="Tell what was spent, by day, tool, provider and model, what is reserved, and the budget. Costs nothing.",
        arguments=arguments.GetSpending,
        output=Spending,
        quick=True,
        open_world=False,
    ),
)

ESTIMATED: Mapping[str, Tool] = {tool.name: tool for tool in (*_MAKING, *_ASKING)}
"""The tools whose calls can be priced: every one but that which prices them."""


def _known(name: str) -> str:
    if name not in ESTIMATED:
        *most, last = (repr(known) for known in ESTIMATED)
        raise ValueError(f"Input should be {', '.join(most)} or {last}")
    return name


class OneCall(Arguments):
    """A call that might be made."""

    tool: Annotated[
        str, AfterValidator(_known), WithJsonSchema({"enum": list(ESTIMATED), "title": "Tool", "type": "string"})
    ]
    arguments: Annotated[dict[str, Any], Field(description="Exactly those of the call.")]
    times: Annotated[int, Field(ge=1, le=1_000_000, description="How often.")] = 1


class EstimateCost(OneCall):
    """What might be called, how often, and with what else."""

    more: Annotated[
        list[OneCall],
        Field(max_length=20),
        WithJsonSchema(
            {
                "type": "array",
                "items": {"type": "object"},
                "maxItems": 20,
                "description": "Further calls: {tool, arguments, times}.",
            }
        ),
    ] = Field(default_factory=list[OneCall])


TOOLS: tuple[Tool, ...] = (
    *_MAKING,
    Tool(
        name="estimate_cost",
        title="Estimate cost",
        text=(
            "Tell what a call would cost before it is made: pass the tool's name and exactly its arguments. Answers "
            "low, expected and high with their sources, and totals over several calls. Sends nothing that bills; works "
            "for providers without a key too."
        ),
        arguments=EstimateCost,
        output=Estimates,
    ),
    *_ASKING,
)


GALLERY_TOOLS: tuple[Tool, ...] = (
    Tool(
        name="gallery_pictures",
        title="Pictures for the gallery",
        text="For the gallery's own use: thumbnails of pictures, and what is known of them. Free.",
        arguments=arguments.GalleryPictures,
        only_looks=True,
        app_like="view_images",
    ),
    Tool(
        name="gallery_jobs",
        title="Jobs for the gallery",
        text="For the gallery's own use: the newest calls, what they are at and what they cost. Free.",
        arguments=arguments.GalleryJobs,
        quick=True,
        open_world=False,
        app_like="get_job",
    ),
    Tool(
        name="gallery_spending",
        title="Spending for the gallery",
        text="For the gallery's own use: spending by day, model and tool, and what is left of the budget. Free.",
        arguments=arguments.GallerySpending,
        quick=True,
        open_world=False,
        app_like="get_spending",
    ),
)
"""What only the gallery calls, in clients that show MCP Apps: no other client is told of these, and no model."""


def named(name: str) -> Tool | None:
    """Give the tool of a name."""
    return next((tool for tool in TOOLS if tool.name == name), None)


def able(ability: Ability, settings: Settings, available: Mapping[str, Endpoint]) -> bool:
    """Tell whether some configured provider has an ability."""
    try:
        choose(ability, settings, available)
    except NoProvider:
        return False
    return True


def listed(settings: Settings, available: Mapping[str, Endpoint]) -> tuple[Tool, ...]:
    """Give the tools that some configured provider can serve."""
    return tuple(
        tool
        for tool in TOOLS
        if not tool.abilities or any(able(ability, settings, available) for ability in tool.abilities)
    )


def why_absent(name: str, served: tuple[Tool, ...], *, forbidden: bool = False) -> str:
    """Say why a tool is not served: this caller may not use it, no provider can do it, or there is no such tool."""
    tool = named(name)
    if tool is None:
        return f"There is no tool {name!r}: it is one of {', '.join(tool.name for tool in served)}."
    if forbidden:
        return f"{name} is not one of your tools here: whoever runs this server can add it. Nothing was sent."
    keys = sorted({key for ability in tool.abilities for key in missing_keys(ability)})
    needed = " or ".join(keys)
    return f"{name} is not served here, because no configured service can do it: set {needed}. Nothing was sent."
