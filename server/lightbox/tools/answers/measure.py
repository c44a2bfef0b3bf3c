"""How large an answer is as it crosses the wire, and how much of it a picture may take."""

from __future__ import annotations

from mcp.types import CallToolResult

ENVELOPE_BYTES = 1_500
"""What the protocol puts around a result: ids, and the server's description in every answer of the 2026 era."""
BASE64 = 4 / 3


def encoded_bytes(result: CallToolResult) -> int:
    """Measure an answer in bytes, encoded as JSON in UTF-8, with its envelope."""
    return len(result.model_dump_json(by_alias=True, exclude_none=True).encode()) + ENVELOPE_BYTES


def picture_bytes(room: int, pictures: int = 1) -> int:
    """Give how many bytes each of some pictures may have, unencoded, to fit into `room` bytes of JSON."""
    wrapping = 100  # {"type": "image", "data": "", "mimeType": "image/webp"}
    return max(0, int((room / max(1, pictures) - wrapping) / BASE64))
