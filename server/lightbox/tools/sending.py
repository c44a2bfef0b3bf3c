"""Pictures on their way to a service: by address where the service can fetch it, else inside the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from lightbox.costs.call import SentSize
from lightbox.costs.counting.vision import seen_size
from lightbox.errors import BadReference, FetchFailed, Forbidden
from lightbox.images import rendering
from lightbox.images.reference import FileId, data_uri
from lightbox.providers.calls import SentPicture
from lightbox.providers.roster import PROVIDERS

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.images.rendering import Rendition
    from lightbox.providers.endpoint import Endpoint
    from lightbox.tools.tool import Call
    from lightbox.vocabulary import Detail

PROBE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One picture that is ready to be sent.

    Attributes:
        reference: What names it in the journal: its handle, or the provider's file id.
        sent: The form in which it travels.
        size: What its price depends on.
        picture: What the server knows of it; None for a file id.
        data: Its true bytes, where they were needed.
    """

    reference: str
    sent: SentPicture
    size: SentSize
    picture: Picture | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """For whom pictures are prepared.

    Attributes:
        endpoint: The service.
        model: The model that will look at them.
        detail: How closely.
        inline: Send them inside the request whatever they are.
        whole: Do not shrink them to what the model sees: they are worked on.
        formats: The types in which they may travel, where not all that the service takes will do.
    """

    endpoint: Endpoint
    model: str
    detail: Detail | None = None
    inline: bool = False
    whole: bool = False
    formats: frozenset[str] | None = None


async def prepare(call: Call, reference: str, purpose: Purpose) -> Prepared:
    """Turn an image reference into what is sent.

    Raises:
        BadReference, BadPicture, FetchFailed, Forbidden: The reference names nothing that can be sent.
    """
    found = await call.parts.pictures.resolve(call.owner, reference)
    if isinstance(found, FileId):
        return _file(found.value, purpose.endpoint.provider)
    by_address = await _by_address(call, found) if await _may_travel_by_address(call, found, purpose) else None
    return by_address or await _inside(call, found, purpose)


async def prepare_all(call: Call, references: list[str], purpose: Purpose) -> list[Prepared]:
    """Prepare several at once, in their order; raises what the first bad one raises."""
    prepared: dict[int, Prepared] = {}
    failures: dict[int, Exception] = {}

    async def one(index: int, reference: str) -> None:
        try:
            prepared[index] = await prepare(call, reference, purpose)
        except Exception as error:  # noqa: BLE001 - raised below, as itself and not as a group
            failures[index] = error

    async with anyio.create_task_group() as tasks:
        for index, reference in enumerate(references):
            tasks.start_soon(one, index, reference)
    if failures:
        raise failures[min(failures)]
    return [prepared[index] for index in range(len(references))]


def _file(file_id: str, provider: str) -> Prepared:
    if not PROVIDERS[provider].takes_file_ids:
        raise BadReference(
            f"{file_id} is a file id of OpenAI's, which {provider} can't read: pass a handle, URL, path or data URI."
        )
    return Prepared(reference=file_id, sent=SentPicture(file_id=file_id), size=SentSize())


async def _may_travel_by_address(call: Call, picture: Picture, purpose: Purpose) -> bool:
    """Tell whether a picture may travel by its address, as far as that shows without following it.

    By address goes only what was never seen here, what the service can fetch, and what the guard vouches for: what it
    lets through for this machine alone (FETCH_ALLOW) is fetched here.

    Raises:
        Forbidden: The guard lets it go nowhere.
        FetchFailed: Its host has no address.
    """
    fetches = PROVIDERS[purpose.endpoint.provider].fetches_for(purpose.endpoint)
    if purpose.inline or not fetches or not picture.url or picture.path or picture.sha256 is not None:
        return False
    return await call.parts.fetcher.guard.vouches_for(picture.url)


async def _by_address(call: Call, picture: Picture) -> Prepared | None:
    """Send an address as it is, when it is alive; None where it leads to what FETCH_ALLOW lets this machine fetch.

    Raises:
        Forbidden: It leads to where the guard lets nobody go.
        FetchFailed: It is dead, or no image.
    """
    url = picture.url or ""
    [probe] = await call.parts.fetcher.probe_all([url], min(PROBE_SECONDS, call.remaining))
    if probe.forbidden:
        raise Forbidden(f"{url} can't be used: it leads to an address that is not public. Nothing was sent.")
    if probe.state in ("dead", "not_an_image"):
        what = "is dead" if probe.state == "dead" else "is not an image"
        raise FetchFailed(f"{url} {what} ({probe.reason}): pass another picture. Nothing was sent.")
    if probe.let_through:
        return None
    size = SentSize(width=probe.width, height=probe.height)
    return Prepared(reference=picture.handle, sent=SentPicture(url=url), size=size, picture=picture)


async def _inside(call: Call, picture: Picture, purpose: Purpose) -> Prepared:
    known, data = await call.load(picture)
    provider = PROVIDERS[purpose.endpoint.provider]
    rendition = await rendering.for_sending(
        data,
        max_base64_bytes=provider.max_base64_bytes,
        formats=purpose.formats or provider.formats,
        seen_size=None if purpose.whole else _seen_size(call, known, purpose),
    )
    uri = await anyio.to_thread.run_sync(data_uri, rendition.data, rendition.mime_type)
    return Prepared(
        reference=known.handle,
        sent=SentPicture(url=uri),
        size=_size(known, rendition, len(data)),
        picture=known,
        data=data,
    )


def _seen_size(call: Call, picture: Picture, purpose: Purpose) -> tuple[int, int] | None:
    if not picture.width or not picture.height:
        return None
    provider = purpose.endpoint.provider
    return seen_size(call.rates, provider, purpose.model, picture.width, picture.height, purpose.detail)


def _size(picture: Picture, rendition: Rendition, original_bytes: int) -> SentSize:
    shrunk = (rendition.width, rendition.height) != (picture.width, picture.height)
    return SentSize(
        width=rendition.width,
        height=rendition.height,
        original_width=picture.width if shrunk else None,
        original_height=picture.height if shrunk else None,
        byte_count=len(rendition.data),
        original_byte_count=original_bytes if len(rendition.data) != original_bytes else None,
    )
