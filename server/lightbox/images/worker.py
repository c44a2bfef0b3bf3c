"""The program of a worker process: it decodes and encodes pictures, one after the other, with little memory and time.

It reads requests from its standard input, each a pickle behind its length; it answers with a line of JSON, and the
bytes that the line announces. It ends with its input, or when it is late: also where nobody is left to stop it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, BinaryIO

from lightbox.errors import BadPicture
from lightbox.images.inspection import MAX_SECONDS
from lightbox.images.mask import area_mask, check_mask
from lightbox.images.raster import fit, for_sending, preview, thumbnail
from lightbox.images.rendition import Rendition
from lightbox.images.transforming import transform

MAX_MEMORY = 2 * 1024**3
"""The most address space in bytes, where the system can bound it: 50 megapixels with transparency fit several times."""
GRACE_SECONDS = 5.0
"""How much later than the server a worker ends itself."""

_WORK: dict[str, Callable[..., Rendition]] = {
    "preview": preview,
    "fit": fit,
    "for_sending": for_sending,
    "thumbnail": thumbnail,
    "check_mask": check_mask,
    "transform": transform,
    "area_mask": area_mask,
}


def main() -> None:
    """Work until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the server's
    _bound_memory()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path of ours
        while head := requests.read(8):
            request = requests.read(int.from_bytes(head, "big"))
            faulthandler.dump_traceback_later(MAX_SECONDS + GRACE_SECONDS, exit=True, file=nowhere)
            _answer(request, answers)
            faulthandler.cancel_dump_traceback_later()


def _answer(request: bytes, answers: BinaryIO) -> None:
    told, data = _worked(*pickle.loads(request))  # noqa: S301 - from the server itself; answers are no pickles
    answers.write(json.dumps(told | {"length": len(data)}).encode() + b"\n")
    answers.write(data)
    answers.flush()


def _worked(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        made = _WORK[name](*arguments, **options)
    except BadPicture as error:
        return {"problem": str(error)}, b""
    told = {"mime_type": made.mime_type, "width": made.width, "height": made.height, "notes": made.notes}
    if arguments and made.data is arguments[0]:  # the true bytes need not travel back
        return told | {"same": True}, b""
    return told, made.data


def _bound_memory() -> None:
    with suppress(ImportError):
        resource = import_module("resource")  # not on Windows
        # No file is ever written here, and no core.
        for name, most in (("RLIMIT_AS", MAX_MEMORY), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
            with suppress(AttributeError, ValueError, OSError):  # macOS knows the first by name only
                resource.setrlimit(getattr(resource, name), (most, most))
