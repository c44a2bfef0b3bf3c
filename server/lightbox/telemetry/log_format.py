"""How log records are written: as text or JSON, one line each, without keys and without what signs a link."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote_plus

from lightbox.telemetry.call_log import FIELDS
from lightbox.untrusted import KeyFilter

_HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def log_handler(keys: Sequence[str], form: Literal["text", "json"], more: Sequence[str] = ()) -> logging.Handler:
    """Make the handler that writes to stderr: stdout carries protocol only.

    Args:
        keys: What must never be shown.
        form: How a record is written.
        more: Further keys; there may be more of them later.
    """
    handler = logging.StreamHandler(sys.stderr)
    secrets = KeyFilter((*keys, *collector_secrets(os.environ)), more)
    handler.addFilter(secrets)
    handler.addFilter(_is_news)
    handler.setFormatter(JSONFormat(secrets) if form == "json" else TextFormat())
    return handler


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out what the SDK says of calls that a client left when it closed: nobody is there to be answered."""
    return not (
        record.name == "mcp.shared.jsonrpc_dispatcher" and str(record.msg).startswith("shutdown error response")
    )


def collector_secrets(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Give the values of the headers that go to a collector: its keys travel there."""
    pairs = (pair for name in _HEADERS for pair in environment.get(name, "").split(","))
    values = (value.strip() for pair in pairs for _, _, value in [pair.partition("=")] if value.strip())
    return tuple(dict.fromkeys(form for value in values for form in (value, unquote_plus(value))))


class TextFormat(logging.Formatter):
    """One line a record; what would end a line is written in letters. Of a traceback, every line is indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Write the line itself."""
        return super().formatMessage(record).translate(_CONTROLS)

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; nothing in it can pass for another."""
        line, *more = super().format(record).split("\n")
        return "\n".join((line, *(f"    {told.translate(_CONTROLS)}" for told in more)))


class JSONFormat(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, and for a call its parts by name.

    Args:
        secrets: Strikes keys out of what the record holds beside its message.
    """

    def __init__(self, secrets: KeyFilter) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        fields: Mapping[str, Any] | None = getattr(record, FIELDS, None)
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": "call" if fields else record.getMessage(),
        }
        for name, value in (fields or {}).items():
            told[name] = self._secrets.strike_out(value) if isinstance(value, str) else value
        if record.exc_text:  # the filter has written it already
            told["exception"] = record.exc_text
        return json.dumps(told, ensure_ascii=True)
