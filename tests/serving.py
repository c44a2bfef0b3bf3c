"""A server over HTTP in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

ENDING_SECONDS = 60


@contextmanager
def serving(environment: Mapping[str, str]) -> Generator[str]:
    """Serve at any free port, with these variables alone; gives the origin once it can be reached."""
    command = [sys.executable, "-m", "lightbox", "serve", "--http", "127.0.0.1:0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stderr is not None
            told = process.stderr.readline()
            found = re.search(r"http://[^/\s]+", told)
            assert found, told
            yield found[0]
        finally:
            process.terminate()
            process.communicate(timeout=ENDING_SECONDS)
