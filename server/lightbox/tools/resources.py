"""Resources: true bytes and type of every picture, previews, the catalogue, and jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from lightbox.errors import BadReference, LightboxError, UnknownJob
from lightbox.tools.call import ToolCall
from lightbox.tools.rendering import PREVIEW_SIDE

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

HTTP_BYTES = 760_000
"""Largest picture over HTTP in bytes: its base64 with the envelope stays below 1 MiB, where the Python client's
reading of one server-sent event ends."""
STDIO_BYTES = 7_500_000
"""Likewise over stdio, where TypeScript clients close the connection at a message of 10 MiB."""

MODELS = "lightbox://models"
IMAGE = "lightbox://images/{handle}"
PREVIEW = "lightbox://images/{handle}/preview"
JOB = "lightbox://jobs/{job_id}"
JOB_PREVIEW = "lightbox://jobs/{job_id}/preview"


async def read_resource(uri: str, context: Context[Any, Any]) -> list[ReadResourceContents]:
    """Read one of the server's resources.

    Raises:
        ResourceNotFoundError: There is none at this address.
        ResourceError: There is, but it can't be given; the text says why.
    """
    call = ToolCall(context.request_context.lifespan_context, context)
    kind, _, rest = uri.removeprefix("lightbox://").partition("/")
    name, _, part = rest.partition("/")
    try:
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
    except (BadReference, UnknownJob) as error:
        raise ResourceNotFoundError(str(error)) from error
    except LightboxError as error:
        raise ResourceError(str(error)) from error


def register_resources(server: MCPServer[Any]) -> None:
    """List the resources; `read_resource` answers for all of them."""

    async def models() -> str:
        raise ResourceNotFoundError(MODELS)

    async def by_handle(handle: str) -> bytes:
        raise ResourceNotFoundError(handle)

    async def by_job(job_id: str) -> bytes:
        raise ResourceNotFoundError(job_id)

    server.resource(
        MODELS,
        name="models",
        title="Models and prices",
        description="Every model that is known: what it accepts, what it costs, since when, and where that stands.",
        mime_type="application/json",
    )(models)
    server.resource(
        IMAGE, name="image", title="Picture", description="The true bytes of a picture.", mime_type="image/*"
    )(by_handle)
    server.resource(
        PREVIEW, name="preview", title="Preview", description="A small version of a picture.", mime_type="image/*"
    )(by_handle)
    server.resource(JOB, name="job", title="Job", description="A paid call.", mime_type="application/json")(by_job)
    server.resource(
        JOB_PREVIEW, name="job-preview", title="Unfinished picture", description="As it arrives.", mime_type="image/*"
    )(by_job)


async def _models(call: ToolCall) -> ReadResourceContents:
    parts = await call.services.open()
    document = json.dumps(parts.catalogue.as_document(), ensure_ascii=False, separators=(",", ":"))
    return ReadResourceContents(content=document, mime_type="application/json")


async def _image(call: ToolCall, handle: str) -> ReadResourceContents:
    """Give the true bytes, or the largest rendition that the client's wire takes, saying so."""
    from lightbox.images import rendering  # noqa: PLC0415 - Pillow comes with the first picture

    parts = await call.services.open()
    picture, data = await call.services.open_picture(await parts.pictures.known(call.owner, handle))
    most = HTTP_BYTES if call.link_base else STDIO_BYTES
    if len(data) <= most:
        return ReadResourceContents(content=data, mime_type=picture.mime_type)
    fitted = await rendering.fit(data, max_bytes=most)
    where = parts.links.make(call.link_base, picture.owner, handle) if call.link_base else f"path {picture.path}"
    note = (
        f"{fitted.width}x{fitted.height} px instead of {len(data):,} bytes, which this connection can't carry: {where}"
    )
    return ReadResourceContents(content=fitted.data, mime_type=fitted.mime_type, meta={"lightbox/note": note})


async def _preview(call: ToolCall, handle: str) -> ReadResourceContents:
    from lightbox.images import rendering  # noqa: PLC0415

    parts = await call.services.open()
    _, data = await call.services.open_picture(await parts.pictures.known(call.owner, handle))
    preview = await rendering.preview(data, max_side=PREVIEW_SIDE, max_bytes=HTTP_BYTES)
    return ReadResourceContents(content=preview.data, mime_type=preview.mime_type)


async def _job(call: ToolCall, job_id: str) -> ReadResourceContents:
    parts = await call.services.open()
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
    return ReadResourceContents(content=json.dumps(document, ensure_ascii=False), mime_type="application/json")


async def _job_preview(call: ToolCall, job_id: str) -> ReadResourceContents:
    from lightbox.images import rendering  # noqa: PLC0415

    parts = await call.services.open()
    job = await parts.journal.get(call.owner, job_id)
    path = anyio.Path(parts.runner.collector.partial_path(job.id))
    if not await path.is_file():
        raise ResourceNotFoundError(f"{job_id} has no unfinished picture ({job.state}): get_job brings what it made.")
    preview = await rendering.preview(await path.read_bytes(), max_side=PREVIEW_SIDE, max_bytes=HTTP_BYTES)
    return ReadResourceContents(content=preview.data, mime_type=preview.mime_type)
