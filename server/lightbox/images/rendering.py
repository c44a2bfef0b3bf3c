"""Pictures made to fit, off the event loop: the async door to `preview`, `mask` and `contact_sheet`.

Bytes from outside are decoded and encoded in worker processes, which end when they are late or idle: none can stop the
server, or fill its memory. Small and ordinary pictures (`is_plain`) are decoded in a thread, which takes no process to
be started and no bytes to be carried over. Pillow is imported by the first call, in its thread.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from threading import Event, Lock, Timer
from typing import IO, TYPE_CHECKING, Any, cast

import anyio
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

from lightbox.errors import BadPicture
from lightbox.images.inspection import MAX_SECONDS, PLAIN_PIXELS, Inspected, is_plain
from lightbox.images.rendition import MAX_INLINE_SIDE, Rendition, Tile
from lightbox.images.sniff import TYPE_NAMES, sniff

if TYPE_CHECKING:
    from PIL.Image import Image

    from lightbox.images.area import LaidArea
    from lightbox.images.transform import Transformation

logger = logging.getLogger(__name__)

__all__ = [
    "MAX_INLINE_SIDE",
    "Rendition",
    "Tile",
    "area_mask",
    "check_mask",
    "contact_sheet",
    "fit",
    "for_sending",
    "opened",
    "preview",
    "previews",
    "transform",
    "undrawable",
]

IDLE_SECONDS = 10.0
"""After so long without work a worker ends."""
LARGE_PIXELS = 8_000_000
"""From here on a picture is large: large ones wait for each other, and small ones never for large ones."""


async def preview(data: bytes, *, max_side: int = 768, max_bytes: int | None = None) -> Rendition:
    """Make a small version for showing inline: upright, in sRGB, transparency kept, quickly encoded.

    Shrinks step by step until it is at most `max_bytes`; never enlarges; never above 2,000 px a side.

    Raises:
        BadPicture: The bytes can't be decoded, have too many px, take too long, or don't fit however small.
    """
    return await _rendered("raster", "preview", (data,), max_side=max_side, max_bytes=max_bytes)


async def previews(pictures: Sequence[bytes], *, max_side: int, max_bytes: int) -> list[Rendition | str]:
    """Make several side by side, all of them in the time that one may take; says why where there is none."""
    made: list[Rendition | str] = [f"it was not decoded within {MAX_SECONDS:g} seconds"] * len(pictures)

    async def one(index: int) -> None:
        try:
            made[index] = await preview(pictures[index], max_side=max_side, max_bytes=max_bytes)
        except BadPicture as error:
            made[index] = str(error)

    await _side_by_side(one, range(len(pictures)))
    return made


async def fit(data: bytes, *, max_bytes: int, max_side: int = 8000) -> Rendition:
    """Give the largest rendition within the bounds: the true bytes where they fit.

    Raises:
        BadPicture: As `preview`.
    """
    return await _rendered("raster", "fit", (data,), max_bytes=max_bytes, max_side=max_side)


async def for_sending(
    data: bytes,
    *,
    max_base64_bytes: int,
    formats: Collection[str],
    seen_size: tuple[int, int] | None = None,
) -> Rendition:
    """Prepare a picture for a service: the true bytes where the service takes them, else re-encoded and shrunk.

    Args:
        data: The picture.
        max_base64_bytes: The most characters that its data URI may have.
        formats: The types that the service takes, e.g. `{"image/png", "image/jpeg"}`.
        seen_size: The width and height in px at which the model looks: what is larger on either side is sent in exactly
            this size. `None`: as large as fits.

    Raises:
        BadPicture: As `preview`.
    """
    options = {"max_base64_bytes": max_base64_bytes, "formats": frozenset(formats), "seen_size": seen_size}
    return await _rendered("raster", "for_sending", (data,), **options)


async def check_mask(image: bytes, mask: bytes, sent_size: tuple[int, int] | None = None) -> Rendition:
    """Give the mask as services want it: a PNG as large as the image, transparent where the image is to change.

    A mask without transparency is read as black and white: white is to change. One in another size and like shape is
    scaled. Where the image is sent smaller than it is, `sent_size` (width and height in px) makes the mask follow.

    Raises:
        BadPicture: It has another shape, or nothing in it is to change.
    """
    return await _rendered("mask", "check_mask", (image, mask), sent_size=sent_size)


async def area_mask(area: LaidArea) -> Rendition:
    """Make the mask that lets an area change, as large as the picture that it is laid on.

    Raises:
        BadPicture: Nothing is left to change.
    """
    size = (area.width, area.height)
    options = {"size": size, "boxes": area.boxes, "outside": area.outside, "feather": area.feather}
    if area.width * area.height > PLAIN_PIXELS:
        return await _by_worker("area_mask", (), options)
    return await run_sync(lambda: _function("mask", "area_mask")()(**options), limiter=_lanes().threads)


async def transform(data: bytes, wanted: Transformation) -> Rendition:
    """Cut, turn, scale, pad and encode a picture, by a worker: what comes out may be larger than what went in.

    Raises:
        BadPicture: As `preview`, and where what is wanted can't be done to it.
    """
    told = sniff(data)
    px = wanted.largest(told.width or 0, told.height or 0) if told else 0
    return await _by_worker("transform", (data,), {"wanted": wanted}, px)


async def contact_sheet(
    tiles: Sequence[Tile], *, max_side: int = 1600, max_bytes: int | None = None, title: str | None = None
) -> Rendition:
    """Put up to 24 pictures into one, numbered from 1, with handle, title and size under each.

    A tile that has no data, or whose data can't be decoded (in time), is grey and says why. The sheet's own title
    stands above them, in a band that is added.
    """
    ready = list(tiles)

    async def one(index: int) -> None:
        ready[index] = await opened(tiles[index], count=len(tiles), max_side=max_side)

    async with anyio.create_task_group() as tasks:
        for index in range(len(tiles)):
            tasks.start_soon(one, index)
    arrange = _function("contact_sheet", "contact_sheet")
    return await run_sync(
        lambda: arrange()(ready, max_side=max_side, max_bytes=max_bytes, title=title), limiter=_lanes().threads
    )


async def undrawable(texts: Sequence[str]) -> list[str]:
    """Name the scripts of letters that no font of this system has, as people call them; a sheet leaves these out."""
    named = partial(import_module, "lightbox.images.lettering")
    return await run_sync(lambda: named().undrawable(texts), limiter=_lanes().threads)


async def opened(tile: Tile, *, count: int, max_side: int = 1600) -> Tile:
    """Decode the picture of one tile of `count`, which may be done while the others are still on their way.

    A tile whose data can't be decoded (in time) says why.
    """
    if tile.data is None or tile.photo is not None:
        return tile
    with anyio.move_on_after(MAX_SECONDS):
        try:
            return replace(tile, photo=await _in_place(tile.data, tile.inspected, count, max_side))
        except BadPicture:
            return replace(tile, data=None, problem="can't be opened")
    return replace(tile, data=None, problem="took too long to open")


async def _in_place(data: bytes, inspected: Inspected | None, count: int, max_side: int) -> Image:
    """Decode a picture for its place on a sheet, by a worker where there may be danger in it."""
    module = partial(import_module, "lightbox.images.contact_sheet")
    threads = _lanes().threads

    def attempt() -> Image | tuple[int, int]:
        size = module().place(count, max_side)
        plain = is_plain(data, side=max(size)) if inspected is None else max(size) <= inspected.plain_side
        return module().in_place(data, size, checked=True) if plain else size

    photo = await run_sync(attempt, limiter=threads)
    if isinstance(photo, tuple):
        small = await _by_worker("thumbnail", (data,), {"max_side": max(photo)})
        photo = await run_sync(module().in_place, small.data, photo, limiter=threads)
    return photo


async def _side_by_side(work: Callable[[int], Coroutine[Any, Any, None]], indexes: Iterable[int]) -> None:
    """Do a piece of work for each index at once; what is late is given up."""
    with anyio.move_on_after(MAX_SECONDS):
        async with anyio.create_task_group() as tasks:
            for index in indexes:
                tasks.start_soon(work, index)


async def _rendered(module: str, name: str, pictures: tuple[bytes, ...], **options: Any) -> Rendition:
    function, side = _function(module, name), options.get("max_side")

    def attempt() -> Rendition | None:
        return function()(*pictures, **options) if all(is_plain(data, side=side) for data in pictures) else None

    rendition = await run_sync(attempt, limiter=_lanes().threads)
    return rendition or await _by_worker(name, pictures, options)


def _function(module: str, name: str) -> Callable[[], Callable[..., Rendition]]:
    return lambda: getattr(import_module(f"lightbox.images.{module}"), name)


@dataclass(frozen=True, slots=True)
class _Lanes:
    """How many pictures are worked on at once: a large one may take some hundred megabytes."""

    threads: CapacityLimiter
    small: CapacityLimiter
    large: CapacityLimiter

    def of(self, pictures: Sequence[bytes], px: int = 0) -> CapacityLimiter:
        told = [sniff(data) for data in pictures]
        px = max((px, *((one.width or 0) * (one.height or 0) for one in told if one)))
        return self.large if px > LARGE_PIXELS else self.small


_known_lanes: RunVar[_Lanes] = RunVar("lightbox_lanes")


def _lanes() -> _Lanes:
    try:
        return _known_lanes.get()
    except LookupError:
        processors = os.cpu_count() or 1
        several = max(3, processors)  # a picture that takes all its time is not to keep the others waiting
        lanes = _Lanes(CapacityLimiter(processors), CapacityLimiter(several), CapacityLimiter(several))
        _known_lanes.set(lanes)
        return lanes


async def _by_worker(name: str, pictures: tuple[bytes, ...], options: dict[str, Any], px: int = 0) -> Rendition:
    """Let a worker do it, and end the worker when it is late or its caller goes. `px`: how many come out at most.

    Raises:
        BadPicture: As the function that does the work, and where it takes too long or too much memory.
    """
    async with _lanes().of(pictures, px):
        worker = await run_sync(_take)  # which is not cut short: none is lost
        done = False
        try:
            with anyio.move_on_after(MAX_SECONDS):
                rendition = await run_sync(worker.work, name, pictures, options, abandon_on_cancel=True)
                done = True
                return rendition
        except BadPicture:
            done = True
            raise
        except _Broken as error:
            logger.warning("a worker was given up: %s", error)
            raise BadPicture(
                f"{_described(pictures)} can't be decoded in the memory that a picture may take, or is broken: "
                "pass a smaller copy that was saved again, as PNG or JPEG."
            ) from error
        finally:
            if done:
                _put_back(worker)
            else:
                worker.stop()
    work, fix = (
        _LATE if name == "transform" else ("decode", "pass a smaller copy that was saved again, as PNG or JPEG.")
    )
    raise BadPicture(
        f"{_described(pictures)} took longer than {MAX_SECONDS:g} seconds to {work} and was given up: {fix}"
    )


_LATE = ("transform", "pass a smaller size, or format=jpeg, which is written soonest.")


def _described(pictures: Sequence[bytes]) -> str:
    data = pictures[0] if pictures else b""
    told = sniff(data)
    if told is None:
        return "The picture"
    size = f" of {told.width}x{told.height} px" if told.width else ""
    return f"The picture, a {TYPE_NAMES[told.mime_type]}{size} and {len(data):,} bytes,"


class _Broken(Exception):
    """A worker that ended, or that says what no worker says."""


_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from lightbox.images.worker import main; main()"
_ENVIRONMENT = ("SYSTEMROOT", "WINDIR", "PATH", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_MOST_ANSWERED = 512 * 1024**2  # bytes


class _Worker:
    """A process that decodes and encodes. It has the server's modules, and neither its keys nor its settings."""

    def __init__(self) -> None:
        path = [folder or os.getcwd() for folder in sys.path]  # noqa: PTH109 - as text
        self.idle_since = 0.0
        self._process = subprocess.Popen(  # noqa: S603 - this Python
            [sys.executable, "-I", "-S", "-c", _PROGRAM, json.dumps(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can take work."""
        return self._process.poll() is None

    def work(self, name: str, pictures: tuple[bytes, ...], options: dict[str, Any]) -> Rendition:
        """Have one thing done; blocks until it is, or until the process is stopped.

        Raises:
            BadPicture: As the work itself.
            _Broken: The process ended, or its memory did.
        """
        try:
            told, data = self._asked(pickle.dumps((name, pictures, options), pickle.HIGHEST_PROTOCOL))
            if "problem" in told:
                raise BadPicture(str(told["problem"]))
            data = pictures[0] if told.get("same") else data
            notes = tuple(map(str, told["notes"]))
            return Rendition(data, str(told["mime_type"]), int(told["width"]), int(told["height"]), notes)
        except (OSError, ValueError, KeyError) as error:
            self.end()
            raise _Broken(f"{error}; it ended with {self._process.returncode}") from error

    def stop(self) -> None:
        """Kill the process, at once; whoever waits for its work ends it."""
        with suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Kill the process and let go of what it held."""
        self.stop()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                cast("IO[bytes]", pipe).close()

    def _asked(self, request: bytes) -> tuple[dict[str, Any], bytes]:
        requests, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        requests.write(len(request).to_bytes(8, "big"))
        requests.write(request)
        requests.flush()
        told: dict[str, Any] = json.loads(answers.readline(65_536))
        length = min(int(told["length"]), _MOST_ANSWERED)
        data = answers.read(length)
        if len(data) != length:
            raise ValueError("the answer is cut off")
        return told, data


# Workers belong to the process, not to an event loop: one that is idle serves whoever comes next.
_idle: list[_Worker] = []
_lock = Lock()
_watched = Event()
"""Whether a timer waits for the idle to have waited long enough: one for all, for each is a thread."""


def _take() -> _Worker:
    with _lock:
        while _idle:
            worker = _idle.pop()
            if worker.alive:
                return worker
            worker.end()
    return _Worker()


def _put_back(worker: _Worker) -> None:
    with _lock:
        worker.idle_since = time.monotonic()
        _idle.append(worker)
        _watch()


def _watch() -> None:
    """Look again when the first of the idle has waited long enough; whoever calls this holds the lock."""
    if _idle and not _watched.is_set():
        _watched.set()
        first = min(worker.idle_since for worker in _idle)
        timer = Timer(max(0.0, first + IDLE_SECONDS - time.monotonic()), _look)
        timer.daemon = True
        timer.start()


def _look() -> None:
    _end_idle()
    with _lock:
        _watched.clear()
        _watch()


def _end_idle(seconds: float = IDLE_SECONDS) -> None:
    before = time.monotonic() - seconds
    with _lock:
        ended = [worker for worker in _idle if worker.idle_since <= before]
        _idle[:] = [worker for worker in _idle if worker.idle_since > before]
    for worker in ended:
        worker.end()


atexit.register(_end_idle, 0.0)
