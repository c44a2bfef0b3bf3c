"""`lightbox serve`: MCP over stdio or HTTP. `lightbox sandbox`: the embedded services by themselves."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from lightbox import app
from lightbox.commands import ending, observing
from lightbox.errors import BadInput, SettingsError
from lightbox.settings import Settings, exposed_file

if TYPE_CHECKING:
    from lightbox.commands.front import Front
    from lightbox.telemetry.observer import Observer

DEFAULT_PORT = 8000
MOST_PORTS = 65_536

_ADDRESS = re.compile(r"(?P<only>\d{1,5})|(\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/\[\]]*))(:(?P<port>\d{1,5}))?")


def serve(settings: Settings, http: str | None = None, front: Front | None = None) -> None:
    """Serve until the client goes, or over HTTP at the address `http` until the process is told to end.

    Over stdio, `front` has taken the client's first questions already.

    Raises:
        BadInput: The address can't be read.
        SettingsError: A setting can't work, or the address can't be listened at.
    """
    if exposed := exposed_file():
        print(f"lightbox: {exposed} holds a key, and others can read it: chmod 600 {exposed}", file=sys.stderr)  # noqa: T201 - logs may be off
    app.configure_logging(settings)
    metrics_at = address(settings.metrics, "LIGHTBOX_METRICS", observing.DEFAULT_PORT) if settings.metrics else None
    with observing.observed(settings, metrics_at) as observer:
        if http is not None:
            _serve_http(settings, *address(http), observer)
        else:
            _serve_stdio(settings, front, observer)
    ending.end_now()


def serve_sandbox(settings: Settings, port: int, host: str = "127.0.0.1", *, env: bool = False) -> None:
    """Run the sandbox by itself, with the pictures of the settings' library.

    With `env`, it runs in the background, and what leads clients to it is printed for a shell to evaluate.

    Raises:
        SettingsError: The port is taken, the address is not this machine's, or there is no such folder of pictures.
    """
    from lightbox_sandbox import background, server  # noqa: PLC0415 - the server needs none of it until it has started

    try:
        if env:
            background.serve_in_background(port, settings.library, host)
        else:
            server.serve(port, settings.library, host=host)
    except server.NotStarted as error:
        raise SettingsError(str(error)) from error


def address(text: str, setting: str = "--http", default_port: int = DEFAULT_PORT) -> tuple[str, int]:
    """Read `HOST:PORT`, as it stands in `setting`; each may be left out.

    Raises:
        BadInput: It is not an address.
    """
    match = _ADDRESS.fullmatch(text)
    port = int(match["only"] or match["port"] or default_port) if match else MOST_PORTS
    if match is None or port >= MOST_PORTS:
        raise BadInput(f"{setting} {text}: write HOST:PORT, as in 127.0.0.1:{default_port} or [::1]:{default_port}")
    return match["v6"] or match["host"] or "127.0.0.1", port


def _serve_stdio(settings: Settings, front: Front | None, observer: Observer) -> None:
    server = app.stdio_server(settings, observer)
    if front is not None:
        front.keeps = settings.quick_start
    server.run("stdio")


def _serve_http(settings: Settings, host: str, port: int, observer: Observer) -> None:
    from lightbox.http import application, limits, listening  # noqa: PLC0415 - over stdio, nobody waits for an HTTP server to be imported

    kept = limits.Limits(calls_per_caller=settings.calls_per_caller)
    with listening.listen(host, port) as listener:
        app.configure_logging(settings)  # what is odd about the token file is told too
        served = application.http_app(settings, host, listener.getsockname()[1], kept, observer)
        observer.hide(served.state.secrets)
        app.configure_logging(settings, served.state.secrets)
        listening.serve(
            served,
            listener,
            limits=kept,
            log_level=settings.log_level,
            on_signal=ending.end_in_time,
            on_end=observer.close,
        )
