"""How long a client waits that has started a server over stdio: for the list of tools, and for the first picture."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from PIL import Image

from benchmarks.programs import BARE, ERAS, HERE, LIGHTBOX, compact, rounds, spoken

if TYPE_CHECKING:
    from tests.conftest import MakeSettings

    from lightbox.settings import Settings

    from .conftest import Measure

LATE = ("PIL", "sqlalchemy", "aiosqlite", "lightbox_sandbox", "lightbox.images.store", "lightbox.jobs.runner", "openai")
"""What only a call needs: imported before `tools/list`, it would keep every editor waiting."""

PEOPLES = ("typer", "rich.logging", "rich.style", "rich.text", "shellingham", "lightbox.commands.grammar")
"""What only a person needs who types commands. The SDK tries to import `rich.console`, and does not get it."""

PAID = (
    "lightbox.costs.catalogue",
    "lightbox.jobs.runner",
    "lightbox.providers.adapter",
    "alembic",
    "sqlalchemy.dialects.postgresql",
)
"""What a tool that only looks at pictures never needs."""

pytestmark = pytest.mark.slow


@pytest.fixture
def variables(settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]) -> dict[str, str]:
    return environment(settings())


def listed(
    arguments: tuple[str, ...], variables: Mapping[str, str], cwd: Path, era: str, stderr: IO[bytes] | None = None
) -> tuple[float, dict[str, Any]]:
    """Start a server, greet it, ask for its tools, kill it; give the seconds until the list, and both answers."""
    began = time.perf_counter()
    with spoken(arguments, variables, cwd, era, stderr) as server:
        hello = server.greet()
        listing = server.ask("tools/list")
        seconds = time.perf_counter() - began
        server.running.kill()
    assert listing["tools"]
    return seconds, {ERAS[era].hello: hello, "tools/list": listing}


def test_nothing_that_only_a_call_needs_is_imported_before_the_list(variables: dict[str, str], tmp_path: Path) -> None:
    told = tmp_path / "imports"
    with told.open("wb") as errors:
        listed(("-X", "importtime", *LIGHTBOX), variables, tmp_path, "2025", errors)

    imported = imported_in(told)
    assert "lightbox.tools.table" in imported
    assert among(imported, LATE) == set()
    assert among(imported, PEOPLES) == set()


def test_a_first_look_waits_neither_for_prices_nor_for_jobs(variables: dict[str, str], tmp_path: Path) -> None:
    told, picture = tmp_path / "imports", tmp_path / "fox.png"
    Image.new("RGB", (96, 64), "teal").save(picture)
    with spoken(LIGHTBOX, variables, tmp_path) as first:  # the list of tools, with prices, is kept for the next start
        first.greet()
    with (
        told.open("wb") as errors,
        spoken(("-X", "importtime", *LIGHTBOX), variables, tmp_path, stderr=errors) as server,
    ):
        server.greet()
        server.call("view_images", images=[str(picture)])
        server.running.kill()

    imported = imported_in(told)
    assert "lightbox.tools.answers" in imported
    assert among(imported, PAID) == set()


def imported_in(told: Path) -> set[str]:
    """Read what `-X importtime` told."""
    return set(re.findall(r"^import time:.*\|\s+(\S+)$", told.read_text(), re.MULTILINE))


def among(imported: set[str], families: tuple[str, ...]) -> set[str]:
    """Give the modules of these packages."""
    return {name for name in imported if any(name == one or name.startswith(f"{one}.") for one in families)}


def test_how_long_a_client_waits_for_the_list_and_how_large_it_is(
    variables: dict[str, str], tmp_path: Path, measure: Measure
) -> None:
    cold: list[float] = []
    size: dict[str, int] = {}
    warm: dict[str, list[float]] = {era: [] for era in ERAS}
    floor: dict[str, list[float]] = {era: [] for era in ERAS}
    constants = {era: tmp_path / f"{era}.json" for era in ERAS}
    for number in rounds(2):  # each in a home of its own, in which no answer is kept yet
        home = str(tmp_path / f"home {number}")
        variables |= {"HOME": home, "XDG_CACHE_HOME": f"{home}/cache"}
        for era, file in constants.items():
            seconds, results = listed(LIGHTBOX, variables, tmp_path, era)
            cold.append(seconds)
            size[era] = len(compact(results["tools/list"]).encode())
            file.write_text(json.dumps(results), "utf-8")
    for _ in rounds(5):  # in turn, so that a busy moment of the machine meets both
        for era, file in constants.items():
            floor[era].append(listed((str(HERE / "raw_loop.py"), str(file)), variables, tmp_path, era)[0])
            warm[era].append(listed(LIGHTBOX, variables, tmp_path, era)[0])

    for era in ERAS:
        least = statistics.median(floor[era]) * 1000
        what = f"start to tools/list, stdio, protocol of {era}, second start"
        measure(what, statistics.median(warm[era]) * 1000, "ms", floor=least, aim=3)
    measure("start to tools/list, stdio, very first start", statistics.median(cold) * 1000, "ms")
    for era in ERAS:
        measure(f"tools/list, protocol of {era}", size[era], "bytes", aim=16_000)


def first_call(arguments: tuple[str, ...], variables: Mapping[str, str], cwd: Path, tool: str, **asked: Any) -> float:
    """Start a server, greet it, call a tool, end it; give the seconds until the answer."""
    began = time.perf_counter()
    with spoken(arguments, variables, cwd) as server:
        server.greet()
        server.call(tool, **asked)
        return time.perf_counter() - began


def test_how_long_a_client_waits_for_the_first_picture(
    variables: dict[str, str], tmp_path: Path, measure: Measure
) -> None:
    bare: list[float] = []
    ours: list[float] = []
    for number in range(-1, rounds(3).stop):  # the very first start makes the state folder
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (96, 64), (90, 60 + number, 30)).save(path)
        seconds = first_call(LIGHTBOX, variables, tmp_path, "view_images", images=[str(path)])
        if number >= 0:
            ours.append(seconds)
            bare.append(first_call(BARE, variables, tmp_path, "search_images", query="a fox"))

    floor = statistics.median(bare) * 1000
    measure("start to the first view_images, stdio", statistics.median(ours) * 1000, "ms", floor=floor, aim=1.3)
