"""The one place that deals with a service: sends calls, repeats what may be repeated, takes up what broke off."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from random import random

import anyio
import httpx2
from anyio import to_thread

from lightbox.errors import BadInput, Interrupted, RequestRejected, Throttled, Unavailable, UpstreamError
from lightbox.providers.calls import Call, EditCall, GenerateCall
from lightbox.providers.connection import Connection, Request, Timeouts
from lightbox.providers.dialect import Dialect
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.failures import Sent
from lightbox.providers.omission import KEEPING, MOST_REPEATS, Omissions, spare, without
from lightbox.providers.reading import Reading, verdict
from lightbox.providers.room import ROOM, Room
from lightbox.providers.updates import LeftOut, Update
from lightbox.telemetry.observer import UNOBSERVED, Observer
from lightbox.vocabulary import Ability
from lightbox.wire.bodies import Body, mapping, sequence, string

Sleep = Callable[[float], Awaitable[None]]

_LEAST_SPREAD = 0.5
"""Seconds over which requests come back that were turned away together."""

_DROPS = 5
"""How often in a row a stored stream may break without having told anything new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How patiently a request is repeated that surely was not accepted.

    Attributes:
        tries: How often it is sent in all.
        first: Seconds before the second time, doubled each time after; used where the service names none.
        longest: Seconds that are waited at most; a service that wants more is not asked again.
        chance: Gives a number from 0 to 1: several that were turned away at once don't come back at once.
    """

    tries: int = 3
    first: float = 1.0
    longest: float = 30.0
    chance: Callable[[], float] = random

    def wait(self, error: UpstreamError, sent: int) -> float | None:
        """Tell how long to wait after a request was `sent` that many times; None if it is not to be sent again.

        No service of ours knows idempotency keys: what may have been accepted would be billed twice.
        """
        if error.accepted or not isinstance(error, Throttled | Unavailable) or sent >= self.tries:
            return None
        wait = self.first * 2 ** (sent - 1) if error.retry_after is None else error.retry_after
        return wait + self.chance() * max(_LEAST_SPREAD, wait / 2) if wait <= self.longest else None


class Adapter:
    """Sends calls to one service and tells what comes back, as it comes.

    Args:
        endpoint: Where the service is.
        dialect: How it is asked.
        store: Whether it may keep responses, which lets a picture's stream be taken up after a break.
        transport: Another way to the service than the network.
        sleep: How to wait, in seconds.
        timeouts: How long to wait for the service.
        retries: How patiently to repeat what surely was not accepted.
        omissions: What servers were found not to know; adapters that share it learn from each other.
        room: What streams may hold together; that of the process unless told otherwise.
        observer: Is told how many bytes went and came.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        dialect: Dialect,
        *,
        store: bool = False,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = anyio.sleep,
        timeouts: Timeouts | None = None,
        retries: Retries | None = None,
        omissions: Omissions | None = None,
        room: Room = ROOM,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._observer = observer
        self.endpoint = endpoint
        self.dialect = dialect
        self._store = store
        self._transport = transport
        self._sleep = sleep
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or Retries()
        self._omissions = omissions or Omissions()
        self._room = room
        self._connection: Connection | None = None
        self._connecting = anyio.Lock()

    @property
    def name(self) -> str:
        """The provider's name, as users write it."""
        return self.endpoint.provider

    def resumable(self, ability: Ability) -> bool:
        """Tell whether a response for this ability can be taken up again by its id, where one was kept."""
        return self._store and ability in self.dialect.resumable and ability not in self.dialect.operations

    def body(self, call: Call) -> Body:
        """Put a call into the service's words: the JSON body that is sent.

        Raises:
            BadInput: The service has no words for it.
        """
        words = self.dialect.words.get(call.ability)
        if words is None:
            raise BadInput(f"{self.name} can't {call.ability}: name another provider")
        if call.ability in self.dialect.operations:
            return {"model": call.model, **words(call)}
        # Services store what they are not asked to forget.
        kept = {"store": True, "background": True} if self.resumable(call.ability) else {"store": False}
        return {"model": call.model, **words(call), **kept, "stream": True}

    async def stream(self, call: Call) -> AsyncGenerator[Update]:
        """Send a call and yield what happens. Close the generator (`aclosing`) to let go of the call.

        The request is repeated only where it surely was not accepted. A stream that breaks is taken up again where the
        service keeps the response; what was told is not told twice. A server that refuses a field that it does not
        know, and that the call can do without, is asked again without it.

        Raises:
            BadInput: When the service has no words for the call; nothing was sent.
            UpstreamError: In one of its kinds, also after updates; `accepted` says whether the call may have been
                billed.
        """
        image_model = call.image_model if isinstance(call, GenerateCall | EditCall) else None
        own = self.dialect.operations.get(call.ability)
        elsewhere = own.url(self.endpoint) if own else None
        url = elsewhere or self.endpoint.url("responses")
        headers = self.endpoint.request_headers(image_model=image_model)
        sent = self._sent(call.model, image_model, address=elsewhere)
        whole = self.body(call)
        tries = repeats = 0
        while True:
            body, left_out = without(whole, () if own else self._omissions.of(self.endpoint))
            keeps = self.resumable(call.ability) and KEEPING.isdisjoint(left_out)
            request = Request(method="POST", url=url, headers=headers, sent=sent, body=body)
            reading = Reading(
                call.ability,
                resumable=keeps,
                translate=own.translate if own else None,
                cost_currency=self.dialect.cost_currency,
            )
            try:
                async with aclosing(self._attempt(request, reading)) as updates:
                    async for update in updates:
                        yield update
                        if left_out:
                            yield LeftOut(fields=left_out)
                            left_out = ()
            except UpstreamError as error:
                if self._can_take_up(reading, error):
                    said = error if reading.ended else None
                    reading.reopen()
                    break
                if repeats < MOST_REPEATS and own is None and self._learn(body, reading, error):
                    repeats += 1
                    continue
                tries += 1
                wait = None if reading.started else self._retries.wait(error, tries)
                if wait is None:
                    raise
                await self._sleep(wait)
            else:
                return
        async with aclosing(self._go_on(reading, sent, said)) as updates:
            async for update in updates:
                yield update

    async def take_up(self, response_id: str, ability: Ability) -> AsyncGenerator[Update]:
        """Yield what happens to a response that was asked for earlier, also by another process.

        Args:
            response_id: As `Accepted` told it.
            ability: What it was asked for.

        Raises:
            Interrupted: When the service keeps no such response.
            UpstreamError: As in `stream`.
        """
        if not self.resumable(ability):
            raise Interrupted(
                f"{self.name} does not keep responses of this kind, so {response_id} can't be continued; "
                "it may have been billed.",
                provider=self.name,
            )
        reading = Reading(ability, resumable=True, response_id=response_id)
        async with aclosing(self._go_on(reading, self._sent())) as updates:
            async for update in updates:
                yield update

    async def cancel(self, response_id: str) -> bool:
        """Tell the service to stop; False where it can't be told, or does not listen.

        Where it can't be told, closing the stream is all that can be done.
        """
        if not self.resumable("generate"):
            return False
        request = self._request("POST", "responses", response_id, "cancel")
        try:
            await (await self._connect()).ask(request)
        except UpstreamError:
            return False
        return True

    async def models(self) -> list[str]:
        """Name the models that the key may use, sorted; costs nothing, so it checks key and address.

        Raises:
            UpstreamError: In one of its kinds.
        """
        answer = await (await self._connect()).ask(self._request("GET", "models"))
        ids = (string(mapping(row).get("id")) for row in sequence(mapping(answer).get("data")))
        return sorted(name for name in ids if name)

    async def aclose(self) -> None:
        """Close the connections. The adapter may be used again and opens new ones then."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()

    async def _attempt(self, request: Request, reading: Reading) -> AsyncGenerator[Update]:
        """Send one request, and raise unless its answer comes to a good end."""
        async with aclosing((await self._connect()).read(request, reading)) as updates:
            async for update in updates:
                yield update
        if not reading.ended:
            raise Interrupted(
                f"{self.name} stopped in the middle of its answer. "
                "It was not sent again, because it may have been billed.",
                provider=self.name,
            )
        if (error := verdict(reading, request.sent)) is not None:
            raise error

    def _can_take_up(self, reading: Reading, error: UpstreamError) -> bool:
        """Tell whether the response may go on although its stream does not.

        A gateway whose own line to the service broke says that the response failed, or sends an `error`; the service
        works on. Whatever failed in truth is told with its usage, or says so once more.
        """
        if reading.response_id is None or not reading.resumable:
            return False
        if not reading.ended:
            return isinstance(error, Interrupted)
        told = reading.response
        return told.failure is not None and told.usage is None and isinstance(error, Interrupted | Unavailable)

    def _learn(self, body: Body, reading: Reading, error: UpstreamError) -> bool:
        """Remember a field that the server turned away at the door, for it and all later calls to be sent without it.

        Whatever was accepted is never sent again.
        """
        if reading.started or error.accepted:
            return False
        field = spare(error.unknown_field, body, self.dialect.expendable)
        if field is not None:
            self._omissions.add(self.endpoint, field)
        return field is not None

    async def _go_on(self, reading: Reading, sent: Sent, said: UpstreamError | None = None) -> AsyncGenerator[Update]:
        """Ask for a stored response until it has ended: as a stream where that is possible, else again and again.

        `said` is the error that the stream ended with: it stands where the response is gone.
        """
        streaming, drops, waited = True, 0, 0.0  # a line that is down for minutes is waited for, the result is kept
        while drops <= _DROPS and waited <= self._timeouts.polling:
            known = reading.sequence
            try:
                async with aclosing(
                    self._attempt(self._stored(reading, sent, streaming=streaming), reading)
                ) as updates:
                    async for update in updates:
                        yield update
            except UpstreamError as error:
                if reading.ended:
                    raise
                if isinstance(error, RequestRejected):
                    if not streaming:
                        raise (said or _gone(reading, error)) from error
                    streaming = False  # begun without a stream: it can only be asked how far it is
                    continue
                if not isinstance(error, Interrupted | Unavailable | Throttled):
                    error.accepted = True  # what was turned away is the question, not the work
                    raise
                got_on = reading.pending or reading.sequence != known
                drops = 0 if got_on else drops + isinstance(error, Interrupted)
                wait = min(error.retry_after or self._timeouts.poll * 2**drops, self._retries.longest)
                waited += 0.0 if got_on and not reading.pending else wait
                await self._sleep(wait)
            else:
                return
        raise Interrupted(
            f"{self.name} has not finished {reading.response_id}, or does not let it be read; it may have been billed.",
            provider=self.name,
        )

    def _stored(self, reading: Reading, sent: Sent, *, streaming: bool) -> Request:
        query: dict[str, str | int] = {"stream": "true"} if streaming else {}
        if streaming and reading.sequence is not None:
            query["starting_after"] = reading.sequence
        return self._request("GET", "responses", reading.response_id or "", sent=sent, query=query)

    def _request(
        self, method: str, *path: str, sent: Sent | None = None, query: Mapping[str, str | int] | None = None
    ) -> Request:
        return Request(
            method=method,
            url=self.endpoint.url(*path, query=query),
            headers=self.endpoint.request_headers(),
            sent=sent or self._sent(),
        )

    def _sent(self, *models: str | None, address: str | None = None) -> Sent:
        named = tuple(dict.fromkeys(model for model in models if model))
        shown = address.partition("?")[0] if address else None
        return Sent(endpoint=self.endpoint, dialect=self.dialect, models=named, address=shown)

    async def _connect(self) -> Connection:
        """Make the client with the first request, on another thread: reading the certificates takes 0.1 s."""
        if self._connection is not None:
            return self._connection
        async with self._connecting:
            if self._connection is None:
                make = partial(
                    Connection,
                    transport=self._transport,
                    timeouts=self._timeouts,
                    loopback=self.endpoint.is_loopback,
                    room=self._room,
                    observer=self._observer,
                )
                self._connection = await to_thread.run_sync(make)
            return self._connection


class Adapters:
    """The one adapter of each provider and account, made when it is first needed.

    Args:
        make: Makes the adapter of a provider for an account: empty for that of the server's own key.
    """

    def __init__(self, make: Callable[[str, str], Awaitable[Adapter]]) -> None:
        self._make = make
        self._made: dict[tuple[str, str], Adapter] = {}
        self._making = anyio.Lock()

    async def of(self, provider: str, account: str = "") -> Adapter:
        """Give the adapter of a provider for an account.

        Raises:
            LightboxError: It can't be made.
        """
        whose = (provider, account)
        adapter = self._made.get(whose)
        if adapter is not None:
            return adapter
        async with self._making:
            if whose not in self._made:
                self._made[whose] = await self._make(provider, account)
            return self._made[whose]


def _gone(reading: Reading, error: UpstreamError) -> Interrupted:
    return Interrupted(
        f"{error.provider} no longer has {reading.response_id}; it may have been billed.",
        provider=error.provider,
        code=error.code,
    )
