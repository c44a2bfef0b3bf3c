"""A pseudo-terminal: commands see a person before them, of a width that the test says."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def in_terminal(command: Sequence[str], columns: int, environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Run a command in a terminal, and give its exit code and what it showed, with line ends as in a file."""
    import fcntl  # noqa: PLC0415 - none of these three is on Windows
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    started = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65_536):
            shown += chunk
    except OSError:  # Linux says so where the other end is closed
        pass
    finally:
        os.close(ours)
    return started.wait(60), shown.decode().replace("\r\n", "\n")
