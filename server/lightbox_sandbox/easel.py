"""Everything on pixels, done in worker threads: painting, editing, decoding, looking, and the libraries."""

from __future__ import annotations

import html
import io
import warnings
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from .describing import describe
from .dialects import Rejected
from .editing import edit
from .encoding import encode
from .folder import FolderLibrary
from .image_options import MAX_PIXELS, MAX_RATIO, MAX_SIDE, OLD_SIZES, SIDE_MULTIPLE, ImageOptions, version_of
from .library import Library
from .painted import PaintedLibrary
from .painter import paint, roughen
from .paintings import Paintings
from .pictures import GivenPicture, Painting, base64_of

MOST_PIXELS: Final = 100_000_000
SQUARE: Final = (1024, 1024)
PORTRAIT: Final = (1024, 1536)
LANDSCAPE: Final = (1536, 1024)
MASK_PARAM: Final = "tools[0].input_image_mask"

_WIDE: Final = ("landscape", "wide", "panorama", "banner", "横")
_TALL: Final = ("portrait", "tall", "poster", "phone wallpaper", "竖")


def decode(picture: GivenPicture) -> Image.Image:
    """Decode a picture. Raises `Rejected` (400) for bytes that are none."""
    image = _opened(picture)
    try:
        image.load()
    except (OSError, ValueError, SyntaxError) as error:
        raise _no_picture() from error
    return image


def _opened(picture: GivenPicture) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(picture.data))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _no_picture() from error
    if image.width * image.height > MOST_PIXELS:
        raise Rejected("The image is too large.", code="image_too_large", param="input")
    return image


def _no_picture() -> Rejected:
    return Rejected(
        "You uploaded an unsupported image. Please make sure your image is valid and of one of the following formats: "
        "['png', 'jpeg', 'gif', 'webp'].",
        code="invalid_image_format",
        param="input",
    )


def measure(pictures: Sequence[GivenPicture]) -> list[tuple[int, int]]:
    """Give the sides of pictures in px. Raises `Rejected` (400) for bytes that are none."""
    return [_opened(picture).size for picture in pictures]


def look(pictures: Sequence[GivenPicture], question: str) -> str:
    """Say what can be measured in pictures. Raises `Rejected` (400) for bytes that are none."""
    return describe([(decode(picture), picture.data) for picture in pictures], question)


def library(cache_dir: Path, folder: Path | None) -> Library:
    """Open the library of a folder, or of the painted scenes."""
    return PaintedLibrary(cache_dir) if folder is None else FolderLibrary(cache_dir, folder)


def make(
    prompt: str,
    options: ImageOptions,
    sources: Sequence[GivenPicture],
    mask: GivenPicture | None,
    seed: int | None,
    paintings: Paintings,
) -> Painting:
    """Paint a picture, or change the first of `sources`; another seed, another picture of the same prompt.

    What is painted is kept in mind in `paintings`: asked for again, it is not painted again.

    Raises:
        Rejected: A mask that does not fit (400).
    """
    given = [None if one is None else sha256(one.data).digest() for one in (mask, *sources)]
    asked = (prompt, replace(options, mask=None), seed, *given)
    if (again := paintings.again(asked)) is not None:
        return again
    images = [ImageOps.exif_transpose(decode(source)) for source in sources]
    width, height = options.size or _chosen_size(prompt, images, options.model)
    quality = "medium" if options.quality == "auto" else options.quality
    background = _chosen_background(prompt, options)
    painted_quality = "high" if quality in {"xhigh", "max"} else quality
    if images:
        image = edit(
            images,
            prompt,
            mask=fitting_mask(mask, sources[0]) if mask else None,
            width=width,
            height=height,
            quality=painted_quality,
            background=background,
            seed=seed,
        )
    else:
        image = paint(prompt, width=width, height=height, quality=painted_quality, background=background, seed=seed)
    before = paintings.prompt_of(images[0]) if images else ""
    paintings.remember(image, f"{before} {prompt}".strip())
    steps = options.partial_images
    partials = tuple(base64_of(_file(roughen(image, step, steps), options, prompt)) for step in range(steps))
    painting = Painting(
        result=base64_of(_file(image, options, prompt)),
        partials=partials,
        size=image.size,
        quality=quality,
        background=background,
        edited=bool(images),
    )
    paintings.keep(asked, painting)
    return painting


def _file(image: Image.Image, options: ImageOptions, prompt: str) -> bytes:
    if options.format == "svg":
        return _svg(image, prompt)
    return encode(image, options.format, options.compression, prompt=prompt)  # pyright: ignore[reportArgumentType] - svg, the one other format, is gone


def _svg(image: Image.Image, prompt: str) -> bytes:
    """Wrap the painting in a drawing: the sandbox paints in pixels only."""
    width, height = image.size
    picture = base64_of(encode(image, "png", None, prompt=prompt))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<title>Lightbox sandbox</title><desc>{html.escape(prompt)}</desc>"
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{picture}"/></svg>'
    ).encode()


def _chosen_size(prompt: str, images: Sequence[Image.Image], model: str) -> tuple[int, int]:
    """Choose a size where the client leaves it to the model: the picture's own, or what the prompt speaks of."""
    lowered = prompt.lower()
    if images:
        return _nearest_size(images[0].size, model)
    if any(word in lowered for word in _WIDE):
        return LANDSCAPE
    return PORTRAIT if any(word in lowered for word in _TALL) else SQUARE


def _nearest_size(size: tuple[int, int], model: str) -> tuple[int, int]:
    version = version_of(model)
    width, height = size
    allowed = max(width, height) <= min(MAX_SIDE, MAX_RATIO * min(width, height)) and width * height <= MAX_PIXELS
    if version is None or (version >= 2 and allowed and not width % SIDE_MULTIPLE and not height % SIDE_MULTIPLE):  # noqa: PLR2004 - the second generation
        return size
    ratio = width / height
    sides = [(int(w), int(h)) for w, h in (text.split("x") for text in OLD_SIZES)]
    return min(sides, key=lambda one: abs(one[0] / one[1] - ratio))


def _chosen_background(prompt: str, options: ImageOptions) -> str:
    if options.background != "auto":
        return options.background
    wanted = "transparent" in prompt.lower() or "透明" in prompt
    return "transparent" if wanted and options.format in {"png", "webp", "svg"} else "opaque"


def fitting_mask(mask: GivenPicture, source: GivenPicture) -> Image.Image:
    """Decode a mask for a picture. Raises `Rejected` (400) for another size or format, or none that is transparent."""
    decoded, image = decode(mask), decode(source)
    size = ImageOps.exif_transpose(image).size
    if decoded.size != size:
        raise _bad_mask(f"Invalid mask image: it is {decoded.width}x{decoded.height}, the image {size[0]}x{size[1]}.")
    if decoded.format != image.format:
        raise _bad_mask(f"Invalid mask image format: the mask is {decoded.format}, the image {image.format}.")
    if not decoded.has_transparency_data:
        raise _bad_mask("Invalid mask image: it has no alpha channel.")
    return decoded.convert("RGBA")


def _bad_mask(message: str) -> Rejected:
    return Rejected(message, code="invalid_value", param=MASK_PARAM)
