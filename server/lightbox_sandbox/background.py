"""A sandbox in the background of a shell: started apart from it, and told to it as variables.

    eval "$(lightbox sandbox --port 0 --env)"      # …run what is to be tested…
    kill "$SANDBOX_PID"

Run as a module with a host, a port and perhaps a folder of pictures, this is the process in the background.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

from platformdirs import user_cache_path

from .server import CACHE_FOLDER, KEY, NotStarted, Sandbox, dashscope_url, exposure, openrouter_url, serve

LOG: Final = "background.log"
PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Started:
    """A sandbox that runs in a process of its own."""

    sandbox: Sandbox
    pid: int


def serve_in_background(port: int, library: Path | None, host: str) -> None:
    """Start a sandbox apart from this process, and print the variables that lead clients to it.

    Only what a shell is to evaluate goes to stdout; what a person should know goes to stderr.

    Raises:
        NotStarted: The port is taken, the address is not this machine's, or there is no such folder.
    """
    started = start(port, library, host)
    sys.stdout.write(exports(started, os.environ))
    told = f'The Lightbox sandbox answers at {started.sandbox.base_url}; `kill "$SANDBOX_PID"` ends it.'
    sys.stderr.write("\n".join((told, *exposure(started.sandbox, library), "")))


def start(port: int, library: Path | None, host: str) -> Started:
    """Start a sandbox in a process that outlives this one; wait until it listens.

    Raises:
        NotStarted: As above; what went wrong later stands in its log, in the user's cache folder.
    """
    command = [sys.executable, "-m", __name__, host, str(port), *([str(library)] if library else [])]
    with _log() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, **_apart())  # noqa: S603 - our own module
    answer = cast("IO[bytes]", process.stdout)
    with answer:
        line = answer.readline()
    if not line:
        raise NotStarted(f"The sandbox did not start: see {_log_path()}.")
    told: dict[str, Any] = json.loads(line)
    if "error" in told:
        raise NotStarted(told["error"])
    return Started(Sandbox(**told), process.pid)


def exports(started: Started, environment: Mapping[str, str]) -> str:
    """Give the lines that a POSIX shell evaluates; where it has a proxy, the sandbox is reached without it."""
    base_url = started.sandbox.base_url
    variables = {
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": KEY,
        "DASHSCOPE_BASE_URL": dashscope_url(base_url),
        "DASHSCOPE_API_KEY": KEY,
        "OPENROUTER_BASE_URL": openrouter_url(base_url),
        "OPENROUTER_API_KEY": KEY,
        "SANDBOX_URL": base_url.removesuffix("/v1"),
        "SANDBOX_PID": str(started.pid),
    }
    if any(environment.get(name) for name in PROXIES):
        host = "localhost,127.0.0.1,::1" if "127.0.0.1" in base_url else base_url.split("/")[2].rpartition(":")[0]
        for name in ("NO_PROXY", "no_proxy"):
            variables[name] = ",".join(filter(None, (environment.get(name), host)))
    lines = [f"export {name}={shlex.quote(value)};\n" for name, value in variables.items()]
    return "".join(lines) + '# kill "$SANDBOX_PID" ends the sandbox.\n'


def _apart() -> dict[str, Any]:
    """Say how a process is started so that it does not end with the terminal."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _log_path() -> Path:
    return user_cache_path("lightbox") / CACHE_FOLDER / LOG


def _log() -> IO[bytes]:
    with suppress(OSError):
        _log_path().parent.mkdir(parents=True, exist_ok=True)
        return _log_path().open("wb")
    return Path(os.devnull).open("wb")


def _run(host: str, port: str, library: str | None = None) -> int:
    """Be the process in the background: tell the one that waits where the sandbox is, or why there is none."""

    def tell(told: Mapping[str, Any]) -> None:
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more

    def announce(sandbox: Sandbox) -> None:
        tell({"base_url": sandbox.base_url, "host": sandbox.host, "port": sandbox.port})

    try:
        serve(int(port), Path(library) if library else None, host=host, announce=announce)
    except NotStarted as error:
        tell({"error": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run(*sys.argv[1:]))
