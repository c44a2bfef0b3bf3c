"""Tools that publishing needs: a test that lacks one is skipped, but fails in CI, which must have it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import pytest

from publishing.tools import ToolMissing


@pytest.fixture
def tool() -> Callable[[Callable[[], Sequence[str]]], list[str]]:
    """Give a tool's command, by the function that finds it."""

    def found(find: Callable[[], Sequence[str]]) -> list[str]:
        try:
            return [*find()]
        except ToolMissing as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(str(error))

    return found
