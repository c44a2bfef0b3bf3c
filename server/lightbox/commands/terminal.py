"""What the terminal can show: it is asked, and what does not answer can't.

Three questions at once: the graphics protocol of kitty, the terminal's name and version (XTVERSION), the size of a
cell; and last the device's attributes (DA1), which every terminal answers, so that nobody waits for the others.
Sources: https://sw.kovidgoyal.net/kitty/graphics-protocol/, https://invisible-island.net/xterm/ctlseqs/ctlseqs.html,
https://iterm2.com/documentation-images.html.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import struct
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lightbox.commands.wishes import PictureForm

if sys.platform != "win32":
    import fcntl
    import termios

Protocol: TypeAlias = Literal["kitty", "iterm", "sixel"]

QUESTIONS = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>0q\x1b[16t\x1b[c"
CLEARED = b"\r\x1b[2K"
"""A terminal that knows none of this may have printed some of it."""
ANSWER_SECONDS = 1.0
"""How long the answer may take; a terminal that is there answers in milliseconds, over a slow line in half a second."""
MOST_BYTES = 4096
USUAL_CELL = (10, 20)
"""Width and height of a cell in px, where the terminal does not tell."""
MUTE = frozenset({"", "dumb", "linux", "unknown"})
"""Values of TERM that stand for what can't answer, or can't draw."""

_KITTY = re.compile(rb"\x1b_Gi=31;OK\x1b\\")
_NAME = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_CELL = re.compile(rb"\x1b\[6;(\d{1,3});(\d{1,3})t")
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_SIXEL = b"4"
_ITERM = re.compile(rb"(iTerm2|WezTerm|mintty)\b", re.IGNORECASE)
"""Those that show pictures in the manner of iTerm2 wherever they answer to their name."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal that shows pictures.

    Attributes:
        protocol: How it is sent them.
        columns: How many cells are in a line.
        rows: How many lines it has.
        cell: Width and height of a cell in px.
    """

    protocol: Protocol
    columns: int
    rows: int
    cell: tuple[int, int]


def terminal_for(form: PictureForm) -> Terminal | None:
    """Give the terminal that standard output is, if it shows pictures; `form` names how, or has it asked.

    Where standard output is no terminal, nothing is ever drawn; NO_COLOR turns `auto` off.
    """
    if form == "off" or not sys.stdout.isatty():
        return None
    if form == "auto" and (os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in MUTE):
        return None
    answer = asked()
    protocol = _protocol(answer) if form == "auto" else form
    if protocol is None:
        return None
    columns, rows = shutil.get_terminal_size()
    return Terminal(protocol, columns, rows, _cell(answer))


def asked(seconds: float = ANSWER_SECONDS) -> bytes:
    """Ask the terminal of this process, and give what it answers; nothing where there is none, or it is not ours."""
    if sys.platform == "win32":
        return b""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return b""
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():  # in the background, changing the terminal would stop this process
            return b""
        with _unread_by_others(descriptor):
            os.write(descriptor, QUESTIONS + CLEARED)
            return _answer(descriptor, seconds)
    except (OSError, termios.error):  # it was closed
        return b""
    finally:
        os.close(descriptor)


def _answer(descriptor: int, seconds: float) -> bytes:
    """Read until the last question is answered, or nobody answers."""
    until = time.monotonic() + seconds
    answer = b""
    while len(answer) < MOST_BYTES and not _ATTRIBUTES.search(answer):
        left = until - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            break
        piece = os.read(descriptor, MOST_BYTES)
        if not piece:
            break
        answer += piece
    return answer


@contextmanager
def _unread_by_others(descriptor: int) -> Generator[None]:
    """Have the terminal's answer read here at once, and not shown."""
    before = termios.tcgetattr(descriptor)
    now = termios.tcgetattr(descriptor)
    now[3] &= ~(termios.ICANON | termios.ECHO)
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, now)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _protocol(answer: bytes) -> Protocol | None:
    if _KITTY.search(answer):
        return "kitty"
    if (name := _NAME.search(answer)) and _ITERM.match(name[1]):
        return "iterm"
    attributes = _ATTRIBUTES.search(answer)
    return "sixel" if attributes and _SIXEL in attributes[1].split(b";")[1:] else None


def _cell(answer: bytes) -> tuple[int, int]:
    """Give the size of a cell in px: as the terminal told, as the system knows, or as is usual."""
    if (told := _CELL.search(answer)) and int(told[1]) and int(told[2]):
        return int(told[2]), int(told[1])
    if sys.platform == "win32":
        return USUAL_CELL
    with suppress(OSError):
        asked = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
        rows, columns, width, height = struct.unpack("HHHH", asked)
        if rows and columns and width >= columns and height >= rows:
            return width // columns, height // rows
    return USUAL_CELL
