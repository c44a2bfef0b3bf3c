"""What the page on the sandbox says to those who test against it, taken at its word."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from typing import TYPE_CHECKING, Any

import anyio
import httpx2

from lightbox.commands.docs import pages
from lightbox_sandbox.faults import Fault

if TYPE_CHECKING:
    from anyio.abc import Process

PAGE = pages()["sandbox"].source


async def _address(process: Process) -> str:
    assert process.stderr is not None
    said = ""
    async for chunk in process.stderr:
        said += chunk.decode()
        if found := re.search(r"http://127\.0\.0\.1:\d+", said):
            return found[0]
    raise AssertionError(said)


async def test_the_client_of_the_page_meets_the_fault_that_it_asked_for() -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    command = [sys.executable, "-m", "lightbox", "sandbox", "--port", "0"]
    async with await anyio.open_process(command, stdout=None) as process:
        origin = await _address(process)
        printed = io.StringIO()

        def run() -> None:
            names: dict[str, Any] = {}
            with contextlib.redirect_stdout(printed):
                exec(compile(code.replace("http://127.0.0.1:8765", origin), "sandbox.md", "exec"), names)  # noqa: S102 - the page's own
            names["client"].close()  # which a program's end does for its readers

        await anyio.to_thread.run_sync(run)
        async with httpx2.AsyncClient(trust_env=False) as http:
            seen = (await http.get(f"{origin}/sandbox/requests")).json()
        process.terminate()
    assert printed.getvalue().startswith("[sandbox]")
    assert [row["status"] for row in seen["requests"]] == [503, 503, 200]


def test_every_fault_stands_on_the_page() -> None:
    table = PAGE.partition("| fault |")[2]
    for option in Fault.model_fields:
        assert re.search(rf"`{option}[=`]", table), option
