"""The command without its start: one process imports it, and whatever is typed is carried out by a fork of that one.

    subprocess.run([*warm_start(), "find", "red fox"])

does what `python -m lightbox find "red fox"` does, in a process of its own, with its own folder, environment, standard
streams, terminal, signals and exit code. What it leaves out is the import, which costs more than most commands do.
Where the start is what is tested, and where variables that Python reads at its start are (PYTHON…, LC_…), start Python.

The words after `warm_start()` go, with the three standard streams, over a socket to the process that has imported
everything. It forks a keeper, and that one the command: the keeper passes signals on to it, and tells how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

STREAMS = (0, 1, 2)
PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
MOST_BYTES = 1_000_000
PACKAGES = ("lightbox.commands", "lightbox.tools", "lightbox.providers", "lightbox.demo")
MODULES = (
    *("lightbox.app", "lightbox.http.application", "lightbox_sandbox.server", "lightbox_sandbox.background"),
    *("anyio._backends._asyncio", "sqlalchemy.dialects.sqlite", "mcp.client.stdio", "uvicorn.lifespan.on"),
    *("rich.table", "rich.progress", "rich.console", "typer.rich_utils", "typer.completion", "_strptime"),
)
"""What is imported beforehand, beside everything in PACKAGES; what is missing here costs time, and nothing else."""

Address: TypeAlias = str


def warm_start() -> tuple[str, ...]:
    """Give the beginning of a command line that does what `python -m lightbox` does; the first call takes seconds."""
    if not hasattr(os, "fork"):
        return (sys.executable, "-m", "lightbox")
    return (sys.executable, "-IS", __file__, _started())


_addresses: list[Address] = []


def _started() -> Address:
    """Start the process that imports everything, once; it ends with this one."""
    import atexit  # noqa: PLC0415 - a command waits for what this module imports, and needs none of these
    import subprocess  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    if not _addresses:
        folder = tempfile.TemporaryDirectory(prefix="lightbox-forks-")
        address = os.path.join(folder.name, "socket")  # noqa: PTH118 - as above
        needed = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-P", __file__, "--import", address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=needed,
            cwd=folder.name,
            start_new_session=True,
        )

        def end() -> None:
            process.communicate()
            folder.cleanup()

        atexit.register(end)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        _addresses.append(address)
    return _addresses[0]


def type_there(address: Address, arguments: Sequence[str]) -> int:
    """Have the words carried out with the streams, folder and environment of this process; give the exit code."""
    telling = socket.socket(socket.AF_UNIX)
    telling.connect(address)
    in_terminal = os.isatty(0) and os.getsid(0) == os.getpid()
    if in_terminal:
        _leave_terminal()
    wanted = {
        "arguments": arguments,
        "environment": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109 - nothing more is imported than is needed
        "terminal": in_terminal,
    }
    for name in PASSED_ON:
        signal.signal(getattr(signal, name), lambda number, _: telling.sendall(bytes([number])))
    told = json.dumps(wanted).encode()
    socket.send_fds(telling, [len(told).to_bytes(4, "big")], STREAMS)
    telling.sendall(told)
    _forget_streams()
    ended = int(telling.recv(16))
    if ended < 0:  # as this process would have ended
        signal.signal(-ended, signal.SIG_DFL)
        os.kill(os.getpid(), -ended)
    return ended


def _leave_terminal() -> None:
    """Let another process have the terminal of this one as its own: Ctrl-C is that one's, then."""
    import fcntl  # noqa: PLC0415 - where there is no terminal, nothing waits for these
    import termios  # noqa: PLC0415

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    fcntl.ioctl(0, termios.TIOCNOTTY)


def _forget_streams() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in STREAMS:
        os.dup2(nothing, stream)


@dataclass(frozen=True)
class _Wanted:
    """A command that was typed, and the streams that it was typed with."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    terminal: bool
    streams: Sequence[int]

    def take_over(self) -> None:
        """Make this fork the process that was asked for."""
        for stream, given in zip(STREAMS, self.streams, strict=True):
            os.dup2(given, stream)
        os.closerange(len(STREAMS), 256)
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        if self.terminal:
            import fcntl  # noqa: PLC0415 - not on Windows
            import termios  # noqa: PLC0415

            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        sys.argv[1:] = self.arguments
        sys.path.insert(0, self.folder)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the stream, for as long as there is the process
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def _import_everything() -> None:
    """Import what commands import; what is not there, for it belongs to an extra, is left out."""
    import gc  # noqa: PLC0415 - only this process needs these
    import importlib  # noqa: PLC0415
    import pkgutil  # noqa: PLC0415
    from contextlib import suppress  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    inner = (
        module.name
        for package in PACKAGES
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    )
    for name in (*MODULES, *inner):
        with suppress(ImportError):
            importlib.import_module(name)
    Image.init()
    gc.freeze()


def _forked(listening: socket.socket) -> _Wanted:
    """Fork for every command that is typed. Only forks return from here; this process ends with who started it."""
    import select  # noqa: PLC0415 - only this process needs it

    while True:
        ready, _, _ = select.select([0, listening], [], [], 1)
        if 0 in ready:
            os._exit(0)
        if listening in ready:
            asked, _ = listening.accept()
            if not os.fork():
                listening.close()
                return _kept(asked)
            asked.close()
        while _reaped():
            pass


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _kept(asked: socket.socket) -> _Wanted:
    """Fork the command, which alone returns; pass signals on to it until it ends, and tell how."""
    length, streams, _, _ = socket.recv_fds(asked, 4, len(STREAMS))
    told = b""
    while len(told) < int.from_bytes(length, "big"):
        told += asked.recv(MOST_BYTES)
    wake, woken = socket.socketpair()
    for end in (wake, woken):
        end.settimeout(0)
    signal.signal(signal.SIGCHLD, _noted)
    signal.set_wakeup_fd(woken.fileno())
    if command := os.fork():
        for stream in streams:
            os.close(stream)
        _keep(command, asked, wake)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return _Wanted(**json.loads(told), streams=streams)


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: that a signal came is read from the socket that it wakes."""


def _keep(command: int, asked: socket.socket, wake: socket.socket) -> NoReturn:
    import select  # noqa: PLC0415 - as above

    while True:
        ready, _, _ = select.select([asked, wake], [], [])
        ended, status = os.waitpid(command, os.WNOHANG)
        if ended:
            asked.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)
        if wake in ready:
            wake.recv(64)
        if asked in ready:
            for number in asked.recv(1) or bytes([signal.SIGKILL]):  # who typed it is gone: so is the command
                os.kill(command, number)


def _import_and_fork(address: Address) -> Any:
    import runpy  # noqa: PLC0415 - only this process needs it

    _import_everything()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    os.write(1, b"ready\n")
    _forget_output()
    _forked(listening).take_over()
    return runpy.run_module("lightbox", run_name="__main__", alter_sys=True)


def _forget_output() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)


if __name__ == "__main__":
    if sys.argv[1] == "--import":
        _import_and_fork(sys.argv[2])
    else:
        sys.exit(type_there(sys.argv[1], sys.argv[2:]))
