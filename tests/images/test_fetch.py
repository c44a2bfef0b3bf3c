"""Pictures fetched and hits probed, from a real host on loopback."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import anyio
import pytest

from lightbox.errors import FetchFailed, Forbidden
from lightbox.images.fetch import FINGERPRINT_BYTES, PROBE_BYTES, SPARE, Fetcher, check_hits
from lightbox.images.picture import Hit

if TYPE_CHECKING:
    from tests.images.conftest import Host, Painter

HTML = b"<!doctype html><title>Hot-linking is not allowed</title>"


async def test_a_picture_is_fetched_whole(host: Host, fetcher: Fetcher, photo: bytes) -> None:
    url = host.serve("/fox", photo, headers={"Content-Type": "image/png"})
    assert await fetcher.fetch(url) == photo


async def test_redirects_are_followed_also_relative_ones(host: Host, fetcher: Fetcher, painted: Painter) -> None:
    body = painted()
    host.serve("/one", status=302, headers={"Location": "two?x=1"})
    host.serve("/two?x=1", status=308, headers={"Location": f"http://{host.pair}/fox.png"})
    host.serve("/fox.png", body)
    assert await fetcher.fetch(f"http://{host.pair}/one") == body


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "//2130706433/",
        "file:///etc/passwd",
        "ftp://example.com/fox.png",
    ],
)
async def test_every_redirect_is_checked_again(host: Host, fetcher: Fetcher, location: str) -> None:
    url = host.serve("/away", status=302, headers={"Location": location})
    with pytest.raises(Forbidden):
        await fetcher.fetch(url)
    assert (await fetcher.probe(url)).state == "blocked"


async def test_a_circle_of_redirects_ends(host: Host, fetcher: Fetcher) -> None:
    url = host.serve("/round", status=301, headers={"Location": "/round"})
    with pytest.raises(FetchFailed, match="redirects more than 5 times"):
        await fetcher.fetch(url)
    assert len(host.asked) == 6


@pytest.mark.parametrize("location", ["http://[bad/", "http://exa mple.com:port/"])
async def test_a_redirect_to_nonsense_is_a_failed_fetch(host: Host, fetcher: Fetcher, location: str) -> None:
    url = host.serve("/away", status=302, headers={"Location": location})
    with pytest.raises(FetchFailed):
        await fetcher.fetch(url)


@pytest.mark.parametrize(("status", "reason"), [(403, "refuses"), (404, "not there"), (410, "gone"), (500, "500")])
async def test_an_error_of_the_host_is_named(host: Host, fetcher: Fetcher, status: int, reason: str) -> None:
    url = host.serve("/fox", b"sorry", status=status)
    with pytest.raises(FetchFailed, match=reason) as caught:
        await fetcher.fetch(url)
    assert url in str(caught.value)


@pytest.mark.parametrize("length", [True, False], ids=["announced", "not announced"])
async def test_a_picture_above_the_bound_is_not_read_to_its_end(host: Host, length: bool) -> None:  # noqa: FBT001 - a parameter of the test
    url = host.serve("/large", bytes(40_000_000), length=length)
    async with Fetcher(allow=[host.pair], max_bytes=1_000_000) as fetcher:
        with pytest.raises(FetchFailed, match="larger than 1 MB"):
            await fetcher.fetch(url)
    assert host.sent < 20_000_000


async def test_a_picture_of_just_the_bound_is_read(host: Host) -> None:
    url = host.serve("/large", bytes(1_000_000), length=False)
    async with Fetcher(allow=[host.pair], max_bytes=1_000_000) as fetcher:
        assert len(await fetcher.fetch(url)) == 1_000_000


async def test_a_host_that_never_answers_is_given_up(host: Host) -> None:
    url = host.serve("/slow", gate=threading.Event())
    async with Fetcher(allow=[host.pair], seconds=0.2) as fetcher:
        with pytest.raises(FetchFailed, match=r"within 0\.2 seconds"):
            await fetcher.fetch(url)


async def test_nothing_but_a_plain_get_is_sent(host: Host, fetcher: Fetcher) -> None:
    host.serve("/one", status=302, headers={"Location": "/two", "Set-Cookie": "track=1"})
    host.serve("/two", b"x")
    await fetcher.fetch(f"http://{host.pair}/one")
    await fetcher.fetch(f"http://{host.pair}/two")
    names = {name for head in host.heads for name in head}
    assert names <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
    assert "lightbox" in host.heads[0]["user-agent"]


async def test_a_closed_fetcher_opens_again(host: Host, fetcher: Fetcher) -> None:
    url = host.serve("/", b"x")
    await fetcher.fetch(url)
    await fetcher.aclose()
    assert await fetcher.fetch(url) == b"x"


@pytest.mark.parametrize("ranges", [True, False], ids=["in parts", "only whole"])
async def test_a_probe_tells_type_and_size_from_a_few_kilobytes(
    host: Host,
    fetcher: Fetcher,
    photo: bytes,
    ranges: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    probe = await fetcher.probe(host.serve("/fox", photo, ranges=ranges))
    assert (probe.state, probe.width, probe.height, probe.mime_type) == ("ok", 1600, 1200, "image/jpeg")
    if ranges:
        assert host.sent == PROBE_BYTES


async def test_a_probe_asks_for_the_whole_where_a_part_is_refused(
    host: Host, fetcher: Fetcher, painted: Painter
) -> None:
    probe = await fetcher.probe(host.serve("/fox", painted(), refuses_parts=True))
    assert (probe.state, probe.width) == ("ok", 160)
    assert ["range" in head for head in host.heads] == [True, False]


@pytest.mark.parametrize(
    ("status", "state"),
    [(401, "blocked"), (403, "blocked"), (429, "blocked"), (404, "dead"), (410, "dead"), (500, "dead"), (503, "dead")],
)
async def test_a_probe_tells_the_blocked_from_the_dead(host: Host, fetcher: Fetcher, status: int, state: str) -> None:
    probe = await fetcher.probe(host.serve("/fox", HTML, status=status))
    assert probe.state == state
    assert str(status) in (probe.reason or "")


async def test_a_page_that_stands_in_for_a_picture_is_told(host: Host, fetcher: Fetcher) -> None:
    probe = await fetcher.probe(host.serve("/fox.jpg", HTML, headers={"Content-Type": "image/jpeg"}))
    assert (probe.state, probe.reason) == ("not_an_image", "it is an HTML page")


@pytest.mark.parametrize(("size", "state"), [((1, 1), "tiny"), ((63, 500), "tiny"), ((64, 64), "ok")])
async def test_icons_and_spacers_are_tiny(
    host: Host, fetcher: Fetcher, painted: Painter, size: tuple[int, int], state: str
) -> None:
    assert (await fetcher.probe(host.serve("/dot", painted(size=size)))).state == state


async def test_the_same_picture_under_several_addresses_has_one_fingerprint(
    host: Host, fetcher: Fetcher, photo: bytes, painted: Painter
) -> None:
    other = bytearray(photo)
    other[FINGERPRINT_BYTES // 2] ^= 1
    longer = photo + b"\0"
    urls = [
        host.serve("/a", photo, ranges=True),
        host.serve("/b", photo),
        host.serve("/c", bytes(other)),
        host.serve("/d", longer),
        host.serve("/e", photo, length=False),
        host.serve("/f", painted("BMP", (900, 900))),
    ]
    first, same, different, different_length, unknown_length, uncompressed = [
        probe.fingerprint for probe in await fetcher.probe_all(urls)
    ]
    assert first is not None
    assert first == same
    assert first not in {different, different_length}
    assert unknown_length is None
    assert uncompressed is None


async def test_probes_keep_their_order_and_ask_for_each_address_once(
    host: Host, fetcher: Fetcher, painted: Painter
) -> None:
    urls = [host.serve(f"/{side}", painted(size=(side, side))) for side in range(70, 110)]
    probes = await fetcher.probe_all([*urls, urls[0]])
    assert [probe.width for probe in probes] == [*range(70, 110), 70]
    assert len(host.asked) == 40


async def test_what_is_not_reached_in_time_is_unchecked_and_the_rest_stands(
    host: Host, fetcher: Fetcher, painted: Painter
) -> None:
    good = host.serve("/fox", painted())
    slow = host.serve("/slow", painted(), gate=threading.Event())
    await fetcher.probe(good)
    with anyio.fail_after(2):
        probes = await fetcher.probe_all([slow, good, slow.replace("/slow", "/gone")], seconds=0.5)
    assert [probe.state for probe in probes] == ["unchecked", "ok", "dead"]
    assert probes[0].reason == "not reached within 0.5 seconds"


async def test_a_probe_of_nonsense_never_raises(fetcher: Fetcher) -> None:
    urls = ["", "fox", "http://", "http://[::1", "http://a..b/", "http://127.0.0.1:1/", "https://example.com:99999/"]
    states = [probe.state for probe in await fetcher.probe_all(urls)]
    assert set(states) <= {"dead", "blocked"}


def hits(*urls: str) -> list[Hit]:
    return [Hit(image=f"img_{number:010}", image_url=url, width=9) for number, url in enumerate(urls)]


async def test_a_check_tells_state_size_and_type_and_merges_duplicates(
    host: Host, fetcher: Fetcher, photo: bytes, painted: Painter
) -> None:
    found = hits(
        host.serve("/fox", photo),
        host.serve("/page", HTML),
        host.serve("/same", photo),
        host.serve("/dot", painted(size=(9, 9))),
        f"http://{host.pair}/gone",
    )
    checked = await check_hits(found, fetcher, 10)
    assert [hit.image for hit in checked] == [found[number].image for number in (0, 1, 3, 4)]
    assert [hit.state for hit in checked] == ["ok", "not_an_image", "tiny", "dead"]
    assert [(hit.width, hit.mime_type) for hit in checked[:2]] == [(1600, "image/jpeg"), (9, None)]


async def test_hits_beyond_those_shown_and_a_few_spare_ones_are_not_looked_at(
    host: Host, fetcher: Fetcher, painted: Painter
) -> None:
    found = hits(*(host.serve(f"/{side}", painted(size=(side, side))) for side in range(70, 90)))
    checked = await check_hits(found, fetcher, 3)
    assert [hit.state for hit in checked] == ["ok"] * (3 + SPARE) + ["unchecked"] * (17 - SPARE)
    assert checked[13:] == found[13:]
    assert len(host.asked) == 3 + SPARE


async def test_a_probe_leaves_its_connection_to_the_next(host: Host, fetcher: Fetcher, photo: bytes) -> None:
    assert len(photo) > PROBE_BYTES
    urls = [host.serve(f"/fox-{number}", photo, ranges=True) for number in range(6)]
    for url in urls:
        assert (await fetcher.probe(url)).state == "ok"
    assert host.connections == 1
