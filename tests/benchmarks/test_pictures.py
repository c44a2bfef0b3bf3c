"""What pictures take: one that is made, eight at once, many that are looked at; in time, in memory, and for others."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from benchmarks.pictures import NOISE, commented, photograph
from benchmarks.prepared_service import TINY
from benchmarks.programs import LIGHTBOX, Memory, Spoken, asked, children, needs_proc, program, rounds, spoken

if TYPE_CHECKING:
    from tests.conftest import HTTPProcess, MakeSettings

    from lightbox.settings import Settings

    from .conftest import Measure

pytestmark = pytest.mark.slow

AT_ONCE = 8
SHEET = 24
PHOTOGRAPH = (4_000, 3_000)
NOISE_BYTES = NOISE.side**2 * 3
"""Of the picture that the service paints, and of that which is given: noise can't be compressed."""
PAINTED: dict[str, Any] = {"model": "gpt-image-2", "quality": "low"}

Environment = Callable[["Settings"], dict[str, str]]


def painting(settings: MakeSettings, service: str, **wanted: Any) -> Settings:
    return settings(openai_base_url=f"{service}/v1", generate_provider="openai", **wanted)


def noisy(path: Path) -> str:
    """Make a picture as large as that which the service paints."""
    Image.frombytes("RGB", (NOISE.side, NOISE.side), os.urandom(NOISE_BYTES)).save(path, compress_level=0)
    return str(path)


def timed(server: Spoken, tool: str, **arguments: Any) -> float:
    began = time.perf_counter()
    server.call(tool, **arguments)
    return time.perf_counter() - began


@needs_proc
def test_a_picture_is_made_against_a_direct_call(
    settings: MakeSettings, environment: Environment, tmp_path: Path, measure: Measure
) -> None:
    times: dict[str, list[float]] = {"direct": [], "ours": []}
    peaks: list[float] = []
    with program("prepared_service.py") as service, asked("direct_client.py", service, str(tmp_path)) as direct:
        variables = environment(painting(settings, service))
        with spoken(LIGHTBOX, variables, tmp_path) as server:
            server.greet()
            server.call("generate_image", prompt=TINY.decode(), **PAINTED)
            memory = Memory(server.running.pid)
            idle = memory.held
            for number in rounds(5):  # in turn, so that a busy moment of the machine meets both
                times["direct"].append(direct.ask("generate") * 1000)
                memory.forget_peak()
                times["ours"].append(timed(server, "generate_image", prompt=f"a fox {number}", **PAINTED) * 1000)
                peaks.append((memory.peak - idle) / 1e6)

    floor, ours = (statistics.median(times[name]) for name in ("direct", "ours"))
    measure("generate_image, PNG of 3.3 MB, stdio", ours, "ms", floor=floor, aim=2)
    what = "generate_image, the most memory above idle"
    measure(what, statistics.median(peaks), "MB", floor=NOISE_BYTES / 1e6, aim=6)


@needs_proc
def test_the_event_loop_is_free_while_eight_pictures_are_made(
    settings: MakeSettings, http_process: HTTPProcess, measure: Measure
) -> None:
    longest: list[float] = []
    with program("prepared_service.py") as service, asked("caller.py") as caller:
        before = children()
        with http_process(painting(settings, service)) as origin:
            [server] = children() - before
            host, _, port = origin.removeprefix("http://").rpartition(":")
            with asked("pinger.py", host, port, str(server)) as pinger:
                for turn in range(-1, rounds(2).stop):
                    pinger.ask()
                    calls = AT_ONCE if turn >= 0 else 1
                    caller.ask(origin, "generate_image", {"prompt": f"a fox {turn} #", **PAINTED}, calls, calls)
                    waited = pinger.ask()
                    if turn >= 0:
                        longest.append((max(waited) - statistics.median(waited)) * 1000)

    measure("longest the event loop was blocked, 8 such at once", statistics.median(longest), "ms", aim=50)


def test_many_photographs_are_looked_at_against_decoding_them(
    settings: MakeSettings, environment: Environment, tmp_path: Path, measure: Measure
) -> None:
    photo = photograph(*PHOTOGRAPH)
    times: dict[str, list[float]] = {name: [] for name in ("draft", "sheet", "preview", "view")}
    made = settings(read_dirs=(tmp_path,))
    with (
        asked("direct_client.py", "", str(tmp_path)) as direct,
        spoken(LIGHTBOX, environment(made), tmp_path) as server,
    ):
        server.greet()
        for turn in range(-1, rounds(2).stop):
            paths = [str(tmp_path / f"{turn} {number}.jpg") for number in range(SHEET if turn >= 0 else 2)]
            for path in paths:  # never seen before
                Path(path).write_bytes(commented(photo, path))
            noise = noisy(tmp_path / f"{turn}.png")
            row = {
                "draft": direct.ask("draft", *paths),
                "sheet": timed(server, "view_images", images=paths, layout="sheet"),
                "preview": direct.ask("preview", noise),
                "view": timed(server, "view_images", images=[noise]),
            }
            for name, seconds in row.items() if turn >= 0 else ():
                times[name].append(seconds * 1000)

    found = {name: statistics.median(each) for name, each in times.items()}
    measure("contact sheet of 24 JPEGs of 12 MP", found["sheet"], "ms", floor=found["draft"], aim=0.8)
    measure("view_images of a PNG of 3.3 MB", found["view"], "ms", floor=found["preview"])
