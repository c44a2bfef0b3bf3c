"""Retouches: light, colour, sharpness, frames, and the mending of holes."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Callable
from functools import partial
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from .masks import background_mask, sky_mask, subject_mask
from .painting.brief import PAINTS
from .painting.colour import darker, lighter, mix
from .painting.surface import gradient
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
        where = subject_mask(image) or Image.new("L", image.size, 255)
    result = Image.composite(dyed, rgb, where)
    result.putalpha(image.getchannel("A"))
    return result


def _dyed(image: Image.Image, colour: Colour) -> Image.Image:
    grey = ImageOps.autocontrast(image.convert("L"), 0.5)
    return ImageOps.colorize(grey, darker(colour, 0.72), lighter(colour, 0.72), mix(colour, (128, 128, 128), 0.06))


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
