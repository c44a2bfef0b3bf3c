"""What is painted on: a picture whose places are given in shares of its width and height."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypedDict, Unpack

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from lightbox_sandbox.pixels import Colour, curve, dimmed, resized

from .colour import darker, lighter
from .outlines import Outline

Paint = Colour | tuple[Colour, Colour]
"""One colour, or a lighter one above and another below."""


class Finish(TypedDict, total=False):
    """How paint is laid on.

    Attributes:
        opacity: 0 is invisible, 1 covers.
        blur: Softness of the edge, in shares of the shorter side.
        volume: From 0 (flat) to 1 (round): light on one side, shade on the other.
        light: Where the light comes from, as a direction in the picture.
    """

    opacity: float
    blur: float
    volume: float
    light: tuple[float, float]


FINE: Final = {"low": 2, "medium": 3, "high": 4}
"""How many times finer than the picture edges are drawn, by quality."""

FIELD: Final = {"low": 320, "medium": 512, "high": 800}
"""The longest side in px at which clouds and other soft fields are computed, by quality."""


class Surface:
    """A picture being painted.

    Args:
        width: In px.
        height: In px.
        quality: `low`, `medium` or `high`.
        base: The first colour; `None` for a transparent ground.
    """

    def __init__(self, width: int, height: int, quality: str = "medium", base: Colour | None = (0, 0, 0)) -> None:
        self.width, self.height = width, height
        self.quality = quality
        self.fine = FINE[quality]
        self.unit = min(width, height)
        self.image = Image.new("RGBA", (width, height), (0, 0, 0, 0) if base is None else (*base, 255))

    # Fields: whole pictures of grey from which clouds, water and textures are made.

    def noise(self, chance: random.Random, cells: tuple[int, int], octaves: int = 4, gain: float = 0.5) -> Image.Image:
        """Give fractal noise over the whole surface, from 0 to 255; `cells` are across and down in the first octave."""
        scale = min(1.0, FIELD[self.quality] / max(self.width, self.height))
        size = (max(2, round(self.width * scale)), max(2, round(self.height * scale)))
        field: Image.Image | None = None
        weight = total = 1.0
        for octave in range(octaves):
            grid = (max(2, cells[0] << octave), max(2, cells[1] << octave))
            layer = resized(Image.frombytes("L", grid, chance.randbytes(grid[0] * grid[1])), size)
            if field is None:
                field = layer
            else:
                weight *= gain
                total += weight
                field = Image.blend(field, layer, weight / total)
        assert field is not None  # noqa: S101 - there is at least one octave
        low, high = field.getextrema()
        if isinstance(low, tuple) or isinstance(high, tuple):
            raise TypeError("a field has one channel")
        field = curve(field, lambda value: (value - low) * 255 / max(1, high - low))
        return resized(field, (self.width, self.height), Image.Resampling.BILINEAR)

    # Laying paint on.

    def lay(
        self, paint: Paint | Image.Image, mask: Image.Image, at: tuple[int, int] = (0, 0), strength: float = 1.0
    ) -> None:
        """Lay paint through a mask whose upper left corner lies at a place in px."""
        if strength < 1:
            mask = dimmed(mask, strength)
        layer = paint.convert("RGBA") if isinstance(paint, Image.Image) else filled(mask.size, paint)
        layer.putalpha(mask)
        self.image.alpha_composite(layer, at)

    def wash(self, stops: Sequence[Colour], top: float = 0.0, bottom: float = 1.0) -> None:
        """Fill a band from `top` to `bottom` with a gradient that runs down through colours."""
        first, last = round(top * self.height), round(bottom * self.height)
        if last > first:
            self.image.paste(gradient((self.width, last - first), stops), (0, first))

    def veil(self, colour: Colour, stops: Sequence[float], top: float = 0.0, bottom: float = 1.0) -> None:
        """Lay a colour over a band; its strength runs down through `stops`, each from 0 to 1."""
        first, last = round(top * self.height), round(bottom * self.height)
        if last <= first:
            return
        column = Image.frombytes("L", (1, len(stops)), bytes(round(255 * stop) for stop in stops))
        self.lay(colour, _stretched(column, (self.width, last - first)), (0, first))

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0, falloff: float = 2.0
    ) -> None:
        """Let light shine about a place; `radius` in shares of the shorter side."""
        reach = max(1, round(radius * self.unit))
        size = (2 * reach, 2 * reach)
        self._place(
            resized(_halo(strength, falloff), size, Image.Resampling.BILINEAR),
            colour,
            round(x * self.width) - reach,
            round(y * self.height) - reach,
        )

    def _place(self, mask: Image.Image, paint: Paint, left: int, top: int) -> None:
        box = (max(0, left), max(0, top), min(self.width, left + mask.width), min(self.height, top + mask.height))
        if box[0] < box[2] and box[1] < box[3]:
            self.lay(paint, mask.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top)), box[:2])

    def shapes(self, outlines: Sequence[Outline], paint: Paint, **finish: Unpack[Finish]) -> None:
        """Fill outlines (points in shares of width and height), antialiased.

        Args:
            outlines: Closed lines; drawn together, as one thing.
            paint: Their colour.
            finish: How they are laid on; opaque, sharp and flat where nothing is said.
        """
        self.polygons([[(x * self.width, y * self.height) for x, y in line] for line in outlines], paint, **finish)

    def polygons(
        self,
        outlines: Sequence[Outline],
        paint: Paint,
        *,
        opacity: float = 1.0,
        blur: float = 0.0,
        volume: float = 0.0,
        light: tuple[float, float] = (-0.6, -0.8),
    ) -> None:
        """Do as `shapes` does, with points in px."""
        soft = blur * self.unit
        pad = round(soft * 2.5) + 1
        xs = [x for line in outlines for x, _ in line]
        ys = [y for line in outlines for _, y in line]
        if not xs:
            return
        left, top = max(-pad, int(min(xs)) - pad), max(-pad, int(min(ys)) - pad)
        right, bottom = min(self.width + pad, int(max(xs)) + 1 + pad), min(self.height + pad, int(max(ys)) + 1 + pad)
        if left >= right or top >= bottom:
            return
        size = (right - left, bottom - top)
        mask = self._mask(outlines, size, (left, top))
        if soft:
            mask = softened(mask, soft)
        if opacity < 1:
            mask = dimmed(mask, opacity)
        fill: Paint | Image.Image = paint
        layer = filled(size, fill)
        if volume:
            _round(layer, mask, volume, light, max(1.0, min(max(xs) - min(xs), max(ys) - min(ys))))
        box = (max(0, left), max(0, top), min(self.width, right), min(self.height, bottom))
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        layer.putalpha(mask)
        part = layer.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        self.image.alpha_composite(part, box[:2])

    def _mask(self, outlines: Sequence[Outline], size: tuple[int, int], origin: tuple[int, int]) -> Image.Image:
        k = self.fine
        mask = Image.new("L", (size[0] * k, size[1] * k))
        draw = ImageDraw.Draw(mask)
        for line in outlines:
            draw.polygon([((x - origin[0]) * k, (y - origin[1]) * k) for x, y in line], fill=255)
        return mask.reduce(k)

    def covered(self, outlines: Sequence[Outline]) -> Image.Image:
        """Give the mask of outlines over the whole surface."""
        return self._mask(
            [[(x * self.width, y * self.height) for x, y in line] for line in outlines],
            (self.width, self.height),
            (0, 0),
        )


@lru_cache(maxsize=64)
def _halo(strength: float, falloff: float) -> Image.Image:
    # Pillow's gradient reaches 181 at the middle of its sides and goes on into the corners.
    return curve(Image.radial_gradient("L"), lambda value: 255 * strength * max(0.0, 1 - value / 181) ** falloff)


def branch(chance: random.Random) -> random.Random:
    """Give a chance of its own to what draws more often at higher quality, so that the rest of the picture stays."""
    return random.Random(chance.getrandbits(64))  # noqa: S311 - a painting needs no secrets


def gradient(size: tuple[int, int], stops: Sequence[Colour]) -> Image.Image:
    """Give a picture that runs down through colours."""
    column = Image.frombytes("RGB", (1, len(stops)), bytes(part for colour in stops for part in colour))
    return _stretched(column, size)


def _stretched(column: Image.Image, size: tuple[int, int]) -> Image.Image:
    # The middle of the first and last pixel lie on the edges, so the stops are reached.
    if column.height == 1:
        return resized(column, size, Image.Resampling.NEAREST)
    strip = resized(column, (1, size[1]), Image.Resampling.BILINEAR, (0, 0.5, 1, column.height - 0.5))
    return resized(strip, size, Image.Resampling.NEAREST)


def filled(size: tuple[int, int], paint: Paint) -> Image.Image:
    """Give an RGBA picture of one colour, or of one above that becomes the other below."""
    first = paint[0]
    if isinstance(first, int):
        return Image.new("RGBA", size, paint)  # pyright: ignore[reportArgumentType] - one colour: its first part is a number
    return gradient(size, [colour for colour in paint if not isinstance(colour, int)]).convert("RGBA")


def softened(mask: Image.Image, radius: float) -> Image.Image:
    """Blur a mask; a wide blur is computed small, where nobody can tell."""
    step = max(1, int(radius / 3))
    if step == 1:
        return mask.filter(ImageFilter.GaussianBlur(radius))
    small = mask.reduce(step).filter(ImageFilter.GaussianBlur(radius / step))
    return resized(small, mask.size, Image.Resampling.BILINEAR)


def _round(layer: Image.Image, mask: Image.Image, volume: float, light: tuple[float, float], across: float) -> None:
    """Give a flat layer light and shade along the rim of its mask, as on something round."""
    reach = across * 0.16
    pad = round(reach * 2) + 2
    wide = Image.new("L", (mask.width + 2 * pad, mask.height + 2 * pad))
    wide.paste(mask, (pad, pad))
    soft = softened(wide, reach)
    box = (pad, pad, pad + mask.width, pad + mask.height)
    dx, dy = round(light[0] * reach * 1.1), round(light[1] * reach * 1.1)
    shade = ImageChops.subtract(mask, ImageChops.offset(soft, dx, dy).crop(box))
    shine = ImageChops.subtract(mask, ImageChops.offset(soft, -dx, -dy).crop(box))
    average = resized(layer.convert("RGB"), (1, 1), Image.Resampling.BOX).getpixel((0, 0))
    if not isinstance(average, tuple):
        raise TypeError("a layer has colours")
    colour = (int(average[0]), int(average[1]), int(average[2]))
    layer.paste(darker(colour, 0.55), (0, 0), dimmed(shade, volume * 0.95))
    layer.paste(lighter(colour, 0.5), (0, 0), dimmed(shine, volume * 0.75))
