"""What one call costs in commits, and through how many files it passes: counts, which are exact and may be asserted."""

from __future__ import annotations

import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from sqlalchemy import Engine, event

import lightbox
import lightbox_sandbox

if TYPE_CHECKING:
    from tests.conftest import MakeSettings, Show

    from .conftest import Serve

pytestmark = pytest.mark.slow

MOST_FILES = {"a checked search": 45, "an unchecked search": 45, "a generated picture": 54}
"""What is found or made is also put down by its words, chosen by what was wanted, and followed by a next step."""
TIMED = {
    "opening.py",
    "images/upkeep.py",
    "state/pruning.py",
    "state/shared_keys.py",
    "jobs/recovering.py",
    "jobs/stopping.py",
    "jobs/watching.py",
}
"""What timers enter beside a call: pruning, taking over, and looking whether a job is to be stopped."""
HOME = str(Path(lightbox.__file__).parent)
SANDBOX = str(Path(lightbox_sandbox.__file__).parent)
SMALL = {"size": "1024x1024", "quality": "low"}

Work = Callable[[], Awaitable[Any]]


@dataclass
class Commits:
    """Every commit of the state database, as the statements in it."""

    done: list[list[str]] = field(default_factory=list[list[str]])
    _open: list[str] = field(default_factory=list[str])

    def statement(self, _c: object, _cursor: object, statement: str, *_: object) -> None:
        if threading.current_thread().name == "lightbox-writer":
            self._open.append(statement)

    def commit(self, _: object) -> None:
        if threading.current_thread().name == "lightbox-writer":
            self.done.append(self._open)
            self._open = []

    @property
    def needed(self) -> list[list[str]]:
        """Those that the call itself needs: how it is getting on is written down by the clock, twice a second."""
        return [commit for commit in self.done if not all(_tells_progress(statement) for statement in commit)]

    @property
    def writes(self) -> int:
        return sum(statement.startswith("SAVEPOINT") for commit in self.needed for statement in commit)

    @property
    def statements(self) -> int:
        return sum(not statement.startswith(_FRAME) for commit in self.needed for statement in commit)


_FRAME = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


def _tells_progress(statement: str) -> bool:
    return statement.startswith((*_FRAME, "UPDATE jobs SET beat="))


@contextmanager
def counted() -> Generator[Commits]:
    commits = Commits()
    listeners = (("before_cursor_execute", commits.statement), ("commit", commits.commit))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield commits
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


async def test_commits_per_call(settings: MakeSettings, serve: Serve, show: Show) -> None:
    found: dict[str, Commits] = {}

    async with serve(settings(search_provider="dashscope")) as one:

        async def count(name: str, work: Work) -> None:
            with counted() as commits:
                await work()
                await one.settled()
            found[name] = commits

        hits = (await one.call("search_images", query="a lake")).structured_content["hits"]  # opens everything
        picture = hits[0]["image"]
        await one.call("view_images", images=[picture])
        await one.call("generate_image", prompt="a lake", **SMALL)
        await one.settled()
        for number in range(3):
            await count(
                f"unchecked {number}", lambda n=number: one.call("search_images", query=f"a fox {n}", check=False)
            )
        await count("a checked search", lambda: one.call("search_images", query="a dog in snow"))
        await count("a cached search", lambda: one.call("search_images", query="a dog in snow"))
        await count("a generated picture", lambda: one.call("generate_image", prompt="a red fox", **SMALL))
        await count("a described picture", lambda: one.call("describe_images", images=[picture]))

        async def twice() -> None:
            async with anyio.create_task_group() as tasks:
                for _ in range(2):
                    tasks.start_soon(lambda: one.call("search_images", query="a hill", check=False))

        await count("two equal searches, joined", twice)

    alone = min((found.pop(f"unchecked {number}") for number in range(3)), key=lambda commits: len(commits.needed))
    found = {"an unchecked search": alone} | found
    lines = [f"{'Commits per call':40} {'commits':>9} {'writes':>9} {'statements':>11}"]
    lines += [
        f"{name:40} {len(commits.needed):9} {commits.writes:9} {commits.statements:11}"
        for name, commits in found.items()
    ]
    show("\n".join(lines))
    assert len(alone.needed) == alone.writes == 2, alone.needed
    assert found["a cached search"].writes == 1


class Entered:
    """The files of `lightbox` whose functions are entered while it listens, the sandbox's own work left out."""

    def __init__(self) -> None:
        self.files: set[str] | None = None

    def __call__(self, frame: FrameType, what: str, _: object) -> None:
        if what != "call" or self.files is None:
            return
        file = frame.f_code.co_filename
        if file in self.files or not file.startswith(HOME + "/") or frame.f_code.co_name == "<module>":
            return
        if not _for_the_sandbox(frame):
            self.files.add(file)


def _for_the_sandbox(frame: FrameType | None) -> bool:
    """Whether the sandbox, which knows the wire and the prices too, has led there."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(SANDBOX):
            return True
        frame = frame.f_back
    return False


@contextmanager
def listening() -> Generator[Entered]:
    entered = Entered()
    before = sys.getprofile()
    threading.setprofile(entered)
    sys.setprofile(entered)
    try:
        yield entered
    finally:
        sys.setprofile(before)
        threading.setprofile(None)  # type: ignore[arg-type] - the standard library's own way to end it


def test_files_that_a_call_enters(settings: MakeSettings, serve: Serve, show: Show) -> None:
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "a checked search": ("search_images", {"query": "a fox in snow"}),
        "an unchecked search": ("search_images", {"query": "a dog in snow", "check": False}),
        "a generated picture": ("generate_image", {"prompt": "a red fox", **SMALL}),
    }
    found: dict[str, list[str]] = {}

    async def main() -> None:
        async with serve(settings(cache_seconds=0)) as one:
            await one.call("search_images", query="a lake")  # the first of each imports and opens
            await one.call("generate_image", prompt="a lake", **SMALL)
            await one.ended()
            for name, (tool, arguments) in calls.items():
                entered.files = set()
                await one.call(tool, **arguments)
                await one.ended()
                files = {Path(file).relative_to(HOME).as_posix() for file in entered.files}
                found[name] = sorted(files - TIMED)
                entered.files = None

    with listening() as entered:
        anyio.run(main)  # on a loop of its own, whose threads are all born listening

    show("\n".join(["Files of lightbox that a call enters", *(f"{n:40} {len(files):9}" for n, files in found.items())]))
    for name, files in found.items():
        assert len(files) <= MOST_FILES[name], f"{name}: {' '.join(files)}"
