"""Words painted into a picture, in any script that the system's fonts hold: letter by letter from the font that has it.

Not for the event loop: fonts are looked for when the first letter needs them. Imports Pillow.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import groupby

from PIL import ImageDraw, ImageFont

from lightbox.images.direction import joined, runs
from lightbox.images.fonts import Font, MissingScript, built_in, fonts_for, holds, missing_scripts, script_of

__all__ = ["Lettering", "MissingScript", "draw_lines", "fitting", "line_height", "missing_scripts", "undrawable"]

ELLIPSIS = "…"
LONGEST_TEXT = 400
"""How much of a text is looked at, in characters."""

_KANA, _HANGUL = "Japanese", "Korean"


class Lettering:
    """The fonts of one size in which a text is written; one font stands in for another where it lacks a letter.

    Args:
        text: What is written: Chinese characters are shaped as its other letters are, Japanese or Korean.
        size: Of the letters, px.
    """

    def __init__(self, text: str, size: int) -> None:
        self.size = size
        scripts = dict.fromkeys(script_of(letter) for letter in text)
        self._han = next((name for name in (_KANA, _HANGUL) if name in scripts), "Chinese")
        self._others = tuple(name for name in scripts if name not in ("Latin", "Chinese"))

    def font_of(self, letter: str) -> Font | None:
        """Give the first font that has a letter; None where none has.

        Marks that belong to no script are also looked for in the fonts of the text's other letters.
        """
        return next((font for name in self._among(letter) if (font := _font_of(letter, name, self.size))), None)

    def _among(self, letter: str) -> tuple[str, ...]:
        """Name the scripts whose fonts are looked through for a letter."""
        script = script_of(letter)
        if letter.isascii():
            return ("Latin",)
        if script == "Latin":
            return ("Latin", *self._others, self._han, "Chinese")
        return (self._han, "Chinese", _KANA, _HANGUL) if script == "Chinese" else (script,)

    def drawable(self, text: str) -> str:
        """Leave out the letters that no font has, with the signs upon them; nothing is left of marks alone."""
        kept: list[str] = []
        there = True
        for letter in text:
            there = letter == " " or ((there or not _is_sign(letter)) and self.font_of(letter) is not None)
            kept.append(letter if there else "")
        left = " ".join("".join(kept).split())
        told = any(letter.isalnum() for letter in left)
        return left if told or not any(letter.isalnum() for letter in text) else ""

    def getlength(self, text: str) -> float:
        """Measure a line in px."""
        return sum(length for _, _, _, length in self._parts(text))

    def draw(self, draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: str, anchor: str) -> None:
        """Draw a line; its anchor is Pillow's, as in `ls`, and all fonts stand on one baseline."""
        parts = list(self._parts(text))
        x, y = place
        if anchor[0] == "m":
            x -= sum(length for _, _, _, length in parts) / 2
        ascent, descent = _built_in_metrics(self.size)
        y += {"s": 0, "d": -descent, "a": ascent, "m": (ascent - descent) / 2}[anchor[1]]
        for font, part, direction, length in parts:
            draw.text((x, y), part, fill=colour, font=font, anchor="ls", direction=direction)
            x += length

    def _parts(self, text: str) -> Iterator[tuple[Font, str, str | None, float]]:
        """Give what is drawn, from left to right: a font, letters, how, and the width in px."""
        for run in runs(text):
            parts = self._by_font(run.text)
            for font, part in reversed(parts) if run.from_right else parts:
                joins = font.layout_engine == ImageFont.Layout.RAQM  # turns and joins letters itself
                direction = ("rtl" if run.from_right else "ltr") if joins else None
                drawn = joined(part, partial(holds, font)) if run.from_right and not joins else part
                yield font, drawn, direction, font.getlength(drawn, direction=direction)

    def _by_font(self, text: str) -> list[tuple[Font, str]]:
        """Part a text by the fonts that have its letters; a blank or a mark stays with what is before it."""
        chosen: list[tuple[Font, str]] = []
        last: Font | None = None
        for letter in text:
            weak = unicodedata.category(letter)[0] in "ZPMNS"
            font = last if last is not None and weak and holds(last, letter) else self.font_of(letter)
            last = font or last or fonts_for("Latin", self.size)[0]
            chosen.append((last, letter))
        return [
            (font, "".join(letter for _, letter in group)) for font, group in groupby(chosen, key=lambda pair: pair[0])
        ]


def fitting(text: str, size: int, width: int, lines: int) -> tuple[Lettering, list[str]]:
    """Break a text into at most so many lines of a width in px, the last one cut with an ellipsis.

    Letters that no font here has are left out: a row of boxes tells nothing. `undrawable` names their scripts.
    """
    text = _plain(text)
    lettering = Lettering(text, size)
    text = lettering.drawable(text)
    broken: list[str] = []
    while text and len(broken) < lines:
        line, text = _first_line(text, lettering, width)
        broken.append(line)
    if text and broken:
        broken[-1] = _cut(f"{broken[-1]} {text}", lettering, width)
    return lettering, broken


def undrawable(texts: Iterable[str]) -> list[str]:
    """Name the scripts of letters that no font here has, as people call them, each once and in their order."""
    missing: dict[str, None] = {}
    for text in map(_plain, texts):
        lettering = Lettering(text, _TRIED_SIZE)
        for letter in dict.fromkeys(text):
            if unicodedata.category(letter)[0] == "L" and lettering.font_of(letter) is None:
                missing[script_of(letter)] = None
    return list(missing)


_TRIED_SIZE = 16


def _plain(text: str) -> str:
    """Leave out what has no shape of its own: control characters, directions, joiners and such."""
    text = unicodedata.normalize("NFC", text[:LONGEST_TEXT])
    return " ".join("".join(" " if letter.isspace() else letter for letter in text if _has_shape(letter)).split())


def _is_sign(letter: str) -> bool:
    """Tell whether a letter is a sign upon the one before it."""
    return unicodedata.category(letter)[0] == "M"


def _has_shape(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] != "C"


def _first_line(text: str, lettering: Lettering, width: int) -> tuple[str, str]:
    """Break at the last space that fits; within a word where it is longer than the line, as Chinese needs."""
    if lettering.getlength(text) <= width:
        return text, ""
    count = _fitting_letters(text, lettering, width)
    space = text.rfind(" ", 0, count + 1)
    if space > count // 2:
        count = space
    return text[:count].rstrip(), text[count:].lstrip()


def _cut(text: str, lettering: Lettering, width: int) -> str:
    if lettering.getlength(text) <= width:
        return text
    room = width - round(lettering.getlength(ELLIPSIS))
    return text[: _fitting_letters(text, lettering, room)].rstrip() + ELLIPSIS


def _fitting_letters(text: str, lettering: Lettering, width: int) -> int:
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if lettering.getlength(text[:middle]) <= width else (low, middle - 1)
    return low


def draw_lines(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], lettering: Lettering, lines: list[str], colour: str
) -> int:
    """Draw lines one below the other from a top left corner, and give the px below the last one."""
    x, y = place
    height = line_height(lettering)
    for line in lines:
        lettering.draw(draw, (x, y + height), line, colour, "ld")
        y += height
    return y


def line_height(lettering: Lettering) -> int:
    """Give the px from one line to the next."""
    return round(lettering.size * 1.3)


@lru_cache(maxsize=8192)
def _font_of(letter: str, script: str, size: int) -> Font | None:
    return next((font for font in fonts_for(script, size) if holds(font, letter)), None)


def _built_in_metrics(size: int) -> tuple[int, int]:
    return built_in(size).getmetrics()
