"""What `pyproject.toml` says of the project, for all places that have to say the same.

The owner of the repository stands in its line `Repository` alone: the registry's name and every link are made from it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TITLE = "Lightbox"
ICON = "config/registry/icon.png"
ICON_COPY = "config/registry/claude-code/lightbox/icon.png"
"""The same once more: a plugin is only its own folder."""
ICON_SIDE = 512
"""The icon's width and height in px."""


_ON_GITHUB = re.compile(r"https://github\.com/[^/\"]+/[^/\"]+")


def declared(root: Path) -> str:
    """Give `pyproject.toml` with all its links in the one repository that its line `Repository` names."""
    text = (root / "pyproject.toml").read_text("utf-8")
    return _ON_GITHUB.sub(tomllib.loads(text)["project"]["urls"]["Repository"], text)


@dataclass(frozen=True)
class Project:
    """A checkout's own account of itself.

    Attributes:
        table: The table `[project]`.
    """

    table: Mapping[str, Any]

    @classmethod
    def of(cls, root: Path) -> Project:
        """Read it from the `pyproject.toml` of a checkout."""
        return cls(tomllib.loads(declared(root))["project"])

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.table["name"]

    @property
    def version(self) -> str:
        """The version, without a `v`."""
        return self.table["version"]

    @property
    def description(self) -> str:
        """One sentence."""
        return self.table["description"]

    @property
    def keywords(self) -> Sequence[str]:
        """Words by which it is found."""
        return self.table["keywords"]

    @property
    def licence(self) -> str:
        """The licence's SPDX identifier."""
        return self.table["license"]

    @property
    def author(self) -> str:
        """Who made it: a group, no person."""
        return self.table["authors"][0]["name"]

    @property
    def python(self) -> str:
        """The versions of Python that it runs on."""
        return self.table["requires-python"]

    @property
    def pythons(self) -> list[str]:
        """These versions one by one, oldest first, as the classifiers name them."""
        found = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", row) for row in self.table["classifiers"])
        return [match[1] for match in found if match]

    @property
    def urls(self) -> Mapping[str, str]:
        """Its pages by their names."""
        return self.table["urls"]

    @property
    def repository(self) -> str:
        """The repository's address, without a `.git`."""
        return self.urls["Repository"]

    @cached_property
    def _owner_and_name(self) -> list[str]:
        return urlsplit(self.repository).path.strip("/").split("/")

    @property
    def registry_name(self) -> str:
        """Its name in the MCP Registry, which gives a name to whoever owns the repository."""
        owner, _ = self._owner_and_name
        return f"io.github.{owner}/{self.name}"

    @property
    def mark(self) -> str:
        """What the README has to say for the MCP Registry to believe that the package is ours."""
        return f"<!-- mcp-name: {self.registry_name} -->"

    @property
    def tag(self) -> str:
        """The release's tag."""
        return f"v{self.version}"

    @property
    def bundle(self) -> str:
        """The bundle's file name."""
        return f"{self.name}-{self.version}.mcpb"

    @property
    def bundle_url(self) -> str:
        """Where the release has the bundle."""
        return f"{self.repository}/releases/download/{self.tag}/{self.bundle}"

    def page(self, path: str) -> str:
        """Give the address at which a file of this version is read."""
        return f"{self.repository}/blob/{self.tag}/{path}"

    def raw(self, path: str, ref: str | None = None) -> str:
        """Give the address of a file's bytes, in this version or as `ref` has it."""
        owner, name = self._owner_and_name
        return f"https://raw.githubusercontent.com/{owner}/{name}/{ref or self.tag}/{path}"
