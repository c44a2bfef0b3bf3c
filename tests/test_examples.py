"""What the README and the pages tell one to type can be typed: every block is run as it stands, or it says why not."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from forking import warm_start

ROOT = Path(__file__).parent.parent
PAGES = [path for path in sorted((ROOT / "server/lightbox/docs").glob("*.md")) if path.stem != "agents"]
"""The page on agents has programs, which have tests of their own."""
PATHS = (ROOT / "README.md", *PAGES, ROOT / ".github/CONTRIBUTING.md")
INSTALL = re.compile(r"<!-- (install[-\w]*) -->.*?<!-- /\1 -->", re.DOTALL)
"""Commands of other programs, which may not be here."""
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TYPED = ("", "sh")
"""How a block is marked that is typed."""
NOT_RUN = {
    "make ": "what runs the tests does it",
    ".venv/bin/python -m pytest": "the tests themselves",
    "assistant ": "a drawing",
    "2026-": "lines of a log",
    "lightbox                      serve": "the list of commands; test_readme.py compares it with the commands",
    "pip install": "it needs a database; tests/state has one",
    "export DASHSCOPE_API_KEY": "settings alone; test_chinese_readme.py loads them",
}
WORDS = re.compile(r'"[^"$]*"')
"""What is in quotation marks, but for what the shell puts in."""
WAITS = "lightbox serve"
HANDLE = re.compile(r"\bimg_\w{10}\b")
SECONDS = 300

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("bash"), reason="they are typed into a shell of Unix"),
]


def typed(path: Path) -> list[str]:
    """Give the blocks of a page that are typed, or look like it."""
    text = INSTALL.sub("", path.read_text("utf-8"))
    return [block for language, block in BLOCK.findall(text) if language in TYPED]


def blocks() -> dict[str, str]:
    """Give the blocks that are run, each named by its page and its first line.

    One that stands in another, and one that is another in Chinese, is run with that one: only the words differ.
    """
    every = {
        f"{path.stem}: {block.splitlines()[0][:40]}": block
        for path in PATHS
        for block in typed(path)
        if not block.startswith(tuple(NOT_RUN))
    }
    bare = {name: WORDS.sub("…", block) for name, block in every.items()}
    return {name: block for name, block in every.items() if not _runs_already(name, bare)}


def _runs_already(name: str, bare: dict[str, str]) -> bool:
    names = list(bare)
    return any(
        other.startswith(bare[name]) and (len(other) > len(bare[name]) or names.index(its) < names.index(name))
        for its, other in bare.items()
        if its != name
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home folder of somebody who has installed Lightbox, and uv."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, arguments in (("lightbox", '"$@"'), ("uvx", '"${@:2}"')):
        (commands / name).write_text(f"#!/usr/bin/env bash\nexec {shlex.join(warm_start())} {arguments}\n", "utf-8")
        (commands / name).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("name", blocks())
def test_what_is_told_to_be_typed_can_be_typed(home: Path, name: str) -> None:
    lines = [line for line in blocks()[name].splitlines() if not line.startswith(WAITS)]
    script = "\n".join(["set -euo pipefail", *lines]).replace("/etc/lightbox/", f"{home}/")
    script = HANDLE.sub("$(lightbox list --origin found --count 1 | cut -f 2)", script)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIGHTBOX_", "XDG_"))}
    kept = {name: value for name, value in kept.items() if not name.startswith(("OPENAI_", "DASHSCOPE_"))}
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607 - whichever there is
        cwd=home,
        env=kept | {"HOME": str(home), "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}", "BROWSER": "true"},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_whatever_is_not_run_is_still_there() -> None:
    texts = [block for path in PATHS for block in typed(path)]

    assert [reason for reason in NOT_RUN if not any(text.startswith(reason) for text in texts)] == []
