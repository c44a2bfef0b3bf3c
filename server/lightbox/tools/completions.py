"""What a client may offer while a person types a resource's address: the newest of their own handles and jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.server.mcpserver import Context
from mcp.types import Completion, CompletionArgument, PromptReference, ResourceTemplateReference

from lightbox.images.records import newest_handles
from lightbox.jobs.journal import newest_jobs
from lightbox.tools.resource_list import IMAGE, JOB, JOB_PREVIEW, PREVIEW
from lightbox.tools.tool import Opening

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST = 100
"""How many values the protocol lets one answer hold."""

SECONDS = 2.0
"""A completion that comes later than this is of no use to anybody who types."""

NOTHING = Completion(values=[])

_Newest = Callable[["Connection", str, str, int], list[str]]
_BY_TEMPLATE: dict[tuple[str, str], _Newest] = {
    (IMAGE, "handle"): newest_handles,
    (PREVIEW, "handle"): newest_handles,
    (JOB, "job_id"): newest_jobs,
    (JOB_PREVIEW, "job_id"): newest_jobs,
}


async def complete(
    reference: PromptReference | ResourceTemplateReference, argument: CompletionArgument, context: Context[Any, Any]
) -> Completion:
    """Give the newest values that begin with what was typed, the caller's own alone; nothing where none is known.

    Raises:
        StorageFailed: The state database can't be read.
    """
    if not isinstance(reference, ResourceTemplateReference):
        return NOTHING
    newest = _BY_TEMPLATE.get((reference.uri, argument.name))
    if newest is None:
        return NOTHING
    opening = cast("Opening", context.request_context.lifespan_context)
    owner = opening.caller(context).owner
    values: list[str] = []
    with anyio.move_on_after(SECONDS):
        parts = await opening.open()
        values = await parts.database.read(lambda connection: newest(connection, owner, argument.value, MOST + 1))
    return Completion(values=values[:MOST], has_more=len(values) > MOST)
