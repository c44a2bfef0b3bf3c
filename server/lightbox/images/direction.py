"""The order in which letters stand on a line, and the shapes of Arabic letters where no library joins them.

`runs` puts a line's parts from left to right, as the Unicode bidirectional algorithm does for plain text: without
embeddings, which titles are freed of. `joined` is for a Pillow without Raqm, which joins letters itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

_RIGHT = frozenset({"R", "AL"})
_DIGITS = frozenset({"EN", "AN"})
_BETWEEN_DIGITS = frozenset({"CS", "ES", "ET"})


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line that is written in one direction; `text` is in the order in which it is read."""

    text: str
    from_right: bool


def runs(text: str) -> list[Run]:
    """Give the parts of a line as they stand from left to right."""
    if all(unicodedata.bidirectional(letter) not in _RIGHT for letter in text):
        return [Run(text, from_right=False)] if text else []
    levels = _levels(text)
    parts = [
        (level, "".join(letter for letter, _ in group))
        for level, group in groupby(zip(text, levels, strict=True), key=lambda pair: pair[1])
    ]
    for level in range(max(levels), 0, -1):  # the standard's rule L2
        parts = _turned(parts, level)
    return [Run(part, from_right=level % 2 == 1) for level, part in parts]


def _levels(text: str) -> list[int]:
    """Give each letter its level: even from left to right, odd from right to left, digits among the latter even."""
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    base = next((int(kind in _RIGHT) for kind in kinds if kind in _RIGHT or kind == "L"), 0)
    sides, levels = _decided(kinds, base)
    start = 0
    for decided, group in groupby(sides, key=lambda side: side is not None):
        end = start + len(list(group))
        if not decided:  # blanks and marks go with what they stand between, where that agrees, else with the line
            before = sides[start - 1] if start else base
            after = sides[end] if end < len(sides) else base
            level = base if before != after else 1 if before else 2 * base
            levels[start:end] = [level] * (end - start)
        start = end
    return levels


def _decided(kinds: list[str], base: int) -> tuple[list[int | None], list[int]]:
    """Give the side (1: right) and the level of what has one by itself: letters, digits, and signs upon them."""
    sides: list[int | None] = [None] * len(kinds)
    levels = [base] * len(kinds)
    strong = base
    for index, kind in enumerate(kinds):
        between = kind in _BETWEEN_DIGITS and set(kinds[index - 1 : index] + kinds[index + 1 : index + 2]) <= _DIGITS
        if kind in _RIGHT or kind == "L":
            strong = sides[index] = int(kind in _RIGHT)
            levels[index] = 1 if strong else 2 * base
        elif kind in _DIGITS or (between and 0 < index < len(kinds) - 1):
            sides[index], levels[index] = strong, 2 if strong else 2 * base
        elif kind == "NSM" and index:
            sides[index], levels[index] = sides[index - 1], levels[index - 1]
    return sides, levels


def _turned(parts: list[tuple[int, str]], level: int) -> list[tuple[int, str]]:
    """Turn around each row of parts of at least this level."""
    turned: list[tuple[int, str]] = []
    row: list[tuple[int, str]] = []
    for part in parts:
        if part[0] >= level:
            row.append(part)
        else:
            turned += [*reversed(row), part]
            row = []
    return [*turned, *reversed(row)]


def joined(text: str, held: Callable[[str], bool]) -> str:
    """Give the letters of a run from the right as they are drawn, from left to right: Arabic ones joined.

    `held` tells whether the font has a shape; where it has not, the letter stands by itself.
    """
    shaped: list[str] = []
    forms = _forms()
    letters = list(_with_ligatures(text))
    for index, letter in enumerate(letters):
        own = forms.get(letter)
        if own is None:
            shaped.append(letter)
            continue
        before = _neighbour(letters, index, -1)
        after = _neighbour(letters, index, 1)
        from_before = before is not None and "initial" in forms.get(before, {})
        to_after = after is not None and after in forms and "initial" in own and "final" in forms[after]
        wanted = ("medial" if to_after else "final") if from_before else ("initial" if to_after else "isolated")
        shape = own.get(wanted) or own.get("isolated") or letter
        shaped.append(shape if held(shape) else letter)
    return "".join(_turned_clusters(shaped))


def _neighbour(letters: list[str], index: int, step: int) -> str | None:
    """Give the next letter on one side; signs above and below are passed over."""
    index += step
    while 0 <= index < len(letters) and unicodedata.combining(letters[index]):
        index += step
    return letters[index] if 0 <= index < len(letters) else None


def _turned_clusters(letters: list[str]) -> list[str]:
    """Turn letters around, each with its signs behind it, and brackets to face the other way."""
    clusters: list[str] = []
    for letter in letters:
        if clusters and unicodedata.combining(letter[0]):
            clusters[-1] += letter
        else:
            clusters.append(_MIRRORED.get(letter, letter))
    return clusters[::-1]


_MIRRORED = {"(": ")", ")": "(", "[": "]", "]": "[", "{": "}", "}": "{", "<": ">", ">": "<", "«": "»", "»": "«"}


def _with_ligatures(text: str) -> str:
    for pair, ligature in _ligatures().items():
        text = text.replace(pair, ligature)
    return text


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Give the shapes of each letter that joins: isolated, initial, medial, final. Unicode lists them."""
    forms: dict[str, dict[str, str]] = {}
    for shape, form, letters in _presentation_forms():
        if len(letters) == 1:
            forms.setdefault(letters, {}).setdefault(form, shape)
    for pair, ligature in _ligatures().items():
        final = next(shape for shape, form, letters in _presentation_forms() if letters == pair and form == "final")
        forms[ligature] = {"isolated": ligature, "final": final}
    return forms


@cache
def _ligatures() -> dict[str, str]:
    """Give the ligatures that Arabic can't be written without: lam with alef."""
    return {
        letters: shape
        for shape, form, letters in _presentation_forms()
        if form == "isolated" and len(letters) == 2 and letters[0] == "\u0644"  # noqa: PLR2004 - a pair
        if letters[1] in "\u0622\u0623\u0625\u0627"
    }


@cache
def _presentation_forms() -> tuple[tuple[str, str, str], ...]:
    """Give each shape with its form and the letters that it stands for."""
    found: list[tuple[str, str, str]] = []
    for code in (*range(0xFE80, 0xFEFD), *range(0xFB50, 0xFBB2), *range(0xFBD3, 0xFC00)):
        form, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if form.startswith("<") and letters:
            found.append((chr(code), form.strip("<>"), "".join(chr(int(letter, 16)) for letter in letters.split())))
    return tuple(found)
