"""YAML in which one entry is added, brought up to date or taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml as pyyaml

from lightbox.clients.known import client
from lightbox.clients.placing import remove, write
from lightbox.clients.yaml import merge
from lightbox.clients.yaml import remove as taken_out
from lightbox.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

GOOSE = client("goose")
HERE = ("/opt/lightbox/bin/python", "-m", "lightbox")
PLACE = ("extensions", "lightbox")
WANTED = {"extensions": {"lightbox": {"cmd": "uvx", "args": ["lightbox-mcp"]}}}
OURS = "  lightbox:\n    cmd: uvx\n    args:\n    - lightbox-mcp\n"

GOOSE_FILE = """\
# my settings
GOOSE_PROVIDER: openai  # the good one

extensions: # what it can do
  # about the first
  developer:
    enabled: true
    args: []
  # about ours
  lightbox:
    enabled: false
    cmd: old # from before
    args:
    - a
    - '#b'
    envs:
      OPENAI_API_KEY: mine
  # about the other
  memory: {enabled: true}
GOOSE_MODEL: x
"""


def test_everything_else_in_a_yaml_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(GOOSE_FILE, "utf-8")
    write(GOOSE, HERE, path=path)
    after = path.read_text("utf-8")
    assert (
        '    enabled: false\n    cmd: "/opt/lightbox/bin/python" # from before\n    args: ["-m", "lightbox"]\n' in after
    )
    assert pyyaml.safe_load(after)["extensions"]["lightbox"]["envs"] == {"OPENAI_API_KEY": "mine"}
    kept = [
        line for line in GOOSE_FILE.splitlines() if "cmd" not in line and line.strip() not in ("args:", "- a", "- '#b'")
    ]
    assert [line for line in after.splitlines() if line in kept] == kept


def test_only_our_lines_go_when_it_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(GOOSE_FILE, "utf-8")
    remove(GOOSE, path=path)
    head, _, rest = GOOSE_FILE.partition("  lightbox:\n")
    assert path.read_text("utf-8") == head + rest[rest.index("  # about the other") :]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "extensions:\n" + OURS),
        ("# nothing yet\n", "# nothing yet\nextensions:\n" + OURS),
        ("a: 1", "a: 1\nextensions:\n" + OURS),
        ("extensions:\n", "extensions:\n" + OURS),
        ("extensions: null # none\nb: 2\n", "extensions: # none\n" + OURS + "b: 2\n"),
        ("extensions: {}\nb: 2\n", "extensions:\n" + OURS + "b: 2\n"),
        ("extensions:\n  # first\n  a: {}\n", "extensions:\n" + OURS + "  # first\n  a: {}\n"),
        ("extensions: {a: {}}\n", 'extensions: {"lightbox": {"cmd": "uvx", "args": ["lightbox-mcp"]}, a: {}}\n'),
        (
            "extensions:\n  lightbox:\n    cmd: uvx\n",
            "extensions:\n  lightbox:\n    args:\n    - lightbox-mcp\n    cmd: uvx\n",
        ),
    ],
)
def test_a_new_entry_stands_in_its_mapping_whatever_that_is(before: str, after: str) -> None:
    assert merge(before, PLACE, WANTED, {}) == after
    assert pyyaml.safe_load(after)["extensions"]["lightbox"] == WANTED["extensions"]["lightbox"]


def test_taking_out_the_last_one_leaves_an_empty_mapping() -> None:
    assert taken_out("extensions:\n" + OURS + "b: 2\n", PLACE) == "extensions: {}\nb: 2\n"


@pytest.mark.parametrize(
    "text", ["- a\n", "a: [\n", "{a: 1}", "extensions: 3\n", "a: 1\n---\nb: 2\n", "extensions:\n  lightbox: 3\n"]
)
def test_what_can_not_be_added_to_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        merge(text, PLACE, WANTED, {})


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    before = GOOSE_FILE.replace("\n", "\r\n").encode()
    path.write_bytes(before)
    write(GOOSE, HERE, path=path)
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") > 10


def test_an_error_repeats_no_line_in_which_a_key_may_stand(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: 1\nOPENAI_API_KEY: 'sk-very-secret\n", "utf-8")
    with pytest.raises(SettingsError, match="it is not YAML in line 3, column 1") as caught:
        write(GOOSE, path=path)
    assert "very-secret" not in str(caught.value)
