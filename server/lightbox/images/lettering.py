"""Words painted into a picture: the built-in font, and the system's where a title needs its letters. Imports Pillow."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont

SYSTEM_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "SourceHanSans-Regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "Arial Unicode.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "AppleSDGothicNeo.ttc",
    "segoeui.ttf",
    "msyh.ttc",
    "YuGothM.ttc",
    "malgun.ttf",
)
"""Fonts of Linux, macOS and Windows that hold what the built-in one lacks, among them the scripts of East Asia."""

_MISSING = "\U0010fffe"  # no font has a letter here: it is drawn as the box that stands for missing ones
ELLIPSIS = "…"


def font_for(text: str, size: int) -> Font:
    """Choose the first font that has every letter of a text, else the one that has the most."""
    letters = set(text) - set(" ")
    best, most = _built_in(size), -1
    for font in _fonts(size):
        held = sum(_holds(font, letter) for letter in letters)
        if held > most:
            best, most = font, held
        if held == len(letters):
            break
    return best


def fitting(text: str, size: int, width: int, lines: int) -> tuple[Font, list[str]]:
    """Break a text into at most so many lines of a width in px, the last one cut with an ellipsis.

    Letters that no font here has are left out: a row of boxes tells nothing.
    """
    text = " ".join(_plain(text).split())
    font = font_for(text, size)
    text = " ".join("".join(letter for letter in text if letter == " " or _holds(font, letter)).split())
    broken: list[str] = []
    while text and len(broken) < lines:
        line, text = _first_line(text, font, width)
        broken.append(line)
    if text and broken:
        broken[-1] = _cut(f"{broken[-1]} {text}", font, width)
    return font, broken


def _plain(text: str) -> str:
    """Leave out what has no shape of its own: control characters, directions, joiners and such."""
    text = unicodedata.normalize("NFC", text[:400])
    return "".join(" " if letter.isspace() else letter for letter in text if _has_shape(letter))


def _has_shape(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] != "C"


def _first_line(text: str, font: Font, width: int) -> tuple[str, str]:
    """Break at the last space that fits; within a word where it is longer than the line, as Chinese needs."""
    if font.getlength(text) <= width:
        return text, ""
    count = _fitting_letters(text, font, width)
    space = text.rfind(" ", 0, count + 1)
    if space > count // 2:
        count = space
    return text[:count].rstrip(), text[count:].lstrip()


def _cut(text: str, font: Font, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    return text[: _fitting_letters(text, font, width - round(font.getlength(ELLIPSIS)))].rstrip() + ELLIPSIS


def _fitting_letters(text: str, font: Font, width: int) -> int:
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(text[:middle]) <= width else (low, middle - 1)
    return low


def draw_lines(draw: ImageDraw.ImageDraw, place: tuple[int, int], font: Font, lines: list[str], colour: str) -> int:
    """Draw lines one below the other from a top left corner, and give the px below the last one."""
    x, y = place
    height = line_height(font)
    for line in lines:
        draw.text((x, y + height), line, fill=colour, font=font, anchor="ld")
        y += height
    return y


def line_height(font: Font) -> int:
    """Give the px from one line to the next."""
    return round(font.size * 1.3)


@cache
def _built_in(size: int) -> Font:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


@cache
def _fonts(size: int) -> list[Font]:
    fonts = [_built_in(size)]
    for name in SYSTEM_FONTS:
        try:
            fonts.append(ImageFont.truetype(name, size))
        except OSError:
            continue
    return fonts


def _holds(font: Font, letter: str) -> bool:
    """Tell whether a font has a letter: what it lacks is all drawn alike."""
    return _drawn(font, letter) != _drawn(font, _MISSING)


@lru_cache(maxsize=8192)
def _drawn(font: Font, letter: str) -> bytes:
    side = round(font.size * 2)
    paper = Image.new("L", (side, side))
    ImageDraw.Draw(paper).text((side // 4, side // 4), letter, fill=255, font=font)
    return paper.tobytes()
