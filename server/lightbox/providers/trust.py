"""Whom connections over TLS believe: the certificates of this machine, read once for all of them."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

import httpcore2

_PLACES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def trusted() -> ssl.SSLContext:
    """Give the context of every connection out; reading its certificates takes a tenth of a second the first time.

    Raises:
        OSError: What SSL_CERT_FILE or SSL_CERT_DIR names can't be read.
    """
    return _read(*map(os.environ.get, _PLACES))


@lru_cache(1)
def _read(*_places: str | None) -> ssl.SSLContext:
    return httpcore2.default_ssl_context()
