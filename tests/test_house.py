"""The house: who may use whom, read from the source. `tests/sandbox/test_borders.py` says what the sandbox may use."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import lightbox

SERVER = Path(lightbox.__file__).parents[1]
WORDS = {"lightbox", "vocabulary", "errors", "untrusted", "configuration"}
"""What everyone may use: the version, words that several packages share, errors, what makes text fit to be shown, and
where the files of `config/` are. None of them knows anyone."""

MAY_USE: Mapping[str, set[str]] = {
    **{word: set[str]() for word in WORDS},
    "wire": set(),
    "state": WORDS,
    "costs": WORDS | {"wire"},
    "settings": WORDS | {"costs"},
    "telemetry": WORDS | {"settings", "state", "costs"},
    "providers": WORDS | {"wire", "settings", "telemetry"},
    "images": WORDS | {"wire", "state", "providers", "telemetry"},
    "jobs": WORDS | {"wire", "state", "costs", "providers", "images", "telemetry"},
    "views": WORDS,
    "tools": WORDS | {"state", "costs", "settings", "providers", "images", "jobs", "telemetry", "views"},
    "clients": WORDS,
    "quick_import": set(),
    "bridge": WORDS,
    "demo": WORDS | {"clients", "views"},
}
"""Whom each package may use, imports for types included.

`telemetry` is below those who tell it what they do: it knows amounts of money and the database's doors, nobody's work.
"""

ABOVE = {"app", "opening", "looking", "http", "commands", "cli", "__main__"}
"""What puts everything together may use all of it, but not in a circle."""

MOST_LATE_IMPORTS = 20
NAMED = re.compile(r"(lightbox(?:_sandbox)?(?:\.\w+)*)(?::\w+)?")


@dataclass(frozen=True)
class Import:
    """One import: what stands where, and whether it is there for types alone."""

    module: str
    name: str
    for_types: bool

    @property
    def told(self) -> str:
        return f"{self.module}: {self.name}"


@cache
def sources() -> Mapping[str, ast.Module]:
    """Give every module of the server, by its name."""
    found: dict[str, ast.Module] = {}
    for path in sorted((SERVER / "lightbox").rglob("*.py")):
        parts = path.relative_to(SERVER).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


@cache
def imports() -> tuple[Import, ...]:
    """Give every import, lazy ones and those by name included."""
    return tuple(found for module, tree in sources().items() for found in _imports(module, tree))


def _imports(module: str, tree: ast.Module) -> Iterator[Import]:
    types = {id(inner) for block in ast.walk(tree) if _is_for_types(block) for inner in ast.walk(block)}
    for node in ast.walk(tree):
        for_types = id(node) in types
        match node:
            case ast.Import():
                yield from (Import(module, alias.name, for_types) for alias in node.names)
            case ast.ImportFrom():
                assert not node.level, f"{module} imports relatively"
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield Import(module, whole if whole in sources() else str(node.module), for_types)
            case ast.Constant(value=str(text)) if (named := NAMED.fullmatch(text)) and "." in text:
                if named[1] in sources() or named[1].startswith("lightbox_sandbox"):
                    yield Import(module, named[1], for_types)
            case _:
                pass


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def package(name: str) -> str:
    """Give the part of the house that a module is in: `jobs` for `lightbox.jobs.runner`."""
    return name.split(".")[1] if "." in name else "lightbox"


def own() -> list[Import]:
    return [one for one in imports() if one.name == "lightbox" or one.name.startswith("lightbox.")]


def test_every_package_uses_only_what_is_below_it() -> None:
    upwards = [
        one.told
        for one in own()
        if (here := package(one.module)) not in ABOVE and (there := package(one.name)) != here
        if there not in MAY_USE[here]
    ]

    assert upwards == []


def test_the_house_has_no_room_that_the_plan_does_not_know() -> None:
    assert {package(name) for name in sources()} == MAY_USE.keys() | ABOVE


def test_no_module_imports_itself_by_way_of_others_not_even_late() -> None:
    uses: dict[str, set[str]] = {name: set() for name in sources()}
    for one in own():
        if not one.for_types and one.name in uses and one.name != one.module:
            uses[one.module].add(one.name)
    while idle := [name for name, used in uses.items() if not used & uses.keys()]:
        for name in idle:  # whoever needs nobody that is left is in no circle
            del uses[name]

    assert {name: used & uses.keys() for name, used in uses.items()} == {}


def test_no_two_modules_share_a_name() -> None:
    names = Counter(name.rpartition(".")[2] for name in sources() if not _is_package(name))
    names.pop("__main__", None)

    assert [name for name, number in names.items() if number > 1] == []


def test_a_package_shares_its_name_with_no_module_but_the_one_that_it_is_made_for() -> None:
    modules = {name for name in sources() if not _is_package(name)}
    packages = {name for name in sources() if _is_package(name)}
    shared = [
        (one, other)
        for one in packages
        for other in modules | packages
        if one != other and other.rpartition(".")[2] == one.rpartition(".")[2] and other.rpartition(".")[0] != one
    ]

    assert shared == []


def _is_package(name: str) -> bool:
    return (SERVER / name.replace(".", "/")).is_dir()


def test_imports_inside_functions_are_few() -> None:
    marked = [
        f"{path.relative_to(SERVER)}: {line.strip()}"
        for path in SERVER.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "PLC0415" in line
    ]

    assert len(marked) < MOST_LATE_IMPORTS, "\n".join(marked)


def test_the_sandbox_is_named_only_where_it_is_started() -> None:
    there = {one.module for one in imports() if one.name.split(".")[0] == "lightbox_sandbox"}

    assert there == {"lightbox.opening", "lightbox.commands.serve"}


def test_only_telemetry_knows_how_traces_and_metrics_are_exported() -> None:
    foreign = {"opentelemetry", "prometheus_client"}
    there = {
        package(module)
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if (getattr(node, "module", None) or alias.name).split(".")[0] in foreign
    }

    assert there == {"telemetry"}


def test_only_the_two_doors_open_the_database() -> None:
    """The sandbox's own index of pictures is another database, which is not ours."""
    openers = {
        module
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        if package(module) != "state"
        for alias in node.names
        if alias.name in {"create_engine", "create_async_engine", "sessionmaker"}
        or (getattr(node, "module", None) or alias.name).split(".")[0] in {"sqlite3", "aiosqlite"}
    }
    committers = {
        module
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback", "begin_nested"}
        if package(module) != "state"
    }

    assert openers == set()
    assert committers == set()


def test_statements_are_written_for_any_database_outside_the_door_of_sqlite() -> None:
    of_sqlite = re.compile(r"strftime\(|begin immediate|pragma |julianday\(|insert or (ignore|replace)", re.IGNORECASE)
    found = [
        f"{module}: {_words(node)[:60]}"
        for module, tree in sources().items()
        if module != "lightbox.state.sqlite"
        for node in ast.walk(tree)
        if of_sqlite.search(_words(node))
    ]

    assert found == []


def _words(node: ast.AST) -> str:
    """Give the text of a constant, or the name of a function of the database that is called."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "func":
        return f"{node.attr}("
    return ""
