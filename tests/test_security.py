"""Secrets reach no log, answer, error or file, and a server reads no more of a disk than its person meant."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forking import warm_start
from lightbox.settings import load, read_dirs
from lightbox.untrusted import KeyFilter

KEY = "dsk-planted-0123456789abcdef"
QUERY = "hunter2%2Bhunter2"
DOOR = "http://127.0.0.1:9"  # nobody answers there


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIGHTBOX_", "COV_"))}
    return kept | {
        "DASHSCOPE_API_KEY": KEY,
        "DASHSCOPE_BASE_URL": f"{DOOR}/v1?token={QUERY}",
        "OPENAI_API_KEY": f" {KEY}\n",
        "OPENAI_BASE_URL": f"{DOOR}/v1",
        "LIGHTBOX_LOG_LEVEL": "DEBUG",
        "LIGHTBOX_STATE_DIR": str(folder / "state"),
        "LIGHTBOX_IMAGE_DIR": str(folder / "images"),
        "NO_PROXY": "*",
    }


def run(folder: Path, *arguments: str) -> tuple[str, str]:
    done = subprocess.run(
        [*warm_start(), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(folder),
        cwd=folder,
    )
    return done.stdout, done.stderr


def converse(folder: Path, messages: list[dict[str, Any]]) -> tuple[list[str], str]:
    """Give what a stdio server wrote to stdout until it had answered every request, and to stderr."""
    waiting = {message["id"] for message in messages if "id" in message}
    lines: list[str] = []
    with (
        (folder / "stderr").open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-W", "always", "-m", "lightbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(folder),
            cwd=folder,
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.writelines(json.dumps(message) + "\n" for message in messages)
        server.stdin.flush()
        while waiting:
            lines.append(server.stdout.readline())
            waiting.discard(json.loads(lines[-1]).get("id"))
        server.stdin.close()
        lines.extend(server.stdout)
    return lines, (folder / "stderr").read_text()


def assert_clean(folder: Path, *printed: str) -> None:
    kept = "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())
    assert not any(KEY in text for text in (*printed, kept))
    assert not any(secret in text for text in (*printed, kept) for secret in (QUERY, "hunter2+hunter2"))


@pytest.mark.slow
def test_a_planted_key_shows_nowhere_over_stdio_and_stdout_is_protocol_alone(tmp_path: Path) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    call = {"name": "search_images", "arguments": {"query": f"a fox {KEY[:3]}", "provider": "dashscope"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
        {"jsonrpc": "2.0", "id": 3, "method": "resources/read", "params": {"uri": "lightbox://models"}},
    ]
    lines, log = converse(tmp_path, messages)

    assert_clean(tmp_path, *lines, log)
    assert "httpcore2" in log, "requests are logged"
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("doctor",),
        ("config", "codex"),
        ("call", "describe_images", 'images=["data:image/gif;base64,R0lGODlhAQABAAAAADs="]'),
    ],
)
def test_a_planted_key_shows_nowhere_in_what_a_command_prints(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    printed = run(tmp_path, *arguments)
    assert any(printed)
    assert_clean(tmp_path, *printed)


def test_a_log_record_loses_keys_in_its_text_traceback_and_whatever_looks_like_one() -> None:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Kept()
    handler.addFilter(KeyFilter([KEY, "x"]))
    log = logging.Logger("test")  # noqa: LOG001 - not in the tree
    log.addHandler(handler)
    try:
        int(KEY)
    except ValueError:
        log.exception("%s failed, next %s", KEY, "Authorization: Bearer abc.def", stack_info=True)
    assert "[key] failed, next Authorization: [key]" in lines[0]
    assert "base 10: '[key]'" in lines[0]
    assert KEY not in lines[0]


def test_a_server_that_is_started_at_the_root_of_the_disk_does_not_read_all_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir("/")
    assert Path("/") not in read_dirs(load(), over_http=False)
    monkeypatch.chdir(tmp_path)
    assert tmp_path in read_dirs(load(), over_http=False)
