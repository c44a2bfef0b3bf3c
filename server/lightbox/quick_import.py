"""Importing much at once, without the garbage collector looking through it.

An import makes hundreds of thousands of objects and next to no garbage, and Python's collector looks through all of
them again and again: of the way to the first answer that takes a seventh. What has been imported stays, so that it
is set aside afterwards (`gc.freeze`), and no collection during a call looks through it either.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, cast


@contextmanager
def quick_import() -> Generator[None]:
    """Collect nothing in this block; what is there at its end counts as there for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def left_out(package: str) -> Generator[None]:
    """Let a package count as not installed in this block, unless it is imported already.

    Some import what they find, for what nobody here has asked for.
    """
    if package in sys.modules:
        yield
        return
    sys.modules[package] = cast("ModuleType", None)  # so the language says: an import of it fails
    try:
        yield
    finally:
        del sys.modules[package]


def quickly_imported(name: str) -> Any:
    """Give what `module:function` names, importing its module only now."""
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)
