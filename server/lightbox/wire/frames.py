"""Server-sent events as they come in: bytes in, whole frames out, none of them larger than allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_LINES = 100_000
"""The most lines of one event: nobody writes JSON over so many."""


_LONGEST_NAME = 100


class FrameTooLarge(Exception):
    """An event, or a line that does not end, is larger than allowed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event: its name, `""` where it has none, and its data."""

    name: str
    data: bytearray = field(repr=False)


class Frames:
    """Takes a stream's bytes apart into events (WHATWG HTML, 9.2.6). Holds one unfinished event, as bytes.

    Args:
        largest: The most that one event may hold, in bytes.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._line = bytearray()
        self._data: bytearray | None = None
        self._name = ""
        self._lines = 0
        self._after_return = False
        self._first = True

    @property
    def held(self) -> int:
        """How many bytes of an unfinished event are held."""
        return len(self._line) + len(self._data or b"")

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Take in what came, and give the events that it completes.

        Raises:
            FrameTooLarge: An event is larger than allowed.
        """
        if self._after_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_return = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._line += memoryview(chunk)[start:end]
            start = end + 1
            if (frame := self._end_of_line()) is not None:
                yield frame
        self._line += memoryview(chunk)[start:]
        if self.held > self._largest:
            raise FrameTooLarge

    def end(self) -> Iterator[Frame]:
        """Give what is left when the stream has ended: some servers leave out the last blank line."""
        if (frame := self._end_of_line()) is not None:
            yield frame
        if (frame := self._end_of_line()) is not None:
            yield frame

    def _end_of_line(self) -> Frame | None:
        line, self._line = self._line, bytearray()
        if self._first:
            self._first = False
            if line.startswith(b"\xef\xbb\xbf"):
                del line[:3]
        if not line:
            return self._end_of_event()
        self._lines += not line.startswith(b":")  # pings may go on for as long as the work does
        if self.held + len(line) > self._largest or self._lines > MOST_LINES:
            raise FrameTooLarge
        if line.startswith((b"data:", b"event:")):
            colon = line.index(b":")
            name = bytes(line[:colon])
            del line[: colon + (2 if line.startswith(b" ", colon + 1) else 1)]
            self._field(name, line)
        elif bytes(line[:6]) in (b"data", b"event"):
            self._field(bytes(line), bytearray())
        return None

    def _field(self, name: bytes, value: bytearray) -> None:
        if name == b"event":
            self._name = value[:_LONGEST_NAME].decode("utf-8", "replace")
        elif self._data is None:
            self._data = value  # taken over, not copied: it may be a picture
        else:
            self._data += b"\n"
            self._data += value

    def _end_of_event(self) -> Frame | None:
        data, name = self._data, self._name
        self._data, self._name, self._lines = None, "", 0
        return None if data is None else Frame(name, data)
