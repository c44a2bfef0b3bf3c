"""The README's words to those who test against the sandbox, taken at their word."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2

from lightbox_sandbox.faults import Fault

if TYPE_CHECKING:
    from anyio.abc import Process

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SECTION = README.partition("## A sandbox for your own tests")[2].partition("\n## ")[0]


async def _address(process: Process) -> str:
    assert process.stderr is not None
    said = ""
    async for chunk in process.stderr:
        said += chunk.decode()
        if found := re.search(r"http://127\.0\.0\.1:\d+", said):
            return found[0]
    raise AssertionError(said)


async def test_the_client_of_the_readme_meets_the_fault_that_it_asked_for() -> None:
    [code] = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    command = [sys.executable, "-m", "lightbox", "sandbox", "--port", "0"]
    async with await anyio.open_process(command, stdout=None) as process:
        origin = await _address(process)
        printed = io.StringIO()

        def run() -> None:
            names: dict[str, Any] = {}
            with contextlib.redirect_stdout(printed):
                exec(compile(code.replace("http://127.0.0.1:8765", origin), "README.md", "exec"), names)  # noqa: S102 - the README's own
            names["client"].close()  # which a program's end does for its readers

        await anyio.to_thread.run_sync(run)
        async with httpx2.AsyncClient(trust_env=False) as http:
            seen = (await http.get(f"{origin}/sandbox/requests")).json()
        process.terminate()
    assert printed.getvalue().startswith("[sandbox]")
    assert [row["status"] for row in seen["requests"]] == [503, 503, 200]


def test_every_fault_stands_in_the_readme() -> None:
    table = SECTION.partition("| fault |")[2]
    for option in Fault.model_fields:
        assert re.search(rf"`{option}[=`]", table), option
