"""A command without its start does what the command does: the tests that type commands rest on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from forking import warm_start

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks on Windows")

STARTED = (sys.executable, "-m", "lightbox")


@pytest.mark.parametrize(
    "arguments", [("--version",), ("config", "cursor"), ("paint",), ("show", "gone.png"), ("describe", "-")]
)
def test_it_says_and_ends_as_one_that_is_started(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LIGHTBOX_PROVIDER": "sandbox"}

    started, forked = (
        subprocess.run(
            [*command, *arguments], env=environment, cwd=tmp_path, input=b"no picture", capture_output=True, check=False
        )
        for command in (STARTED, warm_start())
    )

    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_that_ends_it_is_told_and_nothing_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LIGHTBOX_PROVIDER": "sandbox"}
    with subprocess.Popen(
        [*warm_start(), "gallery", "--no-open"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(number)
        assert process.stdout.read() == "", "whoever wrote there has ended"
        code = process.wait(30)

    assert code in (-number, 128 + number)
