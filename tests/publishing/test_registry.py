"""The entry in the MCP Registry, held against the registry's rules."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from PIL import Image, ImageChops, ImageStat
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError

from lightbox.settings import KEYS, SECRETS, environment_name
from publishing.icon import draw
from publishing.project import ICON, ICON_COPY, Project
from publishing.questions import QUESTIONS
from publishing.registry import SCHEMA, server_json

ROOT = Path(__file__).parents[2]
PROJECT = Project.of(ROOT)
README = (ROOT / "README.md").read_text("utf-8")


class Rule(BaseModel):
    """A part of the registry's schema of 2025-12-11, as far as we use it; nothing else may stand in ours.

    The schema itself is not in any package. Workflows hold the file against it, at its own address.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


Https = Annotated[str, Field(pattern=r"^https://", max_length=255)]


class Variable(Rule):
    name: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    description: str = Field(min_length=1)
    is_required: bool = Field(alias="isRequired")
    is_secret: bool = Field(alias="isSecret")
    format: Literal["string", "number", "boolean", "filepath"]
    placeholder: str
    default: str = ""


class Transport(Rule):
    type: Literal["stdio"]


class PyPI(Rule):
    registry_type: Literal["pypi"] = Field(alias="registryType")
    identifier: str
    version: str = Field(pattern=r"^\d+\.\d+\.\d+\w*$")
    runtime_hint: Literal["uvx"] = Field(alias="runtimeHint")
    transport: Transport
    variables: list[Variable] = Field(alias="environmentVariables")


class Bundle(Rule):
    registry_type: Literal["mcpb"] = Field(alias="registryType")
    identifier: str = Field(pattern=r"^https://github\.com/.+/releases/download/.+\.mcpb$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+\w*$")
    sha256: str = Field(alias="fileSha256", pattern=r"^[a-f0-9]{64}$")
    transport: Transport


class Repository(Rule):
    url: Https
    source: Literal["github"]


class Icon(Rule):
    src: Https
    mime_type: Literal["image/png"] = Field(alias="mimeType")
    sizes: list[Annotated[str, Field(pattern=r"^\d+x\d+$")]]


class Server(Rule):
    schema_url: Literal["https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"] = Field(
        alias="$schema"
    )
    name: str = Field(pattern=r"^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", min_length=3, max_length=200)
    title: str = Field(min_length=1, max_length=100)
    description: str = Field(min_length=1, max_length=100)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+\w*$", max_length=255)
    website: Https = Field(alias="websiteUrl")
    repository: Repository
    icons: list[Icon]
    packages: list[Annotated[PyPI | Bundle, Field(discriminator="registry_type")]] = Field(min_length=1)


def committed() -> dict[str, Any]:
    return json.loads((ROOT / "config/registry/server.json").read_text("utf-8"))


def test_the_entry_keeps_to_the_registrys_rules() -> None:
    assert Server.model_validate(committed()).schema_url == SCHEMA


@pytest.mark.parametrize(
    "change",
    [{"description": "a" * 101}, {"name": "lightbox"}, {"version": "^1.0"}, {"packages": []}, {"colour": "red"}],
)
def test_what_breaks_the_rules_is_noticed(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Server.model_validate({**committed(), **change})


def test_the_readme_has_the_mark_by_which_the_registry_knows_the_package_as_ours() -> None:
    """The registry wants `mcp-name:`, the very name, and white space after it, in the README that the index shows."""
    assert re.findall(r"mcp-name: (\S+)(?=\s)", README) == [committed()["name"]]
    assert PROJECT.table["readme"] == "README.md"


def test_all_that_is_asked_for_is_a_setting_and_only_what_is_secret_is_marked_so() -> None:
    variables = {row["name"]: row for row in committed()["packages"][0]["environmentVariables"]}
    secret = {environment_name(field) for field in SECRETS}
    assert {name for name, row in variables.items() if row["isSecret"]} == secret & set(variables)
    assert {environment_name(field) for field in KEYS} <= set(variables)
    assert [name for name, row in variables.items() if row["isRequired"]] == []


def test_a_form_of_few_questions_names_each_in_plain_text() -> None:
    assert len(QUESTIONS) < 10
    for question in QUESTIONS:
        assert question.description
        assert "`" not in question.description


def test_a_release_offers_the_bundle_too_with_its_hash(tmp_path: Path) -> None:
    bundle = tmp_path / PROJECT.bundle
    bundle.write_bytes(b"a bundle")
    entry = Server.model_validate(server_json(PROJECT, bundle))
    [package] = [package for package in entry.packages if isinstance(package, Bundle)]
    assert package.sha256 == hashlib.sha256(b"a bundle").hexdigest()
    assert package.identifier == f"{PROJECT.repository}/releases/download/v{PROJECT.version}/{bundle.name}"


def test_every_page_of_the_project_is_in_the_one_repository() -> None:
    pages = TypeAdapter(dict[str, HttpUrl]).validate_python(PROJECT.urls)
    assert {"Repository", "Homepage", "Documentation", "Changelog", "Issues"} <= set(pages)
    assert [url for url in PROJECT.urls.values() if not url.startswith(PROJECT.repository)] == []


def test_the_icon_is_the_one_that_is_drawn() -> None:
    with Image.open(ROOT / ICON) as file:
        assert (file.format, file.size, file.mode) == ("PNG", (512, 512), "RGBA")
        assert max(ImageStat.Stat(ImageChops.difference(file, draw())).mean) < 0.5
    assert (ROOT / ICON).stat().st_size < 100_000
    assert (ROOT / ICON_COPY).read_bytes() == (ROOT / ICON).read_bytes()
