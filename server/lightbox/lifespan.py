"""The life of a server: nothing is opened before the first call, and everything is closed in the end."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

import anyio
from anyio.to_thread import run_sync
from mcp.server.mcpserver import Context

from lightbox.providers.roster import configured
from lightbox.settings import Settings
from lightbox.tools.call import Caller
from lightbox.tools.table import listed

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from lightbox.tools.parts import Parts

Callers = Callable[[Context[Any, Any]], Caller]
"""Tells who makes a call."""


def the_person_here(_: Context[Any, Any]) -> Caller:
    """Take every call for that of the one person on this machine, as over stdio."""
    return Caller()


class Lifespan:
    """What a running server holds: made late, once for all its connections, and closed with the last of them.

    Args:
        settings: The settings.
        callers: Tells who makes a call.
        over_http: Whether callers are elsewhere: files of this machine are not theirs.

    Raises:
        SettingsError: A setting can't work; the text names it.
    """

    def __init__(self, settings: Settings, callers: Callers = the_person_here, *, over_http: bool = False) -> None:
        self.settings = settings
        self.caller = callers
        self.over_http = over_http
        self.endpoints = configured(settings)
        self.tools = listed(settings, self.endpoints)
        self._connections = 0
        self._home: _Home | None = None

    async def __aenter__(self) -> Self:
        """Begin with a connection; nothing is opened but the place in which jobs outlive their calls."""
        self._connections += 1
        if self._home is None:
            self._home = _Home(self)
        await self._home.ready.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End with the last connection: wait a little for what can't be asked for again, then close everything."""
        self._connections -= 1
        if self._connections or self._home is None:
            return
        home, self._home = self._home, None
        with anyio.CancelScope(shield=True):
            await home.leave()

    async def open(self) -> Parts:
        """Give everything that does the work, making it at the first call.

        A caller that is cancelled leaves it to be made for the next.
        """
        if self._home is None:
            raise RuntimeError("a server's parts are opened inside its lifespan")
        return await self._home.parts()


class _Home:
    """A task of its own, in which connections may come and go in any order, and what they share lives on."""

    def __init__(self, lifespan: Lifespan) -> None:
        self.ready = anyio.Event()
        self._lifespan = lifespan
        self._leaving = anyio.Event()
        self._tasks: TaskGroup | None = None
        self._closing = AsyncExitStack()
        self._parts: Parts | None = None
        self._opened: anyio.Event | None = None
        self._failure: Exception | None = None
        self._task = asyncio.create_task(self._live())

    async def leave(self) -> None:
        """Close everything."""
        self._leaving.set()
        await self._task

    async def parts(self) -> Parts:
        """Give the parts; whoever asks first has them made."""
        if self._parts is not None:
            return self._parts
        if self._opened is None and self._tasks is not None:
            self._opened, self._failure = anyio.Event(), None
            self._tasks.start_soon(self._open, self._opened)
        if self._opened is not None:
            await self._opened.wait()
        if self._parts is None:
            raise self._failure or RuntimeError("the server is being closed")
        return self._parts

    async def _live(self) -> None:
        async with self._closing, anyio.create_task_group() as tasks:
            self._tasks = tasks
            self.ready.set()
            await self._leaving.wait()
            if self._parts is not None:
                await self._parts.runner.linger()
            tasks.cancel_scope.cancel()

    async def _open(self, opened: anyio.Event) -> None:
        try:
            opening = await run_sync(importlib.import_module, "lightbox.opening")
            self._parts = await opening.open_parts(self._lifespan, self._tasks, self._closing)
        except Exception as error:  # noqa: BLE001 - raised where the callers wait
            self._failure, self._opened = error, None
        finally:
            opened.set()
