"""`lightbox gallery`: own pictures, jobs and spending in the browser."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

from lightbox import app
from lightbox.commands import ending
from lightbox.http.gallery_site import gallery_app
from lightbox.http.limits import Limits
from lightbox.http.listening import listen, serve
from lightbox.http.visiting import Keys

if TYPE_CHECKING:
    from lightbox.settings import Settings

HOST = "127.0.0.1"


def gallery(settings: Settings, port: int = 0, *, opens: bool = True) -> None:
    """Serve the gallery to this machine's browser until Ctrl-C.

    Args:
        settings: Whose pictures, jobs and spending are shown.
        port: Where; 0 takes any that is free.
        opens: Whether the browser is opened, where there is a display.

    Raises:
        SettingsError: A setting can't work, or the port is taken.
    """
    app.configure_logging(settings)
    server = app.stdio_server(settings.model_copy(update={"previews": "auto"}))  # they are for the person here
    limits = Limits(calls_per_caller=settings.calls_per_caller)
    with listen(HOST, port, "--port") as listener:
        keys = Keys(listener.getsockname()[1])

        def on_open(_: str) -> None:
            print(keys.link, flush=True)  # noqa: T201 - what was asked for
            print("The link works once. Ctrl-C ends the gallery.", file=sys.stderr, flush=True)  # noqa: T201 - likewise
            if opens and has_display():  # not in the way of the server: some browsers keep their caller
                threading.Thread(target=webbrowser.open, args=(keys.link,), daemon=True).start()

        serve(
            gallery_app(server, keys, limits),
            listener,
            limits=limits,
            log_level=settings.log_level,
            on_open=on_open,
            on_signal=ending.end_in_time,
        )
    ending.end_now()


def has_display() -> bool:
    """Tell whether a browser can show something here: not in a shell from elsewhere, nor on a machine without one."""
    if os.environ.get("BROWSER"):
        return True
    if sys.platform in ("darwin", "win32"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
