"""Pictures as a terminal is sent them: for kitty, for iTerm2, and as sixels."""

from __future__ import annotations

import base64
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING

from lightbox.images import raster

if TYPE_CHECKING:
    from PIL.Image import Image

    from lightbox.commands.terminal import Terminal

CHUNK = 4096
"""The most base64 characters in one piece for kitty."""
COLOURS = 255
BAND = 6
"""How many lines of px one line of sixels holds."""
_OPAQUE = 128


def drawn(data: bytes, terminal: Terminal, columns: int, rows: int) -> tuple[bytes, int]:
    """Turn a picture into what draws it at the cursor, and tell how many lines it takes.

    It is at most so many columns and rows large, and never larger than it is. The cursor ends below it, at the left.

    Raises:
        BadPicture: The bytes can't be decoded.
    """
    wide, high = terminal.cell
    image = raster.decode(data)
    scale = min(1.0, columns * wide / image.width, rows * high / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = raster.resized(image, size) if size != image.size else image
    across, down = -(-image.width // wide), -(-image.height // high)
    match terminal.protocol:
        case "kitty":
            body = _kitty(image, across, down)
        case "iterm":
            body = _iterm(image, across, down)
        case "sixel":
            body = sixels(image)
    # The lines are made first, so that drawing never scrolls; each protocol leaves the cursor elsewhere.
    room = b"\n" * down + f"\x1b[{down}A".encode()
    return room + b"\x1b7" + body + b"\x1b8" + f"\x1b[{down}B\r".encode(), down


def _kitty(image: Image, across: int, down: int) -> bytes:
    """Say it as https://sw.kovidgoyal.net/kitty/graphics-protocol/ does: a PNG in pieces; the answer is not wanted."""
    text = base64.standard_b64encode(_png(image))
    pieces = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    said: list[bytes] = []
    for number, piece in enumerate(pieces, 1):
        head = f"a=T,f=100,q=2,C=1,c={across},r={down}," if number == 1 else ""
        said.append(f"\x1b_G{head}m={int(number < len(pieces))};".encode() + piece + b"\x1b\\")
    return b"".join(said)


def _iterm(image: Image, across: int, down: int) -> bytes:
    """Say it as https://iterm2.com/documentation-images.html does."""
    data = _png(image)
    head = f"\x1b]1337;File=inline=1;size={len(data)};width={across};height={down};preserveAspectRatio=1:"
    return head.encode() + base64.standard_b64encode(data) + b"\x07"


def sixels(image: Image) -> bytes:
    """Encode px as sixels (DEC STD 070, chapter 9): bands of six lines, a pass for each colour that a band has.

    What is transparent is left as it is on the screen.
    """
    seen = image.getchannel("A").tobytes() if image.mode == "RGBA" else b""
    paletted = image.convert("RGB").quantize(COLOURS)
    px, (width, height) = paletted.tobytes(), image.size
    said = [f'\x1bP0;1;0q"1;1;{width};{height}']
    colours = bytes(paletted.getpalette() or b"")
    for number in sorted(set(px)):
        red, green, blue = (round(part * 100 / 255) for part in colours[number * 3 : number * 3 + 3])
        said.append(f"#{number};2;{red};{green};{blue}")
    for top in range(0, height, BAND):
        passes: dict[int, bytearray] = {}
        for line in range(top, min(top + BAND, height)):
            bit, start = 1 << (line - top), line * width
            for column, colour in enumerate(px[start : start + width]):
                if not seen or seen[start + column] >= _OPAQUE:
                    if colour not in passes:
                        passes[colour] = bytearray(width)
                    passes[colour][column] |= bit
        said.append("$".join(f"#{colour}{_run_lengths(bits)}" for colour, bits in sorted(passes.items())) + "-")
    return "".join([*said, "\x1b\\"]).encode()


def _run_lengths(bits: bytearray) -> str:
    """Write one pass over a band: a character for each column, repetitions counted, what is empty at the end left."""
    said: list[str] = []
    for value, run in groupby(bits.rstrip(b"\0")):
        count, letter = len(list(run)), chr(63 + value)
        said.append(f"!{count}{letter}" if count > 3 else letter * count)  # noqa: PLR2004 - shorter from four on
    return "".join(said)


def _png(image: Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
