"""What a machine may lack for a test."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(why: str) -> NoReturn:
    """Skip a test on a machine that lacks something; fail in CI, which must have it."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
