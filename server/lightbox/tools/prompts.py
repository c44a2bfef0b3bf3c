"""The prompts: tasks that people pick from a menu, worded so that the tools are used well."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.prompts.base import Prompt, PromptArgument

from lightbox.errors import BadInput

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

LONGEST_VALUE = 2_000
"""How much of an argument is taken, in characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a prompt.

    Attributes:
        text: What it says; arguments stand in braces.
        tools: It is left out where the caller lacks one of these.
        given: It is left out where one of these arguments is left out.
    """

    text: str
    tools: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A prompt.

    Attributes:
        name: As clients know it.
        title: For people.
        text: What it does, for people.
        needs: The tool without which it can't be done.
        required: Arguments that must be given, with what they mean.
        optional: Arguments that may be left out.
        defaults: What stands for some of those that were left out.
        head: What is wanted, in one line.
        facts: What else is known about it.
        steps: What is to be done, in this order.
        end: What is to be told at the end.
    """

    name: str
    title: str
    text: str
    needs: str
    required: Mapping[str, str]
    optional: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    head: str
    facts: tuple[Line, ...] = ()
    steps: tuple[Line, ...]
    end: str


def _only(*names: str) -> frozenset[str]:
    return frozenset(names)


_MODEL = {"model": "Image model; left out: the server's own choice."}
_COLLECTION = {"collection": "Collection in which to keep what is good."}
_KEEP = Line(
    'Keep what I choose with save_images, folder="{collection}", under names that say what is shown.',
    _only("save_images"),
    _only("collection"),
)
_PRICE = Line("Ask estimate_cost what that call costs, and tell me.", _only("estimate_cost"))

TASKS: tuple[Task, ...] = (
    Task(
        name="slide_background",
        title="Slide background",
        text="Make a calm picture on which the text of a slide can be read.",
        needs="generate_image",
        required={"topic": "What the slide is about."},
        optional={
            "size": "WIDTHxHEIGHT in px; left out: 1920x1080.",
            "style": "For example: soft watercolour, dark blue and grey.",
            **_MODEL,
            **_COLLECTION,
        },
        defaults={"size": "1920x1080"},
        head="Make a background picture for a slide about: {topic}",
        facts=(Line("The style is: {style}.", given=_only("style")),),
        steps=(
            Line(
                'Prepare a call of generate_image with size="{size}"{with_model}. Its prompt asks for few details, '
                "little contrast, no words in the picture, and empty space where the text of the slide will stand."
            ),
            _PRICE,
            Line("Make the call and look at the preview."),
            Line("If text could not be read on the picture, correct it once with edit_image.", _only("edit_image")),
            _KEEP,
        ),
        end="At the end tell me its handle, its file, its size in px, and what it did cost.",
    ),
    Task(
        name="moodboard",
        title="Mood board",
        text="Find pictures that together show a mood, and put them on one sheet.",
        needs="search_images",
        required={"subject": "What the board is for."},
        optional={"mood": "For example: warm, rough, 1970s.", "image": "A picture to start from.", **_COLLECTION},
        head="Put a mood board together for: {subject}",
        facts=(Line("The mood is: {mood}.", given=_only("mood")),),
        steps=(
            Line(
                "Search three times with search_images, each time for another side of it: the place, a material or "
                "texture, the light. Write each query as one plain sentence."
            ),
            Line(
                'Find more like {image}: find_similar_images(image="{image}").',
                _only("find_similar_images"),
                _only("image"),
            ),
            Line("Look at the hits of each search on one sheet with view_images.", _only("view_images")),
            Line(
                "Choose nine that belong together and show them on one sheet: view_images with their handles.",
                _only("view_images"),
            ),
            _KEEP,
        ),
        end="At the end list the nine handles with the page of each, and name the three main colours. The pictures "
        "belong to others, and their licences are not known.",
    ),
    Task(
        name="restyle",
        title="Restyle a picture",
        text="Show a picture in another style, with everything in its place.",
        needs="edit_image",
        required={"image": "Handle, path or URL of the picture.", "style": "For example: flat poster, two inks."},
        optional={"size": "WIDTHxHEIGHT in px; left out: as the model chooses.", **_MODEL, **_COLLECTION},
        defaults={"size": "auto"},
        head="Show {image} in this style: {style}",
        steps=(
            Line('Look at it first: view_images(images=["{image}"]).', _only("view_images")),
            Line(
                'Prepare a call of edit_image with images=["{image}"], size="{size}"{with_model}. Its prompt says what '
                "changes (the style) and what stays: the subject, its place, faces and words."
            ),
            _PRICE,
            Line("Make the call."),
            Line(
                "Look at both on one sheet with view_images, and tell me what else has changed.", _only("view_images")
            ),
            _KEEP,
        ),
        end="At the end tell me the new handle, its file, and what it did cost.",
    ),
    Task(
        name="compare",
        title="Compare pictures",
        text="Look at several pictures side by side and say which one fits best.",
        needs="view_images",
        required={"images": "Handles, paths or URLs, separated by blanks."},
        optional={"purpose": "What the picture is for."},
        head="Compare these pictures: {images}",
        facts=(Line("It is for: {purpose}.", given=_only("purpose")),),
        steps=(
            Line('Look at all of them on one sheet: view_images with layout="sheet".'),
            Line('Look at the two best ones larger: view_images with layout="each", max_side=1600.'),
            Line(
                "If you can't see pictures, ask describe_images one question about all of them instead.",
                _only("describe_images"),
            ),
        ),
        end="At the end give me a short table (number, handle, size in px, what speaks for it, what against it) and "
        "your choice.",
    ),
)

OWN_PROMPTS = frozenset(task.name for task in TASKS)


def register_prompts(server: MCPServer[Any], served: Collection[str]) -> None:
    """List the prompts for which there are tools; `prompt_text` words them."""
    for task in TASKS:
        if task.needs in served:
            server.add_prompt(_listed(task))


def prompt_text(name: str, arguments: Mapping[str, str], served: Collection[str]) -> str:
    """Word a prompt for a caller who has these tools.

    Raises:
        BadInput: There is no such prompt for this caller, or its arguments are wrong; the text says which.
    """
    task = next((task for task in TASKS if task.name == name and task.needs in served), None)
    if task is None:
        names = ", ".join(task.name for task in TASKS if task.needs in served)
        raise BadInput(f"There is no prompt {name[:80]!r}: there are {names}.")
    values = {key: cut for key, value in arguments.items() if (cut := " ".join(value.split())[:LONGEST_VALUE])}
    known = {**task.required, **task.optional}
    if unknown := [key for key in values if key not in known]:
        raise BadInput(f"{name} has no argument {unknown[0][:80]!r}: it takes {', '.join(known)}.")
    if missing := [key for key in task.required if key not in values]:
        raise BadInput(f"{name} needs {' and '.join(missing)}: {'; '.join(task.required[key] for key in missing)}")
    return _worded(task, {**task.defaults, **values}, set(values), served)


def _worded(task: Task, values: Mapping[str, str], given: set[str], served: Collection[str]) -> str:
    with_model = f', model="{values["model"]}"' if "model" in given else ""

    def fitting(lines: tuple[Line, ...]) -> list[str]:
        those = [line for line in lines if line.tools <= set(served) and line.given <= given]
        return [line.text.format_map({**values, "with_model": with_model}) for line in those]

    steps = [f"{number}. {text}" for number, text in enumerate(fitting(task.steps), start=1)]
    return "\n".join([task.head.format_map(values), *fitting(task.facts), "", *steps, "", task.end])


def _listed(task: Task) -> Prompt:
    arguments = [
        PromptArgument(name=name, description=meaning, required=name in task.required)
        for name, meaning in {**task.required, **task.optional}.items()
    ]
    return Prompt(
        name=task.name, title=task.title, description=task.text, arguments=arguments, fn=str, context_kwarg=None
    )
