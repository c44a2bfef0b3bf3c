"""Conversations made short: `POST /responses/compact`, and the item that stands for what was left out.

The user's words stay as they are; all else goes into one item that only this service reads. The sandbox keeps no
secrets: what is in it is the conversation itself, packed.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from typing import Any, Final, cast

from .dialects import Json, Rejected
from .inputs import read_items
from .items import new_id

KIND: Final = "compaction"
MOST_BYTES: Final = 64 * 1024 * 1024


def compacted(items: Sequence[Json]) -> list[Json]:
    """Give the items that stand for a whole conversation."""
    kept = [item for item in items if item["type"] == "message" and item.get("role") == "user"]
    packed = zlib.compress(json.dumps([item for item in items if item not in kept]).encode())
    return [*kept, {"id": new_id("cmp"), "type": KIND, "encrypted_content": base64.b64encode(packed).decode()}]


def unpacked(item: Json) -> list[Json]:
    """Give what an item stands for: itself, if it is no compacted one. Raises `Rejected` (400) for a broken one."""
    if item["type"] != KIND:
        return [item]
    try:
        reader = zlib.decompressobj()
        packed = base64.b64decode(str(item.get("encrypted_content", "")), validate=True)
        rows: Any = json.loads(reader.decompress(packed, MOST_BYTES))
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in cast("list[Any]", rows)):
            raise _broken()
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise _broken() from None
    return [one for one in read_items(cast("list[Json]", rows)) if one["type"] != KIND]


def _broken() -> Rejected:
    return Rejected(
        "The encrypted content of a compaction item could not be read: pass it back as it was given.",
        code="invalid_encrypted_content",
        param="input",
    )
