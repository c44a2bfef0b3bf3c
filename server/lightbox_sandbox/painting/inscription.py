"""Letters in a picture, as large as the place allows."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from lightbox_sandbox.pixels import Colour

from .surface import Surface


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def letter(
    surface: Surface, text: str, *, on_sign: bool = False, ground: float = 0.9, colour: Colour = (255, 252, 244)
) -> None:
    """Write a line across the top of the picture, or on the signboard that stands in its middle."""
    text = _writable(text)
    reach = 0.62 * surface.unit if on_sign else 0.84 * surface.width
    size = max(8, round(surface.unit * (0.12 if on_sign else 0.14)))
    draw = ImageDraw.Draw(surface.image)
    while size > 8 and draw.textlength(text, font=_font(size)) > reach:  # noqa: PLR2004 - smaller can't be read
        size -= max(1, size // 12)
    x = surface.width / 2
    y = surface.height * (ground - 0.44 * surface.unit / surface.height if on_sign else 0.13)
    mask = Image.new("L", surface.image.size)
    ImageDraw.Draw(mask).text((x, y), text, fill=255, font=_font(size), anchor="mm")
    shade = Image.new("L", surface.image.size)
    ImageDraw.Draw(shade).text((x, y + size * 0.05), text, fill=170, font=_font(size), anchor="mm")
    surface.lay((20, 16, 36), shade)
    surface.lay(colour if not on_sign else (58, 36, 24), mask)


def _writable(text: str) -> str:
    """Leave out what the built-in font has no letters for."""
    kept = "".join(letter for letter in text if ord(letter) < 0x250)  # noqa: PLR2004 - Latin with its accents
    return kept.strip() or "?"
