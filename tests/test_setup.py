"""Setting up where something is missing says what, and makes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="the scripts of .ci want bash")


def set_up(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup", folder / ".ci" / "setup")
    tools = folder / "tools"
    tools.mkdir()
    for name in ("dirname", "tail", "touch"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return subprocess.run(
        [str(BASH), folder / ".ci" / "setup"],
        env={**os.environ, "PATH": str(tools), **environment},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_a_python_that_is_too_old_is_named_with_the_way_to_name_another(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.4" && exit\nexit 1\n', "utf-8")
    old.chmod(0o755)
    done = set_up(tmp_path, PYTHON=str(old))
    assert done.returncode != 0
    assert f"Lightbox needs Python 3.11 or newer; {old} is: Python 3.10.4." in done.stderr
    assert "make setup PYTHON=" in done.stderr
    assert not (tmp_path / ".venv").exists()
