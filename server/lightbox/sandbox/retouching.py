"""Retouches: light, colour, sharpness, frames, and the mending of holes."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Callable
from functools import partial
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from .painting.colour import darker, lighter, mix
from .painting.surface import gradient
from .painting.vocabulary import PAINTS
from .pixels import Colour, curve, resized

Retouch = Callable[[Image.Image], Image.Image]


def _on_colours(change: Retouch) -> Retouch:
    """Let a change of an RGB picture leave transparency as it is."""

    def changed(image: Image.Image) -> Image.Image:
        result = change(image.convert("RGB")).convert("RGB")
        result.putalpha(image.getchannel("A"))
        return result

    return changed


def _sepia(image: Image.Image) -> Image.Image:
    return ImageOps.colorize(image.convert("L"), (38, 24, 16), (255, 242, 214), (170, 126, 84))


def _blur(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(2.0, min(image.size) * 0.014)))


def _pixelate(image: Image.Image) -> Image.Image:
    step = max(2, min(image.size) // 40)
    small = resized(image, (max(1, image.width // step), max(1, image.height // step)), Image.Resampling.BOX)
    return resized(small, image.size, Image.Resampling.NEAREST)


def _balanced(image: Image.Image, red: float, green: float, blue: float) -> Image.Image:
    shares = (red, green, blue)
    return Image.merge(
        "RGB", [curve(band, lambda v, s=share: v * s) for band, share in zip(image.split(), shares, strict=True)]
    )


def _vignette(image: Image.Image) -> Image.Image:
    rim = curve(resized(Image.radial_gradient("L"), image.size), lambda v: max(0, v - 70) * 1.15)
    return Image.composite(Image.new("RGB", image.size, (8, 6, 16)), image, rim)


def _night(image: Image.Image) -> Image.Image:
    return _balanced(ImageEnhance.Brightness(ImageEnhance.Color(image).enhance(0.65)).enhance(0.52), 0.72, 0.86, 1.4)


def _sunset(image: Image.Image) -> Image.Image:
    glow = gradient(image.size, ((130, 70, 150), (255, 130, 90), (255, 200, 120), (160, 100, 90)))
    return Image.blend(_balanced(image, 1.1, 0.92, 0.74), ImageChops.soft_light(image, glow), 0.62)


def _fog(image: Image.Image) -> Image.Image:
    veil = gradient(image.size, ((120, 120, 120), (190, 190, 190), (130, 130, 130))).convert("L")
    return Image.composite(
        Image.new("RGB", image.size, (226, 230, 236)), ImageEnhance.Contrast(image).enhance(0.85), veil
    )


def _background_blurred(image: Image.Image) -> Image.Image:
    return Image.composite(_on_colours(_blur)(image), image, background_mask(image))


RETOUCHES: Final[dict[str, Retouch]] = {
    "grey": _on_colours(lambda image: image.convert("L")),
    "sepia": _on_colours(_sepia),
    "blur": _on_colours(_blur),
    "sharpen": _on_colours(
        lambda image: image.filter(ImageFilter.UnsharpMask(max(1.0, min(image.size) * 0.003), 160, 2))
    ),
    "brighten": _on_colours(lambda image: curve(image, lambda v: 255 * (v / 255) ** 0.68)),
    "darken": _on_colours(lambda image: curve(image, lambda v: 225 * (v / 255) ** 1.35)),
    "contrast": _on_colours(lambda image: ImageEnhance.Contrast(image).enhance(1.45)),
    "saturate": _on_colours(lambda image: ImageEnhance.Color(image).enhance(1.6)),
    "invert": _on_colours(ImageOps.invert),
    "pixelate": _on_colours(_pixelate),
    "warm": _on_colours(partial(_balanced, red=1.12, green=1.01, blue=0.84)),
    "cool": _on_colours(partial(_balanced, red=0.86, green=0.98, blue=1.16)),
    "mirror": ImageOps.mirror,
    "turn": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "vignette": _on_colours(_vignette),
    "night": _on_colours(_night),
    "sunset": _on_colours(_sunset),
    "fog": _on_colours(_fog),
    "blur background": _background_blurred,
}
"""Every retouch by name; RGBA in, RGBA of the same size out."""


def background_mask(image: Image.Image) -> Image.Image:
    """Give 255 where a picture is background: transparent, or of a colour that its rim has as much of as its middle."""
    rim = _shared_with(image, lambda x, y: min(x, 1 - x) < 0.07 or min(y, 1 - y) < 0.07, 0.22)  # noqa: PLR2004 - the rim
    figure = resized(_middlemost(ImageOps.invert(rim)), image.size, Image.Resampling.BILINEAR)
    figure = curve(figure, lambda v: (v - 70) * 2.2)
    return ImageChops.lighter(ImageOps.invert(figure), ImageOps.invert(image.convert("RGBA").getchannel("A")))


def _middlemost(mask: Image.Image) -> Image.Image:
    """Keep of a mask what hangs together with its part nearest to the middle."""
    # Thin bridges are cut before the part is followed, and what was cut of it is grown back.
    hard = curve(mask, lambda v: 255 if v > 127 else 0).filter(ImageFilter.MinFilter(5))  # noqa: PLR2004 - one half
    width, height = hard.size
    inside = [place for place, value in enumerate(hard.tobytes()) if value]
    if not inside:
        return mask
    seed = min(inside, key=lambda place: (place % width - width * 0.5) ** 2 + (place // width - height * 0.52) ** 2)
    ImageDraw.floodfill(hard, (seed % width, seed // width), 128)
    figure = curve(hard, lambda v: 255 if v == 128 else 0).filter(ImageFilter.MaxFilter(7))  # noqa: PLR2004 - the value it was filled with
    around = ImageOps.expand(figure, 1, 0)
    ImageDraw.floodfill(around, (0, 0), 128)
    # What the surroundings don't reach is a hole in the figure, and belongs to it.
    whole = curve(around, lambda v: 0 if v == 128 else 255).crop((1, 1, width + 1, height + 1))  # noqa: PLR2004 - the value it was filled with
    return ImageChops.lighter(ImageChops.multiply(mask, figure), whole.filter(ImageFilter.MinFilter(9)))


def sky_mask(image: Image.Image) -> Image.Image:
    """Give 255 where a picture has the colours of its upper edge; nowhere, where it is no outdoor picture by that."""
    upper = _shared_with(image, lambda _, y: y < 0.16, 0.2)  # noqa: PLR2004 - the upper edge
    mask = resized(upper, image.size, Image.Resampling.BILINEAR)
    above = gradient(image.size, [(level, level, level) for level in (255, 255, 225, 60, 0)]).convert("L")
    return ImageChops.multiply(mask, above)


def _shared_with(image: Image.Image, inside: Callable[[float, float], bool], least: float) -> Image.Image:
    """Give 255 where colours lie that a band of the picture has at least `least` times its share of; a small mask."""
    share = min(1.0, 208 / max(image.size))
    size = (max(8, round(image.width * share)), max(8, round(image.height * share)))
    small = resized(image.convert("RGB"), size, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    # Colours are told apart by hue before lightness: a sky pales towards the light and is still the sky.
    lightness, blue, red = small.convert("YCbCr").split()
    bands = (
        curve(lightness, lambda v: v * 0.4),
        *(curve(band, lambda v: 128 + (v - 128) * 1.5) for band in (blue, red)),
    )
    few = Image.merge("RGB", bands).quantize(28, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    indices = few.tobytes()
    width, height = size
    total, within = [0] * 256, [0] * 256
    band = 0
    for place, index in enumerate(indices):
        total[index] += 1
        if inside((place % width) / (width - 1), (place // width) / (height - 1)):
            within[index] += 1
            band += 1
    usual = band / len(indices)
    table = bytes(255 if total[i] and within[i] / total[i] >= least * usual else 0 for i in range(256))
    mask = Image.frombytes("L", size, indices.translate(table))
    return (
        mask.filter(ImageFilter.MedianFilter(5))
        .filter(ImageFilter.MedianFilter(3))
        .filter(ImageFilter.GaussianBlur(0.7))
    )


def recoloured(image: Image.Image, name: str, *, source: str | None, area: str | None, masked: bool) -> Image.Image:
    """Dye a picture, or what in it has a colour, or its sky or background; light and shade stay."""
    rgb = image.convert("RGB")
    dyed = _dyed(rgb, PAINTS[name])
    if area == "background":
        where = background_mask(image)
    elif area == "sky":
        where = sky_mask(image)
    elif source:
        where = _like(rgb, PAINTS[source])
    elif masked:
        where = Image.new("L", image.size, 255)
    else:
        where = _subject(image)
    result = Image.composite(dyed, rgb, where)
    result.putalpha(image.getchannel("A"))
    return result


def _dyed(image: Image.Image, colour: Colour) -> Image.Image:
    grey = ImageOps.autocontrast(image.convert("L"), 0.5)
    return ImageOps.colorize(grey, darker(colour, 0.72), lighter(colour, 0.72), mix(colour, (128, 128, 128), 0.06))


def _subject(image: Image.Image) -> Image.Image:
    """Give where a picture's subject is; where nothing stands out, all of it."""
    mask = ImageOps.invert(background_mask(image))
    share = sum(mask.histogram()[128:]) / (image.width * image.height)
    return mask if 0.02 < share < 0.85 else Image.new("L", image.size, 255)  # noqa: PLR2004 - too little or too much to be what is meant


def _like(image: Image.Image, colour: Colour) -> Image.Image:
    """Give where a picture has about the hue of a colour, or its lightness where that is a grey."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    h, s, v = image.convert("HSV").split()
    if saturation < 0.15:  # noqa: PLR2004 - black, white and greys
        near = curve(v, lambda x: 255 - abs(x - value * 255) * 4)
        return ImageChops.multiply(near, curve(s, lambda x: 255 - (x - 40) * 5)).filter(ImageFilter.GaussianBlur(0.8))
    centre = hue * 255
    near = curve(h, lambda x: 255 - (min(abs(x - centre), 255 - abs(x - centre)) - 13) * 30)
    return ImageChops.multiply(near, curve(s, lambda x: (x - 50) * 6)).filter(ImageFilter.GaussianBlur(0.8))


def filled_in(image: Image.Image, keep: Image.Image | None) -> Image.Image:
    """Mend the hole that a mask leaves from what surrounds it; without a mask, the middle of the picture.

    The picture is halved until the hole is gone and built up again, so that near pixels count for more than far ones.
    """
    if keep is None:
        keep = Image.new("L", image.size, 255)
        width, height = image.size
        ImageDraw.Draw(keep).ellipse((width * 0.28, height * 0.28, width * 0.72, height * 0.78), fill=0)
    known = image.convert("RGB")
    known.putalpha(curve(keep, lambda v: 255 if v > 250 else 0))  # noqa: PLR2004 - what is kept entirely
    levels = [known.convert("RGBa")]
    while min(levels[-1].size) > 1 and levels[-1].getchannel(
        "a" if "a" in levels[-1].getbands() else 3
    ).getextrema() != (255, 255):
        small = (max(1, levels[-1].width // 2), max(1, levels[-1].height // 2))
        levels.append(resized(levels[-1], small, Image.Resampling.BOX))
    mended = levels[-1].convert("RGBA").convert("RGB")
    for level in reversed(levels[:-1]):
        rgba = level.convert("RGBA")
        mended = resized(mended, level.size, Image.Resampling.BICUBIC)
        mended = Image.composite(rgba.convert("RGB"), mended, curve(rgba.getchannel("A"), lambda v: v * 1.6))
    mended.putalpha(image.getchannel("A"))
    return mended


def framed(image: Image.Image, name: str, box: tuple[int, int, int, int]) -> Image.Image:
    """Put a part of a picture into a moulded frame of a colour (wood where none is named); its size stays."""
    tone = PAINTS.get(name, (112, 78, 52))
    left, top, right, bottom = box
    thick = max(3, round(min(right - left, bottom - top) * 0.06))
    result = image.copy()
    draw = ImageDraw.Draw(result)
    for step in range(thick):
        share = step / thick
        shade = lighter(tone, 0.4 * (1 - abs(share - 0.3) * 2)) if share < 0.7 else darker(tone, 0.25 + 0.5 * share)  # noqa: PLR2004 - the moulding's inner slope
        draw.rectangle((left + step, top + step, right - 1 - step, bottom - 1 - step), outline=(*shade, 255))
    return result


def seeded(image: Image.Image, prompt: str, seed: int | None) -> Image.Image:
    """Grade a picture in two tones that the prompt's letters choose: visible, gentle, always the same."""
    chance = random.Random(f"{prompt}|{seed}")  # noqa: S311 - a painting needs no secrets
    hue = chance.random()
    dark, light = (_rgb(hue, 0.6, 0.3), _rgb((hue + 0.4) % 1, 0.25, 1.0))
    toned = ImageOps.colorize(image.convert("L"), dark, light)
    graded = Image.blend(image.convert("RGB"), toned, 0.45)
    graded.putalpha(image.getchannel("A"))
    return graded


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
