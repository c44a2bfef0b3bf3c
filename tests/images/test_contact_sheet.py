"""The contact sheet: many pictures in one, numbered."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from lightbox.errors import BadPicture
from lightbox.images import rendering
from lightbox.images.contact_sheet import MAX_TILES, contact_sheet
from lightbox.images.lettering import fitting
from lightbox.images.rendition import MAX_INLINE_SIDE, Rendition, Tile

if TYPE_CHECKING:
    from tests.images.conftest import Painter


def opened(rendition: Rendition) -> Image.Image:
    image = Image.open(BytesIO(rendition.data)).convert("RGB")
    assert image.size == (rendition.width, rendition.height)
    return image


def share_of(image: Image.Image, colour: tuple[int, int, int], reach: int = 40) -> float:
    """Give the share of px that have about this colour."""
    difference = ImageChops.difference(image, Image.new("RGB", image.size, colour))
    largest = max(difference.split(), key=lambda band: band.getextrema())
    for band in difference.split():
        largest = ImageChops.lighter(largest, band)
    return sum(largest.histogram()[: reach + 1]) / (image.width * image.height)


def test_every_picture_is_on_the_sheet() -> None:
    colours = [(250, 0, 0), (0, 200, 0), (0, 0, 250), (240, 200, 0), (0, 200, 220)]
    tiles: list[Tile] = []
    for number, colour in enumerate(colours):
        buffer = BytesIO()
        Image.new("RGB", (400, 300), colour).save(buffer, "PNG")
        tiles.append(Tile(handle=f"img_000000000{number}", data=buffer.getvalue(), width=400, height=300))
    sheet = opened(contact_sheet(tiles))
    shares = [share_of(sheet, colour) for colour in colours]
    assert all(share > 0.05 for share in shares)
    assert max(shares) - min(shares) < 0.01


@pytest.mark.parametrize("count", [1, 2, 4, 5, 8, 10, 13, 16, 17, 21, MAX_TILES])
def test_a_sheet_of_any_number_is_bounded(painted: Painter, count: int) -> None:
    data = painted(size=(64, 48))
    tiles = [Tile(handle=f"img_{number:010}", data=data, title="A red fox in the snow") for number in range(count)]
    for max_side in (600, 1600, 5000):
        sheet = contact_sheet(tiles, max_side=max_side)
        assert max(sheet.width, sheet.height) <= min(max_side, MAX_INLINE_SIDE)
        assert count < 3 or max(sheet.width, sheet.height) > 0.7 * min(max_side, 1600)


def test_a_sheet_is_never_too_small_to_be_read(painted: Painter) -> None:
    tiles = [Tile(handle="img_0000000000", data=painted(), title="Fox", width=160, height=120)] * MAX_TILES
    sheet = contact_sheet(tiles, max_side=10)
    assert 500 < max(sheet.width, sheet.height) <= 600


@pytest.mark.parametrize("count", [0, MAX_TILES + 1])
def test_a_sheet_of_none_or_too_many_is_a_mistake(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 24"):
        contact_sheet([Tile(handle="img_0000000000")] * count)


def test_a_dead_picture_is_a_grey_tile_that_says_why() -> None:
    silent = opened(contact_sheet([Tile(handle="img_0000000000", problem="")]))
    dead = opened(contact_sheet([Tile(handle="img_0000000000", problem="dead: it is not there (404)")]))
    other = opened(contact_sheet([Tile(handle="img_0000000000", problem="blocked (403)")]))
    assert share_of(dead, (0xD5, 0xD5, 0xD2), 12) > 0.5
    assert len({image.tobytes() for image in (silent, dead, other)}) == 3


def test_a_broken_picture_does_not_take_the_others_with_it(painted: Painter) -> None:
    tiles = [
        Tile(handle="img_0000000000", data=painted()[:50]),
        Tile(handle="img_0000000001", data=painted(size=(600, 450))),
    ]
    sheet = opened(contact_sheet(tiles))
    assert share_of(sheet, (255, 0, 0)) > 0.1
    assert share_of(sheet, (0xD5, 0xD5, 0xD2), 12) > 0.2


def test_number_handle_title_and_size_are_all_written(painted: Painter) -> None:
    plain = Tile(handle="img_0000000000", data=painted())
    tiles = [
        plain,
        Tile(handle="img_0000000001", data=painted()),
        Tile(handle="img_0000000000", data=painted(), title="Fox"),
        Tile(handle="img_0000000000", data=painted(), width=160, height=120),
    ]
    sheets = [opened(contact_sheet([tile])).tobytes() for tile in tiles]
    assert len(set(sheets)) == 4


def test_equal_pictures_differ_by_their_number_alone(painted: Painter) -> None:
    tile = Tile(handle="img_0000000000", data=painted(size=(600, 480)), title="Fox")
    sheet = opened(contact_sheet([tile, tile], max_side=1600))
    gap = 16
    cell = (sheet.width - 3 * gap) // 2
    one, two = [sheet.crop((x, gap, x + cell, sheet.height - gap)) for x in (gap, 2 * gap + cell)]
    place = ImageChops.difference(one, two).convert("L").point([0] * 100 + [255] * 156).getbbox()  # pyright: ignore[reportUnknownMemberType] - Pillow's types name numpy's
    assert place is not None
    assert place[2] < 50
    assert place[3] < 50


def test_transparency_is_shown_on_squares() -> None:
    buffer = BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(buffer, "PNG")
    sheet = opened(contact_sheet([Tile(handle="img_0000000000", data=buffer.getvalue())]))
    assert share_of(sheet, (0xDE, 0xDE, 0xDB), 6) > 0.15
    assert share_of(sheet, (0, 0, 0)) < 0.05


def test_a_sheet_shrinks_until_it_fits(photo: bytes) -> None:
    tiles = [Tile(handle="img_0000000000", data=photo)] * 6
    assert len(contact_sheet(tiles, max_bytes=60_000).data) <= 60_000
    with pytest.raises(BadPicture):
        contact_sheet(tiles, max_bytes=20)


async def test_the_async_door_gives_what_the_function_gives(painted: Painter) -> None:
    tiles = [Tile(handle="img_0000000000", data=painted(), title="Fox")]
    assert await rendering.contact_sheet(tiles) == contact_sheet(tiles)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("A red fox", ["A red fox"]),
        ("  A \n red\tfox ", ["A red fox"]),
        ("Fox\u202eevil\u200b\x07", ["Foxevil"]),
        ("\U000f0000\U000f0001", []),
    ],
)
def test_a_title_is_one_clean_line(text: str, lines: list[str]) -> None:
    assert fitting(text, 16, 400, 1)[1] == lines


def test_a_long_title_is_broken_at_words_and_cut_with_an_ellipsis() -> None:
    font, lines = fitting("A red fox in the snow looks over its shoulder at the photographer", 16, 160, 2)
    assert len(lines) == 2
    assert lines[0] in "A red fox in the snow looks over"
    assert lines[1].endswith("…")
    assert all(font.getlength(line) <= 160 for line in lines)


@given(st.text(max_size=200), st.integers(30, 400), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_any_text_fits_its_lines(text: str, width: int, lines: int) -> None:
    font, broken = fitting(text, 14, width, lines)
    assert len(broken) <= lines
    assert all(font.getlength(line) <= width + 14 for line in broken)
