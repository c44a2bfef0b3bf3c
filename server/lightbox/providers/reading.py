"""From what comes over the wire to what is told, each thing once; and whether it did what was asked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import suppress

from lightbox.errors import Interrupted, NotDone, UpstreamError
from lightbox.providers.failures import Sent, clean, error_for
from lightbox.providers.updates import (
    Accepted,
    Finished,
    Found,
    Made,
    Partial,
    SearchesDone,
    Stage,
    StageName,
    Update,
)
from lightbox.untrusted import named
from lightbox.vocabulary import Ability
from lightbox.wire.bodies import load, mapping
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
    MOST_QUERIES,
    Failure,
    Item,
    MessageItem,
    PictureItem,
    ReasoningItem,
    Response,
    SearchItem,
    read_response,
)

_OVER = frozenset({"failed", "incomplete"})


class Reading:
    """Reads one call's answer, whether it comes as events, as one body, or as both after a break.

    The methods compute only, for some 100 ms where a picture is large: run those on another thread.

    Attributes:
        ability: What was asked for.
        started: Whether anything has been told.
        pending: Whether the last answer was a whole response that is not done: ask for it again later.
    """

    def __init__(self, ability: Ability, *, resumable: bool = False, response_id: str | None = None) -> None:
        self.ability: Ability = ability
        self.started = False
        self.pending = False
        self._resumable = resumable
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

    @property
    def ended(self) -> bool:
        """Whether the service has said that nothing more comes."""
        return self._stream.ended

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
        return self._stream.response.id or self._taken_up

    @property
    def made(self) -> bool:
        """Whether a picture has come."""
        return bool(self._made)

    def event(self, data: str, name: str = "") -> list[Update]:
        """Read one event's data. Anything but a JSON object (`[DONE]`, a keep-alive) says nothing."""
        self.pending = False
        try:
            fields = mapping(load(data))
        except ValueError:
            return []
        return self._noted(self._of_event(self._stream.feed(fields, name)))

    def body(self, data: bytes) -> list[Update]:
        """Read a whole response, finished or not.

        Raises:
            ValueError: It is not a JSON object.
        """
        fields = mapping(load(data))
        if not fields:
            raise ValueError("a response is a JSON object with something in it")
        response = read_response(fields)
        # A server that names no status answers when it is done.
        ended = response.status is None or response.status in ENDED
        self.pending = not ended
        self._stream.add_response(response, ended=ended)
        return self._noted(self._of_response(self._stream.response, ended=ended))

    def _noted(self, updates: Iterator[Update]) -> list[Update]:
        told = list(updates)
        self.started = self.started or bool(told)
        return told

    def _of_event(self, event: Event | None) -> Iterator[Update]:
        match event:
            case ResponseEvent():
                yield from self._of_response(self._stream.response, ended=event.ended)
            case ItemEvent():
                yield from self._of_item(event.item, index=event.index)
            case PartialImageEvent():
                if picture := _decode(event.data):
                    yield Partial(index=event.index, data=picture)
            case TextEvent():
                yield from self._writing(event.index)
            case ErrorEvent() | None:
                pass

    def _of_response(self, response: Response, *, ended: bool) -> Iterator[Update]:
        if response.id and not self._accepted and not (response.failure and not self.started):
            self._accepted = True
            yield Accepted(response_id=response.id, resumable=self._resumable)
        for item in response.items:
            if isinstance(item, SearchItem | PictureItem):
                yield from self._of_item(item)
        if ended:
            yield from self._at_end(response)

    def _at_end(self, response: Response) -> Iterator[Update]:
        if response.failure is None and response.searches:
            yield from self._all_searched()
        if response.failure is None or response.usage is not None:
            yield Finished(
                text=response.text,
                usage=response.usage,
                incomplete_reason=response.incomplete_reason,
            )

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
        if search.hits is None:
            return
        room = MOST_HITS - len(self._found)
        new = tuple(hit for hit in search.hits if hit.url not in self._found)[:room]
        name = search.id or (search.queries, search.hits)
        # A search whose hits are not kept is told all the same: its fee may have to be counted. An item comes again at
        # the end of the stream.
        if new or (name not in self._told and len(self._told) < MOST_QUERIES):
            queries = search.queries[: self._queries_left]
            self._queries_left -= len(queries)
            self._found.update(hit.url for hit in new)
            self._told.add(name)
            yield Found(hits=new, queries=queries)

    def _writing(self, message: object) -> Iterator[Update]:
        yield from self._stage_of("writing")
        if message in self._messages:
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
        if picture.result is None:
            return
        # The same picture comes again at the end of the stream; some gateways give it another id there.
        names = {name for name in (picture.id, hash(picture.result)) if name is not None}
        if names & self._made or not (data := _decode(picture.result)):
            return
        self._made |= names
        yield Made(
            item_id=picture.id,
            data=data,
            size=picture.size,
            quality=picture.quality,
            format=picture.format,
            background=picture.background,
            revised_prompt=picture.revised_prompt,
        )

    def _stage_of(self, name: StageName) -> Iterator[Update]:
        # The end repeats every item; by then nobody is at work any more.
        if name != self._stage and not self.ended:
            self._stage = name
            yield Stage(name=name)


def _decode(text: str) -> bytes | None:
    """Decode base64, tolerating the prefix of a data URI; None if it is broken."""
    _, _, payload = text.rpartition(",") if text.startswith("data:") else ("", "", text)
    for tail in ("", "=="):  # padding that a server left out; more than is needed does no harm
        with suppress(binascii.Error, ValueError):
            return base64.b64decode(payload + tail)
    return None


def verdict(reading: Reading, sent: Sent) -> UpstreamError | None:
    """Give the error that an ended answer amounts to, None if it is good.

    A refusal comes in five shapes; two of them look like success: a picture call with an `error`, and a message that
    declines.
    """
    response = reading.response
    if response.failure is not None:
        return error_for(response.failure, sent)
    if response.status == "cancelled":
        return Interrupted(
            f"{sent.endpoint.provider} says that the call was cancelled.", provider=sent.endpoint.provider
        )
    if response.status == "failed":
        return error_for(Failure(code="server_error"), sent)
    if _done(reading, response):
        return None
    return _why_not(reading, response, sent)


def _done(reading: Reading, response: Response) -> bool:
    match reading.ability:
        case "search" | "similar":
            return any(_searched(search) for search in response.searches)
        case "generate" | "edit":
            return reading.made
        case "describe":
            return bool(response.text.strip())


def _searched(search: SearchItem) -> bool:
    """A call that is done and tells no results has found nothing; one that failed, and tells none, has not searched."""
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
