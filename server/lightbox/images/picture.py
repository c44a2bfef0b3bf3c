"""What the server knows of one picture, the handle that names it, and the forms in which it is shown or sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from lightbox.vocabulary import Origin

MAX_INLINE_SIDE = 2000
"""The longest side in px of anything that is put inline: some clients end the session above it."""

_LENGTH = 10
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: i, l, o and u are too easily misread on a contact sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture that the server knows: found on the web, made by a model, or given by the user.

    Attributes:
        handle: `img_` and 10 letters or digits; names the picture in every tool, for its owner.
        owner: The caller to whom the handle belongs.
        origin: `found`, `made` or `given`.
        url: Its address on the web.
        page_url: The page on which it was found.
        thumbnail_url: The address of a small version of it.
        title: What the web calls it: untrusted text.
        prompt: What a model was asked for to make it.
        provider: The service that found or made it.
        model: The model that made it.
        response_id: The service's id of the response that holds it.
        item_id: The service's id of the item in that response.
        path: The file in which the person finds it: where it was saved, or where it was given from.
        width: Width in px as shown (a JPEG or TIFF upright); from the bytes as soon as they have been seen.
        height: Height in px as shown.
        mime_type: Its type, from the bytes as soon as they have been seen.
        byte_count: Its length in bytes.
        sha256: The hash of its bytes, in hex.
        note: What the person should know about where it was saved.
        created_at: When the server first heard of it; of a found picture that no call has used, when a search last
            brought it, to the day.
        used_at: When a call first named it, of a picture on the web; equal pictures may differ in it.
    """

    handle: str
    owner: str
    origin: Origin
    created_at: datetime
    url: str | None = None
    page_url: str | None = None
    thumbnail_url: str | None = None
    title: str | None = None
    prompt: str | None = None
    provider: str | None = None
    model: str | None = None
    response_id: str | None = None
    item_id: str | None = None
    path: Path | None = None
    width: int | None = None
    height: int | None = None
    mime_type: str | None = None
    byte_count: int | None = None
    sha256: str | None = None
    note: str | None = None
    used_at: datetime | None = field(default=None, compare=False)

    @property
    def resource_uri(self) -> str:
        """The resource under which a client reads the true bytes."""
        return f"lightbox://images/{self.handle}"


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture encoded for a purpose; sizes in px."""

    data: bytes = field(repr=False)
    mime_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a contact sheet; `problem` says in a few words why there is no `data`; sizes in px."""

    handle: str
    data: bytes | None = field(default=None, repr=False)
    title: str | None = None
    width: int | None = None
    height: int | None = None
    problem: str | None = None


def derive_handle(owner: str, identity: str, attempt: int = 0) -> str:
    """Give `img_` and 10 letters or digits, e.g. for the identity `url:https://example.com/fox.jpg`.

    Derived from the owner and the URL or bytes, so that these always give the same. 50 bits: `attempt` is raised in
    the rare case that another identity of the owner holds the handle.
    """
    digest = sha256("\0".join([owner, identity, str(attempt)]).encode()).digest()
    number = int.from_bytes(digest, "big")
    letters: list[str] = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "img_" + "".join(letters)
