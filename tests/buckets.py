"""An S3 store over HTTP for tests: moto's server, which keeps conditional writes."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import httpx2
import pytest
from moto.server import ThreadedMotoServer

SECRET = "a-secret-access-key-that-nobody-may-see"  # noqa: S105 - of a test


@dataclass(frozen=True)
class S3:
    """A running S3 store, and what the environment of a server that uses it says."""

    port: int
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bucket(self) -> str:
        """Make a new bucket and give the address of a prefix in it."""
        name = f"pictures-{uuid4().hex[:12]}"
        httpx2.put(f"{self.origin}/{name}", trust_env=False).raise_for_status()
        return f"s3://{name}/lightbox"


@contextmanager
def running() -> Generator[S3]:
    """Run a store on a free port of loopback, for as long as the block; the environment of this process leads to it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = cast("tuple[str, int]", cast("Any", server).get_host_and_port())
    environment = {
        "AWS_ACCESS_KEY_ID": "an-access-key-of-a-test",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield S3(port, environment)
    server.stop()
