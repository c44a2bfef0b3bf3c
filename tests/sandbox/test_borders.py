"""The sandbox is a package of its own: what it may know of the server, and the server of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import lightbox
import lightbox_sandbox

SERVER = Path(lightbox.__file__).parent
SANDBOX = Path(lightbox_sandbox.__file__).parent

USED = ("lightbox.wire", "lightbox.costs", "lightbox.vocabulary", "lightbox.__version__")
"""What the sandbox shares with the server: the wire's words, and the formulas by which tokens are counted."""

ENTRANCES = ("lightbox_sandbox.server", "lightbox_sandbox.background")
NAMED = re.compile(r"lightbox(_sandbox)?(\.\w+)+")


def imported(folder: Path) -> Iterator[tuple[str, str]]:
    """Give every import below a folder, lazy ones and those by name included, with the file it stands in."""
    for path in folder.rglob("*.py"):
        place = path.relative_to(folder.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((place, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield from ((place, f"{node.module}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMED.fullmatch(node.value):
                yield place, node.value


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_the_sandbox_uses_the_wire_and_the_formulas_of_the_server_alone() -> None:
    other = [
        f"{place}: {name}"
        for place, name in imported(SANDBOX)
        if within(name, ("lightbox",)) and not within(name, USED)
    ]

    assert other == []


def test_the_server_knows_only_how_to_start_the_sandbox() -> None:
    other = [
        f"{place}: {name}"
        for place, name in imported(SERVER)
        if within(name, ("lightbox_sandbox",)) and not within(name, ENTRANCES)
    ]

    assert other == []


def test_no_module_of_the_sandbox_shares_its_name_with_another() -> None:
    def names(folder: Path) -> list[str]:
        modules = [path.stem for path in folder.rglob("*.py") if not path.stem.startswith("__")]
        return modules + [path.parent.name for path in folder.rglob("*/__init__.py")]

    own = names(SANDBOX)
    assert len(own) == len(set(own))
    assert set(own) & set(names(SERVER)) == set()
