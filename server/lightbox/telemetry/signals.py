"""What is to be told, and to whom: the `OTEL_*` variables and METRICS say so. Imports nothing heavy unless they do."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from lightbox.errors import SettingsError
from lightbox.telemetry.observer import Observer

if TYPE_CHECKING:
    from lightbox.settings import Settings

logger = logging.getLogger(__name__)

Signal = Literal["traces", "metrics"]

_KNOWN = ("otlp", "console")
_PROTOCOL = "http/protobuf"
_INSTALL = "install the extra: pip install 'lightbox-mcp[otel]'"


def observer_for(settings: Settings) -> Observer:
    """Make the observer of a server.

    What stands in `OTEL_*` is often meant for others, for a program passes its environment on: where it can't be done,
    that is said in the log, and the server serves. METRICS is meant for Lightbox alone.

    Raises:
        SettingsError: METRICS is set, and what it needs is not installed.
    """
    signals = wanted_signals(os.environ)
    if not signals and settings.metrics is None:
        return Observer()
    try:
        exporting = importlib.import_module("lightbox.telemetry.exporting")
        return exporting.exporting_observer(signals, settings.keys, scraped=settings.metrics is not None)
    except ImportError as error:
        if settings.metrics is not None:
            raise SettingsError(f"LIGHTBOX_METRICS needs {error.name}, which is not installed: {_INSTALL}") from error
        logger.warning("OTEL_* is set, but %s is not installed, so nothing is sent: %s", error.name, _INSTALL)
    return Observer()


def wanted_signals(environment: Mapping[str, str]) -> dict[Signal, str]:
    """Give where each kind of signal goes: `otlp` or `console`; one that nobody wants, or can be given, is left out."""

    def told(name: str) -> str:
        return environment.get(name, "").strip()

    if told("OTEL_SDK_DISABLED").lower() == "true":
        return {}
    signals: dict[Signal, str] = {}
    kinds: tuple[Signal, ...] = ("traces", "metrics")
    for kind in kinds:
        upper = kind.upper()
        endpoint = told(f"OTEL_EXPORTER_OTLP_{upper}_ENDPOINT") or told("OTEL_EXPORTER_OTLP_ENDPOINT")
        exporter = told(f"OTEL_{upper}_EXPORTER").lower() or ("otlp" if endpoint else "none")
        if exporter == "none":
            continue
        protocol = told(f"OTEL_EXPORTER_OTLP_{upper}_PROTOCOL") or told("OTEL_EXPORTER_OTLP_PROTOCOL") or _PROTOCOL
        if exporter not in _KNOWN:
            logger.warning(
                "OTEL_%s_EXPORTER is %r: no %s are sent; set otlp, console or none; for Prometheus, LIGHTBOX_METRICS",
                upper,
                exporter,
                kind,
            )
        elif exporter == "otlp" and protocol != _PROTOCOL:
            logger.warning("the OTLP protocol is %r: no %s are sent; set %s", protocol, kind, _PROTOCOL)
        else:
            signals[kind] = exporter
    return signals
