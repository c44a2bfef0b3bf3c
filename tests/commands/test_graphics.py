"""Pictures for terminals, read back as a terminal would: px by px."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from typing import Any, Literal

import pytest
from PIL import Image

from lightbox.commands import graphics
from lightbox.commands.terminal import Terminal
from lightbox.errors import BadPicture


def gradient(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height))
    for x in range(width):
        for y in range(height):
            image.putpixel((x, y), (x * 255 // width, y * 255 // height, 90))
    return image


def encoded(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def terminal(protocol: Literal["kitty", "iterm", "sixel"]) -> Terminal:
    return Terminal(protocol, columns=80, rows=24, cell=(8, 16))


def read_sixels(data: bytes) -> Image.Image:
    """Draw sixels as a terminal does, on a transparent ground."""
    head = re.fullmatch(rb'\x1bP0;1;0q"1;1;(\d+);(\d+)(.*)\x1b\\', data, re.DOTALL)
    assert head
    image = Image.new("RGBA", (int(head[1]), int(head[2])))
    colours: dict[int, tuple[int, ...]] = {}
    x = y = colour = 0
    pattern = rb"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|(\$)|(-)"
    for token in re.finditer(pattern, head[3]):
        if token[1]:
            colours[int(token[1])] = tuple(round(int(part) * 255 / 100) for part in token.group(2, 3, 4))
        elif token[5]:
            colour = int(token[5])
        elif token[9]:
            x = 0
        elif token[10]:
            x, y = 0, y + 6
        else:
            bits, count = (token[7] or token[8])[0] - 63, int(token[6] or 1)
            for line in range(6):
                if bits >> line & 1:
                    image.paste((*colours[colour], 255), (x, y + line, x + count, y + line + 1))
            x += count
    return image


def test_sixels_show_what_the_picture_shows() -> None:
    image = gradient(61, 35)

    shown = read_sixels(graphics.sixels(image))

    assert shown.getchannel("A").getextrema() == (255, 255), "every px is drawn"
    for x in range(0, 61, 4):
        for y in range(0, 35, 3):
            wanted: Any = image.getpixel((x, y))
            got: Any = shown.getpixel((x, y))
            assert all(abs(one - other) <= 24 for one, other in zip(wanted, got[:3], strict=True)), (x, y)


def test_sixels_of_few_colours_are_those_colours_px_by_px() -> None:
    image = Image.new("RGB", (20, 13), "white")
    image.paste((255, 0, 0), (3, 2, 11, 9))
    image.putpixel((19, 12), (0, 0, 255))

    assert list(read_sixels(graphics.sixels(image)).convert("RGB").tobytes()) == list(image.tobytes())


def test_what_is_transparent_is_not_drawn() -> None:
    image = Image.new("RGBA", (12, 12), (0, 0, 0, 0))
    image.paste((0, 255, 0, 255), (4, 4, 8, 8))

    shown = read_sixels(graphics.sixels(image)).getchannel("A")

    assert shown.tobytes() == image.getchannel("A").tobytes()


def test_kitty_gets_a_png_in_pieces_and_a_place_in_cells() -> None:
    image = gradient(200, 100)

    said, down = graphics.drawn(encoded(image), terminal("kitty"), 80, 20)

    pieces = re.findall(rb"\x1b_G([^;]*);([^\x1b]*)\x1b\\", said)
    assert pieces[0][0].startswith(b"a=T,f=100,q=2,C=1,c=25,r=7,")
    assert [keys.rpartition(b"m=")[2] for keys, _ in pieces] == [b"1"] * (len(pieces) - 1) + [b"0"]
    assert all(len(piece) <= 4096 for _, piece in pieces)
    with Image.open(BytesIO(base64.b64decode(b"".join(piece for _, piece in pieces)))) as shown:
        assert shown.convert("RGB").tobytes() == image.tobytes()
    assert down == 7
    assert said.startswith(b"\n" * 7 + b"\x1b[7A\x1b7")
    assert said.endswith(b"\x1b8\x1b[7B\r")


def test_iterm_gets_a_whole_file_and_its_length() -> None:
    image = gradient(64, 64)

    said, _ = graphics.drawn(encoded(image), terminal("iterm"), 80, 20)

    head = re.search(
        rb"\x1b\]1337;File=inline=1;size=(\d+);width=8;height=4;preserveAspectRatio=1:([^\x07]+)\x07", said
    )
    assert head
    data = base64.b64decode(head[2])
    assert len(data) == int(head[1])
    with Image.open(BytesIO(data)) as shown:
        assert shown.convert("RGB").tobytes() == image.tobytes()


@pytest.mark.parametrize(
    ("size", "cells", "place"),
    [
        ((2000, 1000), (80, 20), (640, 320)),  # as wide as the terminal
        ((1000, 2000), (80, 20), (160, 320)),  # as high as is allowed
        ((30, 20), (80, 20), (30, 20)),  # never larger than it is
        ((3000, 1), (40, 20), (320, 1)),
    ],
)
def test_a_picture_fits_its_place_and_keeps_its_shape(
    size: tuple[int, int], cells: tuple[int, int], place: tuple[int, int]
) -> None:
    said, down = graphics.drawn(encoded(Image.new("RGB", size, "teal")), terminal("sixel"), *cells)

    assert f'"1;1;{place[0]};{place[1]}#'.encode() in said
    assert down == -(-place[1] // 16)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(BadPicture):
        graphics.drawn(b"nonsense", terminal("kitty"), 80, 20)
