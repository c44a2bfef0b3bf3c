"""The events of a stream, one at a time: bytes into frames, frames into events, and events into a response."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from lightbox.wire.bodies import integer, mapping, string, whole
from lightbox.wire.response import (
    ENDED,
    LONGEST_TEXT,
    MOST_ITEMS,
    Failure,
    Item,
    MessageItem,
    PictureItem,
    Response,
    SearchItem,
    read_failure,
    read_item,
    read_response,
)

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


MOST_KEPT = 1_000_000
"""How much of its items' words one stream keeps, in characters; a picture is let go as soon as it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseEvent:
    """The response as a whole: begun, still going, or over (`ended`)."""

    response: Response
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """An item was added or is done; `index` is its place in the output."""

    item: Item
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialImageEvent:
    """An unfinished picture, as base64; `index` counts from 0."""

    index: int
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEvent:
    """Text of a message: a piece of it to append, or (`whole`) all of it."""

    text: str
    index: int | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """The stream ends with a fault."""

    failure: Failure


Event: TypeAlias = ResponseEvent | ItemEvent | PartialImageEvent | TextEvent | ErrorEvent


def read_event(data: Mapping[str, Any], name: str = "") -> Event | None:
    """Read the JSON of one event; None for kinds that Lightbox has no use for.

    Args:
        data: The parsed `data` field.
        name: The frame's `event` field, for services that do not repeat it as `type`.
    """
    kind = string(data.get("type")) or name
    if kind == "error" or (not kind and data.get("error")):
        return ErrorEvent(failure=read_failure(data))
    subject, _, change = kind.removeprefix("response.").partition(".")
    if not kind.startswith("response.") or subject not in _READERS:
        return None
    return _READERS[subject](data, subject if subject in _WHOLE else change)


def _response_event(data: Mapping[str, Any], kind: str) -> ResponseEvent:
    body = mapping(data.get("response"))
    ended = kind in ENDED
    if ended and string(body.get("status")) not in ENDED:
        body = {**body, "status": kind}
    return ResponseEvent(response=read_response(body), ended=ended)


def _item_event(data: Mapping[str, Any], change: str) -> ItemEvent | None:
    item = read_item(data.get("item"))
    if item is None or change not in ("added", "done"):
        return None
    return ItemEvent(item=item, index=_place(data.get("output_index")))


def _text_event(data: Mapping[str, Any], change: str) -> TextEvent | None:
    whole = change == "done"
    text = data.get("text" if whole else "delta")
    return TextEvent(text=text, index=_place(data.get("output_index")), whole=whole) if isinstance(text, str) else None


def _partial_image(data: Mapping[str, Any], change: str) -> PartialImageEvent | None:
    picture = string(data.get("partial_image_b64"))
    if picture is None or change != "partial_image":
        return None
    return PartialImageEvent(index=_place(data.get("partial_image_index")) or 0, data=picture)


def _place(value: object) -> int | None:
    """Read a place in the output; no answer has thousands."""
    place = integer(value)
    return place if place is not None and 0 <= place < _LAST_PLACE else None


_LAST_PLACE = 1_000_000

_WHOLE = frozenset({"created", "queued", "in_progress"}) | ENDED

_READERS: dict[str, Callable[[Mapping[str, Any], str], Event | None]] = {
    **dict.fromkeys(_WHOLE, _response_event),
    "output_item": _item_event,
    "output_text": _text_event,
    "image_generation_call": _partial_image,
}


class ResponseStream:
    """Adds the events of a stream up to a response, which holds at any time what has come so far.

    Attributes:
        ended: Whether the service has said that nothing more comes. A stream that stops before was interrupted.
        sequence: The number of the last event, from which a stored stream can be taken up again.
    """

    def __init__(self) -> None:
        self.ended = False
        self.sequence: int | None = None
        self._response = Response()
        self._items: dict[int, Item] = {}
        self._kept = 0
        self._heavy = False
        self._texts: dict[int, list[str]] = {}
        self._letters = 0

    @property
    def id(self) -> str | None:
        """The service's name for the response, once it is known."""
        return self._response.id

    @property
    def response(self) -> Response:
        """What has come so far. After an end it is the service's own summary, where that holds any output."""
        if self._response.items and (self.ended or not self._items):
            return self._response
        items = dict(self._items)
        for index, pieces in self._texts.items():
            item = items.get(index, MessageItem(id=None))
            if isinstance(item, MessageItem) and not item.text:
                pieces[:] = ["".join(pieces)]  # joined once, however often it is asked for
                items[index] = replace(item, text=whole(pieces[0]))  # a piece may end in half a character
        return replace(self._response, items=tuple(items[index] for index in sorted(items)))

    def let_go(self) -> None:
        """Forget the pictures themselves, and where hits lead: whoever reads the stream has them now."""
        if not self._heavy:
            return
        self._heavy = False
        self._items = {index: _light(item) for index, item in self._items.items()}
        self._kept = sum(map(_weight, self._items.values()))
        self._response = replace(self._response, items=tuple(map(_light, self._response.items)))

    def feed(self, data: Mapping[str, Any], name: str = "") -> Event | None:
        """Take in the JSON of one event, and tell what it was; None if it means nothing here.

        Args:
            data: The parsed `data` field.
            name: The frame's `event` field.
        """
        self.sequence = _later(self.sequence, integer(data.get("sequence_number")))
        event = None if self.ended else read_event(data, name)
        match event:
            case ResponseEvent():
                self.add_response(event.response, ended=event.ended)
            case ItemEvent():
                self._add_item(event)
            case TextEvent():
                self._add_text(event)
            case ErrorEvent():
                self.ended = True
                self._response = replace(self._response, status="failed", failure=event.failure)
            case _:
                pass
        return event

    def reopen(self) -> None:
        """Forget that it failed: the response is asked for again, and says itself what became of it."""
        self.ended = False
        self._response = replace(self._response, status=None, failure=None)

    def add_response(self, response: Response, *, ended: bool) -> None:
        """Take in a whole response, from an event or from a body; keeps what it leaves out and was known."""
        known = self._response
        self.ended = ended
        self._heavy = self._heavy or bool(response.items)
        self._response = replace(
            response,
            id=response.id or known.id,
            usage=response.usage or known.usage,
        )

    def _add_item(self, event: ItemEvent) -> None:
        index = event.index if event.index is not None else self._place(event.item)
        known = self._items.get(index)
        if known is None and len(self._items) >= MOST_ITEMS:
            return
        self._heavy = True
        self._kept += _weight(event.item) - (_weight(known) if known else 0)
        self._items[index] = event.item if self._kept <= MOST_KEPT else _bare(event.item)

    def _place(self, item: Item) -> int:
        """Find where an item without an index belongs: where its id is already, else at the end."""
        same = (index for index, known in self._items.items() if item.id and known.id == item.id)
        return next(same, max(self._items, default=-1) + 1)

    def _add_text(self, event: TextEvent) -> None:
        index = event.index if event.index is not None else max(self._items, default=0)
        if not event.text or (index not in self._texts and len(self._texts) >= MOST_ITEMS):
            return
        if event.whole:
            self._letters -= sum(map(len, self._texts.pop(index, ())))
        room = max(0, LONGEST_TEXT - self._letters)
        if piece := event.text[:room]:
            self._texts.setdefault(index, []).append(piece)
            self._letters += len(piece)


def _weight(item: Item) -> int:
    """Give how many characters an item keeps; pictures are let go at once, and bounded as events are."""
    match item:
        case MessageItem():
            return len(item.text) + len(item.refusal or "")
        case SearchItem():
            hits = sum(len(hit.url) + len(hit.title or "") for hit in item.hits or ())
            return hits + sum(map(len, item.queries))
        case _:
            return 0


def _light(item: Item) -> Item:
    if isinstance(item, PictureItem) and item.result:
        return replace(item, result="", address=None)
    if isinstance(item, SearchItem) and item.hits:
        return replace(item, hits=item.hits[:1])
    return item


def _bare(item: Item) -> Item:
    """Give an item of which only that it came is kept."""
    match item:
        case MessageItem():
            return replace(item, text="", refusal=item.refusal and item.refusal[:1])
        case SearchItem():
            return replace(item, hits=item.hits and (), queries=())
        case _:
            return item


def _later(known: int | None, told: int | None) -> int | None:
    return told if known is None else known if told is None else max(known, told)
