"""Keys struck out of whatever is logged."""

from __future__ import annotations

import logging
from collections.abc import Sequence

STRUCK_OUT = "[key]"


class KeyFilter(logging.Filter):
    """Strikes the given secrets out of every log record, tracebacks included."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        self._keys = [key for key in keys if key]

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without the keys."""
        record.msg = self.strike_out(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.strike_out(record.exc_text)
        return True

    def strike_out(self, text: str) -> str:
        """Give a text without the keys."""
        for key in self._keys:
            text = text.replace(key, STRUCK_OUT)
        return text
