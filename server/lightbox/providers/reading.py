"""From what comes over the wire to what is told, each thing once; and whether it did what was asked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from lightbox.errors import Interrupted, NotDone, UpstreamError
from lightbox.providers.dialect import Translate
from lightbox.providers.failures import Sent, clean, error_for
from lightbox.providers.updates import (
    Accepted,
    Damaged,
    Finished,
    Found,
    Made,
    MadeAt,
    Partial,
    SearchesDone,
    Stage,
    StageName,
    Update,
)
from lightbox.untrusted import named
from lightbox.vocabulary import Ability
from lightbox.wire.bodies import LONGEST_NAME, load_bytes, mapping
from lightbox.wire.events import (
    ErrorEvent,
    Event,
    ItemEvent,
    PartialImageEvent,
    ResponseEvent,
    ResponseStream,
    TextEvent,
)
from lightbox.wire.response import (
    ENDED,
    MOST_HITS,
    MOST_ITEMS,
    MOST_QUERIES,
    Failure,
    Item,
    MessageItem,
    PictureItem,
    ReasoningItem,
    Response,
    SearchItem,
    Usage,
    read_response,
)

MOST_PICTURES, MOST_PARTIALS = 8, 16
"""The most finished and unfinished pictures of one call that are told; a call asks for one, and at most three."""

_OVER = frozenset({"failed", "incomplete"})


class Reading:
    """Reads one call's answer, whether it comes as events, as one body, or as both after a break.

    The methods compute only, for some 100 ms where a picture is large: run those on another thread.

    Attributes:
        ability: What was asked for.
        started: Whether anything has been told.
        resumable: Whether the response can be taken up again by its id.
        pending: Whether the last answer was a whole response that is not done: ask for it again later.
        damaged: How many pictures came that could not be read.
    """

    def __init__(
        self,
        ability: Ability,
        *,
        resumable: bool = False,
        response_id: str | None = None,
        translate: Translate | None = None,
        cost_currency: str | None = None,
    ) -> None:
        self.ability: Ability = ability
        self._translate = translate
        self._cost_currency = cost_currency
        self.started = False
        self.pending = False
        self.damaged = 0
        self.resumable = resumable
        self._stream = ResponseStream()
        self._taken_up = response_id
        self._accepted = response_id is not None
        self._stage: StageName | None = None
        self._found: set[str] = set()
        self._told: set[object] = set()
        self._queries_left = MOST_QUERIES
        self._messages: set[object] = set()
        self._searches_done = False
        self._made: set[object] = set()
        self._seen_damaged: set[int] = set()
        self._partials = 0

    @property
    def ended(self) -> bool:
        """Whether the service has said that nothing more comes."""
        return self._stream.ended

    def reopen(self) -> None:
        """Read on after a failure: what is kept of the response says what became of it."""
        self._stream.reopen()

    @property
    def sequence(self) -> int | None:
        """The number of the last event."""
        return self._stream.sequence

    @property
    def response(self) -> Response:
        """All that has come."""
        return self._stream.response

    @property
    def response_id(self) -> str | None:
        """The service's name for the response, once it is known."""
        return self._stream.id or self._taken_up

    @property
    def made(self) -> bool:
        """Whether a picture has come."""
        return bool(self._made)

    def event(self, data: bytearray, name: str = "") -> list[Update]:
        """Read one event's data, which is emptied. Anything but a JSON object (`[DONE]`, a keep-alive) says nothing."""
        self.pending = False
        try:
            fields = mapping(load_bytes(data))
        except ValueError:
            return []
        return self._noted(self._of_event(self._stream.feed(fields, name)))

    def body(self, data: bytearray) -> list[Update]:
        """Read a whole response, finished or not; the data is emptied.

        Raises:
            ValueError: It is not a JSON object.
        """
        fields = mapping(load_bytes(data))
        if not fields:
            raise ValueError("a response is a JSON object with something in it")
        if self._translate is not None:
            fields = self._translate(fields)
        response = read_response(fields)
        # A server that names no status answers when it is done.
        ended = response.status is None or response.status in ENDED
        self.pending = not ended
        self._stream.add_response(response, ended=ended)
        return self._noted(self._of_response(response, ended=ended))

    def _noted(self, updates: Iterator[Update]) -> list[Update]:
        told = list(updates)
        self._stream.let_go()
        self.started = self.started or bool(told)
        return told

    def _of_event(self, event: Event | None) -> Iterator[Update]:
        match event:
            case ResponseEvent():
                yield from self._of_response(event.response, ended=event.ended)
            case ItemEvent():
                yield from self._of_item(event.item, index=event.index)
            case PartialImageEvent():
                if self._partials < MOST_PARTIALS and (picture := picture_bytes(event.data)):
                    self._partials += 1
                    yield Partial(index=event.index, data=picture)
            case TextEvent():
                yield from self._writing(event.index)
            case ErrorEvent() | None:
                pass

    def _of_response(self, told: Response, *, ended: bool) -> Iterator[Update]:
        """Tell what a whole response adds; its items are those of the stream again."""
        name = self._stream.id
        if name and not self._accepted and not (told.failure and not self.started):
            self._accepted = True
            yield Accepted(response_id=name, resumable=self.resumable)
        for item in told.items:
            if isinstance(item, SearchItem | PictureItem):
                yield from self._of_item(item)
        if ended:
            yield from self._at_end(self._stream.response)

    def _at_end(self, response: Response) -> Iterator[Update]:
        if response.failure is None and response.searches:
            for search in response.searches:
                if search.hits is None and searched(search):
                    yield from self._told_search(search)
            yield from self._all_searched()
        if response.failure is None or response.usage is not None:
            yield Finished(
                text=response.text,
                usage=self._charged(response.usage),
                incomplete_reason=response.incomplete_reason,
                note=None if self._found else _why_nothing(response.searches),
            )

    def _charged(self, usage: Usage | None) -> Usage | None:
        """Say in which currency a service told what it charged; what nobody documents to be that is no cost."""
        if usage is None or usage.cost is None:
            return usage
        if self._cost_currency is None:
            return replace(usage, cost=None)
        return replace(usage, cost_currency=self._cost_currency)

    def _of_item(self, item: Item, *, index: int | None = None) -> Iterator[Update]:
        match item:
            case SearchItem():
                yield from self._stage_of("searching")
                yield from self._of_search(item)
            case PictureItem():
                yield from self._stage_of("painting")
                yield from self._of_picture(item)
            case MessageItem():
                yield from self._writing(index if index is not None else item.id)
            case ReasoningItem():
                yield from self._stage_of("thinking")

    def _of_search(self, search: SearchItem) -> Iterator[Update]:
        """Tell a search that is done. One that tells no results was made all the same."""
        if search.hits is not None or (search.status == "completed" and search.failure is None):
            yield from self._told_search(search)

    def _told_search(self, search: SearchItem) -> Iterator[Update]:
        room = MOST_HITS - len(self._found)
        hits = search.hits or ()
        new = tuple(hit for hit in hits if hit.url not in self._found)[:room]
        name = search.id or hash((search.queries, search.hits))
        again = name in self._told
        # A search whose hits are not kept is told all the same: its fee may have to be counted. An item comes again at
        # the end of the stream.
        if new or (not again and len(self._told) < MOST_QUERIES):
            queries = () if again else search.queries[: self._queries_left]
            self._queries_left -= len(queries)
            self._found.update(hit.url for hit in new)
            self._told.add(name)
            yield Found(hits=new, queries=queries, again=again)

    def _writing(self, message: object) -> Iterator[Update]:
        yield from self._stage_of("writing")
        if message in self._messages or len(self._messages) >= MOST_ITEMS:
            return
        self._messages.add(message)
        searches = self._stream.response.searches
        if searches and all(search.hits is not None or search.status in _OVER for search in searches):
            yield from self._all_searched()

    def _all_searched(self) -> Iterator[Update]:
        if not self._searches_done:
            self._searches_done = True
            yield SearchesDone()

    def _of_picture(self, picture: PictureItem) -> Iterator[Update]:
        if not picture.result or len(self._made) >= 2 * MOST_PICTURES:
            return
        # The same picture comes again at the end of the stream; some gateways give it another id there.
        names = {name for name in (picture.id, hash(picture.result)) if name is not None}
        if names & self._made:
            return
        if picture.address is not None:
            self._made |= names
            yield MadeAt(url=picture.address, **_as_painted(picture))
            return
        if data := picture_bytes(picture.result):
            self._made |= names
            yield Made(data=data, **_as_painted(picture))
        elif self.damaged < MOST_PICTURES and hash(picture.result) not in self._seen_damaged:
            self.damaged += 1
            self._seen_damaged.add(hash(picture.result))
            raw = picture.result.encode("utf-8", "replace")
            yield Damaged(data=raw, **_as_painted(picture))

    def _stage_of(self, name: StageName) -> Iterator[Update]:
        # The end repeats every item; by then nobody is at work any more.
        if name != self._stage and not self.ended:
            self._stage = name
            yield Stage(name=name)


def _as_painted(picture: PictureItem) -> dict[str, str | None]:
    return {
        "item_id": picture.id,
        "size": picture.size,
        "quality": picture.quality,
        "format": picture.format,
        "background": picture.background,
        "revised_prompt": picture.revised_prompt,
    }


_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_NOT_CODE = b" \t\r\n\v\f="


def picture_bytes(text: str) -> bytes | None:
    """Decode base64: plain or safe for URLs, with line breaks, without its padding, as a data URI; None if damaged."""
    with suppress(binascii.Error, ValueError):  # as nearly all come, and quicker
        return binascii.a2b_base64(text, strict_mode=True)  # `base64` would copy the text first
    start = text.find(",", 0, LONGEST_NAME) + 1 if text.startswith("data:") else 0
    try:
        code = (text[start:] if start else text).encode("ascii").translate(_FROM_URL_SAFE, _NOT_CODE)
        return base64.b64decode(code + b"=" * (-len(code) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _why_nothing(searches: Sequence[SearchItem]) -> str | None:
    """Say why searches that were made brought no picture, where it is not that there was nothing to find."""
    if others := sum(search.others for search in searches):
        return (
            f"The service searched, but answered with {others} results of text and no pictures: this model or server "
            "may not search for pictures. Try another model or provider."
        )
    if searches and all(search.hits is None for search in searches) and any(map(searched, searches)):
        return (
            "The service searched, but does not tell what it found: this model or server may not answer with "
            "pictures. Try another model or provider."
        )
    return None


def verdict(reading: Reading, sent: Sent) -> UpstreamError | None:
    """Give the error that an ended answer amounts to, None if it is good.

    A refusal comes in five shapes; two of them look like success: a picture call with an `error`, and a message that
    declines.
    """
    response = reading.response
    failure = response.failure
    if failure is not None:
        said = failure.code or failure.type or failure.message
        return error_for(failure if said else Failure(code="server_error"), sent)
    if response.status == "cancelled":
        return Interrupted(
            f"{sent.endpoint.provider} says that the call was cancelled.", provider=sent.endpoint.provider
        )
    if _done(reading, response):
        return None
    return _why_not(reading, response, sent)


def _done(reading: Reading, response: Response) -> bool:
    match reading.ability:
        case "search" | "similar":
            return any(searched(search) for search in response.searches)
        case "generate" | "edit":
            return reading.made
        case "describe":
            return bool(response.text.strip())


def searched(search: SearchItem) -> bool:
    """Tell whether a search was made: one that is done and tells no results has found nothing.

    One that failed, and tells none, has not searched.
    """
    return bool(search.hits) or (search.failure is None and search.status not in _OVER)


def _why_not(reading: Reading, response: Response, sent: Sent) -> UpstreamError:
    for item in (*response.pictures, *response.searches):
        if item.failure is not None:
            return error_for(item.failure, sent)
    refusal = response.message.refusal if response.message else None
    if refusal or response.incomplete_reason == "content_filter":
        return error_for(Failure(code="content_filter", message=refusal), sent)
    return _not_done(reading, response, sent)


def _not_done(reading: Reading, response: Response, sent: Sent) -> NotDone:
    provider = sent.endpoint.provider
    if reading.damaged:
        return NotDone(
            f"{provider} made a picture, but it came damaged: what came can't be read as base64. "
            "It may have been billed, and making the call again pays again.",
            provider=provider,
            accepted=True,
        )
    missing = {
        "search": "without searching: try again with one plain sentence",
        "similar": "without searching: try again, or say in `about` what to look for",
        "generate": "without a picture: write the prompt as an order",
        "edit": "without a picture: write the prompt as an order",
        "describe": "with no text: try again",
    }[reading.ability]
    early = (
        f" It stopped early ({named(clean(r, sent.endpoint, longest=60))})."
        if (r := response.incomplete_reason)
        else ""
    )
    said = f" It wrote: “{clean(response.text, sent.endpoint)}”" if response.text.strip() else ""
    return NotDone(f"{provider} answered {missing}.{early}{said}", provider=provider, accepted=True)
