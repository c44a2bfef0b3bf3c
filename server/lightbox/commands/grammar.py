"""What can be typed after `lightbox`: the commands, their options, and the function that does each.

A function's module is imported when its command is called. `commands.picture_grammar` has the commands for pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from lightbox import __version__
from lightbox.commands import exit_codes
from lightbox.commands.calling import called, names_after, settings_of
from lightbox.commands.options import clients as complete_client
from lightbox.commands.options import pages as complete_page
from lightbox.commands.picture_grammar import add_to as add_pictures

SERVING = "Serving"
KEEPING = "Setting up and looking after it"
ABOUT = "Find, look at, make, edit, describe and keep pictures: by hand, or as an MCP server for an assistant."
EPILOG = f"""\
With no key set, everything runs on the embedded sandbox: try lightbox demo.

--config FILE names another file of settings, anywhere on the line. {exit_codes.TOLD}
"""

app = typer.Typer(
    help=ABOUT, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True
)
_token = typer.Typer(help="Say who may call over HTTP: LIGHTBOX_TOKENS names the file.", no_args_is_help=True)
_state = typer.Typer(help="Move the journal, the handles and the approvals to another database.", no_args_is_help=True)
Client: TypeAlias = Annotated[str, typer.Argument(metavar="NAME")]


def run(typed: Sequence[str], file: Path | None) -> int:
    """Do what was typed, with the settings of a file, and give the exit code.

    Raises:
        LightboxError: Something that was foreseen went wrong.
    """
    try:
        return get_command(app).main(list(typed), prog_name="lightbox", standalone_mode=False, obj=file) or 0
    except TyperException as error:
        _explain(error)
        return exit_codes.USAGE
    except typer.Abort:
        return exit_codes.INTERRUPTED


def _explain(error: TyperException) -> None:
    """Say what was wrong with the line, and how it is right."""
    context: Any = getattr(error, "ctx", None)
    near: Sequence[str] = getattr(error, "possibilities", None) or ()
    message = f"{error.message}. Did you mean {' or '.join(near)}?" if near else error.format_message()
    lines = [f"lightbox: {message.removesuffix('.')}{'' if message.endswith('?') else '.'}"]
    if context is not None:
        lines += [context.get_usage().replace("Usage:", "usage:", 1), f"`{context.command_path} --help` says more."]
    print("\n".join(lines), file=sys.stderr)  # noqa: T201 - stdout is for results


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer's signature
    if wanted:
        print(f"lightbox {__version__}")  # noqa: T201 - what was asked for
        raise typer.Exit


@app.callback()
def _lightbox(
    *,
    file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="TOML file with settings; anywhere on the line.")
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_tell_version, is_eager=True, help="Show the version.", metavar=""),
    ] = False,
) -> None:
    del file, version  # the one was taken out of the line before, the other has been told


add_pictures(app)


@app.command(rich_help_panel=SERVING)
def serve(
    ctx: typer.Context,
    http: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Serve streamable HTTP at /mcp instead of stdio.")
    ] = None,
) -> int:
    """Serve MCP over stdio (as `lightbox` alone does), or over HTTP."""
    return called("lightbox.commands.serve:serve", settings_of(ctx), http=http)


@app.command(rich_help_panel=SERVING)
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the pictures and the page.")] = Path(
        "lightbox-demo"
    ),
) -> int:
    """Call every tool on the sandbox, and show what came back."""
    return called("lightbox.demo.tour:run", out=out)


@app.command(rich_help_panel=SERVING)
def gallery(
    ctx: typer.Context,
    *,
    port: Annotated[int, typer.Option(metavar="N", help="Where to listen; 0: any free port.", min=0, max=65_535)] = 0,
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
) -> int:
    """Show your pictures, jobs and spending in the browser."""
    return called("lightbox.commands.gallery:gallery", settings_of(ctx), port, opens=opens)


@app.command(rich_help_panel=SERVING)
def sandbox(
    ctx: typer.Context,
    *,
    port: Annotated[int, typer.Option(metavar="N", help="Where to listen; 0: any free port.")] = 8765,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Whom to answer: 127.0.0.1 is this machine alone.")
    ] = "127.0.0.1",
    env: Annotated[
        bool,
        typer.Option("--env", help='Run in the background; print variables for the shell: eval "$(…)".', metavar=""),
    ] = False,
) -> int:
    """Run the embedded Responses API by itself."""
    return called("lightbox.commands.serve:serve_sandbox", settings_of(ctx), port=port, host=host, env=env)


@app.command(rich_help_panel=KEEPING)
def doctor(
    ctx: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.", metavar="")] = False,
) -> int:
    """Check keys, regions, models, folders and budget, for nothing; says what to fix."""
    return called("lightbox.commands.doctor:report", settings_of(ctx), as_json=as_json)


@app.command(rich_help_panel=KEEPING)
def spending(
    ctx: typer.Context,
    period: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD",
            help="hour, today, yesterday, week, month, year or all.",
            autocompletion=names_after("hour", "today", "yesterday", "week", "month", "year", "all"),
        ),
    ] = "month",
    *,
    as_csv: Annotated[bool, typer.Option("--csv", help="As comma-separated values.", metavar="")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.", metavar="")] = False,
    jobs: Annotated[bool, typer.Option("--jobs", help="One job a line.", metavar="")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Jobs for which a service charged something else than known.", metavar="")
    ] = False,
    form: Annotated[Literal["table", "csv", "json"], typer.Option("--format", hidden=True)] = "table",
) -> int:
    """Show what was spent."""
    form = "csv" if as_csv else "json" if as_json else form
    return called("lightbox.commands.show_spending:report", settings_of(ctx), period, form=form, jobs=jobs, check=check)


@app.command(rich_help_panel=KEEPING)
def config(
    clients: Annotated[
        list[str] | None,
        typer.Argument(metavar="CLIENT", help="Left out: the list of known clients.", autocompletion=complete_client),
    ] = None,
    *,
    write: Annotated[bool, typer.Option("--write", help="Put it into the client's own file.", metavar="")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take it out of that file.", metavar="")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="All clients that are found on this machine.", metavar="")
    ] = False,
    scope: Annotated[
        Literal["user", "project"] | None,
        typer.Option(metavar="SCOPE", help="user: your own file; project: that of this folder."),
    ] = None,
) -> int:
    """Show the configuration that connects an MCP client, or put it in place."""
    work = "lightbox.commands.client_config:config"
    return called(work, clients or [], write=write, remove=remove, scope=scope, every=every)


@app.command(rich_help_panel=KEEPING)
def docs(
    page: Annotated[
        str | None,
        typer.Argument(metavar="PAGE", help="Left out: the list of pages.", autocompletion=complete_page),
    ] = None,
) -> int:
    """Read the documentation."""
    return called("lightbox.commands.docs:show", page)


@_token.command("add")
def add_token(
    ctx: typer.Context,
    name: Client,
    budget: Annotated[str, typer.Option(metavar="CAPS", help="For example '5 USD/day'.")] = "",
    tools: Annotated[str, typer.Option(metavar="TOOLS", help="Left out: all of them.")] = "",
) -> int:
    """Let a caller in, and show its token once."""
    return called(TOKENS, settings_of(ctx), "add", name, budget=_parts(budget), tools=_parts(tools))


@_token.command("renew")
def renew_token(ctx: typer.Context, name: Client) -> int:
    """Give a caller a new token; the old one opens nothing any more."""
    return called(TOKENS, settings_of(ctx), "renew", name)


@_token.command("remove")
def remove_token(ctx: typer.Context, name: Client) -> int:
    """Let a caller in no more."""
    return called(TOKENS, settings_of(ctx), "remove", name)


@_token.command("list")
def list_tokens(ctx: typer.Context) -> int:
    """Show who may call."""
    return called(TOKENS, settings_of(ctx), "list")


@_state.command("copy")
def copy_state(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="A state folder, or postgresql://USER:PASSWORD@HOST/DATABASE.")
    ],
    target: Annotated[
        str | None, typer.Argument(metavar="TO", help="Likewise; left out: where the settings keep the state.")
    ] = None,
) -> int:
    """Copy all of it into an empty one; stop the servers first."""
    return called("lightbox.commands.state_copy:copy", settings_of(ctx), "copy", source, target)


TOKENS = "lightbox.commands.tokens:manage"
app.add_typer(_token, name="token", rich_help_panel=SERVING)
app.add_typer(_state, name="state", rich_help_panel=KEEPING)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
