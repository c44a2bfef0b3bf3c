"""The last line of an answer: the next step that fits, with a real handle, and only by tools that this caller has.

A tool that is to be offered after some answer gets a row in `AFTER`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Moment: TypeAlias = Literal[
    "found",
    "found nothing",
    "found none that fits",
    "running",
    "looked",
    "looked at a sheet",
    "made",
    "transformed",
    "described",
    "listed",
    "listed nothing",
    "saved",
    "estimated",
    "spent",
]
"""After what an answer is read."""

MOST_HANDLES = 3
"""How many handles a step names; where there are more, an ellipsis stands for the rest."""


@dataclass(frozen=True, slots=True)
class Step:
    """A call that fits.

    Attributes:
        tool: What is called; the step is left out where the caller does not have it.
        arguments: As they are written in a call. In braces: `{image}`, `{images}` and what else the answer knows.
        does: What it brings, after the call.
    """

    tool: str
    arguments: str
    does: str


@dataclass(frozen=True, slots=True)
class Next:
    """What fits after an answer.

    Attributes:
        steps: The best one first.
        most: How many of them are named.
        otherwise: What is said where the caller has none of the tools.
    """

    steps: tuple[Step, ...]
    most: int = 1
    otherwise: str | None = None


_SEE = Step("view_images", "images={images}", "shows them")
_EDIT = Step("edit_image", 'images=["{image}"], prompt="…"', "changes it")
_SAVE = Step("save_images", 'images=["{image}"], folder="…"', "keeps it")
_SIMILAR = Step("find_similar_images", 'image="{image}"', "finds others like it")

AFTER: Mapping[Moment, Next] = {
    "found": Next((_SEE, Step("describe_images", "images={images}", "tells what is in them"))),
    "found nothing": Next((Step("search_images", 'query="…"', "with other words"),)),
    "found none that fits": Next((Step("{tool}", "…", "with another shape or a smaller min_side"),)),
    "running": Next(
        (Step("get_job", 'job_id="{job_id}"', "waits for it"),), otherwise="make the same call again; it joins this one"
    ),
    "looked": Next((_EDIT, _SAVE, _SIMILAR), most=3),
    "looked at a sheet": Next(
        (Step("view_images", 'images=["{image}"], layout="each"', "shows number {number} larger"), _SAVE, _EDIT), most=2
    ),
    "made": Next(
        (_EDIT, _SAVE, Step("view_images", 'images=["{image}"], max_side={larger}', "shows it larger")), most=3
    ),
    "transformed": Next((_SAVE, _EDIT)),
    "described": Next((_EDIT, _SIMILAR)),
    "listed": Next((_SEE,)),
    "listed nothing": Next(
        (Step("search_images", 'query="…"', "finds pictures"), Step("generate_image", 'prompt="…"', "makes one"))
    ),
    "saved": Next((Step("list_images", 'origin="all", query="{collection}"', "finds the collection again"),)),
    "estimated": Next((Step("{tool}", "…", "with the same arguments makes the call"),)),
    "spent": Next((Step("estimate_cost", 'tool="…", arguments={{…}}', "tells a price before the call"),)),
}
"""What fits after each answer. The order is the one in which steps are named."""


def next_step(served: Collection[str], moment: Moment, images: Sequence[str] = (), **known: str) -> str | None:
    """Give the last line of an answer.

    Args:
        served: The tools that the caller has.
        moment: What the answer is about.
        images: Handles that the answer names, the one that matters first; steps that need one are left out without.
        known: What else stands in braces in the steps of this moment.

    Returns:
        The line, or None where nothing fits.
    """
    values = {**known, **({"image": images[0], "images": _listed(images)} if images else {})}
    fitting = AFTER[moment]
    said = [line for step in fitting.steps if (line := _said(step, served, values))][: fitting.most]
    line = ", ".join(said) or fitting.otherwise
    return f"next: {line}" if line else None


def _said(step: Step, served: Collection[str], values: Mapping[str, str]) -> str | None:
    try:
        tool = step.tool.format_map(values)
        call = f"{tool}({step.arguments.format_map(values)}) {step.does.format_map(values)}"
    except KeyError:
        return None
    return call if tool in served else None


def _listed(images: Sequence[str]) -> str:
    named = json.dumps(list(images[:MOST_HANDLES]))
    return named if len(images) <= MOST_HANDLES else f"{named[:-1]}, …]"
