"""Bytes of pictures in an object store (S3, Google Cloud, Azure), through obstore.

Importing this module imports obstore, the extra `s3`; only a server with PICTURES_URL does.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import anyio
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import from_url

from lightbox.errors import SettingsError, StorageFailed
from lightbox.images.content import CLAIM, DAY, Kept

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta, PutMode
    from obstore.store import AzureStore, ClientConfig, GCSStore, RetryConfig, S3Store

SECONDS = 30.0
"""The longest that one request may take with all that is tried again: a call has to be answered."""
CHECK_SECONDS = 5.0
_CLIENT: ClientConfig = {
    "connect_timeout": timedelta(seconds=3),
    "timeout": timedelta(seconds=SECONDS),
    "allow_http": True,  # where the person's own endpoint begins with http://; the services' own never do
}
_RETRY: RetryConfig = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
}

PAGE = 1_000
PIECE_BYTES = 256 * 1024
LONGEST_ID = 200
"""The most bytes that are read of the mark that says whose pictures these are."""
PUBLIC_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".googleapis.com", ".windows.net", ".r2.cloudflarestorage.com")
"""Where the services themselves are; any other endpoint may be one that callers can't reach."""

_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")


class BucketContent:
    """Bytes in an object store, e.g. `BucketContent("s3://bucket/prefix")`; credentials come from the environment.

    Args:
        url: The store, and what its keys begin with there.
        called: What errors call it, where they may not name it.
        links: Whether addresses signed by the store are given out: `auto` where the store is the service's own.

    Raises:
        SettingsError: The address can't be one of a store; the text says why.
    """

    def __init__(self, url: str, *, called: str | None = None, links: str = "auto") -> None:
        self._called = called or f"The object store {url}"
        self._links = links
        try:
            self._store = from_url(url, client_options=_CLIENT, retry_config=_RETRY)
        except (BaseError, ValueError) as error:
            why = str(error).partition("\n")[0]
            raise SettingsError(f"LIGHTBOX_PICTURES_URL {url!r} can't be used: {why}") from None

    async def get(self, key: str, byte_count: int | None = None) -> bytes | None:
        """Give what is kept under a key; see `Content.get`."""
        with self._explained("read"), anyio.fail_after(SECONDS):
            result = await self._found(key, byte_count)
            if result is None:
                return None
            data = bytes(await result.bytes_async())
        await self._touch(key, data, result)
        return data

    async def put(self, key: str, data: bytes, mime_type: str) -> None:
        """Keep bytes unless they are there; see `Content.put`."""
        with self._explained("written"), anyio.fail_after(SECONDS):
            told = _attributes(key, mime_type)
            if not await self._created(key, data, told):
                there = await self._head(key)
                if there is None or there["size"] != len(data) or _age(there) > DAY:
                    await self._put(key, data, told, "overwrite")

    async def replace(self, key: str, data: bytes) -> None:
        """Keep bytes in place of those that were there; see `Content.replace`."""
        with self._explained("written"), anyio.fail_after(SECONDS):
            await self._put(key, data, {}, "overwrite")

    async def forget(self, key: str) -> None:
        """Remove what is kept under a key; see `Content.forget`."""
        with suppress(BaseError, OSError):
            with anyio.move_on_after(CHECK_SECONDS):
                await obstore.delete_async(self._store, key)

    async def remove(self, kept: Sequence[Kept]) -> list[Kept]:
        """Remove what was listed, save what was used since; see `Content.remove`."""
        gone: list[Kept] = []
        for one in kept:
            with self._explained("written"), anyio.fail_after(SECONDS):
                there = await self._head(one.key)
                if there is not None and there["last_modified"].timestamp() == one.used_at:
                    await obstore.delete_async(self._store, one.key)
                    gone.append(one)
        return gone

    async def listed(self, prefix: str) -> AsyncIterator[Sequence[Kept]]:
        """List objects, a page of the store's at a time; see `Content.listed`."""
        pages = self._pages(prefix, PAGE)
        while True:
            with self._explained("listed"), anyio.fail_after(SECONDS):
                try:
                    page = await anext(pages)
                except StopAsyncIteration:
                    return
            yield [Kept(one["path"], one["size"], one["last_modified"].timestamp()) for one in page]

    async def tidy(self, prefix: str, before: float) -> int:
        """Remove nothing: an object is there as a whole, or not at all."""
        del prefix, before
        return 0

    async def stream(self, key: str, byte_count: int) -> AsyncIterator[bytes] | None:
        """Give an object in pieces; see `Content.stream`."""
        with self._explained("read"), anyio.fail_after(SECONDS):
            result = await self._found(key, byte_count)
        return None if result is None else self._pieces(result)

    async def address(self, key: str, seconds: int) -> str | None:
        """Give an address that the store has signed; see `Content.address`."""
        if self._links == "server":
            return None
        with suppress(BaseError, OSError, TimeoutError), anyio.fail_after(CHECK_SECONDS):
            store = cast("S3Store | GCSStore | AzureStore", self._store)
            address = await obstore.sign_async(store, "GET", key, timedelta(seconds=seconds))
            if self._links == "store" or f".{urlsplit(address).hostname}".endswith(PUBLIC_HOSTS):
                return address if await self._head(key) is not None else None
        return None

    async def claim(self, database_id: str) -> bool:
        """Tell whether the objects belong to a database; see `Content.claim`."""
        with self._explained("written"), anyio.fail_after(SECONDS):
            if await self._created(CLAIM, database_id.encode(), {}):
                return True
        with self._explained("read"), anyio.fail_after(SECONDS):
            mark = await obstore.get_async(self._store, CLAIM)
            return mark.meta["size"] < LONGEST_ID and bytes(await mark.bytes_async()) == database_id.encode()

    async def check(self) -> None:
        """Make sure that the store answers and takes the credentials; see `Content.check`."""
        with self._explained("listed"), anyio.fail_after(CHECK_SECONDS), suppress(StopAsyncIteration):
            await anext(self._pages("check", 1))

    def _pages(self, prefix: str, size: int) -> AsyncIterator[Sequence[ObjectMeta]]:
        return cast("Any", obstore).list(self._store, prefix=prefix, chunk_size=size).__aiter__()

    async def _found(self, key: str, byte_count: int | None) -> GetResult | None:
        """Begin to read an object: its length is known before its bytes come."""
        try:
            result = await obstore.get_async(self._store, key)
        except FileNotFoundError as error:
            if any(sign in str(error) for sign in _MISSING):
                raise
            return None
        return result if byte_count in {None, result.meta["size"]} else None

    async def _pieces(self, result: GetResult) -> AsyncIterator[bytes]:
        async for piece in result.stream(min_chunk_size=PIECE_BYTES):
            yield bytes(piece)

    async def _head(self, key: str) -> ObjectMeta | None:
        try:
            return await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return None

    async def _created(self, key: str, data: bytes, attributes: dict[str, str]) -> bool:
        """Write an object unless there is one under its key; tells whether it was written."""
        try:
            await self._put(key, data, attributes, "create")
        except AlreadyExistsError:
            return False
        except NotImplementedError:  # a store without conditional writes, or where they are switched off
            if await self._head(key) is not None:
                return False
            await self._put(key, data, attributes, "overwrite")
        return True

    async def _put(self, key: str, data: bytes, attributes: dict[str, str], mode: PutMode) -> None:
        told = attributes or None
        await obstore.put_async(self._store, key, data, attributes=told, mode=mode, use_multipart=False)

    async def _touch(self, key: str, data: bytes, result: GetResult) -> None:
        """Say that an object was used, at most once a day: only by writing it again can its time be changed."""
        if _age(result.meta) > DAY:
            with suppress(BaseError, OSError, TimeoutError), anyio.fail_after(SECONDS):
                await self._put(key, data, dict(result.attributes), "overwrite")

    @contextmanager
    def _explained(self, done: str) -> Generator[None]:
        """Say what is wrong with the store in our own words: its own may hold the id of a key."""
        try:
            yield
        except (BaseError, OSError, NotImplementedError, ValueError) as error:
            why, fix = _explanation(error)
            raise StorageFailed(f"{self._called} can't be {done} ({why}): {fix}.") from None


def _attributes(key: str, mime_type: str) -> dict[str, str]:
    """Give what the store tells whoever fetches an object by a signed address: it is a file to save."""
    return {
        "Content-Type": mime_type,
        "Content-Disposition": f'attachment; filename="{os.path.basename(key)}"',  # noqa: PTH119 - a key is no path
        "Cache-Control": "private, max-age=900",
    }


def _age(there: ObjectMeta) -> float:
    return time.time() - there["last_modified"].timestamp()


_MISSING = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_NO_CREDENTIALS = ("redential", "169.254.169.254", "metadata.google")
"""Where none are set, a cloud's machine is asked for its own, at these addresses."""
_UNREACHED = ("error sending request", "HTTP error", "timed out")
_DENIED = re.compile(r"<Code>(Access|Invalid|Signature|Account|ExpiredToken|RequestTimeTooSkewed)|status code: 40[13]")

_MAKE_IT = "make it, or correct LIGHTBOX_PICTURES_URL"
_CREDENTIALS = "check the store's credentials in the server's environment (AWS_…, GOOGLE_… or AZURE_…) and their rights"
_ADDRESS = "check its address and region (LIGHTBOX_PICTURES_URL, AWS_ENDPOINT_URL, AWS_REGION)"
_NETWORK = "check its endpoint (AWS_ENDPOINT_URL, AWS_REGION) and the network"


def _explanation(error: Exception) -> tuple[str, str]:
    """Give what a store's error means, and what to do about it."""
    told = str(error)
    code = match[1] if (match := _CODE.search(told)) else ""
    denied = isinstance(error, PermissionDeniedError | UnauthenticatedError) or _DENIED.search(told)
    status = match[1] if (match := _STATUS.search(told)) else ""
    meanings = (
        (isinstance(error, TimeoutError), "it did not answer in time", _NETWORK),
        (any(sign in told for sign in _MISSING), "there is no such bucket", _MAKE_IT),
        (any(sign in told for sign in _NO_CREDENTIALS), "there are no credentials for it", _CREDENTIALS),
        (denied, f"access is denied{f', {code}' if code else ''}", _CREDENTIALS),
        (any(sign in told for sign in _UNREACHED), "it can't be reached", _NETWORK),
        (code or status, f"it answered {code or status}", _ADDRESS),
    )
    usual = (type(error).__name__, _ADDRESS)
    return next(((why, fix) for is_it, why, fix in meanings if is_it), usual)
