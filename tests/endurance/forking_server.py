"""A server that starts at once, again and again: each is forked from this process, which has imported what they need.

Run as a program: every line of its input starts one, a process of its own that runs `lightbox serve --http` on a free
port; the number of the process and its origin come back as a line. They share this program's session, and its
environment but for what the line adds to it, as JSON.
"""

from __future__ import annotations

import json
import os
import pkgutil
import re
import signal
import sys
from importlib import import_module

import lightbox
from lightbox import cli

SERVE = ("serve", "--http", "127.0.0.1:0")
_NOT_NEEDED = re.compile(r"lightbox\.(__main__|demo|clients|state\.migrations)\b")


def main() -> None:
    for module in pkgutil.walk_packages(lightbox.__path__, "lightbox."):
        if not _NOT_NEEDED.match(module.name):
            import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # what is killed is gone, and leaves no entry behind
    kept: list[int] = []  # the ends from which logs could be read: without them, a server that logs would hear of it
    for line in sys.stdin:
        told, telling = os.pipe()
        process = os.fork()
        if process == 0:
            os.environ.update(json.loads(line))
            _serve(telling)
        os.close(telling)
        kept.append(os.dup(told))
        with os.fdopen(told) as log:
            found = re.search(r"http://[^/\s]+", log.readline())
        sys.stdout.write(f"{process} {found[0] if found else ''}\n")
        sys.stdout.flush()


def _serve(telling: int) -> None:
    """Become a server, whose first word on its standard error says where it is."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for here, there in ((nothing, 0), (nothing, 1), (telling, 2)):
        os.dup2(here, there)
    code = 1
    try:
        code = cli.main(SERVE)
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
