"""What an MCP client is to Lightbox: where it keeps its servers, and how an entry for one is written there."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

Form: TypeAlias = Literal["json", "toml", "yaml"]
Scope: TypeAlias = Literal["user", "project"]
"""Whose servers a file names: all that its user works on, or the one project that it lies in and is shared with."""
Place: TypeAlias = tuple[str, ...]
"""Keys that lead to a part of a file."""

SERVER = "lightbox"
"""The name of our entry among a client's servers."""
KEYS = ("OPENAI_API_KEY", "DASHSCOPE_API_KEY", "OPENROUTER_API_KEY")
"""The variables in which keys of services are handed to Lightbox."""


@dataclass(frozen=True)
class Machine:
    """What decides where a client keeps its configuration."""

    platform: str = sys.platform
    home: Path = field(default_factory=Path.home)
    folder: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def applications(self) -> Path:
        """The folder in which desktop programs keep their configuration."""
        if self.platform == "win32":
            return self.roaming
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        return self.config

    @property
    def config(self) -> Path:
        """The folder in which programs of the terminal keep theirs, on macOS too."""
        return self.named("XDG_CONFIG_HOME", ".config")

    @property
    def roaming(self) -> Path:
        """The folder of Windows for what follows a user from machine to machine."""
        return self.named("APPDATA", "AppData", "Roaming")

    def named(self, variable: str, *below_home: str) -> Path:
        """Give the folder that a variable of the environment names, or else one below the home folder."""
        return Path(self.environment.get(variable) or self.home.joinpath(*below_home))


Files: TypeAlias = Callable[[Machine], tuple[Path, ...]]
"""Where a client's own file may be: the first that is there holds, and where none is, the first of all."""


Link: TypeAlias = Callable[["Client", Sequence[str]], str]
"""The address that has a client take the entry which starts Lightbox with a command."""


def command_and_arguments(program: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Give what most clients write of the command that starts a server."""
    return {"command": program, "args": [*arguments]}


@dataclass(frozen=True, kw_only=True)
class Client:
    """A program that speaks MCP.

    Attributes:
        name: As users of the command write it.
        title: As its makers write it.
        next_step: What is left to do once the configuration is in place, apart from keys.
        form: In what its files are written.
        servers: The keys that lead to the table of servers.
        older: Those that an older release of the client takes; they hold in a file that has servers there.
        user: Its user's own file; None where it keeps servers in no file that can be edited.
        project: Where a project's own file may be in the project's folder, likewise; empty where it has none.
        reference: How a value stands for a variable of the environment, with `%s` for its name. Empty: it can't, a key
            has to be written out. None: the client hands on its whole environment, nothing has to be written.
        variables: The key of the table in which variables of the environment are set.
        first: What an entry begins with.
        start: What an entry says of the command.
        rest: What else it says.
        beside: What has to stand in the file beside the servers.
        link: The address that has it take the entry in one click, where it knows such addresses.
        adding: Its own command for that, where it has one, with PROGRAM and ARGUMENTS in the place of what
            starts Lightbox, and VARIABLES in that of the options which set variables.
        adding_variable: Such an option's name; empty where no variable has to be set.
        unconfirmed: What is not documented by its makers, and therefore told to whoever has it written; else empty.
    """

    name: str
    title: str
    next_step: str
    form: Form = "json"
    servers: Place = ("mcpServers",)
    older: Place | None = None
    user: Files | None = None
    project: tuple[str, ...] = ()
    reference: str | None = ""
    variables: str = "env"
    first: Mapping[str, Any] = field(default_factory=dict[str, Any])
    start: Callable[[str, Sequence[str]], dict[str, Any]] = command_and_arguments
    rest: Mapping[str, Any] = field(default_factory=dict[str, Any])
    beside: Mapping[str, Any] = field(default_factory=dict[str, Any])
    link: Link | None = None
    adding: str = ""
    adding_variable: str = ""
    unconfirmed: str = ""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """For whom it has a file."""
        return (*(("user",) if self.user else ()), *(("project",) if self.project else ()))

    @property
    def ready_file(self) -> str:
        """The name of its file in `config/clients/`."""
        return f"{self.name}.{self.form}"

    def then(self, scope: Scope) -> str:
        """Say what is left to do once the configuration is in place."""
        if self.reference != "":
            return self.next_step
        if scope == "user":
            keys = f'Put your keys between the quotes in "{self.variables}"; without any, the sandbox is used.'
            return f"{keys} {self.next_step}"
        keys = (
            "It names no keys, for it is shared: each of you keeps them in a file of Lightbox's own (`lightbox doctor` "
        )
        return f"{keys}names it). {self.next_step}"

    def path(self, scope: Scope, machine: Machine) -> Path | None:
        """Give the file in which it looks for servers; None where it has none such."""
        if scope == "project":
            candidates = tuple(machine.folder / path for path in self.project)
        else:
            candidates = self.user(machine) if self.user else ()
        return next((path for path in candidates if path.exists()), next(iter(candidates), None))

    def entry(self, start: Sequence[str], scope: Scope) -> dict[str, Any]:
        """Give the entry that starts Lightbox with a command.

        Keys are never part of it: they stand there as the client's own reference to the environment or, in a file that
        is its user's alone, as a blank to fill in.
        """
        program, *arguments = start
        variables = self._variables(scope)
        return {**self.first, **self.start(program, arguments), **self.rest} | (
            {self.variables: variables} if variables else {}
        )

    def document(self, start: Sequence[str], scope: Scope, servers: Place | None = None) -> dict[str, Any]:
        """Give a whole file with this entry and nothing else."""
        nested: dict[str, Any] = {SERVER: self.entry(start, scope)}
        for key in reversed(servers or self.servers):
            nested = {key: nested}
        return {**self.beside, **nested}

    def add_command(self, start: Sequence[str], platform: str = sys.platform) -> str | None:
        """Give the client's own command that adds Lightbox, as a shell takes it; None where it has none.

        Keys stand there as references, quoted so that no shell fills them in. Windows has two shells that want that
        done in different ways: such commands are not given there.
        """
        variables = self._variables("project").items() if self.adding_variable else ()
        if not self.adding or (variables and platform == "win32"):
            return None
        fill = {
            "PROGRAM": [start[0]],
            "ARGUMENTS": [*start[1:]],
            "VARIABLES": [word for name, value in variables for word in (self.adding_variable, f"{name}={value}")],
        }
        words = [word for part in self.adding.split() for word in fill.get(part, [part])]
        return subprocess.list2cmdline(words) if platform == "win32" else shlex.join(words)

    def servers_in(self, document: Mapping[str, Any]) -> Place:
        """Give the keys that lead to the servers of this very file."""
        return self.older if self.older and _has_servers(at(document, self.older)) else self.servers

    def _variables(self, scope: Scope) -> dict[str, str]:
        if self.reference is None or (not self.reference and scope == "project"):
            return {}
        return {key: self.reference % key if self.reference else "" for key in KEYS}


def at(document: Any, place: Place) -> Any:
    """Give what stands at a place of a document; None where nothing does."""
    for key in place:
        if not isinstance(document, Mapping) or key not in document:
            return None
        document = cast("Mapping[str, Any]", document)[key]
    return document


def _has_servers(table: Any) -> bool:
    """Tell whether a table holds servers themselves, and not only another table of them."""
    entries = cast("Mapping[str, Any]", table).values() if isinstance(table, Mapping) else ()
    return any(isinstance(entry, Mapping) and ("command" in entry or "url" in entry) for entry in entries)
