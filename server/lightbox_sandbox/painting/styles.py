"""Ways of painting, laid over the finished picture: watercolour, oil, ink, pencil, pixels, old print."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from lightbox_sandbox.pixels import curve, resized

from .surface import Surface

Style = Callable[[Image.Image, random.Random], Image.Image]

POOLING: Final = 384
"""The longest shorter side in px at which colours are pooled."""


def watercolour(image: Image.Image, chance: random.Random) -> Image.Image:
    """Let the colours run on rough paper."""
    unit = min(image.size)
    soft = _pooled(image).filter(ImageFilter.GaussianBlur(unit * 0.0022))
    soft = ImageOps.posterize(soft, 5)
    edges = curve(
        soft.convert("L").filter(ImageFilter.FIND_EDGES).filter(ImageFilter.GaussianBlur(unit * 0.0015)),
        lambda v: 255 - v * 1.1,
    )
    painted = ImageChops.multiply(soft, Image.merge("RGB", (edges,) * 3))
    field = Surface(image.width, image.height, "low", None).noise(chance, (3, 3), 5, 0.6)
    grain = Surface(image.width, image.height, "low", None).noise(chance, (90, 90), 2, 0.7)
    wash = curve(ImageChops.add(field, grain, 2), lambda v: 40 + v * 0.62)
    return Image.composite(Image.new("RGB", image.size, (252, 249, 240)), painted, curve(wash, lambda v: v * 0.62))


def _pooled(image: Image.Image) -> Image.Image:
    """Let paint gather into pools; what is found at a smaller size looks the same, and costs a tenth."""
    unit = min(image.size)
    share = min(1.0, POOLING / unit)
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    small = image if share == 1 else resized(image, size, Image.Resampling.BOX)
    pooled = small.filter(ImageFilter.ModeFilter(max(3, min(size) // 160 | 1)))
    return pooled if share == 1 else resized(pooled, image.size)


def oil(image: Image.Image, chance: random.Random) -> Image.Image:
    """Put the picture down in broad strokes."""
    unit = min(image.size)
    small = resized(
        image, (max(8, image.width * 360 // unit), max(8, image.height * 360 // unit)), Image.Resampling.BOX
    )
    strokes = resized(small.filter(ImageFilter.ModeFilter(7)), image.size).filter(
        ImageFilter.UnsharpMask(unit * 0.004, 120, 0)
    )
    field = Surface(image.width, image.height, "low", None).noise(chance, (70, 34), 2, 0.7)
    relief = curve(ImageChops.subtract(field, ImageChops.offset(field, 2, 2), 0.5, 128), lambda v: 64 + v * 0.5)
    return ImageEnhance.Color(ImageChops.overlay(strokes, Image.merge("RGB", (relief,) * 3))).enhance(1.2)


def sketch(image: Image.Image, chance: random.Random) -> Image.Image:
    """Draw the picture with a pencil."""
    grey = image.convert("L")
    inverse = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(min(image.size) * 0.008))
    lines = ImageChops.add(grey, inverse)
    lines = curve(lines, lambda v: 255 - (255 - v) * 2.4)
    shade = curve(grey, lambda v: 150 + v * 0.5)
    grain = Surface(image.width, image.height, "low", None).noise(chance, (150, 150), 2, 0.7)
    drawn = ImageChops.multiply(ImageChops.multiply(lines, shade), curve(grain, lambda v: 226 + v * 0.12))
    return ImageOps.colorize(drawn, (40, 38, 44), (252, 250, 244))


def ink(image: Image.Image, chance: random.Random) -> Image.Image:
    """Brush the picture in ink on rice paper."""
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(min(image.size) * 0.004))
    tones = curve(ImageOps.autocontrast(grey, 2), lambda v: 255 * (v / 255) ** 0.62)
    edges = curve(
        image.convert("L").filter(ImageFilter.FIND_EDGES).filter(ImageFilter.GaussianBlur(1.2)), lambda v: 255 - v * 1.5
    )
    field = Surface(image.width, image.height, "low", None).noise(chance, (4, 4), 5, 0.6)
    tones = Image.blend(ImageChops.multiply(tones, edges), curve(field, lambda v: 150 + v * 0.42), 0.22)
    return ImageOps.colorize(tones, (26, 28, 32), (246, 240, 224))


def pixel(image: Image.Image, chance: random.Random) -> Image.Image:
    """Show the picture in large pixels of few colours."""
    del chance
    step = max(2, min(image.size) // 96)
    small = resized(image, (max(1, image.width // step), max(1, image.height // step)), Image.Resampling.BOX)
    few = ImageEnhance.Color(small).enhance(1.25).quantize(32, dither=Image.Dither.NONE).convert("RGB")
    return resized(few, image.size, Image.Resampling.NEAREST)


def vintage(image: Image.Image, chance: random.Random) -> Image.Image:
    """Fade the picture like an old print."""
    grey = ImageOps.colorize(image.convert("L"), (44, 28, 20), (252, 240, 212), (176, 132, 92))
    faded = Image.blend(image, grey, 0.78)
    grain = Surface(image.width, image.height, "low", None).noise(chance, (200, 200), 2, 0.7)
    return ImageChops.overlay(faded, Image.merge("RGB", (curve(grain, lambda v: 104 + v * 0.18),) * 3))


def mono(image: Image.Image, chance: random.Random) -> Image.Image:
    """Take the colours away."""
    del chance
    return ImageOps.autocontrast(image.convert("L"), 0.5).convert("RGB")


def pastel(image: Image.Image, chance: random.Random) -> Image.Image:
    """Soften the colours."""
    del chance
    return Image.blend(ImageEnhance.Color(image).enhance(0.75), Image.new("RGB", image.size, (255, 246, 240)), 0.34)


def poster(image: Image.Image, chance: random.Random) -> Image.Image:
    """Print the picture in few flat colours."""
    del chance
    flat = image.filter(ImageFilter.ModeFilter(5)).quantize(14, dither=Image.Dither.NONE).convert("RGB")
    return ImageEnhance.Color(flat.filter(ImageFilter.ModeFilter(3))).enhance(1.3)


def vivid(image: Image.Image, chance: random.Random) -> Image.Image:
    """Strengthen the colours."""
    del chance
    return ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(1.45)).enhance(1.06)


STYLES: Final[dict[str, Style]] = {
    "watercolour": watercolour, "oil": oil, "sketch": sketch, "ink": ink, "pixel": pixel,
    "vintage": vintage, "mono": mono, "pastel": pastel, "poster": poster, "vivid": vivid,
}  # fmt: skip


def finished(image: Image.Image, chance: random.Random, *, grain: bool) -> Image.Image:
    """Give the picture its last touch: bloom about the lights, a darker rim, a little grain."""
    unit = min(image.size)
    small = image.reduce(max(1, unit // 256))
    # Curves are laid on what is still small: the picture itself is gone over once for each touch.
    lights = curve(small, lambda v: (v - 168) * 1.9).filter(ImageFilter.GaussianBlur(8))
    bloom = resized(curve(lights, lambda v: v * 0.24), image.size, Image.Resampling.BILINEAR)
    image = ImageChops.screen(image, bloom)
    rim = curve(Image.radial_gradient("L"), lambda v: max(0, v - 120) * 0.34)
    image.paste((12, 10, 30), (0, 0), resized(rim, image.size, Image.Resampling.BILINEAR))
    if not grain:
        return image
    noise = Image.frombytes("L", (256, 256), chance.randbytes(65536))
    sheet = Image.new("L", image.size)
    for x in range(0, image.width, 256):
        for y in range(0, image.height, 256):
            sheet.paste(noise, (x, y))
    sheet = curve(sheet, lambda v: 122 + v * 0.05)
    return ImageChops.overlay(image, Image.merge("RGB", (sheet,) * 3))
