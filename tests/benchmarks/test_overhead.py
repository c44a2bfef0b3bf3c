"""What Lightbox adds to a service's own time and memory: ratios against a direct HTTP call of the same run."""

from __future__ import annotations

import base64
import io
import os
import statistics
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from pathlib import Path

    from mcp import Client
    from tests.conftest import Connect, MakeSettings, Show, Upstream

pytestmark = pytest.mark.slow

ROUNDS = 12
SIDE = 1_160
"""A square of noise with this side makes a PNG of about 4 MB."""


async def seconds(work: Callable[[], Awaitable[Any]], rounds: int = ROUNDS) -> float:
    """Give the median time in seconds, the first call left out."""
    await work()
    times: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def table(title: str, floor: float, rows: dict[str, float]) -> str:
    lines = [title, f"{'':40} {'ms':>9} {'× floor':>9}"]
    lines += [f"{name:40} {value * 1000:9.1f} {value / floor:9.2f}" for name, value in rows.items()]
    return "\n".join(lines)


async def test_a_search_against_a_direct_call(
    upstream: Upstream, settings: MakeSettings, connect: Connect, show: Show
) -> None:
    body = {"model": "qwen3.7-plus", "input": "a lake at dusk", "tools": [{"type": "web_search_image"}], "stream": True}
    async with httpx2.AsyncClient(trust_env=False) as http:

        async def direct() -> None:
            response = await http.post(f"{upstream.dashscope_url}/responses", json=body)
            assert response.status_code == 200

        floor = await seconds(direct)
    rows = {"direct POST": floor}
    for transport in ("memory", "http"):
        async with connect(settings(cache_seconds=0), transport) as client:

            async def search(client: Client = client) -> None:
                result = await client.call_tool("search_images", {"query": "a lake at dusk", "check": False})
                assert not result.is_error

            rows[f"search_images, {transport}, unchecked"] = await seconds(search)
    show(table("Search", floor, rows))


async def test_the_memory_that_a_4_mb_picture_takes(
    settings: MakeSettings, connect: Connect, tmp_path: Path, show: Show
) -> None:
    path = tmp_path / "noise.png"
    Image.frombytes("RGB", (SIDE, SIDE), os.urandom(SIDE * SIDE * 3)).save(path, compress_level=0)
    size = path.stat().st_size
    rows: dict[str, float] = {}
    async with connect(settings(read_dirs=(tmp_path,))) as client:
        calls: dict[str, tuple[str, dict[str, Any]]] = {
            "view_images, path": ("view_images", {"images": [str(path)]}),
            "describe_images, path": ("describe_images", {"images": [str(path)], "detail": "high"}),
            "edit_image, path": ("edit_image", {"images": [str(path)], "prompt": "blue", "size": "1024x1024"}),
        }
        for name, (tool, arguments) in calls.items():
            tracemalloc.start()
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            rows[name] = tracemalloc.get_traced_memory()[1] / size
            tracemalloc.stop()
    lines = [f"Memory at the peak of a call with a PNG of {size:,} bytes (Pillow's own pixels not counted)"]
    lines += [f"{name:40} {factor:6.1f} × the file" for name, factor in rows.items()]
    show("\n".join(lines))


async def test_a_preview_against_decoding_and_encoding_once(
    settings: MakeSettings, connect: Connect, tmp_path: Path, show: Show
) -> None:
    path = tmp_path / "noise.png"
    Image.effect_noise((SIDE * 2, SIDE * 2), 60).convert("RGB").save(path)

    async def once() -> None:
        with Image.open(path) as picture:
            small = ImageOps.fit(picture, (768, 768), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=80)
        base64.b64encode(buffer.getvalue())

    floor = await seconds(once, 5)
    async with connect(settings(read_dirs=(tmp_path,))) as client:

        async def view() -> None:
            result = await client.call_tool("view_images", {"images": [str(path)]})
            assert not result.is_error

        rows = {"decode, resize, encode once": floor, "view_images": await seconds(view, 5)}
    show(table(f"A preview of a PNG of {path.stat().st_size:,} bytes", floor, rows))
