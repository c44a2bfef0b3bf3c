"""The files of `config/deploy`, read as the tools read them that they are for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "config" / "deploy"
FILES = "/etc/lightbox"
"""Where containers find keys and tokens."""

_FILLED = {"DOMAIN": "pictures.example.com", "POSTGRES_PASSWORD": "0a1b2c", "S3_SECRET_KEY": "3d4e5f"}
_INTERPOLATION = re.compile(r"\$\{(?P<name>\w+)(:-(?P<default>[^}]*)|:\?[^}]*)?\}")

Row = Mapping[str, Any]


def text(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def tool(name: str) -> str:
    """Give the path of a development tool: beside this Python, or from the system."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not to be had on this system")
    return found


def run(*command: str | Path, stdin: str = "", **environment: str) -> str:
    """Run a tool to its end; what it says is shown where it finds fault."""
    done = subprocess.run(
        command, cwd=ROOT, env=environment or None, check=False, capture_output=True, text=True, input=stdin
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@cache
def instructions() -> tuple[tuple[str, str], ...]:
    """Give the instructions of the Dockerfile, e.g. `("USER", "10001:10001")`, with lines joined as it joins them."""
    lines = [line for line in text("Dockerfile").splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", "")
    split = (line.partition(" ") for line in joined.splitlines() if line.strip())
    return tuple((name, rest.strip()) for name, _, rest in split)


def last(instruction: str) -> str:
    """Give what the last instruction of a kind says: it is the one that counts."""
    return [rest for name, rest in instructions() if name == instruction][-1]


def command() -> list[str]:
    """Give the command that the image starts."""
    return [*json.loads(last("ENTRYPOINT")), *json.loads(last("CMD"))]


def health_check() -> list[str]:
    """Give the command by which the image looks whether it is alive."""
    return json.loads(last("HEALTHCHECK").partition(" CMD ")[2])


def image_environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in last("ENV").split())


def example_environment() -> dict[str, str]:
    """Give the variables of example.env, those too that are only shown."""
    lines = re.findall(r"^(?:# )?([A-Z][A-Z_0-9]*)=(.*)$", text("example.env"), flags=re.MULTILINE)
    return dict(lines)


@cache
def compose() -> Row:
    """Give compose.yaml as Compose reads it with example.env, the blanks in which are filled."""

    def value(found: re.Match[str]) -> str:
        given = _FILLED.get(found["name"]) or example_environment().get(found["name"], "")
        return given or found["default"] or ""

    return yaml.safe_load(_INTERPOLATION.sub(value, text("compose.yaml")))


def services() -> Mapping[str, Row]:
    return compose()["services"]


def interpolated() -> set[str]:
    """Give the variables that compose.yaml takes from .env."""
    return {found["name"] for found in _INTERPOLATION.finditer(text("compose.yaml"))}


@cache
def kubernetes() -> Mapping[str, Row]:
    """Give the objects of the manifest by their kind; there is one of each."""
    return {document["kind"]: document for document in yaml.safe_load_all(text("kubernetes.yaml"))}


def pod() -> Row:
    return kubernetes()["Deployment"]["spec"]["template"]["spec"]


def container() -> Row:
    [only] = pod()["containers"]
    return only


def pod_environment() -> dict[str, str]:
    """Give the settings of a pod's server."""
    return kubernetes()["ConfigMap"]["data"]


def unit(name: str) -> list[str]:
    """Give every value of a setting of the systemd unit."""
    return re.findall(rf"^{name}=(.*)$", text("lightbox.service"), flags=re.MULTILINE)


def unit_environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in unit("Environment"))


def probes() -> Iterator[tuple[str, Row]]:
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        yield name, container()[name]["httpGet"]
