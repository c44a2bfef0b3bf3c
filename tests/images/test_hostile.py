"""What hosts and callers send to harm the server: nothing of it crashes a call, or holds the others up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from lightbox.errors import BadReference, FetchFailed, Forbidden, LightboxError
from lightbox.images.fetch import Fetcher
from lightbox.images.reference import parse_reference
from lightbox.images.sniff import sniff

if TYPE_CHECKING:
    from tests.images.conftest import Host, Painter

MEGABYTES = 16 * 1024 * 1024


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<!--a-->" * 1000 + b"x", id="comments"),
        pytest.param(b"<!--" * 1000 + b"x", id="comments that never end"),
        pytest.param(b"<!DOCTYPE svg" + b">" * 4000, id="a document type"),
        pytest.param(b"<!DOCTYPE svg [" + b"]>" * 4000, id="a document type with a subset"),
        pytest.param(b"<!DOCTYPE" + b" " * 4000 + b"svg" + b" " * 4000, id="blanks in a document type"),
        pytest.param(b" " * MEGABYTES, id="blanks"),
        pytest.param(b"\xff\xd8" + b"\xff" * MEGABYTES, id="JPEG padding"),
    ],
)
def test_bytes_that_would_keep_a_matcher_busy_are_told_at_once(data: bytes) -> None:
    began = time.process_time()
    told = sniff(data)
    assert time.process_time() - began < 0.5
    assert told is None or told.width is None


@pytest.mark.parametrize(
    "data",
    [
        b'\xef\xbb\xbf <?xml version="1.0"?>\n<!-- a > b --> <!-- c -->\n<svg>',
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">\n<!-- c --><svg xmlns="x">',
        b'<!DOCTYPE svg [ <!ENTITY a "b>c"> ] >\n<svg ',
    ],
)
def test_a_drawing_is_told_behind_whatever_may_precede_it(data: bytes) -> None:
    told = sniff(data)
    assert told is not None
    assert told.mime_type == "image/svg+xml"


@pytest.mark.parametrize("length", ["9" * 20, "9" * 40, "9" * 5000])
async def test_a_length_beyond_all_bounds_is_no_length(
    host: Host, fetcher: Fetcher, painted: Painter, length: str
) -> None:
    url = host.serve("/fox.png", painted(), status=206, headers={"Content-Range": f"bytes 0-1/{length}"})
    probe = await fetcher.probe(url)
    assert (probe.state, probe.fingerprint) == ("ok", None)
    assert await fetcher.fetch(url) == painted()


@pytest.mark.parametrize("url", ["http://[v1.a:b]/fox.png", "http://example.com/\ud83d.png", "http://[::1%25lo]/x"])
async def test_a_url_that_is_none_ends_one_probe_and_no_other(
    host: Host, fetcher: Fetcher, painted: Painter, url: str
) -> None:
    fox = host.serve("/fox.png", painted())
    odd, good = await fetcher.probe_all([url, fox])
    assert odd.state in ("dead", "blocked")
    assert good.state == "ok"
    with pytest.raises(LightboxError):
        await fetcher.fetch(url)


async def test_a_probe_that_crashes_is_one_unchecked_hit(host: Host, painted: Painter) -> None:
    async def resolver(name: str, port: int) -> list[str]:
        del port
        if name == "odd.example":
            raise ArithmeticError
        return [name]

    fox = host.serve("/fox.png", painted())
    async with Fetcher(allow=[host.pair], resolver=resolver) as fetcher:
        odd, good = await fetcher.probe_all(["http://odd.example/fox.png", fox])
    assert (odd.state, good.state) == ("unchecked", "ok")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@localhost/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0/",
        "http://[::]/",
        "http://localhost./",
        "http://127.0.0.1./",
        "http://①②⑦.0.0.1/",
        "http://127。0。0。1/",
        "http://ⓛocalhost/",
        "http://%31%32%37.0.0.1/",
        "http://metadata.google.internal/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
async def test_no_spelling_of_a_private_address_is_fetched(url: str) -> None:
    async def private(host: str, port: int) -> list[str]:
        del host, port
        return ["127.0.0.1"]

    async with Fetcher(resolver=private) as fetcher:
        with pytest.raises((Forbidden, FetchFailed, BadReference)):
            await fetcher.fetch(url)
        assert (await fetcher.probe(url)).state in ("blocked", "dead")


@pytest.mark.parametrize("text", ["./" + "a" * 100_000, "./fo\x00x.png", "./fox\ud83d.png", "http://a.b/\ud83d"])
def test_a_reference_that_names_nothing_is_refused_before_it_is_looked_for(text: str) -> None:
    with pytest.raises(BadReference):
        parse_reference(text)
