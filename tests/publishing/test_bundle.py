"""The bundle, packed by the format's own tool and started as a desktop program starts it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ImageContent

from lightbox.settings import Settings
from lightbox.tools.table import TOOLS
from publishing import bundle
from publishing.project import Project
from publishing.questions import QUESTIONS
from publishing.tools import ToolMissing, mcpb, uv, with_tools

ROOT = Path(__file__).parents[2]
PROJECT = Project.of(ROOT)
PLACEHOLDER = re.compile(r"\$\{user_config\.(\w+)\}")

Tool = Callable[[Callable[[], Sequence[str]]], list[str]]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return json.loads((ROOT / "config/registry/mcpb/manifest.json").read_text("utf-8"))


def test_the_form_and_what_is_handed_on_are_the_same_questions(manifest: dict[str, Any]) -> None:
    handed_on = manifest["server"]["mcp_config"]["env"]
    asked = {name: PLACEHOLDER.fullmatch(value) for name, value in handed_on.items()}
    assert {match[1] for match in asked.values() if match} == set(manifest["user_config"])
    assert set(handed_on) == {question.variable for question in QUESTIONS}
    assert [name for name, row in manifest["user_config"].items() if row["required"]] == []


def test_keys_are_hidden_while_they_are_typed(manifest: dict[str, Any]) -> None:
    hidden = {name for name, row in manifest["user_config"].items() if row["sensitive"]}
    assert hidden == {"openai_api_key", "dashscope_api_key", "openrouter_api_key"}


def test_defaults_of_the_form_are_those_of_the_settings(manifest: dict[str, Any]) -> None:
    defaults = {name: row["default"] for name, row in manifest["user_config"].items() if "default" in row}
    assert defaults == {name: Settings.model_fields[name].default for name in defaults}


def test_the_manifest_lists_every_tool_with_one_sentence(manifest: dict[str, Any]) -> None:
    assert [tool["name"] for tool in manifest["tools"]] == [tool.name for tool in TOOLS]
    for tool in manifest["tools"]:
        assert tool["description"].endswith(".")
        assert len(tool["description"]) < 140


def test_only_what_the_wheel_is_made_of_is_put_into_the_bundle(tmp_path: Path) -> None:
    bundle.stage(ROOT, tmp_path)
    held = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.parts[0] for path in held} == {
        *("README.md", "LICENSE", "pyproject.toml", "manifest.json", "icon.png"),
        *("server", "config"),
    }
    assert {path.parts[1] for path in held if path.parts[0] == "config"} == {"lightbox.toml", "models"}
    assert not [path for path in held if path.suffix in (".pyc", ".env")]


@pytest.mark.slow
async def test_the_bundle_is_packed_unpacked_and_started_with_an_empty_form(tmp_path: Path, tool: Tool) -> None:
    tools = tool(mcpb)
    [program] = tool(lambda: [uv()])
    packed = bundle.pack(ROOT, tmp_path / "out")
    assert packed.name == f"lightbox-mcp-{PROJECT.version}.mcpb"
    assert packed.stat().st_size < 3_000_000
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
    folder = tmp_path / "unpacked"
    run(*tools, "validate", _unpacked(tools, packed, folder) / "manifest.json")

    installed_by(program, folder, tool)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    server = _as_a_desktop_starts_it(manifest, folder, program, tmp_path)
    async with Client(server) as client:
        listed = await client.list_tools()
        made = await client.call_tool("generate_image", {"prompt": "a red boat", "size": "1024x1024"})
        about = client.server_info

    assert about is not None
    assert (about.name, about.version) == ("lightbox", PROJECT.version)
    assert {tool["name"] for tool in manifest["tools"]} >= {tool.name for tool in listed.tools}
    assert not made.is_error, made.content
    assert any(isinstance(block, ImageContent) for block in made.content)


def installed_by(program: str, folder: Path, tool: Tool) -> None:
    """Have what it needs fetched, as the first start would; a machine that reaches no index can't."""
    command = [program, "sync", "--directory", folder, "--no-dev", "--python", sys.executable]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "error sending request" in done.stderr:
        tool(_unreachable)
    assert done.returncode == 0, done.stderr


def _unreachable() -> Sequence[str]:
    raise ToolMissing("the package index can't be reached from here: the bundle's packages come from there")


def run(*command: str | Path) -> str:
    done = subprocess.run(command, env=with_tools(), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _unpacked(tools: Sequence[str], packed: Path, folder: Path) -> Path:
    run(*tools, "unpack", packed, folder)
    return folder


def _as_a_desktop_starts_it(
    manifest: Mapping[str, Any], folder: Path, program: str, tmp_path: Path
) -> StdioServerParameters:
    """Fill in what a desktop fills in; the form was left empty, and what it asks for is handed on as it stands."""
    config = manifest["server"]["mcp_config"]
    assert config["command"] == "uv"
    made = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_PICTURES_DIR": str(tmp_path), "HOME": str(tmp_path)}
    cache = subprocess.run([program, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LIGHTBOX_", "XDG_"))}
    return StdioServerParameters(
        command=program,
        args=[argument.replace("${__dirname}", str(folder)) for argument in config["args"]],
        env={**inherited, **made, "UV_CACHE_DIR": cache, "UV_PYTHON": sys.executable, **config["env"]},
        cwd=tmp_path,
    )
