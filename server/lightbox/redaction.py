"""Keys struck out of whatever is logged or shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from urllib.parse import unquote_plus

STRUCK_OUT = "[key]"
SHORTEST_KEY = 6
"""Local servers are given keys such as `x`: those are no secrets, and words contain them."""

_SHAPES = re.compile(r"\b(?:sk|sess|rk|pk)-[\w*.…-]{3,}|(?i:bearer)\s+\S+")
_NO_SECRETS = frozenset({"api-version"})


def without_shapes(text: str) -> str:
    """Give a text without what looks like a key, whosever it may be."""
    return _SHAPES.sub(STRUCK_OUT, text)


def query_secrets(url: str) -> tuple[str, ...]:
    """Give the values of a URL's query, as written and as meant: some gateways want their key there."""
    query = url.partition("?")[2].partition("#")[0]
    fields = (field.partition("=") for field in query.split("&"))
    values = [value for name, _, value in fields if value and name.lower() not in _NO_SECRETS]
    return tuple(dict.fromkeys(form for value in values for form in (value, unquote_plus(value))))


class KeyFilter(logging.Filter):
    """Strikes the given secrets out of every log record, tracebacks included."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        self._keys = [key for key in keys if len(key) >= SHORTEST_KEY]

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without the keys."""
        record.msg = self.strike_out(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.strike_out(record.exc_text)
        if record.stack_info:
            record.stack_info = self.strike_out(record.stack_info)
        return True

    def strike_out(self, text: str) -> str:
        """Give a text without the keys, and without what looks like one."""
        for key in self._keys:
            text = text.replace(key, STRUCK_OUT)
        return without_shapes(text)
