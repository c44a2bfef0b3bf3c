"""A server's observer, for as long as the server runs, and the address at which its metrics can be read."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from lightbox.telemetry.signals import observer_for

if TYPE_CHECKING:
    from lightbox.settings import Settings
    from lightbox.telemetry.observer import Observer

DEFAULT_PORT = 9464
"""The one that Prometheus' list of ports names for OpenTelemetry."""


@contextmanager
def observed(settings: Settings, metrics_at: tuple[str, int] | None) -> Generator[Observer]:
    """Give the observer that the settings and the `OTEL_*` variables ask for; it has told everything in the end.

    Args:
        settings: The settings.
        metrics_at: Host and port at which the metrics can be read.

    Raises:
        SettingsError: That can't be listened at, or what it needs is not installed.
    """
    with ExitStack() as open_:
        listener = None
        if metrics_at is not None:
            listener = import_module("lightbox.http.listening").listen(*metrics_at, setting="LIGHTBOX_METRICS")
            open_.callback(listener.close)
        observer = observer_for(settings)
        open_.callback(observer.close)
        if listener is not None:
            open_.enter_context(import_module("lightbox.http.scraping").scraped(listener, observer.exposition))
        yield observer
