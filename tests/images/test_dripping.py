"""Hosts that send a hit byte by byte: its beginning is looked at a few times, off the event loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest

from lightbox.images.fetch import FINGERPRINT_BYTES, PROBE_BYTES, Fetcher, Probe
from lightbox.images.sniff import sniff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Show

MARKERS = b"\xff\xd8" + b"\xff\x01" * PROBE_BYTES
LONGEST = 20_000_000


async def dripped(data: bytes, size: int) -> AsyncIterator[bytes]:
    """Give bytes in pieces, as a host sends them."""
    for start in range(0, len(data), size):
        yield data[start : start + size]
        if not start % (4096 * size):
            await anyio.lowlevel.checkpoint()


async def test_markers_in_single_bytes_take_little_time_and_leave_the_loop_free(show: Show) -> None:
    gaps: list[float] = []
    probes: list[Probe] = []

    async def tick() -> None:
        while len(probes) < 20:
            began = time.perf_counter()
            await anyio.lowlevel.checkpoint()
            gaps.append(time.perf_counter() - began)

    async def probe() -> None:
        probes.append(await Fetcher.judge(dripped(MARKERS, 1), None))

    began = time.process_time()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        for _ in range(20):
            tasks.start_soon(probe)
    spent = time.process_time() - began
    show(f"twenty hits of JPEG markers, byte by byte: {spent:.2f} s of CPU, longest gap {max(gaps) * 1000:.0f} ms")
    assert spent < 5
    assert {probe.state for probe in probes} == {"ok"}


@pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
async def test_no_more_is_read_of_a_hit_than_tells_what_it_is(size: int) -> None:
    read = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal read
        async for piece in dripped(b"GIF89a\x64\0\x64\0" + bytes(200_000), size):
            read += len(piece)
            yield piece

    probe = await Fetcher.judge(counted(), None)
    assert (probe.state, probe.width, probe.height) == ("ok", 100, 100)
    assert read < FINGERPRINT_BYTES + max(size, 4096)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xd8" + b"\xff\x01" * (LONGEST // 2), id="JPEG markers"),
        pytest.param(b"\xff\xd8" + b"\xff\xe1\0\x0aExif\0\0II" * (LONGEST // 12), id="JPEG segments of EXIF"),
        pytest.param(b"\xff\xd8" + b"\xff\xfe\0\x02" * (LONGEST // 4), id="JPEG comments"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0teXt\0\0\0\0" * (LONGEST // 12), id="PNG chunks"),
        pytest.param(b"GIF89a\1\0\1\0\0\0\0" + b"!\xfe" + b"\x01a" * (LONGEST // 2), id="blocks of a GIF"),
        pytest.param(b"GIF89a\1\0\1\0\0\0\0" + b"!\xfe\0" * (LONGEST // 3), id="comments of a GIF"),
        pytest.param(b"II\x2a\0\x08\0\0\0\xff\xff" + bytes(12 * 65535), id="TIFF tags"),
        pytest.param(b"\0\0\0\x18ftypheic" + b"ispe\0\0\0\0" * (LONGEST // 8), id="extents of a HEIC"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8X" + bytes(LONGEST), id="a WebP of nothing"),
    ],
)
def test_telling_what_bytes_are_takes_no_time_that_grows_with_them(data: bytes) -> None:
    began = time.process_time()
    sniff(data)
    assert time.process_time() - began < 0.3
