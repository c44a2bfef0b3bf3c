"""Setting up where something is missing says what, and makes nothing of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="the scripts of .ci want bash")


def run_script(name: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of .ci in a folder of its own, with few commands on the PATH."""
    (folder / ".ci").mkdir(exist_ok=True)
    shutil.copy(ROOT / ".ci" / name, folder / ".ci" / name)
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    for tool in ("cmp", "cp", "dirname", "id", "mkdir", "rm", "tail", "touch"):
        if found := shutil.which(tool):
            (tools / tool).unlink(missing_ok=True)
            (tools / tool).symlink_to(found)
    return subprocess.run(
        [str(BASH), folder / ".ci" / name],
        env={**os.environ, "PATH": str(tools), **environment},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


def test_a_python_that_is_too_old_is_named_with_the_way_to_name_another(tmp_path: Path) -> None:
    old = put(tmp_path / "python3.10", '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.4" && exit\nexit 1\n')
    done = run_script("setup", tmp_path, PYTHON=str(old))
    assert done.returncode != 0
    assert f"Lightbox needs Python 3.11 or newer; {old} is: Python 3.10.4." in done.stderr
    assert "make setup PYTHON=" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_what_tests_take_from_npm_is_installed_once(tmp_path: Path) -> None:
    packages = put(tmp_path / "tests" / "browser" / "package.json", "{}")
    asked = tmp_path / "asked"
    put(tmp_path / ".venv" / "bin" / "npm", f"#!/bin/sh\necho asked >>{asked}\n")
    for text in ("{}", "{}", '{"private": true}'):
        packages.write_text(text, "utf-8")
        assert run_script("browser", tmp_path).returncode == 0

    assert asked.read_text("utf-8").split() == ["asked", "asked"]


def test_a_machine_that_reaches_neither_npm_nor_apt_is_set_up_and_told_what_is_skipped(tmp_path: Path) -> None:
    put(tmp_path / "tests" / "browser" / "package.json", "{}")
    put(tmp_path / ".venv" / "bin" / "npm", "#!/bin/sh\nexit 1\n")
    done = [run_script("browser", tmp_path) for _ in range(2)]

    assert [one.returncode for one in done] == [0, 0]
    for one in done:
        assert "npm could not install what tests/browser/package.json names" in one.stderr
        assert "There is no Chromium here; tests in a browser are skipped" in one.stderr
