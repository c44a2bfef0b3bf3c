"""Where a picture's sky is, and where its background: found by edges, colours and place, at a working size."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from .pixels import Colour, curve, resized
from .regions import Region, drawn, regions

WORKING: Final = 512
"""The longest side in px at which masks are computed; they are scaled up with sharp edges."""

WEAK: Final = 9
STRONG: Final = 26
"""How much colours differ within three pixels where an edge may be, and where there surely is one (of 255)."""

SPECK: Final = 0.0016
"""Regions smaller than this share of the picture are stars, flakes and grain: they go with what surrounds them."""

LEAST: Final = 0.025
MOST: Final = 0.9
"""What share of a picture its subject has; what is smaller or larger is none."""


COLOURS: Final = 40
"""How many colours a picture is reduced to where subject and background are told apart by them."""

ALIKE: Final = 14.0
"""How far apart colours are, in the bands that they are reduced in, when they count for each other by six tenths."""

DOUBT: Final = 2.2
"""How much more a colour's share around the middle counts than its share within."""

CENTRE: Final = (0.5, 0.54)
CORE: Final = (0.19, 0.3)
REACH: Final = (0.36, 0.44)
"""The middle of two ellipses, and their half axes, in shares of width and height.

The inner one is mostly subject, and what lies outside of the outer one hardly ever is.
"""


def sky_mask(image: Image.Image) -> Image.Image:
    """Give 255 where a picture is what its upper edge shows, followed through gradients and clouds up to an edge."""
    small = _working(image)
    sky = [region for region in regions(_smooth_areas(small)) if region.runs[0][0] <= 1]
    return _scaled(_without_specks(_grown(drawn(sky, small.size))), image.size)


def background_mask(image: Image.Image) -> Image.Image:
    """Give 255 where a picture is transparent or behind its subject; where nothing stands out, where its sky is."""
    subject = subject_mask(image)
    behind = sky_mask(image) if subject is None else ImageOps.invert(subject)
    return ImageChops.lighter(behind, ImageOps.invert(image.convert("RGBA").getchannel("A")))


def subject_mask(image: Image.Image) -> Image.Image | None:
    """Give 255 where the subject in the middle of a picture is; `None` where nothing stands out."""
    small = _working(image)
    figure = _figure(small)
    return _scaled(figure, image.size) if LEAST < _share(figure) < MOST else None


def _working(image: Image.Image) -> Image.Image:
    share = min(1.0, WORKING / max(image.size))
    size = (max(8, round(image.width * share)), max(8, round(image.height * share)))
    return resized(image.convert("RGB"), size, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))


def _scaled(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a mask up; its edges stay about a pixel and a half wide."""
    soft = resized(mask.filter(ImageFilter.GaussianBlur(0.8)), size, Image.Resampling.BICUBIC)
    steep = max(1.0, 0.8 * max(size) / max(mask.size))
    return curve(soft, lambda v: 127 + (v - 127) * steep * 1.3)


def _share(mask: Image.Image) -> float:
    return mask.histogram()[255] / (mask.width * mask.height)


def _edges(small: Image.Image) -> Image.Image:
    """Give 255 along edges: where colours differ surely, and as far as they differ at all from there on."""
    steps = ImageChops.subtract(small.filter(ImageFilter.MaxFilter(3)), small.filter(ImageFilter.MinFilter(3)))
    red, green, blue = steps.split()
    step = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    strong = curve(step, lambda v: 255 if v >= STRONG else 0).tobytes()
    weak = regions(curve(step, lambda v: 255 if v >= WEAK else 0))
    return drawn((region for region in weak if region.meets(strong, small.width)), small.size)


def _smooth_areas(small: Image.Image) -> Image.Image:
    return ImageOps.invert(_edges(small))


def _grown(mask: Image.Image) -> Image.Image:
    """Let areas between edges reach to the middle of the edges."""
    return mask.filter(ImageFilter.MaxFilter(3))


def _without_specks(mask: Image.Image) -> Image.Image:
    least = SPECK * mask.width * mask.height
    for _ in range(2):
        holes = [region for region in regions(ImageOps.invert(mask)) if region.area < least]
        mask = ImageOps.invert(ImageChops.lighter(mask, drawn(holes, mask.size)))
    return mask


def _figure(small: Image.Image) -> Image.Image:
    """Give what stands out in the middle: by colours that the rest hasn't, within what no smooth surroundings reach."""
    surroundings = _grown(drawn(filter(_touches_rim(small.size), regions(_smooth_areas(small))), small.size))
    unlike = ImageChops.multiply(_unlike_rest(small, surroundings), ImageOps.invert(surroundings))
    hard = curve(unlike, lambda v: 255 if v > 127 else 0)  # noqa: PLR2004 - one half
    figure = _middlemost(hard)
    return _whole(ImageChops.lighter(figure, _attached(unlike, figure)))


def _attached(unlike: Image.Image, figure: Image.Image) -> Image.Image:
    """Give small parts beside a figure whose colours nothing else has: leaves, beaks, masts."""
    own = ImageChops.multiply(curve(unlike, lambda v: 255 if v > 190 else 0), ImageOps.invert(figure))  # noqa: PLR2004 - three quarters
    near = curve(figure.filter(ImageFilter.BoxBlur(12)), lambda v: 255 if v else 0).tobytes()
    most = 0.25 * figure.histogram()[255]
    own = own.filter(ImageFilter.MinFilter(3))
    return drawn((part for part in regions(own) if part.area < most and part.meets(near, own.width)), own.size)


def _touches_rim(size: tuple[int, int]) -> Callable[[Region], bool]:
    """Tell regions that reach the rim apart; what only stands on the lower edge may be the subject's."""
    width = size[0]

    def touches(region: Region) -> bool:
        left, top, right, _ = region.box
        return left <= 1 or top <= 1 or right >= width - 1

    return touches


def _unlike_rest(small: Image.Image, surroundings: Image.Image) -> Image.Image:
    """Give how much likelier each pixel's colour is in the middle than around it, smoothed, from 0 to 255."""
    lightness, blue, red = small.convert("YCbCr").split()
    bands = (
        curve(lightness, lambda v: v * 0.6),
        *(curve(band, lambda v: 128 + (v - 128) * 1.6) for band in (blue, red)),
    )
    few = Image.merge("RGB", bands).quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    core, rest = _ellipse(small.size, CORE), ImageOps.invert(_ellipse(small.size, REACH))
    unknown = ImageOps.invert(surroundings)
    within = few.histogram(ImageChops.multiply(core, unknown))
    around = few.histogram(ImageChops.multiply(rest, unknown))
    # Before plain surroundings a white chest stays though they are white; before a wood their colours are a warning.
    warning = min(1.0, max(0.0, 15 * sum(around) / sum(few.histogram(rest)) - 0.45))
    beyond = few.histogram(ImageChops.multiply(rest, surroundings))
    around = [near + warning * far for near, far in zip(around, beyond, strict=True)]
    plain, warned = _share(core) / _share(rest), sum(within) / max(1.0, sum(around))
    doubt = DOUBT * (plain + warning * (warned - plain))
    palette = few.getpalette() or []
    colours = [(palette[i], palette[i + 1], palette[i + 2]) for i in range(0, len(palette), 3)]
    table = _odds(colours, within, [doubt * count for count in around])
    likely = Image.frombytes("L", small.size, few.tobytes().translate(table))
    smooth = likely.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.GaussianBlur(2))
    return ImageChops.multiply(smooth, _trust(small.size))


def _trust(size: tuple[int, int]) -> Image.Image:
    """Give how far a colour is believed to be the subject's: wholly in the middle, less towards the rim."""
    width, height = size
    (x, y), (rx, ry) = CENTRE, REACH
    # Pillow's radial gradient is 256 px wide and reaches 181 at the middle of its sides.
    reach = (rx * width * 1.6, ry * height * 1.6)
    distance = Image.new("L", size, 255)
    disc = resized(Image.radial_gradient("L"), (round(2 * reach[0]), round(2 * reach[1])), Image.Resampling.BILINEAR)
    distance.paste(disc, (round(x * width - reach[0]), round(y * height - reach[1])))
    return curve(distance, lambda v: 255 - max(0, v - 90) * 0.6)


def _odds(colours: list[Colour], within: list[int], around: list[float]) -> bytes:
    """Give for each of 256 palette places how likely it is the middle's, where near colours count for each other."""
    table = bytearray(256)
    for place, colour in enumerate(colours):
        nearness = [math.exp(-(math.dist(colour, other) ** 2) / (2 * ALIKE**2)) for other in colours]
        inside = sum(near * count for near, count in zip(nearness, within, strict=False))
        outside = sum(near * count for near, count in zip(nearness, around, strict=False))
        table[place] = round(255 * inside / max(1.0, inside + outside))
    return bytes(table)


def _ellipse(size: tuple[int, int], axes: tuple[float, float]) -> Image.Image:
    mask = Image.new("L", size)
    (x, y), (rx, ry) = CENTRE, axes
    box = ((x - rx) * size[0], (y - ry) * size[1], (x + rx) * size[0], (y + ry) * size[1])
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


def _middlemost(hard: Image.Image) -> Image.Image:
    """Keep of a mask the part with most of its weight in the middle, and parts nearly as heavy."""
    apart = regions(hard.filter(ImageFilter.MinFilter(5)))
    if not apart:
        return hard
    width, height = hard.size
    weights = [_weight(region, width, height) for region in apart]
    most = max(weights)
    kept = [region for region, weight in zip(apart, weights, strict=True) if weight > 0.3 * most]
    return ImageChops.multiply(hard, drawn(kept, hard.size).filter(ImageFilter.MaxFilter(7)))


def _weight(region: Region, width: int, height: int) -> float:
    """Count a region's pixels, those near the middle most."""
    total = 0.0
    for y, first, end in region.runs:
        dx, dy = ((first + end) / 2 / width - CENTRE[0]) / 0.22, (y / height - CENTRE[1]) / 0.3
        total += (end - first) * math.exp(-(dx * dx + dy * dy))
    return total


def _whole(mask: Image.Image) -> Image.Image:
    """Close small gaps of a mask and fill what it encloses."""
    closed = mask.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.MinFilter(9))
    wide = ImageOps.expand(ImageChops.lighter(mask, closed), 1, 0)
    outside = [region for region in regions(ImageOps.invert(wide)) if region.runs[0][0] == 0]
    filled = ImageOps.invert(drawn(outside, wide.size))
    return filled.crop((1, 1, 1 + mask.width, 1 + mask.height))
