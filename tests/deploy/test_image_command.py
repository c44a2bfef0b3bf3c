"""The command of the image starts the server, and its health check tells whether it is alive."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from deploy import plans

ALIVE, NOT_ALIVE = 0, 1


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def started(port: int, folder: Path) -> Generator[None]:
    """Run the image's command with its environment, on a port of loopback and in a folder that are free."""
    program, *arguments = plans.command()
    home = str(Path(plans.image_environment()["LIGHTBOX_STATE_DIR"]).parent)
    given = {name: value.replace(home, str(folder)) for name, value in plans.image_environment().items()}
    command = [str(Path(sys.executable).with_name(program))]
    command += [text.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for text in arguments]
    environment = {**given, "PATH": os.environ["PATH"], "HOME": str(folder)}
    with subprocess.Popen(command, cwd="/", env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert f"http://127.0.0.1:{port}/mcp" in process.stderr.readline()
            yield
        finally:
            process.terminate()
            process.communicate(timeout=20)


def checked(port: int, program: str | None = None) -> int:
    """Run the image's health check, or another program in its place, against a port."""
    _, option, usual = plans.health_check()
    command = [sys.executable, option, (program or usual).replace("8000", str(port))]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode


def probed(port: int, probe: plans.Row) -> int:
    """Ask what a probe of the manifest asks; gives the status."""
    named = {header["name"]: header["value"] for header in probe["httpHeaders"]}
    return httpx2.get(f"http://127.0.0.1:{port}{probe['path']}", headers=named, trust_env=False).status_code


@pytest.mark.skipif(os.name != "posix", reason="the image is one of Linux")
def test_the_image_starts_a_server_that_its_health_check_and_the_probes_reach(port: int, tmp_path: Path) -> None:
    assert checked(port) == NOT_ALIVE
    with started(port, tmp_path):
        assert checked(port) == ALIVE
        answers = {name: probed(port, probe) for name, probe in plans.probes()}
    assert checked(port) == NOT_ALIVE
    assert answers == dict.fromkeys(answers, httpx2.codes.OK)


def test_the_health_check_takes_a_server_that_does_not_answer_for_dead_before_its_own_time_is_up() -> None:
    *_, program = plans.health_check()
    [patience] = re.findall(r"timeout=(\d+)", program)
    [most] = re.findall(r"--timeout=(\d+)s", plans.last("HEALTHCHECK"))
    assert int(patience) < int(most)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        hurried = program.replace(f"timeout={patience}", "timeout=0.1")
        assert checked(silent.getsockname()[1], hurried) == NOT_ALIVE
