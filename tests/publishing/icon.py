"""Draws the icon that shops show: a lightbox, a lamp below milk glass with four slides on it.

`python tests/publishing/icon.py` writes it anew, where the drawing was changed.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from publishing.project import ICON, ICON_COPY, ICON_SIDE

FINER = 4
"""It is drawn larger by this factor and scaled down: that smooths its edges."""
CASE, GLASS, FRAME = "#20242f", "#fff6df", "#39404f"
SKIES = ("#f2a541", "#4b8fd6", "#8e6bbf", "#2f9e84")
HILLS = ("#b5482f", "#23527c", "#4f3a78", "#17604f")
SUN = "#fffbe9"


def draw(side: int = ICON_SIDE) -> Image.Image:
    """Draw it, RGBA, `side` px wide and high, with clear corners."""
    whole = side * FINER
    unit = whole / 64
    picture = Image.new("RGBA", (whole, whole))
    ImageDraw.Draw(picture).rounded_rectangle(_box(2, 2, 60, 60, unit), radius=13 * unit, fill=CASE)
    picture.alpha_composite(_glow(whole, unit))
    ImageDraw.Draw(picture).rounded_rectangle(_box(9, 9, 46, 46, unit), radius=6 * unit, fill=GLASS)
    for number, (sky, hill) in enumerate(zip(SKIES, HILLS, strict=True)):
        column, row = number % 2, number // 2
        slide = _slide(sky, hill, unit, sun=(0.7, 0.3) if column else (0.3, 0.3))
        picture.alpha_composite(slide, (round((13 + 20 * column) * unit), round((13 + 20 * row) * unit)))
    return picture.reduce(FINER)


def _glow(whole: int, unit: float) -> Image.Image:
    light = Image.new("RGBA", (whole, whole))
    ImageDraw.Draw(light).rounded_rectangle(_box(8, 8, 48, 48, unit), radius=8 * unit, fill="#ffe7a8b0")
    return light.filter(ImageFilter.GaussianBlur(2 * unit))


def _slide(sky: str, hill: str, unit: float, sun: tuple[float, float]) -> Image.Image:
    """Draw one slide: a frame, and in it a sky with a sun above two hills."""
    side = round(18 * unit)
    window = Image.new("RGBA", (side, side), sky)
    pen = ImageDraw.Draw(window)
    x, y, r = sun[0] * side, sun[1] * side, 0.12 * side
    pen.ellipse((x - r, y - r, x + r, y + r), fill=SUN)
    pen.polygon([(0, 0.95 * side), (0.38 * side, 0.48 * side), (0.78 * side, side), (0, side)], fill=hill)
    pen.polygon([(0.3 * side, side), (0.72 * side, 0.6 * side), (side, 0.9 * side), (side, side)], fill=hill)
    framed = Image.new("RGBA", (side, side))
    cut = Image.new("L", (side, side))
    ImageDraw.Draw(cut).rounded_rectangle((0, 0, side - 1, side - 1), radius=2.5 * unit, fill=255)
    framed.paste(window, mask=cut)
    ImageDraw.Draw(framed).rounded_rectangle(
        (0, 0, side - 1, side - 1), radius=2.5 * unit, outline=FRAME, width=round(1.2 * unit)
    )
    return framed


def _box(x: float, y: float, width: float, height: float, unit: float) -> tuple[float, float, float, float]:
    return x * unit, y * unit, (x + width) * unit, (y + height) * unit


if __name__ == "__main__":
    for path in (ICON, ICON_COPY):
        draw().save(Path(__file__).parents[2] / path, optimize=True)
