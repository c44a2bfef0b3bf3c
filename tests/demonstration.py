"""The demo, run once for all tests that look at what it leaves, whichever of the run's workers they are in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

PATIENCE = 300
ENCODING = "ascii"
"""What the terminal has in which it is run: none of our arrows and crosses, which others stand for."""


@dataclass(frozen=True)
class Demonstration:
    """What the demo left in its folder and said, and how many seconds it took.

    Where other work keeps the machine busy, the seconds are those that the demo itself had of the processors.
    """

    out: str
    code: int
    said: str
    seconds: float

    @property
    def folder(self) -> Path:
        return Path(self.out)


def demonstrated(folders: pytest.TempPathFactory) -> Demonstration:
    """Give the one demo of this run of the tests; who comes first runs it, and the others wait for it."""
    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place, told = shared / "demonstration", shared / "demonstration.json"
    try:
        place.mkdir()
    except FileExistsError:
        until = time.monotonic() + PATIENCE
        while not told.is_file():
            assert time.monotonic() < until, "the demo does not end"
            time.sleep(0.1)
        return Demonstration(**json.loads(told.read_text("utf-8")))
    demonstration = _run(place / "out")
    fresh = told.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(demonstration)), "utf-8")
    fresh.replace(told)
    return demonstration


def _run(out: Path) -> Demonstration:
    began, own = time.perf_counter(), _processor_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "lightbox", "demo", "--out", out],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding=ENCODING,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        env=os.environ | {"PYTHONIOENCODING": ENCODING, "PYTHONUTF8": "1"},
    )
    seconds = min(time.perf_counter() - began, _processor_seconds() - own)
    return Demonstration(str(out), done.returncode, done.stdout, seconds)


def _processor_seconds() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system
