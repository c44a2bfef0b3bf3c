"""The mask of an edit: where the picture is to change. Imports Pillow; `rendering` is the async door."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageChops

from lightbox.errors import BadPicture
from lightbox.images.raster import decode, resized, shown_size
from lightbox.images.rendition import Rendition

_DARK, _BRIGHT = 48, 207
_CLEAR_SHARE = 0.95  # of the px must be dark or bright for a mask to be read as black and white


def check_mask(image: bytes, mask: bytes, sent_size: tuple[int, int] | None = None) -> Rendition:
    """Give the mask as services want it: a PNG as large as the image, transparent where the image is to change.

    A mask without transparency is read as black and white: white is to change. Where the image is sent smaller than it
    is, `sent_size` (width and height in px) makes the mask follow.

    Raises:
        BadPicture: It has another size, or nothing in it is to change.
    """
    size, other = shown_size(image), shown_size(mask, "The mask")
    if size != other:
        raise BadPicture(
            f"The mask is {other[0]}x{other[1]} px and the image {size[0]}x{size[1]} px: they must be equally large. "
            "Pass a mask of the image's size."
        )
    pixels = decode(mask, name="The mask")
    if pixels.mode != "RGBA":
        pixels = _from_black_and_white(pixels.convert("L"))
    if sent_size is not None and sent_size != pixels.size:
        pixels = resized(pixels, sent_size)
    buffer = BytesIO()
    pixels.save(buffer, "PNG")
    return Rendition(buffer.getvalue(), "image/png", *pixels.size)


def _from_black_and_white(grey: Image.Image) -> Image.Image:
    shades = grey.histogram()
    clear = sum(shades[: _DARK + 1]) + sum(shades[_BRIGHT:])
    if clear < _CLEAR_SHARE * grey.width * grey.height or not sum(shades[_BRIGHT:]):
        raise BadPicture(
            "The mask marks nothing to change: it has no transparent px, nor is it white on black. "
            "Pass a PNG that is transparent, or else white on black, where the image is to change."
        )
    return Image.merge("RGBA", (grey, grey, grey, ImageChops.invert(grey)))
