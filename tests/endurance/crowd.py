"""A crowd of callers, each with a token and a budget of its own, who ask whichever replica is alive, and ask again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Literal, cast

import anyio
import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .conftest import Crew, Server

PATIENCE = 90
SEVERAL = 0.25
"""How often a call is made at two replicas at once."""
NO_ANSWER = (MCPError, httpx2.TransportError, httpx2.HTTPStatusError, ExceptionGroup)
HANDLE = re.compile(r"\bimg_[0-9a-z]{10}\b")
JOB = re.compile(r"\bjob_[0-9a-z]{12}\b")
NAME = re.compile(r"caller-\d{3}")
MARK = re.compile(r"caller-\d{3}, call \d{5}")
"""The words in every call that is paid for, by which the services' requests are told apart."""

PAINTED: dict[str, Any] = {"model": "gpt-image-2", "size": "1024x1024", "quality": "medium"}

KINDS = {
    "search_images": 14,
    "find_similar_images": 8,
    "generate_image": 22,
    "edit_image": 10,
    "describe_images": 8,
    "view_images": 8,
    "transform_image": 4,
    "list_images": 3,
    "save_images": 3,
    "estimate_cost": 4,
    "get_job": 8,
    "get_spending": 4,
    "another's": 4,
}
"""How many of a hundred calls are what; some ask for what is another caller's."""
PAID = tuple(KINDS)[:5]
PAINTING = ("generate_image", "edit_image")

State = Literal["answered", "refused", "over budget", "over total"]


@dataclass(eq=False)
class Caller:
    """One caller, and what it was told of."""

    name: str
    http: httpx2.AsyncClient
    handles: list[str] = field(default_factory=list[str])
    jobs: list[str] = field(default_factory=list[str])

    @asynccontextmanager
    async def at(self, server: Server) -> AsyncGenerator[Client]:
        async with Client(streamable_http_client(f"{server.origin}/mcp", http_client=self.http)) as client:
            yield client


@dataclass(eq=False)
class Wish:
    """A call that its caller makes until it is answered, sometimes at two replicas at once.

    Attributes:
        mark: The words in it that are in no other's.
        times: At how many replicas at once it is made.
        tries: How often it was made.
        warnings: How often the answer was that an earlier one may have been billed.
        ends: How each of `times` ended.
        texts: What was answered, refusals too.
    """

    caller: Caller
    kind: str
    tool: str
    arguments: dict[str, Any]
    mark: str = ""
    times: int = 1
    tries: int = 0
    warnings: int = 0
    ends: list[State] = field(default_factory=list[State])
    texts: list[str] = field(default_factory=list[str])

    @property
    def found(self) -> set[str]:
        """The jobs that answered it."""
        return {
            job
            for end, text in zip(self.ends, self.texts, strict=True)
            if end == "answered"
            for job in JOB.findall(text)
        }


@dataclass(eq=False)
class Crowd:
    """Makes calls of every kind at whichever replica is alive, for all callers."""

    crew: Crew
    callers: Sequence[Caller]
    chance: Random
    wishes: list[Wish] = field(default_factory=list[Wish])
    again: Counter[str] = field(default_factory=Counter[str])
    """Why calls were made again, and how often."""
    odd: list[str] = field(default_factory=list[str])
    """What nobody should ever be told."""

    async def lane(self, goes_on: Callable[[], bool]) -> None:
        """Make one call after the other for as long as it goes on."""
        while goes_on():
            caller = self.chance.choice(self.callers)
            await self.make(self._wish(caller))

    async def make(self, wish: Wish) -> None:
        """Make a call until it is answered."""
        self.wishes.append(wish)
        async with anyio.create_task_group() as tasks:
            for server in self.chance.sample(self.crew.living, wish.times):
                tasks.start_soon(self._ask, wish, server)

    def painting(self, caller: Caller, **more: Any) -> Wish:
        """Give a wish for a picture."""
        mark = f"{caller.name}, call {len(self.wishes):05}"
        return Wish(
            caller, "generate_image", "generate_image", {"prompt": f"a fox for {mark}", **PAINTED, **more}, mark
        )

    def _wish(self, caller: Caller) -> Wish:
        [kind] = self.chance.choices(list(KINDS), list(KINDS.values()))
        known = self.chance.sample(caller.handles, min(2, len(caller.handles)))
        if kind == "another's":
            tool, arguments = self._stolen(caller)
            return Wish(caller, kind, tool, arguments)
        if not known and kind not in ("search_images", "list_images", "estimate_cost", "get_spending"):
            kind = "generate_image"
        mark = f"{caller.name}, call {len(self.wishes):05}"
        painted = {"prompt": f"a fox for {mark}", **PAINTED}
        arguments: dict[str, dict[str, Any]] = {
            "search_images": {"query": f"a fox for {mark}", "check": False},
            "find_similar_images": {"image": "".join(known[:1]), "about": f"the fox of {mark}", "check": False},
            "generate_image": painted | ({"count": 2} if self.chance.random() < SEVERAL else {}),
            "edit_image": {"images": known[:1], **painted},
            "describe_images": {"images": known, "question": f"What is this, asks {mark}?"},
            "view_images": {"images": known},
            "transform_image": {"images": known[:1], "crop": "square", "rotate": self.chance.choice([90, 180])},
            "list_images": {"origin": "all", "query": "fox"},
            "save_images": {"images": known, "folder": caller.name},
            "estimate_cost": {"tool": "generate_image", "arguments": painted},
            "get_job": {"job_id": self.chance.choice(caller.jobs or [""])},
            "get_spending": {"period": self.chance.choice(["today", "all"])},
        }
        paid = kind in PAID
        times = 1 + (paid and self.chance.random() < SEVERAL)
        return Wish(caller, kind, kind, arguments[kind], mark if paid else "", times)

    def _stolen(self, caller: Caller) -> tuple[str, dict[str, Any]]:
        """Ask for what is another's, or for what never was."""
        other = self.chance.choice([one for one in self.callers if one is not caller])
        if self.chance.random() < 0.5:
            return "get_job", {"job_id": self.chance.choice(other.jobs or ["job_000000000000"])}
        made = [handle for wish in self.wishes if wish.caller is other for handle in handles(wish)]
        return "view_images", {"images": [self.chance.choice(made or ["img_0000000000"])]}

    async def _ask(self, wish: Wish, server: Server) -> None:
        """Ask a replica, and another where it dies or can't answer at the moment."""
        while True:
            wish.tries += 1
            try:
                async with wish.caller.at(server) as client:
                    result = await client.call_tool(wish.tool, wish.arguments)
            except NO_ANSWER as error:
                self._unheard(server, error)
                server = self._other(server)
                continue
            text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
            if end := self._end(wish, text, failed=bool(result.is_error)):
                wish.ends.append(end)
                wish.texts.append(text)
                if end == "answered" and wish.kind != "another's":
                    self._learn(wish, text)
                return
            await anyio.sleep(0.2)
            server = self._other(server)

    def _other(self, server: Server) -> Server:
        return self.chance.choice([one for one in self.crew.living if one is not server])

    def _unheard(self, server: Server, error: Exception) -> None:
        if server.alive:
            why = [f"{type(each).__name__}: {each}" for each in leaves(error)]
            self.again["a living server gave no answer"] += 1
            self.odd.append(f"no answer from a living server: {'; '.join(why)}")
        else:
            self.again["its server was killed"] += 1

    def _end(self, wish: Wish, text: str, *, failed: bool) -> State | None:
        """Tell how a call ended; None where it is to be made again."""
        if not failed:
            if "running" in text[:200] and "get_job" in text:
                self.again["it is still at work"] += 1
                return None
            return "answered"
        if wish.kind == "another's":
            return "refused"
        for words, why in AGAIN.items():
            if words in text:
                self.again[why] += 1
                wish.warnings += words == BILLED_PERHAPS
                return None
        for words, end in REFUSED.items():
            if words in text:
                return end
        self.odd.append(f"{wish.tool} {wish.arguments}: {text}")
        return "refused"

    def _learn(self, wish: Wish, text: str) -> None:
        caller = wish.caller
        caller.handles = [*caller.handles, *HANDLE.findall(text)][-30:]
        caller.jobs = [*caller.jobs, *JOB.findall(text)][-30:]


BILLED_PERHAPS = "may have been billed"
AGAIN = {
    BILLED_PERHAPS: "it may have been billed",
    "nothing is lost; try again": "the database was away",
    "ended before the request was sent": "its server was killed before it was sent",
}
REFUSED: dict[str, State] = {
    "which all its callers share, has no room": "over total",
    "USD/month has no room": "over budget",
}


def handles(wish: Wish) -> list[str]:
    """Give the handles of the pictures that were made for a wish; found ones are known to everybody."""
    return [handle for text in wish.texts if wish.tool in PAINTING for handle in HANDLE.findall(text)]


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Give the errors in a group of groups."""
    if isinstance(error, BaseExceptionGroup):
        for each in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from leaves(each)
    else:
        yield error
