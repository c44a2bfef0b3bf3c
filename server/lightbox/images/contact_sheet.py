"""The contact sheet: many pictures in one, numbered, so that one can see and choose. Imports Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from lightbox.errors import BadPicture
from lightbox.images.lettering import draw_lines, fitting, line_height
from lightbox.images.raster import decode, encode, encode_within
from lightbox.images.rendition import MAX_INLINE_SIDE, TITLE_BAND, Rendition, Tile

MAX_TILES = 24

_PAPER, _MOUNT, _CHECK = "#fafaf8", "#ececea", "#f6f6f4"
_INK, _FADED, _BADGE, _DEAD, _TROUBLE = "#1b1b1f", "#6a6a70", "#1b1b1f", "#d5d5d2", "#55555a"
_COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4, 9: 3}
_LEGIBLE = 600  # px: below, the words of 24 tiles can't be read
_NATURAL_CELL = 520  # px: a sheet of few pictures need not fill the width


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are; all in px."""

    columns: int
    rows: int
    cell: int
    photo: int
    gap: int
    text: int
    title_lines: int
    caption: int

    @property
    def size(self) -> tuple[int, int]:
        return (
            self.columns * (self.cell + self.gap) + self.gap,
            self.rows * (self.photo + self.caption + self.gap) + self.gap,
        )

    def corner(self, index: int) -> tuple[int, int]:
        row, column = divmod(index, self.columns)
        return (
            self.gap + column * (self.cell + self.gap),
            self.gap + row * (self.photo + self.caption + self.gap),
        )


def contact_sheet(
    tiles: Sequence[Tile], *, max_side: int = 1600, max_bytes: int | None = None, title: str | None = None
) -> Rendition:
    """Put up to 24 pictures into one, numbered from 1, with handle, title and size under each.

    A tile that has no data, or whose data can't be decoded, is grey and says why. The sheet is at most `max_side` px a
    side, but never made for less than 600 px, in which words could not be read. The title of the sheet stands above
    them in one line, in a band of at most `TITLE_BAND` px that is added.

    Raises:
        BadPicture: It does not fit into `max_bytes` however small.
        ValueError: There are no tiles, or more than 24.
    """
    if not 1 <= len(tiles) <= MAX_TILES:
        raise ValueError(f"a contact sheet holds 1 to {MAX_TILES} pictures, not {len(tiles)}")
    layout = _lay_out(len(tiles), max_side)
    photos = [_photo(tile, layout) for tile in tiles]
    sheet = Image.new("RGB", layout.size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    for index, (tile, photo) in enumerate(zip(tiles, photos, strict=True)):
        _draw_tile(sheet, draw, layout, index, tile, photo)
    if title:
        sheet = _titled(sheet, layout, title)
    return encode(sheet) if max_bytes is None else encode_within(sheet, max_bytes)


def _titled(sheet: Image.Image, layout: _Layout, title: str) -> Image.Image:
    """Put a title above a sheet."""
    font, lines = fitting(title, min(28, round(layout.text * 1.5)), sheet.width - 2 * layout.gap, 1)
    band = min(TITLE_BAND, line_height(font) + layout.gap)
    whole = Image.new("RGB", (sheet.width, sheet.height + band), _PAPER)
    whole.paste(sheet, (0, band))
    draw_lines(ImageDraw.Draw(whole), (layout.gap, layout.gap // 2), font, lines, _INK)
    return whole


def place(count: int, max_side: int) -> tuple[int, int]:
    """Give width and height in px of a picture's place on a sheet of so many."""
    layout = _lay_out(count, max_side)
    return layout.cell, layout.photo


def in_place(data: bytes, size: tuple[int, int], *, checked: bool = False) -> Image.Image:
    """Decode a picture for a place of this size; `checked` as for `decode`.

    Raises:
        BadPicture: As `decode`.
    """
    photo = decode(data, max(size), checked=checked)
    photo.thumbnail(size, Image.Resampling.LANCZOS)
    return photo


def _lay_out(count: int, max_side: int) -> _Layout:
    max_side = max(_LEGIBLE, min(max_side, MAX_INLINE_SIDE))
    columns = _COLUMNS.get(count) or (4 if count <= 12 or count == 16 else 5 if count <= 20 else 6)  # noqa: PLR2004 - by eye
    rows = -(-count // columns)
    gap = max(6, max_side // 100)
    cell = min(_NATURAL_CELL, (max_side - gap) // columns - gap)
    while True:
        text = max(12, min(20, cell // 15))
        title_lines = 2 if columns <= 4 else 1  # noqa: PLR2004 - by eye
        caption = round(text * 1.3) * (2 + title_lines) + text
        layout = _Layout(columns, rows, cell, round(cell * 0.8), gap, text, title_lines, caption)
        if max(layout.size) <= max_side:
            return layout
        cell -= 4


def _photo(tile: Tile, layout: _Layout) -> Image.Image | str:
    """Give a tile's picture in the size of its place, or say in a few words why there is none."""
    if tile.photo is not None:
        return tile.photo
    if tile.data is None:
        return tile.problem or "not shown"
    try:
        return in_place(tile.data, (layout.cell, layout.photo))
    except BadPicture:
        return "can't be opened"


def _draw_tile(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, layout: _Layout, index: int, tile: Tile, photo: Image.Image | str
) -> None:
    x, y = layout.corner(index)
    place = (x, y, x + layout.cell - 1, y + layout.photo - 1)
    if isinstance(photo, str):
        draw.rectangle(place, fill=_DEAD)
        _draw_problem(draw, layout, (x, y), photo)
    else:
        draw.rectangle(place, fill=_MOUNT)
        corner = x + (layout.cell - photo.width) // 2, y + (layout.photo - photo.height) // 2
        if photo.mode == "RGBA":
            sheet.paste(_checkered(photo.size, layout.text), corner)
            sheet.paste(photo, corner, photo)
        else:
            sheet.paste(photo, corner)
    _draw_number(draw, layout, (x, y), index + 1)
    _draw_caption(draw, layout, (x, y + layout.photo), tile)


def _checkered(size: tuple[int, int], square: int) -> Image.Image:
    """Make the ground on which transparency is shown."""
    ground = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(ground)
    for row in range(0, size[1], square):
        for column in range(row // square % 2 * square, size[0], 2 * square):
            draw.rectangle((column, row, column + square - 1, row + square - 1), fill="#dededb")
    return ground


def _draw_problem(draw: ImageDraw.ImageDraw, layout: _Layout, corner: tuple[int, int], problem: str) -> None:
    font, lines = fitting(problem, layout.text, layout.cell - 4 * layout.gap, 3)
    middle = corner[0] + layout.cell // 2
    y = corner[1] + (layout.photo - line_height(font) * len(lines)) // 2
    for line in lines:
        font.draw(draw, (middle, y), line, _TROUBLE, "ma")
        y += line_height(font)


def _draw_number(draw: ImageDraw.ImageDraw, layout: _Layout, corner: tuple[int, int], number: int) -> None:
    size = round(layout.text * 1.35)
    font, (text,) = fitting(str(number), size, layout.cell, 1)
    width, height = round(max(font.getlength(text) + size * 0.8, size * 1.6)), round(size * 1.6)
    x, y = corner
    draw.rectangle((x, y, x + width - 1, y + height - 1), fill=_BADGE)
    font.draw(draw, (x + width / 2, y + height / 2), text, "white", "mm")


def _draw_caption(draw: ImageDraw.ImageDraw, layout: _Layout, corner: tuple[int, int], tile: Tile) -> None:
    x, y = corner[0], corner[1] + layout.text // 3
    font, lines = fitting(tile.handle, layout.text, layout.cell, 1)
    y = draw_lines(draw, (x, y), font, lines, _INK)
    font, lines = fitting(tile.title or "", layout.text, layout.cell, layout.title_lines)
    y = draw_lines(draw, (x, y), font, lines, _INK)
    if tile.width and tile.height:
        font, lines = fitting(f"{tile.width} x {tile.height} px", layout.text, layout.cell, 1)
        draw_lines(draw, (x, y), font, lines, _FADED)
