"""A sandbox in the background of a shell, one that others can reach, and what it says where it serves nothing."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import openai
import pytest

from forking import warm_start

if TYPE_CHECKING:
    from .conftest import Wire

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell evaluates what is printed")

SHELL = """
eval {quote}$({command}){quote}
printf '%s\\n' "$OPENAI_BASE_URL" "$OPENAI_API_KEY" "$DASHSCOPE_BASE_URL" "$DASHSCOPE_API_KEY" "$SANDBOX_URL"
printf '%s\\n' "$SANDBOX_PID" "${{NO_PROXY-}}"
"""
SEARCH = {"model": "qwen3.7-plus", "input": "fox", "tools": [{"type": "web_search_image"}]}


@contextmanager
def started(home: Path, *options: str, quote: str = '"', **environment: str) -> Generator[tuple[list[str], str]]:
    """Start a sandbox as a shell does; give its variables and what the person was told. End it as they would."""
    command = f"{shlex.join(warm_start())} sandbox --port 0 --env {' '.join(options)}"
    shell = subprocess.run(
        ["/bin/sh", "-c", SHELL.format(command=command, quote=quote)],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CACHE_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    variables = shell.stdout.splitlines()
    try:
        yield variables, shell.stderr
    finally:
        os.kill(int(variables[5]), 15)


@pytest.mark.parametrize("quote", ['"', ""], ids=["quoted", "not quoted"])
def test_a_shell_gets_what_its_clients_need(tmp_path: Path, quote: str) -> None:
    with started(tmp_path, quote=quote) as (variables, told):
        base_url, key, dashscope_url, dashscope_key, url, pid, no_proxy = variables
        with openai.OpenAI(base_url=base_url, api_key=key) as client:
            answer = client.responses.create(model="gpt-6.1-sol", input="Hello")
        with httpx2.Client(trust_env=False, headers={"authorization": f"Bearer {dashscope_key}"}) as http:
            found = http.post(f"{dashscope_url}/responses", json=SEARCH).json()
            health = http.get(f"{url}/health")

    assert answer.status == "completed"
    assert found["output"][0]["type"] in {"reasoning", "web_search_image_call"}
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert (int(pid) > 1, no_proxy) == (True, "")
    assert base_url in told
    assert 'kill "$SANDBOX_PID"' in told


def test_it_outlives_the_shell_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with started(tmp_path) as (variables, _):
        url = variables[4]
        assert httpx2.get(f"{url}/health", trust_env=False).is_success
    for _ in range(100):
        try:
            httpx2.get(f"{url}/health", trust_env=False)
        except httpx2.TransportError:
            return
        time.sleep(0.05)
    pytest.fail("it still answers")


def test_a_shell_with_a_proxy_goes_round_it(tmp_path: Path) -> None:
    with started(tmp_path, HTTPS_PROXY="http://proxy.example:3128", NO_PROXY="intra.example") as (variables, _):
        assert variables[6] == "intra.example,localhost,127.0.0.1,::1"


def test_a_sandbox_that_can_not_start_says_why_and_prints_nothing_to_evaluate(tmp_path: Path) -> None:
    for options, says in (
        (("--port", "99999"), "ports run from 0"),
        (("--host", "203.0.113.7"), "no such address"),
        (("--host", "no such host"), "no such address"),
    ):
        done = subprocess.run(
            [*warm_start(), "sandbox", "--env", *options],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr


def test_others_are_told_of_pictures_where_they_have_found_the_sandbox(tmp_path: Path) -> None:
    with started(tmp_path, "--host", "0.0.0.0") as (variables, told):  # noqa: S104 - it is what is tried
        base_url, _, dashscope_url, _, url, _, _ = variables
        host = f"sandbox.test:{url.rpartition(':')[2]}"
        with httpx2.Client(trust_env=False, headers={"host": host}, timeout=60) as http:
            response = http.post(f"{dashscope_url}/responses", json=SEARCH).json()
            [output] = [item["output"] for item in response["output"] if "output" in item]
            hit = json.loads(output)[0]["url"]
            own, other = (
                http.post(
                    f"{base_url}/responses",
                    json={
                        "model": "gpt-6.1-sol",
                        "input": [{"role": "user", "content": [{"type": "input_image", "image_url": address}]}],
                    },
                )
                for address in (hit, f"{url.replace('127.0.0.1', '127.0.0.2')}/health")
            )

    assert "whoever reaches this machine" in told
    assert hit.startswith(f"http://{host}/pictures/")
    assert own.json()["status"] == "completed"
    assert (other.status_code, other.json()["error"]["code"]) == (400, "invalid_image_url")


@pytest.mark.parametrize("name", ["chat/completions", "images/generations", "embeddings", "audio/speech"])
@pytest.mark.parametrize("base", ["/v1", "/compatible-mode/v1"])
def test_another_api_is_told_what_is_served_here(wire: Wire, base: str, name: str) -> None:
    answer = wire.post({"model": "m"}, path=f"{base}/{name}")

    said = answer.json if base != "/v1" else answer.json["error"]
    assert answer.status == 404
    assert "only the Responses API is served here" in said["message"]
    assert f"{base}/responses" in said["message"]
    assert set(said) == ({"request_id", "code", "message"} if base != "/v1" else {"type", "code", "message", "param"})


def test_a_base_url_that_lacks_its_end_is_named(wire: Wire) -> None:
    assert f"{wire.origin}/v1" in wire.post({}, path="/responses").json["error"]["message"]


def test_an_official_client_shows_what_is_served(wire: Wire) -> None:
    with (
        openai.OpenAI(base_url=f"{wire.origin}/v1", api_key="k", max_retries=0) as client,
        pytest.raises(openai.NotFoundError, match="only the Responses API"),
    ):
        client.images.generate(prompt="A fox")


def test_asking_for_its_health_is_not_counted(wire: Wire) -> None:
    assert wire.send("GET", "/health").json == {"status": "ok"}
    assert wire.requests()["count"] == 0


def test_this_machine_can_show_the_sandbox_what_it_serves(wire: Wire) -> None:
    hit = json.loads(next(item["output"] for item in wire.post(SEARCH).json["output"] if "output" in item))[0]["url"]
    data = wire.send("GET", hit.removeprefix(wire.origin)).raw
    shown = (
        {"type": "input_image", "image_url": hit},
        {
            "type": "input_image",
            "image_url": f"data:image/png;base64,{base64.b64encode(data).decode()}",
        },
    )
    said = [
        wire.post({"model": "gpt-6.1-sol", "input": [{"role": "user", "content": [one]}]}).json["output"][-1]["content"]
        for one in shown
    ]
    assert said[0] == said[1]
