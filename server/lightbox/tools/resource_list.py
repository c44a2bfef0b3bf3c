"""The resources that a client is shown before it reads any; `resources` gives what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ResourceNotFoundError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

MODELS = "lightbox://models"
IMAGE = "lightbox://images/{handle}"
PREVIEW = "lightbox://images/{handle}/preview"
JOB = "lightbox://jobs/{job_id}"
JOB_PREVIEW = "lightbox://jobs/{job_id}/preview"


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
