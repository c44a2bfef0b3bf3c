"""Colours and their names, in English and Chinese."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PIL import Image

from .pixels import Colour, resized

NAMES: Final[dict[str, tuple[Colour, str]]] = {
    "black": ((16, 16, 20), "黑色"),
    "charcoal": ((58, 60, 68), "炭灰色"),
    "grey": ((128, 130, 134), "灰色"),
    "light grey": ((196, 198, 202), "浅灰色"),
    "white": ((250, 250, 250), "白色"),
    "cream": ((248, 238, 214), "米白色"),
    "beige": ((224, 206, 176), "米色"),
    "tan": ((204, 166, 122), "棕褐色"),
    "brown": ((124, 82, 54), "棕色"),
    "dark brown": ((70, 46, 34), "深棕色"),
    "maroon": ((112, 26, 40), "栗色"),
    "red": ((208, 44, 44), "红色"),
    "coral": ((244, 118, 96), "珊瑚色"),
    "salmon": ((240, 156, 138), "鲑红色"),
    "pink": ((244, 160, 190), "粉色"),
    "magenta": ((208, 52, 146), "洋红色"),
    "orange": ((242, 134, 48), "橙色"),
    "amber": ((246, 178, 60), "琥珀色"),
    "peach": ((250, 200, 160), "桃色"),
    "yellow": ((248, 220, 72), "黄色"),
    "olive": ((126, 128, 60), "橄榄色"),
    "lime green": ((160, 210, 70), "酸橙绿"),
    "green": ((74, 154, 78), "绿色"),
    "dark green": ((32, 74, 48), "深绿色"),
    "sage green": ((156, 178, 148), "灰绿色"),
    "mint": ((164, 226, 194), "薄荷绿"),
    "teal": ((30, 130, 134), "蓝绿色"),
    "turquoise": ((72, 200, 198), "绿松石色"),
    "sky blue": ((138, 192, 236), "天蓝色"),
    "pale blue": ((200, 222, 240), "淡蓝色"),
    "blue": ((52, 108, 200), "蓝色"),
    "slate blue": ((92, 112, 148), "石板蓝"),
    "navy": ((22, 32, 78), "藏青色"),
    "indigo": ((66, 56, 142), "靛蓝色"),
    "purple": ((124, 70, 164), "紫色"),
    "plum": ((92, 44, 92), "梅红色"),
    "lavender": ((188, 170, 224), "薰衣草色"),
    "mauve": ((172, 128, 158), "淡紫色"),
}


def colour_name(colour: Colour, *, chinese: bool = False) -> str:
    """Give the nearest name of a colour, measured in CIE Lab, where distances are as seen."""
    name = _nearest(colour)
    return NAMES[name][1] if chinese else name


@lru_cache(maxsize=4096)
def _nearest(colour: Colour) -> str:
    here = _lab(colour)
    return min(NAMES, key=lambda name: sum((a - b) ** 2 for a, b in zip(here, _lab(NAMES[name][0]), strict=True)))


@lru_cache(maxsize=4096)
def _lab(colour: Colour) -> tuple[float, float, float]:
    """Convert sRGB to CIE Lab (D65)."""
    r, g, b = ((v / 255 / 12.92) if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour)  # noqa: PLR2004 - where sRGB's curve begins
    x, y, z = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    fx, fy, fz = ((v ** (1 / 3)) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))  # noqa: PLR2004 - CIE's epsilon
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def main_colours(image: Image.Image, limit: int = 5, *, chinese: bool = False) -> list[tuple[str, float]]:
    """Give the names of a picture's main colours with their shares (0 to 1), the largest first."""
    small = resized(image.convert("RGB"), (96, 96), Image.Resampling.BOX)
    few = small.quantize(24, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = few.getpalette() or []
    shares: dict[str, float] = {}
    for count, index in few.getcolors() or []:
        if isinstance(index, int):
            red, green, blue = palette[3 * index : 3 * index + 3]
            name = colour_name((red, green, blue), chinese=chinese)
            shares[name] = shares.get(name, 0) + count / (96 * 96)
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    return [(name, share) for name, share in ranked[:limit] if share >= 0.03]  # noqa: PLR2004 - less is no main colour
