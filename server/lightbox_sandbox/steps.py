"""What a user asks for in several steps: "Find a lighthouse, then view them, then edit the second one".

A model would go on by itself after each function's output. Here the words say how: each `then` begins another step,
and each output ends one. Pictures that outputs named can be passed on to the next function: all of them, or one by its
place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_THEN: Final = re.compile(r"[\s,;.]*\b(?:and\s+)?then\b[\s,:]*|[\s,;\uff0c\uff1b。]*(?:然后|接着)\s*", re.IGNORECASE)
_NAMED: Final = re.compile(r"\b(?:img|image|picture|file)[_-][0-9A-Za-z]{6,}\b")
_PLACES: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def step(text: str, done: int) -> str | None:
    """Give the words of the step that is due after so many; None where all are done."""
    steps = [part for part in _THEN.split(text) if part.strip()] or [text]
    return steps[done] if done < len(steps) else None


def named_pictures(outputs: Sequence[str]) -> tuple[str, ...]:
    """Give the pictures that the latest output names that names any: by their ids, once each, in order."""
    found = (tuple(dict.fromkeys(_NAMED.findall(output))) for output in reversed(outputs))
    return next((ids for ids in found if ids), ())


def meant(pictures: Sequence[str], text: str) -> Sequence[str]:
    """Give those of some pictures that a text speaks of: `the second`, `the last`, or else all."""
    words = set(re.findall(r"\w+", text.lower()))
    if "last" in words:
        return pictures[-1:]
    places = [place for place, word in enumerate(_PLACES[: len(pictures)]) if word in words]
    return [pictures[place] for place in places] or pictures
