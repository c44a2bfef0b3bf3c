"""The command `lightbox`: what can be typed, and the function that does it, imported when it is called."""

from __future__ import annotations

import argparse
import codecs
import io
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from lightbox import __version__
from lightbox.errors import LightboxError
from lightbox.quick_import import quick_import

EPILOG = "With no key set, everything runs on the embedded sandbox: try `lightbox demo`."
INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended."""

WORK = {
    "serve": "lightbox.commands.serve:serve",
    "demo": "lightbox.demo.tour:run",
    "doctor": "lightbox.commands.doctor:report",
    "call": "lightbox.commands.call_tool:call",
    "config": "lightbox.commands.client_config:config",
    "sandbox": "lightbox.commands.serve:serve_sandbox",
    "spending": "lightbox.commands.show_spending:report",
    "token": "lightbox.commands.tokens:manage",
    "state": "lightbox.commands.state_copy:copy",
}
"""The function behind each command; it takes the command's options by name, and gives an exit code or nothing."""
PLAIN = {"→": "->", "✗": "x", "·": "*", "…": "...", "“": '"', "”": '"', "×": "x"}
"""What stands for a letter of ours that a terminal does not have."""
WITHOUT_SETTINGS = frozenset({"demo", "config"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 when it worked, 1 when something that was foreseen went wrong, 2 for wrong usage."""
    _show_what_the_terminal_can()
    options = vars(_parser().parse_args(argv))
    command, file = options.pop("command"), options.pop("file")
    try:
        with quick_import():
            if command == "serve" and not options.get("http"):
                options["front"] = _imported("lightbox.commands.front:open_front")(file)
            if command not in WITHOUT_SETTINGS:  # wrong settings are told before the long import
                options["settings"] = _imported("lightbox.settings:load")(file)
            work = _imported(WORK[command])
        return work(**options) or 0
    except LightboxError as error:
        print(f"lightbox: {error}", file=sys.stderr)  # noqa: T201 - what went wrong
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _show_what_the_terminal_can() -> None:
    """Show other letters for those that a terminal does not have: `→`, or a title in Chinese, ends no command."""
    codecs.register_error("lightbox", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="lightbox")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _imported(name: str) -> Any:
    """Give what `module:function` names; the one place where a command's modules are imported."""
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lightbox", description="An MCP server for pictures.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"lightbox {__version__}")
    parser.add_argument("--config", dest="file", type=Path, metavar="FILE", help="TOML file with settings")
    parser.set_defaults(command="serve")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary)
        added.set_defaults(command=name)
        return added

    serve = command("serve", "serve MCP over stdio (the default), or over HTTP")
    serve.add_argument("--http", metavar="HOST:PORT", help="serve streamable HTTP at /mcp instead of stdio")

    demo = command("demo", "call every tool on the sandbox, and show what came back")
    demo.add_argument(
        "--out", type=Path, default=Path("lightbox-demo"), metavar="DIR", help="folder for the pictures and the page"
    )

    command("doctor", "free checks: keys, regions, models, folders, budget; says what to fix")

    call = command("call", "make one tool call, and wait for its result")
    call.add_argument("tool", metavar="TOOL")
    call.add_argument("arguments", nargs="*", metavar="key=value", help="for example count=3 images=a.png,b.png")

    config = command("config", "print the configuration to paste into a client")
    config.add_argument("client", nargs="?", metavar="CLIENT", help="left out: the list of known clients")
    config.add_argument("--write", action="store_true", help="put it into the client's own file")

    token = command("token", "say who may call over HTTP: LIGHTBOX_TOKENS names the file")
    actions = token.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    for action, summary in (
        ("add", "let a caller in, and show its token once"),
        ("renew", "give a caller a new token; the old one opens nothing any more"),
        ("remove", "let a caller in no more"),
    ):
        added = actions.add_parser(action, help=summary)
        added.add_argument("name", metavar="NAME")
        if action == "add":
            added.add_argument("--budget", type=_parts, default=(), metavar="CAPS", help="for example '5 USD/day'")
            added.add_argument("--tools", type=_parts, default=(), metavar="TOOLS", help="left out: all of them")
    actions.add_parser("list", help="show who may call")

    sandbox = command("sandbox", "run the embedded Responses API by itself")
    sandbox.add_argument(
        "--port", type=int, default=8765, metavar="N", help="where to listen; 0: any free port (default: 8765)"
    )
    sandbox.add_argument(
        "--host", default="127.0.0.1", metavar="HOST", help="whom to answer: 127.0.0.1 is this machine alone (default)"
    )
    sandbox.add_argument(
        "--env", action="store_true", help='run in the background; print variables for the shell: eval "$(…)"'
    )

    state = command("state", "move the journal, the handles and the approvals to another database")
    actions = state.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    copy = actions.add_parser("copy", help="copy all of it into an empty one; stop the servers first")
    copy.add_argument("source", metavar="FROM", help="a state folder, or postgresql://USER:PASSWORD@HOST/DATABASE")
    copy.add_argument("target", nargs="?", metavar="TO", help="likewise; left out: where the settings keep the state")

    spending = command("spending", "show what was spent")
    spending.add_argument("period", nargs="?", default="month", help="hour, today, yesterday, week, month, year, all")
    spending.add_argument("--format", dest="form", choices=("table", "csv", "json"), default="table")
    return parser
