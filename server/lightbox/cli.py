"""The command `lightbox`: a server over stdio starts here at once; all else that can be typed is in `commands.grammar`.

An editor waits for the server, so that nothing is imported for it which only people need.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lightbox.commands.exit_codes import BROKEN_PIPE, FAILED, INTERRUPTED, REFUSED
from lightbox.errors import LightboxError, OverBudget
from lightbox.quick_import import quick_import, quickly_imported

CONFIG = "--config"
SERVE = ("serve",)
COMPLETING = "_LIGHTBOX_COMPLETE"
"""Set by a shell that asks what a line may go on with."""
PLAIN = {"→": "->", "✗": "x", "·": "*", "…": "...", "“": '"', "”": '"', "×": "x"}
"""What stands for a letter of ours that a terminal does not have."""
FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EDQUOT})
"""How writing to standard output may fail. Where a file of ours can't be written, an error of ours names it."""
WAITING = """\
lightbox: this is the MCP server. It waits for a client on standard input; clients start it by themselves.
    lightbox config CLIENT     connect a client
    lightbox find "red fox"    find pictures yourself
    lightbox --help            see all commands
Ctrl-C ends it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code, as `commands.exit_codes` tells them."""
    _show_what_the_terminal_can()
    typed, file = _without_config(sys.argv[1:] if argv is None else argv)
    try:
        code = _serve_over_stdio(file) if _is_server(typed) else _do(typed, file)
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_stdout()
        return BROKEN_PIPE
    except OSError as error:
        if error.errno not in FULL or error.filename is not None:
            raise
        _let_go_of_stdout()
        _complain(f"standard output can't be written ({error.strerror})")
        return FAILED
    except LightboxError as error:
        _complain(str(error))
        return REFUSED if isinstance(error, OverBudget) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _is_server(typed: Sequence[str]) -> bool:
    return tuple(typed) in ((), SERVE) and COMPLETING not in os.environ


def _serve_over_stdio(file: Path | None) -> int:
    if sys.stdin is not None and sys.stdin.isatty():
        print(WAITING, file=sys.stderr)  # noqa: T201 - stdout is for the protocol
    with quick_import():
        front = quickly_imported("lightbox.commands.front:open_front")(file)
        settings = quickly_imported("lightbox.settings:load")(file)  # wrong settings are told before the long import
        serve = quickly_imported("lightbox.commands.serve:serve")
    return serve(settings, front=front) or 0


def _do(typed: Sequence[str], file: Path | None) -> int:
    with quick_import():
        run = quickly_imported("lightbox.commands.grammar:run")
    return run(typed, file)


def _without_config(argv: Sequence[str]) -> tuple[list[str], Path | None]:
    """Take `--config FILE` out of a line, wherever it stands before `--`; one without a value is left to be told."""
    rest: list[str] = []
    file: Path | None = None
    words = iter(argv)
    for word in words:
        if word == "--":
            return [*rest, word, *words], file
        if word.startswith(f"{CONFIG}="):
            file = Path(word.removeprefix(f"{CONFIG}="))
        elif word == CONFIG and (value := next(words, None)) is not None:
            file = Path(value)
        else:
            rest.append(word)
    return rest, file


def _show_what_the_terminal_can() -> None:
    """Show other letters for those that a terminal does not have: `→`, or a title in Chinese, ends no command."""
    codecs.register_error("lightbox", _plainly)
    for stream in (sys.stdout, sys.stderr):
        # Python itself is less strict in the locales C and POSIX, and as helpless.
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            stream.reconfigure(errors="lightbox")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def _complain(text: str) -> None:
    with suppress(OSError):  # where nobody hears it, the exit code still tells
        print(f"lightbox: {text}", file=sys.stderr)  # noqa: T201 - what went wrong


def _let_go_of_stdout() -> None:
    """Write what is left to nowhere: Python would try again at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
