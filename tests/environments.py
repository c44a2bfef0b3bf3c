"""Environments of Python for programs whose packages do not go with ours; each is made once, and outlives the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

from lacking import lacking

INTERPRETER = Path("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
INSTALL_SECONDS = 300


def python_with(name: str, *packages: str) -> Path:
    """Give a Python that has these packages and nothing of ours; `name` is for people who see its folder."""
    folder = Path(sys.prefix) / f"{name}-{sha256(' '.join(packages).encode()).hexdigest()[:8]}"
    if not folder.exists():
        fresh = folder.with_suffix(f".{os.getpid()}")
        venv.create(fresh)
        done = subprocess.run(
            [*pip_of(fresh / INTERPRETER), "install", "--no-compile", *packages],
            check=False,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
        if done.returncode:
            shutil.rmtree(fresh)
            lacking(f"{' '.join(packages)} can't be installed: {done.stderr[-300:]}")
        fresh.rename(folder)
    return folder / INTERPRETER


def pip_of(interpreter: Path) -> list[str]:
    """Give our own pip, working for an environment that has none: making one there takes longer than its work."""
    return [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", f"--python={interpreter}"]
