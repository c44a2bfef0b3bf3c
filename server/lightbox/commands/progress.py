"""What a call is at, while a person waits: a line that changes in a terminal, else a line for each step."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lightbox.commands import graphics
from lightbox.commands.presenting import Console
from lightbox.errors import BadPicture

if TYPE_CHECKING:
    from rich.progress import TaskID

    from lightbox.commands.terminal import Terminal

LINES_LEFT = 6
"""How many lines of the terminal a picture leaves for words."""
MOST_LINES = 24
"""How many lines a picture takes at most that a tool made."""


class Screen:
    """Draws pictures in a terminal, each below what was written, or over the one before."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._above = 0

    def draw(self, data: bytes, *, most_lines: int = MOST_LINES, over: bool = False) -> None:
        """Draw a picture; `over` the one before, where there is one. One that can't be decoded is left out."""
        lines = max(1, min(most_lines, self.terminal.rows - LINES_LEFT))
        try:
            drawing, down = graphics.drawn(data, self.terminal, self.terminal.columns, lines)
        except BadPicture:
            return
        sys.stdout.flush()
        back = f"\x1b[{self._above}A".encode() if over and self._above else b""
        sys.stdout.buffer.write(back + drawing)
        sys.stdout.buffer.flush()
        self._above = down


class Steps:
    """A listener that writes a line for each step, to stderr."""

    @property
    def wants_pictures(self) -> bool:
        """Whether unfinished pictures can be shown."""
        return False

    def say(self, text: str) -> None:
        """Write it."""
        _say(text)

    def interrupted(self, text: str) -> None:
        """Write it."""
        _say(text)

    def unfinished(self, data: bytes) -> None:
        """Leave it."""

    def pause(self) -> None:
        """Let others write."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""


class Watching(Steps):
    """A listener with one line in a terminal that changes, and the picture as far as it has come above it."""

    def __init__(self, screen: Screen | None) -> None:
        self._console = Console(stderr=True)
        self._screen = screen
        self._progress: Progress | None = None
        self._step: TaskID | None = None
        self._began = time.monotonic()

    @property
    def wants_pictures(self) -> bool:
        """Whether the terminal shows any."""
        return self._screen is not None

    def say(self, text: str) -> None:
        """Show it in place of what was said before."""
        if self._progress is None:
            self._begin(text)
        elif self._step is not None:
            self._progress.update(self._step, description=text)

    def interrupted(self, text: str) -> None:
        """Say it below."""
        self.pause()
        _say(text)

    def unfinished(self, data: bytes) -> None:
        """Draw it."""
        if self._screen is not None:
            said = self._said
            self.pause()
            self._screen.draw(data, over=True)
            self.say(said)

    def pause(self) -> None:
        """Take the line away, so that others can write."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._step = None

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        self.pause()

    @property
    def _said(self) -> str:
        return self._progress.tasks[0].description if self._progress else ""

    def _begin(self, text: str) -> None:
        spinner = SpinnerColumn("line" if self._console.options.ascii_only else "dots")
        words = TextColumn("{task.description}", markup=False)
        self._progress = Progress(spinner, words, TimeElapsedColumn(), console=self._console, transient=True)
        self._step = self._progress.add_task(text, total=None)
        self._progress.tasks[0].start_time = self._began  # not of this line, but of the call
        self._progress.start()


def listener(screen: Screen | None, *, quiet: bool = False) -> Steps:
    """Give who shows what a call is at: in a terminal that moves its cursor, one line; else, lines."""
    console = Console(stderr=True)
    if not quiet and console.is_terminal and not console.is_dumb_terminal:
        return Watching(screen)
    return Steps()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - stdout is for results
