"""The official conformance suite, in both eras of the protocol, against our server with the suite's fixtures added."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lacking import lacking

if TYPE_CHECKING:
    from conftest import MakeSettings, Show
    from lightbox.settings import Settings

pytestmark = pytest.mark.slow

SUITE = ("-p", "node@22.20.0", "-p", "@modelcontextprotocol/conformance@0.2.0-alpha.12", "conformance", "server")
"""It wants a newer Node than many machines have; npm has that too."""
SECONDS = 300


@contextmanager
def overlaid(environment: dict[str, str]) -> Generator[str]:
    """Serve with the fixtures in a process of its own; gives where."""
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-m", "conformance.overlay"]
    with subprocess.Popen(command, env=environment, cwd=tests, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told = process.stderr.readline()
            found = re.search(r"http://\S+", told)
            assert found, told + process.stderr.read()
            yield found[0]
        finally:
            process.terminate()
            process.communicate(timeout=60)


@pytest.mark.parametrize("revision", ["2026-07-28", "2025-11-25"])
def test_every_scenario_that_a_revision_requires_passes(
    revision: str,
    settings: MakeSettings,
    environment: Callable[[Settings], dict[str, str]],
    show: Show,
) -> None:
    npx = shutil.which("npx")
    if npx is None:
        lacking("npx is not installed: the suite can't be run")
    # Clients of 2025 can be asked only where there is something to ask.
    with overlaid(environment(settings(confirm_above="100 USD"))) as url:
        done = subprocess.run(
            [npx, "-y", *SUITE, "--url", url, "--requirements", revision],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    told = done.stdout[done.stdout.find("=== SUMMARY ===") :]
    show(f"conformance {revision}: {' '.join(re.findall(r'^Total: .*', told, re.MULTILINE))}")
    assert done.returncode == 0, told + done.stderr[-2_000:]
