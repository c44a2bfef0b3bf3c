"""The guard: what may be fetched from the network, and which files may be read.

Connections go only where it lets them: to the very address that was checked. The name stays in the Host header and in
TLS, so that certificates are checked against it.

Addresses are judged by the special-purpose registries of IANA (IPv4 as of RFC 6890, IPv6 as of RFC 4291 and later),
written out here because the standard library's `is_global` changed its mind between patch releases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from socket import SOCK_STREAM
from typing import TYPE_CHECKING, cast
from urllib.parse import SplitResult, unquote, urlsplit

import anyio
import httpcore2

from lightbox.errors import BadReference, FetchFailed, Forbidden

if TYPE_CHECKING:
    from httpcore2 import SOCKET_OPTION

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Gives every address of a name: `await resolver("example.com", 443) == ["93.184.215.14"]`."""

_SPECIAL_V4 = [
    (IPv4Network(block), kind)
    for block, kind in [
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),  # holds 100.100.100.200, a metadata service
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "metadata"),  # public by number, but a cloud's own service
        ("169.254.0.0/16", "link-local"),  # holds 169.254.169.254, the metadata service of most clouds
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    ]
]
_PUBLIC_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_SPECIAL_V6 = [
    (IPv6Network(block), kind)
    for block, kind in [
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    ]
]
_METADATA = [
    ip_network(block)
    for block in (
        "169.254.0.0/16",  # most clouds, and what containers get their keys from
        "168.63.129.16/32",  # Azure
        "100.100.100.200/32",  # Alibaba
        "192.0.0.192/32",  # Oracle
        "fd00:ec2::/32",  # Amazon
        "fd20:ce::/32",  # Google
        "fd00:42::/32",  # Scaleway
        "fe80::a9fe:a9fe/128",
    )
]
"""Where clouds give a machine its keys. How to let one of these through is for the person to know, not for an answer
to tell."""
_METADATA_NAMES = ("metadata", "instance-data")
_EMBEDDING = [
    (IPv6Network(block), shift)
    for block, shift in [("::ffff:0:0/96", 0), ("::/96", 0), ("64:ff9b::/96", 0), ("2002::/16", 80)]
]
"""The IPv6 forms that hold an IPv4 address, and how many bits stand behind it."""
_OWN_NAMES = (".localhost", ".localdomain", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
TRIED_ADDRESSES = 4
"""How many addresses of one name are tried, one after the other."""

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORTS = {"http": 80, "https": 443}
_NOT_IN_URLS = re.compile(r"[\\\s\x00-\x1f\x7f-\x9f]")
"""What one reader of URLs takes for a part of the host, and another for its end."""
_NOT_IN_NAMES = re.compile(r"[\x00-,/:-@\[-^`{-\x9f]")
"""What is in no name of a host, of the characters of ASCII."""


class Guard:
    """Lets requests through to public addresses only, e.g. `Guard(allow=["127.0.0.1:8123"])`.

    Args:
        allow: `host:port` pairs (the setting FETCH_ALLOW) that pass although they are private.
        resolver: Gives the addresses of a name; the system's own by default.
    """

    def __init__(self, allow: Collection[str] = (), resolver: Resolver | None = None) -> None:
        self._allow = {pair.lower() for pair in allow}
        self._resolver = resolver or resolve_name

    def let_through(self, pair: str) -> None:
        """Let a `host:port` pair pass from now on, such as the embedded sandbox's."""
        self._allow.add(pair.lower())

    def check_url(self, url: str) -> bool:
        """Refuse what can be refused without asking for the name's addresses; tell whether FETCH_ALLOW names it.

        Raises:
            Forbidden: Another scheme, no host, a name and password, or an address that is not public.
            BadReference: The URL is malformed.
        """
        host, port = _place(url)
        return self._check_host(host, port)

    def check_redirect(self, url: str, target: str) -> bool:
        """Refuse a redirect that leads to where nobody may go, or from a connection that is sealed to one that is not.

        Tells whether FETCH_ALLOW names the target.

        Raises:
            Forbidden: As `check_url`.
            FetchFailed: It leads to a malformed URL.
        """
        try:
            let_through = self.check_url(target)
        except BadReference as error:
            raise FetchFailed(f"{url[:200]} can't be fetched: it leads to a malformed URL ({error})") from error
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise Forbidden(
                f"{url[:200]} can't be fetched: it redirects from https:// to http://, which anybody reads."
            )
        return let_through

    async def vouches_for(self, url: str) -> bool:
        """Tell whether a service may be sent to an address: it is public, by every address that its name has now.

        False for what FETCH_ALLOW lets through for this machine: it means nothing elsewhere, or something else.

        Raises:
            Forbidden: It, or one of its addresses, is not public.
            BadReference: It is malformed.
            FetchFailed: Its host has no address.
        """
        host, port = _place(url)
        if self._check_host(host, port):
            return False
        try:
            await self.addresses(host, port)
        except OSError as error:
            raise FetchFailed(f"{url[:200]} can't be used: the host {host} has no address.") from error
        return True

    async def addresses(self, host: str, port: int) -> list[str]:
        """Give the addresses to which a connection may go: all of the name's, or none if one of them is not public.

        Raises:
            Forbidden: One of them is not public.
            BadReference: The name is malformed.
            OSError: The name has no address.
        """
        host = _plain_host(host)
        allowed = self._check_host(host, port)
        found = await self._resolver(host, port)
        if not found:
            raise OSError(f"{host} has no address")
        if not allowed:
            for address in found:
                self._check_address(host, port, address)
        return found

    def _check_host(self, host: str, port: int) -> bool:
        """Refuse hosts that are or stand for an address that is not public; tell whether the pair is allowed."""
        if f"{host}:{port}" in self._allow or f"[{host}]:{port}" in self._allow:
            return True
        name = host.rstrip(".")
        if ":" in name or _is_dotted(name):
            self._check_address(host, port, name)
        elif _is_number(name):
            raise _forbidden(host, port, "it is an address written as a number, which only hides where it goes")
        elif "." not in name or name.endswith(_OWN_NAMES):
            raise _forbidden(host, port, "it is a name of this machine or its network", _may_be_let_through(name))
        return False

    def _check_address(self, host: str, port: int, address: str) -> None:
        kind = special_kind(address)
        if kind is not None:
            article = "an" if kind[0] in "Iu" else "a"
            why = f"it {'is' if host.rstrip('.') == address else 'leads to'} {article} {kind} address"
            raise _forbidden(host, port, why, _may_be_let_through(host) and not _gives_keys(address))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections for a pool: asks the guard for a name's addresses and connects to one of these.

    Nothing else resolves the name again, so a name that changes its address in between (DNS rebinding) gains nothing.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of a name's checked addresses that answers.

        Raises:
            Forbidden: One of its addresses is not public.
            httpcore2.ConnectError: The name has no address, or none answers.
        """
        try:
            addresses = (await self._guard.addresses(host, port))[:TRIED_ADDRESSES]
        except OSError as error:
            raise httpcore2.ConnectError(f"the host {host} has no address") from error
        failure: httpcore2.NetworkError | httpcore2.TimeoutException | None = None
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout and timeout / len(addresses), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"the host {host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - likewise
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: the guard lets no local socket through."""
        raise httpcore2.ConnectError(f"{path} is a local socket")

    async def sleep(self, seconds: float) -> None:
        """Wait between retries."""
        await anyio.sleep(seconds)


def special_kind(address: str) -> str | None:
    """Name what keeps an address from being a public one, e.g. `loopback`; `None` for a public address."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:  # `[v1.a:b]` is a host by RFC 3986, and no address that anything can connect to
        return "malformed"
    if isinstance(ip, IPv4Address):
        return _special_v4(ip)
    if ip in _NAT64:  # what a network without IPv4 gives for every host that has nothing else
        return _special_v4(IPv4Address(int(ip) & 0xFFFFFFFF))
    return _special_v6(ip)


def check_path(path: Path, read_dirs: Collection[Path]) -> Path:
    """Resolve a file's path, links included, and make sure that it is below one of the folders.

    Raises:
        Forbidden: It is not; the text names the folders and the setting LIGHTBOX_READ_DIRS.
    """
    try:
        resolved = path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise BadReference(f"The path {path} can't be followed ({error}): pass a path to a picture file.") from error
    if any(resolved.is_relative_to(folder.expanduser().resolve()) for folder in read_dirs):
        return resolved
    if not read_dirs:
        raise Forbidden(
            f"{path} can't be read: this server does not read files. Pass a URL, a data URI or a handle, "
            "or set LIGHTBOX_READ_DIRS to the folders below which it may read."
        )
    folders = ", ".join(str(folder) for folder in read_dirs)
    raise Forbidden(
        f"{path} can't be read: it is outside the folders that this server may read ({folders}). "
        "Move it there, or add its folder to LIGHTBOX_READ_DIRS."
    )


async def resolve_name(host: str, port: int) -> list[str]:
    """Ask the system for every address of a name.

    Raises:
        OSError: It has none, or is no name.
    """
    if _is_dotted(host):  # the system would say the same, from another thread
        return [host]
    try:
        answers = await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} is not a host name") from error
    return list(dict.fromkeys(str(place[0]) for *_, place in answers))


def _special_v4(ip: IPv4Address) -> str | None:
    return next((kind for block, kind in _SPECIAL_V4 if ip in block), None)


def _special_v6(ip: IPv6Address) -> str | None:
    kind = next((kind for block, kind in _SPECIAL_V6 if ip in block), None)
    return kind or (None if ip in _PUBLIC_V6 else "reserved")


def _is_dotted(name: str) -> bool:
    """Tell whether a name is an IPv4 address in its one plain form."""
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True


def _is_number(name: str) -> bool:
    """Tell whether a resolver would read a name as a number: its last part is one (WHATWG URL, 3.5)."""
    return _NUMBER.fullmatch(name.rpartition(".")[2]) is not None


def _place(url: str) -> tuple[str, int]:
    """Give the host of a web address, as resolvers read it, and its port.

    Raises:
        Forbidden: Another scheme, no host, or a name and password.
        BadReference: The URL is malformed.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadReference(f"{url[:200]} is not a URL ({error}): pass an http:// or https:// address.") from error
    if parts.scheme not in _PORTS or not host:
        raise Forbidden(f"{url[:200]} can't be fetched: only http:// and https:// addresses with a host can.")
    if "@" in parts.netloc:
        raise Forbidden(
            f"{_without_login(parts)} can't be fetched: a name or password stands before its host. Pass it without."
        )
    if _NOT_IN_URLS.search(url):
        raise BadReference(
            "The URL holds a blank, a backslash or a control character: write these as %20, %5C and so on."
        )
    return _plain_host(host), _PORTS[parts.scheme] if port is None else port


def _without_login(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()[:200]


def _plain_host(host: str) -> str:
    """Give a host as resolvers and browsers read it (UTS 46): `127%2e0.0.1` is 127.0.0.1, and so are full-width digits.

    Raises:
        BadReference: No name of a host can be so.
    """
    if host.isascii() and "%" not in host:
        plain = host.lower()
    else:
        with suppress(ValueError):  # an IPv6 address with its zone
            return str(IPv6Address(host))
        shown = "".join(letter for letter in unquote(host) if not _is_ignored(letter))
        plain = unicodedata.normalize("NFKC", shown).replace("\u3002", ".").casefold()
        plain = "".join(letter for letter in unicodedata.normalize("NFKC", plain) if not _is_ignored(letter))
    if not plain.strip(".") or (_NOT_IN_NAMES.search(plain) and not _is_ipv6(plain)):
        raise BadReference(f"{host[:80]} is not the name of a host: pass an http:// or https:// address.")
    return plain


def _is_ignored(letter: str) -> bool:
    """Tell whether a character is left out where names are compared: zero-width ones, soft hyphens, variations."""
    return (
        unicodedata.category(letter) == "Cf" or letter in "\u034f\u180b\u180c\u180d" or "\ufe00" <= letter <= "\ufe0f"
    )


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return ":" in host  # of a version to come: refused as malformed where addresses are judged
    return True


def _gives_keys(address: str) -> bool:
    """Tell whether an address is one at which a cloud gives a machine its keys, in whatever form it is written."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    forms: list[IPv4Address | IPv6Address] = [ip]
    if isinstance(ip, IPv6Address):
        forms += [IPv4Address(int(ip) >> shift & 0xFFFFFFFF) for block, shift in _EMBEDDING if ip in block]
    return any(form in block for form in forms for block in _METADATA)


def _may_be_let_through(name: str) -> bool:
    """Tell whether a refusal may say how a name is let through: not where it is one of a metadata service."""
    return not name.startswith(_METADATA_NAMES)


def _forbidden(host: str, port: int, why: str, hint: bool = False) -> Forbidden:  # noqa: FBT001, FBT002 - said where it is called
    pair = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    text = f"{pair} can't be fetched: {why}. Only public addresses are"
    if hint:
        text += f"; the person who runs this server can let it through with LIGHTBOX_FETCH_ALLOW={pair}"
    return Forbidden(f"{text}.")
