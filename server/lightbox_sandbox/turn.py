"""One turn: what the user said and showed, in the light of what was said and made before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from . import consumption
from .compaction import unpacked
from .dialects import Dialect, Json, tool_type
from .inputs import image_parts, text_of
from .memory import ResponseStore
from .pictures import GivenPicture, load_picture
from .requests import CreateRequest
from .steps import named_pictures, step
from .studio import Studio
from .uploads import FileStore


@dataclass(frozen=True)
class Turn:
    """Everything that decides an answer.

    Attributes:
        text: The user's last words.
        shown: The pictures that came with them, those in functions' outputs included.
        made: The picture that the service made last, None if none.
        earlier: The picture that the user showed last in an earlier message.
        outputs: What the client's functions answered to the last calls.
        everything: All pictures that the model sees, for the bill.
        answered: Whether functions' outputs have just come in.
        due: What of the text comes next, where there are functions to do it step by step; None where all is done.
    """

    request: CreateRequest
    dialect: Dialect
    context: list[Json]
    text: str
    shown: tuple[GivenPicture, ...] = ()
    made: GivenPicture | None = None
    earlier: GivenPicture | None = None
    outputs: tuple[str, ...] = ()
    everything: tuple[GivenPicture, ...] = field(default=(), repr=False)
    answered: bool = False
    due: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The ids of the pictures that the client's functions named last."""
        return named_pictures(self.outputs)

    @property
    def subjects(self) -> tuple[GivenPicture, ...]:
        """The pictures that the user speaks of: what was made before, and what is shown now."""
        first = () if self.made is None else (self.made,)
        return first + self.shown or (() if self.earlier is None else (self.earlier,))

    async def input_tokens(self, studio: Studio) -> int:
        """Count what the mainline model reads."""
        sizes = await studio.measure(self.everything)
        return await studio.run(partial(self._count, sizes))

    def _count(self, sizes: Sequence[tuple[int, int]]) -> int:
        texts = [text_of(item) or str(item.get("arguments", "")) for item in self.context]
        pictures = zip(sizes, self.everything, strict=True)
        seen = sum(consumption.seen_tokens(self.request.model, size, picture.detail) for size, picture in pictures)
        spoken = consumption.words([*texts, self.request.instructions or ""])
        return max(1, spoken + seen + consumption.tools_tokens(self.request.tools))


async def read_turn(
    request: CreateRequest, dialect: Dialect, context: Sequence[Json], store: ResponseStore, files: FileStore
) -> Turn:
    """Find out what is asked. Raises `Rejected` for references that lead nowhere and for broken pictures."""
    resolved = [_resolved(one, store) for item in context for one in unpacked(item)]
    called = {str(item.get("call_id")) for item in resolved if item["type"] == "function_call_output"}
    spoken = (n for n, item in enumerate(resolved) if _is_from_user(item) and not _shows_output(item, called))
    last = max(spoken, default=-1)
    before, now = resolved[: max(last, 0)], resolved[max(last, 0) :]
    earlier = await _load([part for item in before for part in image_parts(item)], files)
    shown = await _load([part for item in now for part in image_parts(item)], files)
    made = [item["result"] for item in resolved if _is_picture(item)]
    made_pictures = await _load([{"image_url": f"data:;base64,{result}"} for result in made], files)
    outputs = [text_of(item) for item in now if item["type"] == "function_call_output"]
    text = text_of(resolved[last]) if last >= 0 else ""
    by_steps = any(tool_type(tool) == "function" for tool in request.tools)
    return Turn(
        request=request,
        dialect=dialect,
        context=resolved,
        text=text,
        shown=shown,
        made=made_pictures[-1] if made_pictures else None,
        earlier=earlier[-1] if earlier else None,
        outputs=tuple(outputs),
        everything=(*earlier, *made_pictures, *shown),
        answered=bool(outputs) and (resolved[-1]["type"] == "function_call_output" or _is_from_user(resolved[-1])),
        due=step(text, len(outputs)) if by_steps else None,
    )


async def _load(parts: Sequence[Json], files: FileStore) -> tuple[GivenPicture, ...]:
    return tuple([await load_picture(part, files) for part in parts])


def _resolved(item: Json, store: ResponseStore) -> Json:
    """Look up what was only named: any item by reference, and a picture that was made earlier."""
    if item["type"] == "item_reference" or (item["type"] == "image_generation_call" and not item.get("result")):
        found: dict[str, Any] = store.item(str(item.get("id", "")))
        return found
    return item


def _is_picture(item: Json) -> bool:
    """Tell whether an item holds a picture that can be looked at: a drawing can't."""
    return item["type"] == "image_generation_call" and bool(item.get("result")) and item.get("output_format") != "svg"


def _shows_output(item: Json, called: set[str]) -> bool:
    """Tell whether a user's message shows the pictures of an output, which it names: some servers take no lists."""
    return bool(called and image_parts(item)) and not called.isdisjoint(re.findall(r"[\w-]+", text_of(item)))


def _is_from_user(item: Json) -> bool:
    return item["type"] == "message" and item.get("role") == "user"
