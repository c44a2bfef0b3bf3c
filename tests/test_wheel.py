"""What is built is what runs: the wheel, in an environment of its own, without the source."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ImageContent, TextContent

from environments import pip_of
from lightbox.clients.client import Machine
from lightbox.clients.installed import Installed, installed
from lightbox.clients.known import known_clients

ROOT = Path(__file__).parent.parent
BIN = "Scripts" if sys.platform == "win32" else "bin"

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wheel")


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, folder: Path) -> Path:
    """Give the folder of an environment's commands, with the wheel and nothing of the source in it."""
    commands = folder / "environment" / BIN
    venv.create(folder / "environment")
    run(*pip_of(commands / "python"), "install", "--no-compile", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return commands


def test_the_wheel_holds_what_is_read_of_config_and_nothing_of_the_tests(wheel: Path) -> None:
    """Passwords may lie in `config/deploy`, beside the files of which a team's server is made."""
    names = set(zipfile.ZipFile(wheel).namelist())
    config = {path.relative_to(ROOT / "config") for path in (ROOT / "config").rglob("*") if path.is_file()}
    carried = {path.as_posix() for path in config if path.parts[0] not in ("clients", "deploy", "registry")}
    assert {name for name in names if "/_config/" in name} == {f"lightbox/_config/{name}" for name in carried}
    assert {"lightbox/py.typed", "lightbox/demo/page.html", "lightbox/demo/page.css", "lightbox/demo/page.js"} <= names
    assert [name for name in names if not name.startswith(("lightbox/", "lightbox_sandbox/", "lightbox_mcp-"))] == []


def test_uvx_finds_a_command_of_the_distributions_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "\nlightbox-mcp = " in archive.read(name).decode()


def test_config_is_found_without_the_source(environment: Path, folder: Path) -> None:
    ask = "import lightbox.configuration as c; print(c.__file__, c.configuration_path('models').is_dir(), sep='\\n')"
    module, found = run(environment / "python", "-c", ask, cwd=folder).split()
    assert not Path(module).is_relative_to(ROOT)
    assert found == "True"


async def test_the_installed_command_makes_a_picture_and_prices_one(environment: Path, folder: Path) -> None:
    server = StdioServerParameters(
        command=str(environment / "lightbox"),
        env={
            "LIGHTBOX_PROVIDER": "sandbox",
            "LIGHTBOX_STATE_DIR": str(folder / "state"),
            "LIGHTBOX_IMAGE_DIR": str(folder / "pictures"),
        },
        cwd=folder,
    )
    async with Client(server) as client:
        made = await client.call_tool("generate_image", {"prompt": "a red boat", "size": "1024x1024"})
        price = {"tool": "generate_image", "arguments": {"prompt": "a red boat", "provider": "openai"}}
        priced = await client.call_tool("estimate_cost", price)
    assert not made.is_error, made.content
    assert [type(block) for block in made.content] == [TextContent, ImageContent]
    assert [path.suffix for path in (folder / "pictures").rglob("*img_*")] == [".png"]
    assert not priced.is_error, priced.content
    assert "USD" in str(priced.content)


def test_the_documentation_comes_along_and_leads_to_the_repository(environment: Path, folder: Path) -> None:
    listed = run(environment / "lightbox", "docs", cwd=folder).splitlines()
    assert {line.partition("\t")[0] for line in listed} == {
        path.stem for path in (ROOT / "server/lightbox/docs").glob("*.md")
    }
    shown = run(environment / "lightbox", "docs", "clients", cwd=folder)
    assert "](https://github.com/" in shown.replace("/blob/main/config/", "")
    assert "/blob/main/server/lightbox/docs/deploying.md)" in shown


def test_the_configuration_starts_the_installed_command(environment: Path, folder: Path) -> None:
    assert str(environment / "python") in run(environment / "lightbox", "config", "cursor", cwd=folder)


def test_the_installed_command_writes_what_every_client_reads(environment: Path, folder: Path) -> None:
    home = folder / "home"
    home.mkdir()
    machine = Machine(home=home, folder=home, environment={})
    named = [client for client in known_clients() if client.user]
    places = {"HOME": str(home), "USERPROFILE": str(home), "APPDATA": str(home / "AppData/Roaming")}
    cleared = dict.fromkeys(
        ("XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "KIMI_CODE_HOME"), ""
    )
    run(
        environment / "lightbox",
        "config",
        *(client.name for client in named),
        "--write",
        cwd=folder,
        **places,
        **cleared,
    )
    found = [entry for entry in installed(machine) if isinstance(entry, Installed) and entry.scope == "user"]
    assert [entry.client for entry in found] == named
    assert {entry.words for entry in found} == {(str(environment / "python"), "-m", "lightbox")}


def test_what_came_from_an_index_is_started_by_uvx_with_its_full_path(environment: Path, folder: Path) -> None:
    for origin in (environment.parent).rglob("lightbox_mcp-*.dist-info/direct_url.json"):
        origin.unlink()
    uvx = folder / "uvx"
    uvx.touch(mode=0o755)
    shown = run(environment / "lightbox", "config", "cursor", cwd=folder, PATH=str(folder))
    assert f'"command": "{uvx}",\n      "args": ["lightbox-mcp"],' in shown
