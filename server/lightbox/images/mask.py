"""The mask of an edit: where the picture is to change. Imports Pillow; `rendering` is the async door."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageChops, ImageFilter

from lightbox.errors import BadPicture
from lightbox.images.raster import decode, shown_size
from lightbox.images.rendition import Rendition

_DARK, _BRIGHT = 48, 207
_CLEAR_SHARE = 0.95  # of the px must be dark or bright for a mask to be read as black and white
_LIKE_SHAPE = 0.01
"""How far the ratio of a mask's sides may be from the picture's: small copies are rounded."""
_FULL = 255


def check_mask(image: bytes, mask: bytes, sent_size: tuple[int, int] | None = None) -> Rendition:
    """Give the mask as services want it: a PNG as large as the image, transparent where the image is to change.

    A mask without transparency is read as black and white: white is to change. One in another size and like shape is
    scaled. Where the image is sent smaller than it is, `sent_size` (width and height in px) makes the mask follow.

    Raises:
        BadPicture: It has another shape, or nothing in it is to change.
    """
    size, other = shown_size(image), shown_size(mask, "The mask")
    if not _alike(size, other):
        raise BadPicture(
            f"The mask is {other[0]}x{other[1]} px and the image {size[0]}x{size[1]} px: their shapes differ. Pass a "
            "mask of the image's size or shape, or say in `area` where it may change, e.g. `left third`."
        )
    pixels = decode(mask, name="The mask")
    if pixels.mode != "RGBA":
        pixels = _from_black_and_white(pixels.convert("L"))
    return _png(_scaled(pixels, sent_size or size))


def area_mask(
    *, size: tuple[int, int], boxes: Sequence[tuple[int, int, int, int]], outside: bool = False, feather: int = 0
) -> Rendition:
    """Make a mask that lets the boxes change, or all that is `outside` of them.

    Args:
        size: Width and height in px.
        boxes: Left, top, right and bottom of each in px, right and bottom not included.
        outside: Whether it is the rest that may change.
        feather: Over how many px the edges fade. They fade inwards: no px beyond them changes at all. The picture's own
            rim is no edge.

    Raises:
        BadPicture: Nothing is left to change.
    """
    changing = Image.new("L", size, _FULL if outside else 0)
    for box in boxes:
        changing.paste(0 if outside else _FULL, box)
    if feather:
        changing = _faded(changing, feather)
    if changing.getextrema()[1] != _FULL:
        left = f"its edges fade over {feather} px, and it is too narrow for that" if feather else "all is left out"
        raise BadPicture(f"area leaves nothing of the picture that may change: {left}. Nothing was sent.")
    return _png(_with_alpha(changing))


def _faded(changing: Image.Image, feather: int) -> Image.Image:
    """Let what may change fade within its edges: averaged with its surroundings, what is half or less is nothing."""
    blurred = changing.filter(ImageFilter.BoxBlur(feather))
    steep = [max(0, 2 * value - _FULL) for value in range(256)]
    soft = blurred.point(steep)  # pyright: ignore[reportUnknownMemberType] - Pillow's types name numpy's
    return ImageChops.darker(soft, changing)


def _alike(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two sizes have one shape, but for a hundredth or for what rounding to px makes of it."""
    (width, height), (across, down) = size, other
    return abs(across * height - down * width) <= max(_LIKE_SHAPE * down * width, min(width, height) / 2)


def _scaled(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a mask. A finer filter would ring: px that are to stay would change a little along its edges."""
    if mask.size == size:
        return mask
    return mask.resize(size, Image.Resampling.BILINEAR)  # pyright: ignore[reportUnknownMemberType] - likewise


def _from_black_and_white(grey: Image.Image) -> Image.Image:
    shades = grey.histogram()
    clear = sum(shades[: _DARK + 1]) + sum(shades[_BRIGHT:])
    if clear < _CLEAR_SHARE * grey.width * grey.height or not sum(shades[_BRIGHT:]):
        raise BadPicture(
            "The mask marks nothing to change: it has no transparent px, nor is it white on black. "
            "Pass a PNG that is transparent, or else white on black, where the image is to change."
        )
    return _with_alpha(grey)


def _with_alpha(changing: Image.Image) -> Image.Image:
    """Give a mask that is transparent where it is white."""
    return Image.merge("RGBA", (changing, changing, changing, ImageChops.invert(changing)))


def _png(pixels: Image.Image) -> Rendition:
    buffer = BytesIO()
    pixels.save(buffer, "PNG")
    return Rendition(buffer.getvalue(), "image/png", *pixels.size)
