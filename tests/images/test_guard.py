"""What may be fetched, and which files may be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightbox.errors import BadReference, FetchFailed, Forbidden
from lightbox.images.fetch import Fetcher
from lightbox.images.guard import Guard, check_path, resolve_name, special_kind

if TYPE_CHECKING:
    from tests.images.conftest import Host, Painter

SPECIAL = [
    ("0.0.0.0", "unspecified"),  # noqa: S104 - refused, not bound
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("100.64.0.1", "carrier-grade NAT"),
    ("100.100.100.200", "carrier-grade NAT"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("168.63.129.16", "metadata"),
    ("169.254.169.254", "link-local"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.192", "reserved"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4 relay"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::ffff:127.0.0.1", "IPv4-mapped"),
    ("::ffff:8.8.8.8", "IPv4-mapped"),
    ("::127.0.0.1", "IPv4-compatible"),
    ("64:ff9b::7f00:1", "loopback"),
    ("64:ff9b::a9fe:a9fe", "link-local"),
    ("64:ff9b:1::7f00:1", "reserved"),
    ("100::1", "reserved"),
    ("2001::7f00:1", "Teredo"),
    ("2001:10::1", "reserved"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::", "6to4"),
    ("2002:808:808::", "6to4"),
    ("3fff::1", "documentation"),
    ("5f00::1", "reserved"),
    ("fc00::1", "private"),
    ("fd00:ec2::254", "private"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "private"),
    ("ff02::1", "multicast"),
]
PUBLIC = ["8.8.8.8", "93.184.215.14", "100.63.255.255", "172.32.0.1", "2606:4700::6810:84e5", "64:ff9b::808:808"]


@pytest.mark.parametrize(("address", "kind"), SPECIAL)
def test_an_address_that_is_not_public_is_told_by_its_kind(address: str, kind: str) -> None:
    assert special_kind(address) == kind


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str) -> None:
    assert special_kind(address) is None
    Guard().check_url(f"http://[{address}]/" if ":" in address else f"http://{address}/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/fox.png",
        "gopher://127.0.0.1:11211/",
        "data:image/png;base64,AAAA",
        "//example.com/fox.png",
        "http:///fox.png",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://app.localhost:8080/",
        "http://printer.local/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://127.0.0.1./",
        "http://127.1/",
        "http://0/",
        "http://2130706433/",
        "http://134744072/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://1.2.3.08/",
        "http://8.8.8.0x8/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://user:secret@127.0.0.1/",
        "http://example.com@169.254.169.254/",
    ],
)
def test_an_evil_url_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(Forbidden, match="can't be fetched"):
        Guard().check_url(url)


@pytest.mark.parametrize("url", ["http://[::1/", "http://example.com:99999/"])
def test_a_malformed_url_is_a_bad_reference(url: str) -> None:
    with pytest.raises(BadReference, match="is not a URL"):
        Guard().check_url(url)


@pytest.mark.parametrize(("address", "kind"), SPECIAL)
async def test_a_name_that_leads_to_a_special_address_is_refused(address: str, kind: str) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        assert (host, port) == ("example.com", 443)
        return ["93.184.215.14", address]

    with pytest.raises(Forbidden, match=f"leads to an? {kind} address"):
        await Guard(resolver=resolver).addresses("example.com", 443)


async def test_a_refusal_names_the_setting_but_not_where_a_name_leads() -> None:
    async def resolver(_host: str, _port: int) -> list[str]:
        return ["10.20.30.40"]

    with pytest.raises(Forbidden) as caught:
        await Guard(resolver=resolver).addresses("intranet.example", 8080)
    assert "LIGHTBOX_FETCH_ALLOW=intranet.example:8080" in str(caught.value)
    assert "10.20.30.40" not in str(caught.value)


@pytest.mark.parametrize("pair", ["127.0.0.1:8123", "[::1]:8123", "localhost:8123", "2130706433:8123"])
def test_an_allowed_pair_passes_and_its_other_ports_do_not(pair: str) -> None:
    guard = Guard(allow=[pair])
    guard.check_url(f"http://{pair}/fox.png")
    with pytest.raises(Forbidden):
        guard.check_url(f"http://{pair[:-1]}4/fox.png")


def test_a_pair_can_be_let_through_later() -> None:
    guard = Guard()
    with pytest.raises(Forbidden):
        guard.check_url("http://LocalHost:80/")
    guard.let_through("LOCALHOST:80")
    guard.check_url("http://LocalHost/")


async def test_an_allowed_name_may_lead_to_a_private_address() -> None:
    async def resolver(_host: str, _port: int) -> list[str]:
        return ["10.0.0.7"]

    guard = Guard(allow=["pictures.lan:80"], resolver=resolver)
    assert await guard.addresses("pictures.lan", 80) == ["10.0.0.7"]


async def test_a_name_without_an_address_is_no_crash() -> None:
    async def resolver(_host: str, _port: int) -> list[str]:
        return []

    with pytest.raises(OSError, match="no address"):
        await Guard(resolver=resolver).addresses("example.com", 80)


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "double..dot.example", "\N{SNOWMAN}" * 70])
async def test_what_is_no_host_name_has_no_address(name: str) -> None:
    with pytest.raises(OSError, match=r"not known|not a host name|resolution"):
        await resolve_name(name, 80)


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to() -> None:
    """A name that answers publicly first and privately later (DNS rebinding) gains nothing."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    async def resolver(name: str, _port: int) -> list[str]:
        asked.append(name)
        return next(answers)

    guard = Guard(resolver=resolver)
    assert await guard.addresses("rebinding.example", 80) == ["93.184.215.14"]
    async with Fetcher(resolver=resolver) as fetcher:
        with pytest.raises(Forbidden, match="leads to a loopback address"):
            await fetcher.fetch("http://rebinding.example/")
    assert asked == ["rebinding.example", "rebinding.example"]


async def test_the_name_stays_in_the_request_while_the_connection_goes_to_its_address(
    host: Host, painted: Painter
) -> None:
    port = host.port
    body = painted()
    host.serve("/fox.png", body)
    calls = 0

    async def resolver(_name: str, _port: int) -> list[str]:
        nonlocal calls
        calls += 1
        return ["127.0.0.1"]

    async with Fetcher(allow=[f"pictures.example:{port}"], resolver=resolver) as fetcher:
        fetched = await fetcher.fetch(f"http://pictures.example:{port}/fox.png")
    assert fetched == body
    assert calls == 1
    assert host.heads[0]["host"] == f"pictures.example:{port}"


async def test_the_next_address_is_tried_where_the_first_does_not_answer(host: Host) -> None:
    port = host.port
    host.serve("/", b"here")

    async def resolver(_name: str, _port: int) -> list[str]:
        return ["127.0.0.99", "127.0.0.1"]

    async with Fetcher(allow=[f"pictures.example:{port}"], resolver=resolver) as fetcher:
        assert await fetcher.fetch(f"http://pictures.example:{port}/") == b"here"


async def test_a_host_that_can_not_be_reached_is_a_failed_fetch() -> None:
    async def resolver(_name: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async with Fetcher(allow=["gone.example:9"], resolver=resolver) as fetcher:
        with pytest.raises(FetchFailed, match=r"http://gone\.example:9/ can't be fetched"):
            await fetcher.fetch("http://gone.example:9/")


def test_a_file_below_an_allowed_folder_may_be_read(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "fox.png"
    file.parent.mkdir()
    file.touch()
    assert check_path(file, [tmp_path / "other", tmp_path]) == file.resolve()
    assert check_path(tmp_path / "deep" / ".." / "deep" / "fox.png", [tmp_path]) == file.resolve()


@pytest.mark.parametrize("path", ["../secret.png", "link.png", "linked/secret.png", "/etc/passwd"])
def test_a_file_outside_the_folders_is_refused_however_it_is_written(tmp_path: Path, path: str) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (tmp_path / "secret.png").touch()
    (allowed / "link.png").symlink_to(tmp_path / "secret.png")
    (allowed / "linked").symlink_to(tmp_path)
    with pytest.raises(Forbidden) as caught:
        check_path(allowed / path, [allowed])
    assert str(allowed) in str(caught.value)
    assert "LIGHTBOX_READ_DIRS" in str(caught.value)


def test_a_folder_with_the_same_beginning_is_another_folder(tmp_path: Path) -> None:
    (tmp_path / "pictures-private").mkdir()
    with pytest.raises(Forbidden):
        check_path(tmp_path / "pictures-private" / "fox.png", [tmp_path / "pictures"])


def test_a_linked_folder_may_be_allowed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert check_path(link / "fox.png", [link]) == (real / "fox.png").resolve()


def test_without_folders_no_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="does not read files") as caught:
        check_path(tmp_path / "fox.png", [])
    assert "LIGHTBOX_READ_DIRS" in str(caught.value)
