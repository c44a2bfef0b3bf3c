"""That the address of the metrics answers that alone, and is not held up by those who stay silent."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import httpx2
import pytest

from lightbox.http.listening import listen
from lightbox.http.scraping import MOST_AT_ONCE, scraped


def metrics() -> bytes:
    return b"lightbox_calls_total 1\n"


@pytest.mark.parametrize(("path", "status"), [("/metrics", 200), ("/metrics?x=1", 200), ("/", 404), ("/mcp", 404)])
def test_there_is_nothing_but_the_metrics(path: str, status: int) -> None:
    listener = listen("127.0.0.1", 0)
    with scraped(listener, metrics), httpx2.Client(trust_env=False) as web:
        answer = web.get(f"http://127.0.0.1:{listener.getsockname()[1]}{path}")

    assert answer.status_code == status
    assert (answer.content == metrics()) == (status == 200)


def test_who_stays_silent_is_one_of_few_and_further_ones_are_turned_away() -> None:
    listener = listen("127.0.0.1", 0)
    address = listener.getsockname()
    with scraped(listener, metrics), ExitStack() as idle:
        silent = [idle.enter_context(socket.create_connection(address)) for _ in range(MOST_AT_ONCE)]
        with socket.create_connection(address, timeout=5) as further:
            assert further.recv(1) == b""
        for one in silent:
            one.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + 10
        with httpx2.Client(trust_env=False) as web:
            while _status(web, f"http://127.0.0.1:{address[1]}/metrics") != 200:
                assert time.monotonic() < deadline


def _status(web: httpx2.Client, url: str) -> int | None:
    try:
        return web.get(url).status_code
    except httpx2.RequestError:
        return None
