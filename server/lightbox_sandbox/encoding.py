"""Pictures become bytes here, and the bytes say where they come from."""

from __future__ import annotations

import html
import io
from typing import Final, Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SOFTWARE: Final = "Lightbox sandbox"
EXIF_SOFTWARE: Final = 0x0131
EXIF_DESCRIPTION: Final = 0x010E
XMP_KEYWORD: Final = "XML:com.adobe.xmp"

Format = Literal["png", "jpeg", "webp", "gif"]


def encode(image: Image.Image, format: Format, compression: int | None = None, *, prompt: str) -> bytes:  # noqa: A002 - the service's own word
    """Encode a picture with a note in its metadata that the sandbox made it, and for which prompt.

    Args:
        image: RGB, or RGBA where parts are transparent; JPEG gets them on white.
        format: The file format.
        compression: Quality from 0 to 100 for JPEG and WebP, as in `output_compression`; others ignore it.
        prompt: What was asked for; it stands in PNG text, EXIF and XMP (in a GIF: the comment).
    """
    output = io.BytesIO()
    quality = 92 if compression is None else max(1, min(100, compression))
    if format == "png":
        image.save(output, "PNG", pnginfo=_png_text(prompt), compress_level=4)
    elif format == "jpeg":
        flat = flatten(image)
        flat.save(output, "JPEG", quality=quality, optimize=True, exif=_exif(prompt), xmp=_xmp(prompt))
    elif format == "webp":
        image.save(output, "WEBP", quality=quality, method=2, exif=_exif(prompt), xmp=_xmp(prompt))
    else:
        image.save(output, "GIF", comment=f"{SOFTWARE}: {prompt}".encode()[:250])
    return output.getvalue()


def flatten(image: Image.Image, backdrop: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """Lay a picture on a backdrop where it is transparent; RGB comes back."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, (*backdrop, 255)), rgba).convert("RGB")


def _png_text(prompt: str) -> PngInfo:
    info = PngInfo()
    info.add_text("Software", SOFTWARE)
    info.add_itxt("Description", prompt)
    info.add_itxt(XMP_KEYWORD, _xmp(prompt).decode())
    return info


def _exif(prompt: str) -> Image.Exif:
    exif = Image.Exif()
    exif[EXIF_SOFTWARE] = SOFTWARE
    # EXIF text is ASCII by its standard; every reader we know takes UTF-8, which Pillow passes through as bytes.
    exif[EXIF_DESCRIPTION] = prompt.encode()
    return exif


def _xmp(prompt: str) -> bytes:
    text = html.escape(prompt)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="{SOFTWARE}">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:description>'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()
