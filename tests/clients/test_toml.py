"""TOML in which one table is added or brought up to date."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from lightbox.clients.known import client
from lightbox.clients.placing import remove, write
from lightbox.clients.toml import merge

if TYPE_CHECKING:
    from pathlib import Path

CODEX = client("codex")
HERE = ("/opt/lightbox/bin/python", "-m", "lightbox")
PLACE = ("mcp_servers", "lightbox")
WANTED = {"mcp_servers": {"lightbox": {"command": "uvx", "wait": 30}}}
TEMPLATE = '[mcp_servers.lightbox]\ncommand = "uvx"\nwait = 30\n'
NEW = TEMPLATE.replace("uvx", "new")

CODEX_FILE = '''\
# my settings
model = "o9"  # the good one

[mcp_servers.lightbox] # eyes
command = "old" # from before
args = [
  "a",
  "[mcp_servers.not_a_header]",
]

[mcp_servers.lightbox.env]
LIGHTBOX_BUDGET = "5 USD/day"

# about the other
[mcp_servers.other]
command = "node"
note = """
[mcp_servers.lightbox]
"""
'''


def test_everything_else_in_a_toml_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CODEX_FILE, "utf-8")
    write(CODEX, HERE, path=path)
    assert path.read_text("utf-8") == CODEX_FILE.replace(
        'command = "old" # from before\nargs = [\n  "a",\n  "[mcp_servers.not_a_header]",\n]\n',
        f'command = "{HERE[0]}" # from before\nargs = ["-m", "lightbox"]\n'
        'env_vars = ["OPENAI_API_KEY", "DASHSCOPE_API_KEY", "OPENROUTER_API_KEY"]\n'
        "startup_timeout_sec = 30\ntool_timeout_sec = 90\n",
    )


def test_a_toml_file_without_our_table_gets_it_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    before = '[mcp_servers.lightbox.env]\r\nA = "b"\r\n# end'
    path.write_bytes(before.encode())
    write(CODEX, path=path)
    after = path.read_bytes().decode()
    assert after.startswith(before + "\r\n\r\n[mcp_servers.lightbox]\r\n")
    assert tomllib.loads(after)["mcp_servers"]["lightbox"]["env"] == {"A": "b"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", TEMPLATE),
        (
            '[mcp_servers.lightbox]\ncommand = "old"\n\n# about the other\n[mcp_servers.other]\nx = 1\n',
            f"{NEW}\n# about the other\n[mcp_servers.other]\nx = 1\n",
        ),
        (
            "[mcp_servers.lightbox] # empty\n# above\n[other]\n",
            '[mcp_servers.lightbox] # empty\ncommand = "uvx"\nwait = 30\n# above\n[other]\n',
        ),
        ("[mcp_servers.lightbox]\nwait=5", '[mcp_servers.lightbox]\nwait=5\ncommand = "uvx"\n'),
        (
            '[mcp_servers]\nlightbox = {command = "old"} # on one line\n',
            '[mcp_servers]\nlightbox = {command = "new",wait = 30} # on one line\n',
        ),
    ],
    ids=["empty file", "comment above the next table", "empty table", "no line end", "inline"],
)
def test_what_is_missing_stands_behind_the_last_key(before: str, after: str) -> None:
    assert merge(before, PLACE, WANTED, {"command": "new"} if "old" in before else {}) == after


@pytest.mark.parametrize(
    "text",
    [
        "mcp_servers = {}\n[other]\n",
        'mcp_servers.lightbox.command = "old"\n',
        "[[a]]\nx = 1\n[b]\n[[a]]\nx = 2\n",
        "[mcp_servers.lightbox\n",
    ],
    ids=["closed", "dotted", "tables apart", "not TOML"],
)
def test_what_can_not_be_added_to_in_its_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        merge(text, PLACE, WANTED, {})


def test_the_editor_of_toml_is_loaded_for_toml_alone() -> None:
    code = (
        "import sys; from lightbox.clients.known import client, snippet; snippet(client('cursor')); "
        "print('tomlkit' in sys.modules); snippet(client('codex')); print('tomlkit' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


def test_only_our_tables_go_when_it_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CODEX_FILE, "utf-8")
    remove(CODEX, path=path)
    head, _, rest = CODEX_FILE.partition("[mcp_servers.lightbox] # eyes\n")
    assert path.read_text("utf-8") == head + rest[rest.index("\n# about the other") :]
