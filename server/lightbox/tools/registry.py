"""Every tool, in the order in which clients list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightbox.providers.roster import missing_keys
from lightbox.tools import (
    describe_images,
    edit_image,
    estimate_cost,
    find_similar_images,
    generate_image,
    get_job,
    get_spending,
    search_images,
    view_images,
)
from lightbox.tools.tool import ToolDescription

if TYPE_CHECKING:
    from lightbox.services import Services

TOOLS: tuple[ToolDescription, ...] = (
    search_images.DESCRIPTION,
    find_similar_images.DESCRIPTION,
    generate_image.DESCRIPTION,
    edit_image.DESCRIPTION,
    view_images.DESCRIPTION,
    describe_images.DESCRIPTION,
    estimate_cost.DESCRIPTION,
    get_job.DESCRIPTION,
    get_spending.DESCRIPTION,
)


def listed(services: Services) -> tuple[ToolDescription, ...]:
    """Give the tools that some configured provider can serve."""
    return tuple(tool for tool in TOOLS if not tool.abilities or any(map(services.able, tool.abilities)))


def why_absent(services: Services, name: str) -> str:
    """Say why a tool is not served: no provider can do it, or there is no such tool."""
    tool = next((tool for tool in TOOLS if tool.name == name), None)
    if tool is None:
        return f"There is no tool {name!r}: it is one of {', '.join(tool.name for tool in listed(services))}."
    keys = sorted({key for ability in tool.abilities for key in missing_keys(ability)})
    return f"{name} is not served here, for no configured service can do it: set {' or '.join(keys)}. Nothing was sent."
