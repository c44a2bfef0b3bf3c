"""A server over HTTP with the suite's fixtures beside our own tools: `python overlay.py` says where it listens."""

from __future__ import annotations

from conformance.fixtures import add_fixtures
from lightbox.http.application import http_app
from lightbox.http.limits import Limits
from lightbox.http.listening import listen, serve
from lightbox.settings import load


def main() -> None:
    with listen("127.0.0.1", 0) as listener:
        application = http_app(load(), "127.0.0.1", listener.getsockname()[1], also=add_fixtures)
        serve(application, listener, limits=Limits(), log_level="WARNING")


if __name__ == "__main__":
    main()
