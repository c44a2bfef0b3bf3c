"""`lightbox call`, as a person types it: it waits to the end, and loses nothing that was paid for."""

from __future__ import annotations

import re
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from forking import warm_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import MakeSettings

    from lightbox.settings import Settings

PATIENCE = 90
INTERRUPTED = 130

pytestmark = pytest.mark.slow


class Typed:
    """Types `lightbox call …` in a process of its own, with settings as its environment."""

    def __init__(self, settings: Settings, environment: Callable[[Settings], dict[str, str]]) -> None:
        self._folder = settings.state_dir.parent
        self._environment = environment(settings)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*warm_start(), "call", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment,
            cwd=self._folder,
        )

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        with self.begin(*arguments) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def interrupted(self, *arguments: str, after: str) -> tuple[int, str, str]:
        """Press Ctrl-C as soon as stderr says what matches `after`."""
        with self.begin(*arguments) as process:
            assert process.stderr is not None
            told = ""
            for line in process.stderr:
                told += line
                if re.search(after, line):
                    process.send_signal(signal.SIGINT)
                    break
            out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, told + err


@pytest.fixture
def typed(settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]) -> Typed:
    return Typed(settings(wait_seconds=0.5), environment)


def slow(seconds: float) -> str:
    return f"model=sandbox-fault/delay={seconds}@gpt-image-2"


def test_a_call_waits_to_the_end_however_long_the_job_runs(typed: Typed, upstream: Any) -> None:
    code, out, err = typed("generate_image", "prompt=2026", "size=1024x640", slow(2))

    assert code == 0, err
    assert out.startswith("Made 1 picture")
    assert "Still running" not in out + err
    assert upstream.paid == 1
    told = err.splitlines()
    assert len(told) == len(set(told)), "what was said once is not said again"


def test_a_search_is_waited_for_too(typed: Typed, upstream: Any) -> None:
    code, out, err = typed("search_images", "query=a lake", "count=2", "model=sandbox-fault/delay=2@qwen3.5-plus")

    assert code == 0, err
    assert "img_" in out
    assert upstream.paid == 1


def test_ctrl_c_says_how_to_ask_again_and_what_was_paid_for_is_kept(typed: Typed, upstream: Any) -> None:
    arguments = ("generate_image", "prompt=a fox", "size=1024x640", slow(4))
    code, out, err = typed.interrupted(*arguments, after=r"job_\w+")

    assert code == INTERRUPTED, err
    assert out == ""
    assert "Traceback" not in err
    [again] = re.findall(r"^ +lightbox call (get_job job_id=job_\w+)$", err, re.MULTILINE)
    code, out, err = typed(*again.split())
    assert code == 0, err
    assert out.startswith("Made 1 picture")
    assert upstream.paid == 1


def test_ctrl_c_while_a_job_is_asked_for_again_names_the_same_job(typed: Typed, upstream: Any) -> None:
    arguments = ("generate_image", "prompt=a fox", "size=1024x640", slow(5))
    _, _, err = typed.interrupted(*arguments, after=r"job_\w+")
    [again] = re.findall(r"get_job job_id=job_\w+", err)
    code, _, err = typed.interrupted(*again.split(), after="asking openai again")

    assert code == INTERRUPTED, err
    assert f"lightbox call {again}" in err
    assert typed(*again.split())[0] == 0
    assert upstream.paid == 1


def test_a_job_is_only_looked_at_where_no_time_is_left_for_it(typed: Typed) -> None:
    _, _, err = typed.interrupted("generate_image", "prompt=a fox", "size=1024x640", slow(3), after=r"job_\w+")
    [again] = re.findall(r"get_job job_id=job_\w+", err)
    code, out, _ = typed(*again.split(), "wait_seconds=0")

    assert code == 0
    assert out.startswith("Still running")


def test_a_tool_that_no_service_can_do_is_explained(typed: Typed) -> None:
    code, out, err = typed("paint_image", "prompt=a")

    assert (code, out) == (1, "")
    assert "There is no tool 'paint_image'" in err
    assert "generate_image" in err
