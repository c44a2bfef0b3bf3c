"""Ending a server that is told to: gently, so that the journal knows what runs, and in time, whatever is stuck."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

MOST_SECONDS = 9.0
"""How long a server that was told to end may take. What it has not handed to the journal by then, the next server
finds there as it stands."""
_PIECE = 64 * 1024
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def end_in_time() -> None:
    """End this process some seconds from now, if it has not ended by itself."""
    timer = threading.Timer(MOST_SECONDS, end_now)
    timer.daemon = True
    timer.start()


def end_now(code: int = 0) -> None:
    """End this process, whatever its threads are at."""
    logging.shutdown()
    os._exit(code)


class Input:
    """The standard input of a server over stdio, which ends when the client closes it or a signal says so.

    A thread may be blocked in reading from a client that stays silent; so a server reads from a pipe, which can be
    closed here, and nobody waits for the thread that fills it.

    Args:
        hear: Given each piece that comes, and nothing at the end; gives what the server is to read of it.
    """

    def __init__(self, hear: Callable[[bytes], bytes]) -> None:
        self._hear = hear
        self._client = os.dup(0)
        reading, self._writing = os.pipe()
        os.dup2(reading, 0)
        os.close(reading)
        self._closing = threading.Lock()
        self._ended = False
        for name in _SIGNALS:
            with suppress(AttributeError, ValueError):  # a system without it; a thread that is not the main one
                signal.signal(getattr(signal, name), self._told)
        threading.Thread(target=self._pass_on, name="lightbox-input", daemon=True).start()

    def end(self) -> None:
        """End the input, and with it the server, within some seconds."""
        with self._closing:
            if self._ended:
                return
            self._ended = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._writing)  # not closed: what is being written must never reach a file of its number
            os.close(nowhere)
        end_in_time()

    def _told(self, _number: int, _frame: object) -> None:
        threading.Thread(target=self.end, daemon=True).start()  # a signal may interrupt whoever holds the lock

    def _pass_on(self) -> None:
        with suppress(OSError):
            while piece := os.read(self._client, _PIECE):
                self._write(self._hear(piece))
            self._write(self._hear(b""))
        self.end()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self._ended:
            view = view[os.write(self._writing, view) :]
