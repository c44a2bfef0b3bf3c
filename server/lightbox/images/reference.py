"""An image reference: how a user names a picture, in one string.

Five forms: a handle, an http(s) URL, a path, a data URI, a provider's file id.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit
from urllib.request import url2pathname

from lightbox.errors import BadReference

FORMS = (
    "a handle (img_ and 10 letters or digits), an http(s) URL, a path to a file, "
    "a data URI (data:image/png;base64,…) or a provider's file id (file-…)"
)

RESOURCE_PREFIX = "lightbox://images/"

_LONGEST = 8192  # characters of a reference that is no data URI
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_HANDLE = re.compile(r"img_[0-9a-z]{10}")
_FILE_ID = re.compile(r"file[-_][0-9A-Za-z][0-9A-Za-z_-]{3,127}")
_HOME = re.compile(r"~(?:[\\/]|$)")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # two letters and up: C:\ is a drive
_DATA_URI = re.compile(r"data:(?P<type>[^;,]*)(?P<parameters>(?:;[^;,]*)*?)(?P<base64>;base64)?,", re.IGNORECASE)
_CHAT_ATTACHMENT = re.compile(r"(?:file://)?/mnt/(?:user-data|data)/|sandbox:|attachment:|cid:|blob:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Handle:
    """A picture that the server knows, e.g. `img_4k2x9w1qza`."""

    value: str


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A picture on the web, e.g. `https://example.com/fox.jpg`."""

    url: str


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A picture in a file of the machine that the server runs on, e.g. `~/Pictures/fox.jpg`, as the user named it."""

    path: Path


@dataclass(frozen=True, slots=True)
class DataURI:
    """A picture inside the reference itself, e.g. `data:image/png;base64,iVBOR…`, decoded.

    `mime_type` is what the URI claims; the type that counts comes from the bytes.
    """

    mime_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FileId:
    """A file that the user uploaded to a provider, e.g. `file-abc123`; only that provider can read it."""

    value: str


Reference = Handle | WebAddress | LocalFile | DataURI | FileId


def parse_reference(text: str) -> Reference:
    """Read an image reference, e.g. `parse_reference("img_4k2x9w1qza")`.

    Raises:
        BadReference: The text is in none of the five forms.
    """
    text = text.strip().strip("\"'`").strip()
    if not text:
        raise BadReference(f"An image reference is empty. Pass {FORMS}.")
    if _CHAT_ATTACHMENT.match(text):
        raise _attachment(text)
    if text[:5].lower() == "data:":
        return _parse_data_uri(text)
    if len(text) > _LONGEST:
        raise _unreadable(text, "it is too long for anything but a data URI")
    if _CONTROLS.search(text):
        raise _unreadable(text, "it holds control characters, or half of one that takes two")
    if text.lower().startswith(RESOURCE_PREFIX):
        return _handle(text[len(RESOURCE_PREFIX) :].removesuffix("/preview"), text)
    if text.startswith("img_") and not _looks_like_path(text):
        return _handle(text, text)
    if _FILE_ID.fullmatch(text):
        return FileId(text)
    return _address_or_path(text)


def data_uri(data: bytes, mime_type: str) -> str:
    """Put bytes into a data URI, e.g. `data:image/png;base64,iVBOR…`."""
    return f"data:{mime_type};base64,{base64.b64encode(data).decode('ascii')}"


def shorten(text: str, limit: int = 80) -> str:
    """Cut a value for an error message, e.g. `data:image/png;base64,iVBORw0K… (41,332 characters)`."""
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:limit]
    ) + (f"… ({len(text):,} characters)" if len(text) > limit else "")
    return f"“{text}”"


def _handle(value: str, text: str) -> Handle:
    value = value.strip("/")
    if not _HANDLE.fullmatch(value):
        raise _unreadable(text, "a handle is img_ and 10 lower-case letters or digits, exactly as a tool gave it")
    return Handle(value)


def _looks_like_path(text: str) -> bool:
    return any(separator in text for separator in "/\\.")


def _address_or_path(text: str) -> WebAddress | LocalFile:
    if _DRIVE.match(text):
        return LocalFile(Path(text))
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _path(text)
    match scheme.group(1).lower():
        case "http" | "https":
            return _web_address(text)
        case "file":
            return _file_url(text)
        case other if text[scheme.end() :].startswith("//"):
            raise _unreadable(text, f"{other}:// addresses can't be fetched, only http:// and https://")
        case _:
            return _path(text)


def _web_address(text: str) -> WebAddress:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _unreadable(text, f"the URL is malformed ({error})") from error
    if not host:
        raise _unreadable(text, "the URL has no host")
    return WebAddress(text.replace(" ", "%20"))


def _file_url(text: str) -> LocalFile:
    parts = urlsplit(text)
    if parts.netloc.lower() not in {"", "localhost"}:
        raise _unreadable(text, "a file:// URL names a file of this machine, as in file:///home/you/fox.png")
    path = unquote(parts.path)
    if _DRIVE.match(path.removeprefix("/")):  # file:///C:/Users/…
        return LocalFile(Path(path.removeprefix("/")))
    return LocalFile(Path(url2pathname(parts.path)))


def _path(text: str) -> LocalFile:
    if not (_looks_like_path(text) or text.startswith("~")):
        raise _unreadable(text, "a path has a folder or an extension, as in ./fox.png")
    if text.startswith("~") and not _HOME.match(text):  # whether there is such a person is nobody's business
        raise _unreadable(text, "only your own home folder can be named by a tilde, as in ~/fox.png")
    return LocalFile(Path(text))


def _parse_data_uri(text: str) -> DataURI:
    head = _DATA_URI.match(text)
    if head is None:
        raise _unreadable(text, "a data URI is data:, a type, ;base64, a comma and the bytes")
    mime_type = head["type"].strip().lower()
    if mime_type and not mime_type.startswith(("image/", "application/octet-stream")):
        raise _unreadable(text, f"the data URI says that it holds {mime_type}, not a picture")
    data = _base64(text, head.end()) if head["base64"] else unquote_to_bytes(text[head.end() :])
    if not data:
        raise _unreadable(text, "the data URI holds no bytes")
    return DataURI(mime_type, data)


def _base64(text: str, start: int) -> bytes:
    """Decode standard or URL-safe base64, with or without line breaks, percent signs and padding."""
    payload = text[start:]
    if "%" in payload:
        payload = unquote(payload)
    payload = "".join(payload.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _unreadable(text, "its base64 is broken; was it cut off?") from error


def _attachment(text: str) -> BadReference:
    return BadReference(
        f"{shorten(text)} is an attachment of the chat: it stays in the chat's sandbox, which this server can't read. "
        "Pass instead a path on the machine that the server runs on, an http(s) URL, a data URI, "
        "or the handle (img_…) of a picture that a tool gave."
    )


def _unreadable(text: str, why: str) -> BadReference:
    return BadReference(f"The image reference {shorten(text)} can't be read: {why}. Pass {FORMS}.")
