"""What is written into a picture's file: told by independent readers, and not one px is another one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageSequence, PngImagePlugin

from lightbox.images.embedding import Facts, with_facts
from lightbox.images.sniff import sniff

SIDE = 37  # odd: chunks are padded
DC = "{http://purl.org/dc/elements/1.1/}"
OURS = "{urn:lightbox:picture:}"
XML = "{http://www.w3.org/XML/1998/namespace}"
FACTS = Facts(
    handle="img_0123456789",
    collection="client/slides",
    origin="made",
    moment=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
    title="Fuchs & <Schnee> 狐",
    prompt="a fox, “in snow”\nat dusk",
    source="https://example.com/a?b=1&c=2",
    model="openai gpt-image-2",
    price="0.011 USD",
)


def painted(mode: str = "RGB", shift: int = 0) -> Image.Image:
    px = bytes(
        part for y in range(SIDE) for x in range(SIDE) for part in (x * 6, y * 5 + shift // 4, shift, 40 + x * 5)
    )
    image = Image.frombytes("RGBA", (SIDE, SIDE), px)
    return image if mode == "RGBA" else image.convert("RGB").convert(mode)


def encoded(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    output = BytesIO()
    painted(mode).save(output, kind, **options)
    return output.getvalue()


def several(kind: str, **options: Any) -> bytes:
    output = BytesIO()
    painted().save(output, kind, save_all=True, append_images=[painted(shift=90), painted(shift=180)], **options)
    return output.getvalue()


EXIF = Image.Exif()
EXIF[274] = 6
EXIF[270] = "somebody's own words"

PICTURES = {
    "png": encoded("PNG"),
    "png with palette": encoded("PNG", "P"),
    "png with transparency": encoded("PNG", "RGBA"),
    "animated png": several("PNG"),
    "jpeg": encoded("JPEG"),
    "jpeg with exif": encoded("JPEG", exif=EXIF, comment=b"a comment"),
    "cmyk jpeg": encoded("JPEG", "CMYK"),
    "progressive jpeg": encoded("JPEG", progressive=True),
    "webp": encoded("WEBP"),
    "lossless webp": encoded("WEBP", lossless=True),
    "lossless webp with transparency": encoded("WEBP", "RGBA", lossless=True),
    "lossy webp with transparency": encoded("WEBP", "RGBA"),
    "webp with exif": encoded("WEBP", exif=EXIF),
    "animated webp": several("WEBP"),
    "gif": encoded("GIF"),
    "animated gif": several("GIF"),
    "tiff": encoded("TIFF"),
    "packed tiff": encoded("TIFF", compression="tiff_lzw"),
    "tiff of three pages": several("TIFF"),
    "big-endian tiff": encoded("TIFF", big_endian=True),
}


def frames(data: bytes) -> list[tuple[str, bytes]]:
    """Give the px of every frame, undecoded by any of our code."""
    with Image.open(BytesIO(data)) as image:
        return [(frame.mode, frame.convert("RGBA").tobytes()) for frame in ImageSequence.Iterator(image)]


def xmp_of(data: bytes) -> ET.Element:
    with Image.open(BytesIO(data)) as image:
        packet = image.info.get("xmp") or image.getexif().get(700)
        if image.format == "GIF":  # of which Pillow passes it over
            [packet] = re.findall(rb"\x21\xff\x0bXMP DataXMP(.*?)\x01\xff\xfe", data, re.DOTALL)
    assert packet is not None
    return ET.fromstring(packet if isinstance(packet, bytes) else packet.encode())  # noqa: S314 - our own


def text_of(xmp: ET.Element, name: str) -> str:
    [found] = list(xmp.iter(name))
    return "".join(found.itertext())


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_known_is_in_the_file_and_every_px_is_as_it_was(name: str) -> None:
    data = PICTURES[name]
    told = sniff(data)
    assert told is not None

    written = with_facts(data, told.mime_type, FACTS)

    assert written != data
    assert frames(written) == frames(data)
    xmp = xmp_of(written)
    assert text_of(xmp, f"{DC}title") == FACTS.title
    assert text_of(xmp, f"{DC}description") == FACTS.prompt
    assert text_of(xmp, f"{DC}source") == FACTS.source
    assert text_of(xmp, f"{OURS}Price") == "0.011 USD"
    assert text_of(xmp, f"{OURS}Handle") == FACTS.handle
    assert "trainedAlgorithmicMedia" in ET.tostring(xmp, "unicode")


@pytest.mark.parametrize("name", ["jpeg with exif", "webp with exif"])
def test_what_others_wrote_stays(name: str) -> None:
    data = PICTURES[name]
    told = sniff(data)
    assert told is not None

    with Image.open(BytesIO(with_facts(data, told.mime_type, FACTS))) as image:
        assert image.getexif()[270] == "somebody's own words"
        assert image.getexif()[274] == 6
        assert image.info.get("comment") == (b"a comment" if "jpeg" in name else None)


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "lossless webp", "gif", "tiff"])
def test_what_was_there_is_there_byte_for_byte(name: str) -> None:
    data = PICTURES[name]
    told = sniff(data)
    assert told is not None

    written = with_facts(data, told.mime_type, FACTS)

    body = data[33:] if name == "png" else data[20:] if "jpeg" in name else data[12:] if "webp" in name else data[800:]
    assert body in written


def test_a_png_says_it_as_text_too_under_the_keywords_of_its_specification() -> None:
    with Image.open(BytesIO(with_facts(PICTURES["png"], "image/png", FACTS))) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        text = image.text

    assert text["Title"] == FACTS.title
    assert text["Description"] == FACTS.prompt
    assert text["Source"] == FACTS.source
    assert text["Software"] == FACTS.model
    assert text["Collection"] == "client/slides"
    assert text["Comment"] == "Price: 0.011 USD"
    assert text["Creation Time"] == "Sat, 21 Nov 2026 10:30:00 +0000"


def test_a_title_that_a_png_has_already_stays_its_own() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "its own")
    data = encoded("PNG", pnginfo=info)

    with Image.open(BytesIO(with_facts(data, "image/png", FACTS))) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert image.text["Title"] == "its own"
        assert image.text["Description"] == FACTS.prompt


THEIRS = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights>A photographer</dc:rights>'
    "<dc:title>theirs</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def with_theirs(kind: str) -> bytes:
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", THEIRS)
        return encoded("PNG", pnginfo=info)
    if kind == "TIFF":
        return encoded("TIFF", tiffinfo={700: THEIRS.encode()})
    return encoded(kind, xmp=THEIRS.encode())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_xmp_that_is_there_is_added_to_and_nothing_of_it_is_lost(kind: str) -> None:
    data = with_theirs(kind)

    written = with_facts(data, f"image/{kind.lower()}", FACTS)

    assert frames(written) == frames(data)
    xmp = xmp_of(written)
    assert text_of(xmp, f"{DC}rights") == "A photographer"
    assert text_of(xmp, f"{DC}title") == "theirs"
    assert text_of(xmp, f"{OURS}Handle") == FACTS.handle
    assert written.count(b"A photographer") == (2 if kind == "TIFF" else 1)  # where nothing is moved


@pytest.mark.parametrize("name", PICTURES)
def test_writing_it_twice_changes_nothing(name: str) -> None:
    told = sniff(PICTURES[name])
    assert told is not None
    once = with_facts(PICTURES[name], told.mime_type, FACTS)

    assert with_facts(once, told.mime_type, FACTS) == once


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_cut_off_or_odd_is_left_alone_or_still_the_same(name: str) -> None:
    data = PICTURES[name]
    told = sniff(data)
    assert told is not None
    for length in [*range(8, 60), len(data) // 2, len(data) - 1]:
        cut = data[:length]
        written = with_facts(cut, told.mime_type, FACTS)
        assert sniff(written) == sniff(cut)
        assert len(written) >= len(cut)


@pytest.mark.parametrize("kind", ["BMP", "AVIF"])
def test_a_format_without_a_place_for_it_stays_as_it_is(kind: str) -> None:
    data = encoded(kind)

    assert with_facts(data, f"image/{kind.lower()}", FACTS) == data


def test_texts_that_are_long_or_hold_what_xml_forbids_are_written_as_far_as_they_may_be() -> None:
    facts = Facts(
        handle="img_0123456789",
        collection="x",
        origin="made",
        moment=FACTS.moment,
        prompt="\0\x1b\ud800]]>&" + "狐" * 40_000,
    )
    for kind in ("JPEG", "PNG", "WEBP"):
        written = with_facts(encoded(kind), f"image/{kind.lower()}", facts)
        assert text_of(xmp_of(written), f"{DC}description").startswith("]]>&狐狐")
