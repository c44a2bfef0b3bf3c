"""The sandbox's painter: a prompt becomes a picture, the same prompt the same picture."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageFilter

from .painting.brief import read
from .painting.composition import compose
from .painting.styles import STYLES, finished
from .painting.surface import FINE, Surface
from .pixels import resized

LOW_SHARE = 0.7
"""How much smaller a large picture of low quality is painted before it is scaled up."""

LOW_SIDE = 400


def paint(
    prompt: str,
    *,
    width: int,
    height: int,
    quality: str = "auto",
    seed: int | None = None,
    background: str = "auto",
) -> Image.Image:
    """Paint what a prompt names, in px; equal arguments give equal pixels.

    Args:
        prompt: What to paint, in English or Chinese.
        width: Width in px.
        height: Height in px.
        quality: `low`, `medium`, `high` or `auto`; it shows in edges and detail.
        seed: Another seed gives another picture of the same prompt.
        background: `transparent` leaves everything around the subject out (RGBA); else RGB.
    """
    fineness = quality if quality in FINE else "medium"
    chance = random.Random(f"{prompt.strip().lower()}|{seed}")  # noqa: S311 - a painting needs no secrets
    brief = read(prompt)
    bare = background == "transparent"
    share = LOW_SHARE if fineness == "low" and min(width, height) > LOW_SIDE else 1.0
    surface = Surface(round(width * share), round(height * share), fineness, None if bare else (128, 128, 128))
    compose(surface, brief, chance, bare=bare)
    alpha = surface.image.getchannel("A")
    image = surface.image.convert("RGB")
    if not bare and "minimal" not in brief.styles:
        image = finished(image, chance, grain=fineness != "low")
    for style in dict.fromkeys(brief.styles):
        if style in STYLES:
            image = STYLES[style](image, chance)
    if bare:
        image.putalpha(alpha)
    return image if image.size == (width, height) else resized(image, (width, height), Image.Resampling.BICUBIC)


def roughen(image: Image.Image, step: int, steps: int) -> Image.Image:
    """Give partial image `step` of `steps` (counted from 0): rough at first, nearer to the picture each time."""
    share = (steps - min(step, steps)) / (steps + 1)
    radius = max(image.size) * 0.07 * share**1.5
    soft = image.filter(ImageFilter.GaussianBlur(radius))
    cell = max(1, round(max(image.size) * 0.012 * share))
    coarse = (max(1, image.width // cell), max(1, image.height // cell))
    blocks = resized(resized(soft, coarse, Image.Resampling.BOX), image.size, Image.Resampling.NEAREST)
    noise = Image.frombytes("L", (128, 128), random.Random(step).randbytes(16384))  # noqa: S311 - a painting needs no secrets
    sheet = resized(noise, image.size, Image.Resampling.NEAREST)
    rough = Image.blend(soft, blocks, 0.5 * share)
    if image.mode != "RGB":
        return rough
    return Image.blend(rough, ImageChops.overlay(rough, Image.merge("RGB", (sheet,) * 3)), 0.35 * share)
