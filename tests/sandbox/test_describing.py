from __future__ import annotations

import io

import pytest
from PIL import Image

from lightbox_sandbox.colours import colour_name
from lightbox_sandbox.describing import describe
from lightbox_sandbox.embedded import embedded_text
from lightbox_sandbox.encoding import encode
from lightbox_sandbox.painter import paint


@pytest.fixture(scope="module")
def fox() -> Image.Image:
    return paint("a red fox in a meadow", width=200, height=150)


def test_the_description_says_who_speaks_and_what_is_measured(fox: Image.Image) -> None:
    said = describe([(fox, encode(fox, "jpeg", None, prompt="a red fox"))], "What is in the picture?")
    assert "sandbox" in said
    assert "200 x 150 px JPEG, landscape (4:3)" in said
    assert "“a red fox”" in said
    assert "Main colours" in said


def test_a_chinese_question_is_answered_in_chinese(fox: Image.Image) -> None:
    said = describe([(fox, b"")], "图里有什么？")
    assert "沙盒" in said
    assert "横向" in said


def test_bright_and_dark_are_told_apart() -> None:
    assert "Very dark" in describe([(Image.new("RGB", (9, 9), (8, 8, 8)), b"")], "?")
    assert "Very bright" in describe([(Image.new("RGB", (9, 9), (250, 250, 250)), b"")], "?")


def test_transparency_is_told() -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    clear.paste((200, 0, 0, 255), (0, 0, 10, 5))
    assert "50% of it is transparent" in describe([(clear, b"")], "?")


def test_several_pictures_are_compared(fox: Image.Image) -> None:
    said = describe([(fox, b""), (Image.new("RGB", (900, 900), (255, 255, 255)), b"")], "compare")
    assert "picture 2 is the brightest, picture 2 the largest" in said
    assert "different" in said


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((255, 0, 0), "red"),
        ((0, 0, 0), "black"),
        ((20, 30, 90), "navy"),
        ((250, 140, 40), "orange"),
        ((130, 130, 130), "grey"),
    ],
)
def test_colours_have_their_usual_names(colour: tuple[int, int, int], name: str) -> None:
    assert colour_name(colour) == name


def test_captions_are_found_in_exif_xmp_and_iptc() -> None:
    picture = Image.new("RGB", (20, 20), (9, 9, 9))
    exif = Image.Exif()
    exif[0x010E] = "a quay in Genoa"
    exif[0x9C9E] = "harbour;crane".encode("utf-16-le")
    xmp = b"<x><dc:subject><rdf:Bag><rdf:li>ferry</rdf:li></rdf:Bag></dc:subject></x>"
    records = b"".join(
        b"\x1c\x02" + bytes([tag]) + len(text).to_bytes(2, "big") + text
        for tag, text in ((120, b"evening light"), (25, b"dusk"))
    )
    block = b"8BIM\x04\x04\x00\x00" + len(records).to_bytes(4, "big") + records + b"\x00" * (len(records) % 2)
    app13 = b"Photoshop 3.0\x00" + block
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif, xmp=xmp)
    data = file.getvalue()
    data = data[:2] + b"\xff\xed" + (len(app13) + 2).to_bytes(2, "big") + app13 + data[2:]
    with Image.open(io.BytesIO(data)) as opened:
        said = embedded_text(opened)
    assert set(said.captions) == {"a quay in Genoa", "evening light"}
    assert set(said.keywords) == {"harbour", "crane", "ferry", "dusk"}
