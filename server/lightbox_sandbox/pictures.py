"""Pictures as they travel: those that a request names, by data URI, file or address on loopback, and paintings."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

import httpx2

from .dialects import Json, Rejected
from .uploads import FileStore
from .whereabouts import HERE

MAX_BYTES: Final = 50 * 1024 * 1024
FETCH_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class GivenPicture:
    """A picture as it came in, not yet decoded. `detail` is how closely the model is to look."""

    data: bytes
    detail: str = "auto"


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished picture and its rough stages, as base64 of the files; sides in px."""

    result: str
    partials: tuple[str, ...]
    size: tuple[int, int]
    quality: str
    background: str
    edited: bool


def base64_of(data: bytes) -> str:
    """Encode bytes as they travel in JSON."""
    return base64.b64encode(data).decode()


async def load_picture(part: Json, files: FileStore) -> GivenPicture:
    """Load what an `input_image` or a mask names. Raises `Rejected` where there is no picture."""
    detail = str(part.get("detail") or "auto")
    if file_id := part.get("file_id"):
        return GivenPicture(files.get(str(file_id)).data, detail)
    url = str(part.get("image_url", ""))
    if url.startswith("data:"):
        return GivenPicture(_from_data_uri(url), detail)
    return GivenPicture(await _fetch(url), detail)


def _from_data_uri(uri: str) -> bytes:
    head, separator, body = uri.partition(",")
    if not separator:
        body = "?"  # a URI without a comma carries no data at all
    try:
        data = base64.b64decode(body, validate=True) if head.endswith(";base64") else unquote_to_bytes(body)
    except (ValueError, binascii.Error):
        raise Rejected(
            "Invalid base64 image_url: expected a data URI such as data:image/png;base64,….",
            code="invalid_base64_image",
            param="image_url",
            dashscope_code="InvalidParameter",
        ) from None
    if not data:
        raise Rejected("The image is empty.", code="empty_image_file", param="image_url")
    return data


async def _fetch(url: str) -> bytes:
    """Fetch from this machine. No other host is ever reached: to the client that is a failed download."""
    address = HERE.get().within_reach(url)
    if address is None:
        raise _not_downloaded(url, "the sandbox reaches no host but its own; send the picture as a data URI")
    try:
        async with (
            httpx2.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as client,
            client.stream("GET", address) as response,
        ):
            if not response.is_success:
                raise _not_downloaded(url, f"upstream status code: {response.status_code}")
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > MAX_BYTES:
                    raise _not_downloaded(url, f"more than {MAX_BYTES} bytes")
            return bytes(data)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _not_downloaded(url, type(error).__name__) from error


def _not_downloaded(url: str, reason: str) -> Rejected:
    return Rejected(
        f"Error while downloading {url[:200]}: {reason}.",
        code="invalid_image_url",
        param="url",
        dashscope_code="InvalidParameter",
    )
