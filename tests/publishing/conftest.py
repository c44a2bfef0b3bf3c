"""Tools that publishing needs: a test that lacks one is skipped, but fails in CI, which must have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from lacking import lacking
from publishing.tools import ToolMissing


@pytest.fixture
def tool() -> Callable[[Callable[[], Sequence[str]]], list[str]]:
    """Give a tool's command, by the function that finds it."""

    def found(find: Callable[[], Sequence[str]]) -> list[str]:
        try:
            return [*find()]
        except ToolMissing as error:
            lacking(str(error))

    return found
