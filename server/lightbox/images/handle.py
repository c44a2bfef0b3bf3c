"""How a picture gets its handle: derived from its owner and its URL or bytes, so that these always give the same."""

from __future__ import annotations

from hashlib import sha256

LENGTH = 10
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: i, l, o and u are too easily misread on a contact sheet


def derive_handle(owner: str, identity: str, attempt: int = 0) -> str:
    """Give `img_` and 10 letters or digits, e.g. for the identity `url:https://example.com/fox.jpg`.

    50 bits: `attempt` is raised in the rare case that another identity of the owner holds the handle.
    """
    digest = sha256("\0".join([owner, identity, str(attempt)]).encode()).digest()
    number = int.from_bytes(digest, "big")
    letters: list[str] = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "img_" + "".join(letters)
