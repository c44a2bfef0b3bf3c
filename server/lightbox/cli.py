"""The command `lightbox`. Each subcommand imports what it needs when it is called."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightbox import __version__
from lightbox.errors import BadInput, LightboxError, SettingsError

EPILOG = "With no key set, everything runs on the embedded sandbox: try `lightbox demo`."
DEFAULT_PORT = 8000
MOST_PORTS = 65_536

_ADDRESS = re.compile(r"(?P<only>\d{1,5})|(\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/\[\]]*))(:(?P<port>\d{1,5}))?")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 when it worked, 1 when something that was foreseen went wrong, 2 for wrong usage."""
    options = _parser().parse_args(argv)
    try:
        return options.run(options) or 0
    except LightboxError as error:
        print(f"lightbox: {error}", file=sys.stderr)  # noqa: T201 - what went wrong
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lightbox", description="An MCP server for pictures.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"lightbox {__version__}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    parser.set_defaults(run=_serve, http=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve MCP over stdio (the default), or over HTTP")
    serve.add_argument("--http", metavar="HOST:PORT", help="serve streamable HTTP at /mcp instead of stdio")
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="drive a server on the sandbox through every tool, and show what came")
    demo.add_argument(
        "--out", type=Path, default=Path("lightbox-demo"), metavar="DIR", help="where pictures and page land"
    )
    demo.set_defaults(run=_demo)

    doctor = commands.add_parser("doctor", help="free checks: keys, regions, models, folders, budget; names the fix")
    doctor.set_defaults(run=_doctor)

    call = commands.add_parser("call", help="make one tool call")
    call.add_argument("tool", metavar="TOOL")
    call.add_argument("arguments", nargs="*", metavar="key=value", help="values may be JSON")
    call.set_defaults(run=_call)

    config = commands.add_parser("config", help="print the configuration to paste into a client")
    config.add_argument("client", nargs="?", metavar="CLIENT", help="left out: the list of known clients")
    config.add_argument("--write", action="store_true", help="put it into the client's own file")
    config.set_defaults(run=_config)

    sandbox = commands.add_parser("sandbox", help="run the embedded Responses API by itself")
    sandbox.add_argument(
        "--port", type=int, default=8765, metavar="N", help="where to listen on loopback; 0: any free port"
    )
    sandbox.set_defaults(run=_sandbox)

    spending = commands.add_parser("spending", help="show the ledger")
    spending.add_argument("period", nargs="?", default="month", help="hour, today, yesterday, week, month, year, all")
    spending.add_argument("--format", choices=("table", "csv", "json"), default="table")
    spending.set_defaults(run=_spending)
    return parser


def _settings(options: argparse.Namespace) -> Any:
    from lightbox.settings import load  # noqa: PLC0415

    return load(options.config)


def _serve(options: argparse.Namespace) -> None:
    settings = _settings(options)
    from lightbox import app  # noqa: PLC0415 - wrong settings are told before the long import

    if options.http is None:
        server = app.stdio_server(settings)
        app.configure_logging(settings)
        server.run("stdio")
        return
    from lightbox.http.listening import listen, serve  # noqa: PLC0415

    host, port = _address(options.http)
    with listen(host, port) as listener:
        application = app.http_app(settings, host, listener.getsockname()[1])
        app.configure_logging(settings)
        serve(application, listener, log_level=settings.log_level)


def _demo(options: argparse.Namespace) -> None:
    from lightbox.demo.tour import run  # noqa: PLC0415

    run(options.out)


def _doctor(options: argparse.Namespace) -> int:
    settings = _settings(options)
    import anyio  # noqa: PLC0415

    from lightbox.commands.doctor import examine  # noqa: PLC0415

    findings = anyio.run(examine, settings)
    for finding in findings:
        print(finding)  # noqa: T201
    return 0 if all(finding.good for finding in findings) else 1


def _call(options: argparse.Namespace) -> int:
    settings = _settings(options)
    import anyio  # noqa: PLC0415

    from lightbox.commands.call import call_tool  # noqa: PLC0415

    arguments = dict(_argument(text) for text in options.arguments)
    return anyio.run(call_tool, settings, options.tool, arguments)


def _config(options: argparse.Namespace) -> None:
    from lightbox.clients import known as clients  # noqa: PLC0415

    if options.client is None:
        for known in clients.known_clients():
            print(f"{known.name:16} {known.title}")  # noqa: T201
        return
    wanted = clients.client(options.client)
    if not options.write:
        print(clients.snippet(wanted, clients.command()))  # noqa: T201
        return
    written = clients.write(wanted, clients.command())
    print(written)  # noqa: T201


def _sandbox(options: argparse.Namespace) -> None:
    settings = _settings(options)
    from lightbox_sandbox.server import NotStarted, serve  # noqa: PLC0415

    try:
        serve(options.port, settings.library)
    except NotStarted as error:
        raise SettingsError(str(error)) from error


def _spending(options: argparse.Namespace) -> None:
    settings = _settings(options)
    import anyio  # noqa: PLC0415

    from lightbox.commands.spending import show  # noqa: PLC0415

    print(anyio.run(show, settings, options.period, options.format))  # noqa: T201


def _address(text: str) -> tuple[str, int]:
    """Read `HOST:PORT`; each may be left out."""
    match = _ADDRESS.fullmatch(text)
    port = int(match["only"] or match["port"] or DEFAULT_PORT) if match else MOST_PORTS
    if match is None or port >= MOST_PORTS:
        raise BadInput(f"--http {text}: write HOST:PORT, as in 127.0.0.1:{DEFAULT_PORT} or [::1]:{DEFAULT_PORT}")
    return match["v6"] or match["host"] or "127.0.0.1", port


def _argument(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{text!r}: write key=value, as in query='a red fox'")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
