"""Importing much at once, without the garbage collector looking through it.

An import makes hundreds of thousands of objects and next to no garbage, and Python's collector looks through all of
them again and again: of the way to the first answer that takes a seventh. What has been imported stays, so that it
is set aside afterwards (`gc.freeze`), and no collection during a call looks through it either.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def quick_import() -> Generator[None]:
    """Collect nothing in this block; what is there at its end counts as there for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def quickly_imported(name: str) -> Any:
    """Give what `module:function` names, importing its module only now."""
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)
