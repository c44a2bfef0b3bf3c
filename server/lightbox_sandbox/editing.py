"""Edits: what the prompt says, within the mask, and nothing else."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence

from PIL import Image, ImageOps

from .embellishing import ADDITIONS, add_subjects, add_words
from .instruction import Instruction, instructions
from .masks import background_mask
from .painter import paint
from .painting.styles import STYLES
from .pixels import cover, resized
from .retouching import RETOUCHES, filled_in, framed, recoloured, seeded

_COLLAGE = re.compile(r"collage|side by side|grid|next to each other|拼图|拼贴|并排")
ROOM = 0.34


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
    base = images[0].convert("RGBA")
    size = (width or base.width, height or base.height)
    keep = _kept(mask, base.size)
    if len(images) > 1 and keep is None and _COLLAGE.search(prompt.lower()):
        changed = collage(images, size)
        return changed if background == "transparent" else changed.convert("RGB")
    changed = base if len(images) == 1 else _inserted(base, images[1:], keep)
    changed = _followed(changed, prompt, keep, quality=quality, seed=seed, alone=len(images) == 1)
    if background == "transparent":
        changed.putalpha(Image.composite(Image.new("L", base.size), changed.getchannel("A"), background_mask(changed)))
    if keep is not None:
        changed = Image.composite(base, changed, keep)
    cleared = background == "auto" and Instruction("background") in instructions(prompt)
    if background != "transparent" and not cleared and not images[0].has_transparency_data:
        changed = changed.convert("RGB")
    return cover(changed, size)


def _kept(mask: Image.Image | None, size: tuple[int, int]) -> Image.Image | None:
    if mask is None:
        return None
    alpha = mask.convert("RGBA").getchannel("A")
    return alpha if alpha.size == size else resized(alpha, size, Image.Resampling.NEAREST)


def _open_box(keep: Image.Image | None, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give the box that the edit may touch."""
    whole = (0, 0, *size)
    return whole if keep is None else ImageOps.invert(keep).getbbox() or whole


def _followed(
    image: Image.Image, prompt: str, keep: Image.Image | None, *, quality: str, seed: int | None, alone: bool
) -> Image.Image:
    """Carry out the prompt's instructions one after another; where there is none, paint or grade by the prompt."""
    box = _open_box(keep, image.size)
    orders = instructions(prompt)
    for order in orders:
        image = _carried_out(image, order, box, keep, quality=quality, seed=seed)
    if orders or not alone:
        return image
    if keep is not None:
        fresh = paint(prompt, width=box[2] - box[0], height=box[3] - box[1], quality=quality, seed=seed)
        image = image.copy()
        image.paste(fresh, box[:2])
        return image
    return seeded(image, prompt, seed)


def _carried_out(  # noqa: PLR0911 - one return per verb
    image: Image.Image,
    order: Instruction,
    box: tuple[int, int, int, int],
    keep: Image.Image | None,
    *,
    quality: str,
    seed: int | None,
) -> Image.Image:
    match order.verb:
        case "retouch":
            return RETOUCHES[order.value](image)
        case "style":
            return _styled(image, order.value, seed)
        case "recolour":
            return recoloured(image, order.value, source=order.source, area=order.area, masked=keep is not None)
        case "remove":
            return filled_in(image, keep)
        case "background":
            return _with_background(image, order.value, quality, seed)
        case "frame":
            return framed(image, order.value, box)
        case "write":
            return add_words(image, order.value, box)
        case "sky":
            return ADDITIONS[order.value](image, box, seed or 0)
        case _:
            return add_subjects(image, order.value, box, quality=quality, seed=seed, masked=keep is not None)


def _styled(image: Image.Image, name: str, seed: int | None) -> Image.Image:
    styled = STYLES[name](image.convert("RGB"), random.Random(seed or 0))  # noqa: S311 - a painting needs no secrets
    styled.putalpha(image.getchannel("A"))
    return styled


def _with_background(image: Image.Image, prompt: str, quality: str, seed: int | None) -> Image.Image:
    """Put another background behind the subject; without words for it, none."""
    around = background_mask(image)
    if not prompt:
        bare = image.copy()
        bare.putalpha(Image.composite(Image.new("L", image.size), image.getchannel("A"), around))
        return bare
    backdrop = paint(prompt, width=image.width, height=image.height, quality=quality, seed=seed).convert("RGBA")
    return Image.composite(backdrop, image, around)


def _inserted(base: Image.Image, others: Sequence[Image.Image], keep: Image.Image | None) -> Image.Image:
    """Set the other pictures into the first: into the mask, else side by side at its foot."""
    left, top, right, bottom = _open_box(keep, base.size)
    result = base.copy()
    side = (right - left) / len(others)
    for index, other in enumerate(others):
        room = (side, bottom - top) if keep is not None else (min(side * 0.9, base.width * ROOM), base.height * ROOM)
        share = min(room[0] / other.width, room[1] / other.height)
        small = resized(
            other.convert("RGBA"),
            (max(1, round(other.width * share)), max(1, round(other.height * share))),
            Image.Resampling.LANCZOS,
        )
        x = round(left + side * (index + 0.5) - small.width / 2)
        y = (
            round((top + bottom - small.height) / 2)
            if keep is not None
            else round(bottom - small.height - base.height * 0.04)
        )
        result.alpha_composite(small, (max(0, x), max(0, y)))
    return result


def collage(images: Sequence[Image.Image], size: tuple[int, int]) -> Image.Image:
    """Lay pictures out in a grid on white, each whole in its cell."""
    columns = math.ceil(math.sqrt(len(images) * size[0] / size[1]))
    columns = max(1, min(len(images), columns))
    rows = math.ceil(len(images) / columns)
    gap = max(2, min(size) // 60)
    cell = ((size[0] - gap * (columns + 1)) // columns, (size[1] - gap * (rows + 1)) // rows)
    sheet = Image.new("RGBA", size, (255, 255, 255, 255))
    for index, image in enumerate(images):
        place = (gap + (index % columns) * (cell[0] + gap), gap + (index // columns) * (cell[1] + gap))
        sheet.alpha_composite(cover(image.convert("RGBA"), (max(1, cell[0]), max(1, cell[1]))), place)
    return sheet
