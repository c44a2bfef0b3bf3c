"""Resources: true bytes and type of every picture, previews, the catalogue, and jobs."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import Annotations, Resource

from lightbox.costs.catalogue.document import as_document
from lightbox.errors import BadReference, LightboxError, UnknownJob
from lightbox.images import rendering
from lightbox.images.files import recognisable_name
from lightbox.images.records import by_handles
from lightbox.images.reference import RESOURCE_PREFIX
from lightbox.images.searching import newest
from lightbox.images.sniff import UNKNOWN_TYPE
from lightbox.tools.answers import PREVIEW_SIDE
from lightbox.tools.tool import Call, Opening
from lightbox.untrusted import plain_lines, plain_values, tame

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.images.picture import Picture
    from lightbox.untrusted import Redaction

logger = logging.getLogger(__name__)

HTTP_BYTES = 760_000
"""Largest picture over HTTP in bytes: its base64 with the envelope stays below 1 MiB, where the Python client's
reading of one server-sent event ends."""
STDIO_BYTES = 7_500_000
"""Likewise over stdio, where TypeScript clients close the connection at a message of 10 MiB."""

LISTED = 50
"""How many of the newest made pictures are listed."""
LONGEST_TITLE = 100

LONGEST_TEXT = 40_000
"""How much of one text of a job is shown, in characters: more than the longest prompt."""


async def read_resource(uri: str, context: Context[Any, Any]) -> list[ReadResourceContents]:
    """Read one of the server's resources.

    Raises:
        ResourceNotFoundError: There is none at this address.
        ResourceError: There is, but it can't be given; the text says why.
    """
    opening = cast("Opening", context.request_context.lifespan_context)
    redaction = opening.redaction
    try:
        contents = await _read(uri, context, opening)
    except (BadReference, UnknownJob) as error:
        raise ResourceNotFoundError(redaction.strike_out(plain_lines(str(error)))) from error
    except LightboxError as error:
        raise ResourceError(redaction.strike_out(plain_lines(str(error)))) from error
    return [
        replace(one, content=redaction.of(one.content), meta=redaction.of(one.meta) if one.meta else None)
        for one in contents
    ]


async def list_made(context: Context[Any, Any]) -> list[Resource]:
    """List the caller's newest made pictures; none where they can't be had in time: the rest of the list is."""
    opening = cast("Opening", context.request_context.lifespan_context)
    owner, redaction = opening.caller(context).owner, opening.redaction

    def look(connection: Connection) -> list[Picture]:
        handles = newest(connection, owner, origins=["made"], limit=LISTED).handles
        known = by_handles(connection, owner, handles)
        return [known[handle] for handle in handles if handle in known]

    with anyio.move_on_after(opening.settings.wait_seconds):
        try:
            await opening.prepare(only_looks=True)
            made = await (await opening.open_pictures()).database.read(look)
        except LightboxError as error:
            logger.warning("made pictures could not be listed: %s", error)
        else:
            return [_listed(picture, redaction) for picture in made]
    return []


def _listed(picture: Picture, redaction: Redaction) -> Resource:
    name = recognisable_name(
        picture.prompt or "", picture.handle, picture.mime_type or UNKNOWN_TYPE, picture.created_at
    )
    size = f"{picture.width}x{picture.height} px" if picture.width else None
    made_by = f"{picture.provider} {picture.model or ''}".strip() if picture.provider else None
    return Resource(
        uri=f"{RESOURCE_PREFIX}{picture.handle}",
        name=redaction.strike_out(name),
        title=redaction.strike_out(tame(picture.prompt, LONGEST_TITLE) or name),
        description=redaction.strike_out(tame(", ".join(part for part in (size, made_by) if part)) or "") or None,
        mime_type=picture.mime_type,
        size=picture.byte_count,
        annotations=Annotations(last_modified=picture.created_at.isoformat(timespec="seconds")),
    )


async def _read(uri: str, context: Context[Any, Any], opening: Opening) -> list[ReadResourceContents]:
    deadline = anyio.current_time() + opening.settings.wait_seconds
    kind, _, rest = uri.removeprefix("lightbox://").partition("/")
    name, _, part = rest.partition("/")
    call = Call(await opening.open(), context, opening.caller(context), deadline)
    match kind, part:
        case "models", "":
            return [await _models(call)]
        case "images", "":
            return [await _image(call, name)]
        case "images", "preview":
            return [await _preview(call, name)]
        case "jobs", "":
            return [await _job(call, name)]
        case "jobs", "preview":
            return [await _job_preview(call, name)]
        case _:
            raise ResourceNotFoundError(f"There is no resource {uri}.")


async def _models(call: Call) -> ReadResourceContents:
    document = json.dumps(as_document(call.rates), ensure_ascii=False, separators=(",", ":"))
    return ReadResourceContents(content=document, mime_type="application/json")


async def _image(call: Call, handle: str) -> ReadResourceContents:
    """Give the true bytes, or the largest rendition that the client's wire takes, saying so."""
    parts = call.parts
    picture, data = await parts.open_picture(await parts.pictures.known(call.owner, handle))
    link = call.caller.link
    most = HTTP_BYTES if link else STDIO_BYTES
    if len(data) <= most:
        return ReadResourceContents(content=data, mime_type=picture.mime_type)
    fitted = await rendering.fit(data, max_bytes=most)
    where = link(handle) if link else f"path {picture.path}"
    note = (
        f"{fitted.width}x{fitted.height} px instead of {len(data):,} bytes, which this connection can't carry: {where}"
    )
    return ReadResourceContents(content=fitted.data, mime_type=fitted.mime_type, meta={"lightbox/note": note})


async def _preview(call: Call, handle: str) -> ReadResourceContents:
    parts = call.parts
    _, data = await parts.open_picture(await parts.pictures.known(call.owner, handle))
    preview = await rendering.preview(data, max_side=PREVIEW_SIDE, max_bytes=HTTP_BYTES)
    return ReadResourceContents(content=preview.data, mime_type=preview.mime_type)


async def _job(call: Call, job_id: str) -> ReadResourceContents:
    parts = call.parts
    job = await parts.journal.get(call.owner, job_id)
    document: dict[str, Any] = {
        "job_id": job.id,
        "tool": job.order.tool,
        "arguments": job.order.arguments,
        "state": job.state,
        "stage": job.stage,
        "created_at": job.created_at.isoformat(),
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
        "outcome": job.outcome.model_dump(mode="json") if job.outcome else None,
        "error": job.error,
        "estimate": job.order.estimate.model_dump(mode="json"),
        "bill": job.bill.model_dump(mode="json") if job.bill else None,
    }
    return ReadResourceContents(
        content=json.dumps(plain_values(document, LONGEST_TEXT), ensure_ascii=False), mime_type="application/json"
    )


async def _job_preview(call: Call, job_id: str) -> ReadResourceContents:
    parts = call.parts
    job = await parts.journal.get(call.owner, job_id)
    unfinished = await parts.pictures.partial(job.id)
    if unfinished is None:
        raise ResourceNotFoundError(f"{job_id} has no unfinished picture ({job.state}): get_job brings what it made.")
    preview = await rendering.preview(unfinished, max_side=PREVIEW_SIDE, max_bytes=HTTP_BYTES)
    return ReadResourceContents(content=preview.data, mime_type=preview.mime_type)
