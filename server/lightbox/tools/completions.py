"""What a client may offer while a person types an argument of a prompt or a resource's address: what is known here.

The protocol completes with plain values. What a handle shows is therefore told beside them, in the result's `_meta`,
and a handle is also found by words of its title or prompt.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import anyio
from mcp.server.mcpserver import Context
from mcp.types import CompleteResult, Completion, CompletionArgument, PromptReference, ResourceTemplateReference

from lightbox.errors import NoProvider
from lightbox.images.records import newest_titles
from lightbox.images.searching import newest_collections
from lightbox.jobs.journal import newest_jobs
from lightbox.providers.roster import choose
from lightbox.tools.prompts import TASKS
from lightbox.tools.resource_list import IMAGE, JOB, JOB_PREVIEW, PREVIEW
from lightbox.tools.tool import Caller, Opening
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from lightbox.tools.parts import Parts

MOST = 100
"""How many values the protocol lets one answer hold."""

LONGEST = 200
"""How many characters of what was typed are looked for."""

SECONDS = 2.0
"""A completion that comes later than this is of no use to anybody who types."""

TITLES = "lightbox/titles"
"""Where in `_meta` the titles of handles are."""

SIZES = (
    *("1920x1080", "1024x1024", "1536x1024", "1024x1536", "1080x1920", "1280x720", "2560x1440", "3840x2160"),
    *("16:9", "9:16", "4:3", "3:2", "1:1"),
)
"""The sizes that people ask for most: px, and ratios."""


@dataclass(frozen=True, slots=True)
class Values:
    """What may be offered: values, and the titles of those that have one."""

    values: list[str] = field(default_factory=list[str])
    titles: dict[str, str] = field(default_factory=dict[str, str])


_Known: TypeAlias = "Callable[[Parts, Caller, str], Awaitable[Values]]"


async def complete(
    reference: PromptReference | ResourceTemplateReference, argument: CompletionArgument, context: Context[Any, Any]
) -> CompleteResult:
    """Give what fits what was typed, of the caller's own alone; nothing where nothing is known.

    Raises:
        StorageFailed: The state database can't be read.
    """
    known, typed = _source(reference, argument.name), argument.value
    if known is None or len(typed) > LONGEST or "\0" in typed:
        return CompleteResult(completion=Completion(values=[]))
    opening = cast("Opening", context.request_context.lifespan_context)
    found = Values()
    with anyio.move_on_after(SECONDS):
        found = await known(await opening.open(), opening.caller(context), typed)
    values = found.values[:MOST]
    titles = {value: found.titles[value] for value in values if value in found.titles}
    return CompleteResult(
        completion=Completion(values=values, has_more=len(found.values) > MOST),
        _meta=opening.redaction.of({TITLES: titles}) if titles else None,
    )


async def _handles(parts: Parts, caller: Caller, typed: str) -> Values:
    """Give the newest handles that begin so, or whose pictures are called so."""
    rows = await parts.database.read(lambda connection: newest_titles(connection, caller.owner, typed, MOST + 1))
    titles = {handle: title for handle, told in rows if (title := tame(told))}
    return Values([handle for handle, _ in rows], titles)


async def _several_handles(parts: Parts, caller: Caller, typed: str) -> Values:
    """Complete the last of several handles; those before it stay."""
    before, blank, last = typed.rpartition(" ")
    found = await _handles(parts, caller, last)
    kept = f"{before}{blank}"
    titles = {f"{kept}{handle}": title for handle, title in found.titles.items()}
    return Values([f"{kept}{handle}" for handle in found.values if handle not in before.split()], titles)


async def _jobs(parts: Parts, caller: Caller, typed: str) -> Values:
    return Values(await parts.database.read(lambda connection: newest_jobs(connection, caller.owner, typed, MOST + 1)))


async def _image_models(parts: Parts, caller: Caller, typed: str) -> Values:
    """Give the known models of whoever would paint."""
    available = parts.endpoints if caller.endpoints is None else caller.endpoints
    try:
        provider = choose("generate", parts.settings, available).provider
    except NoProvider:
        return Values()
    return Values(_like(typed, [row.name for row in parts.catalogue.image_models(provider)]))


async def _sizes(_: Parts, __: Caller, typed: str) -> Values:
    return Values(_like(typed, SIZES))


async def _collections(parts: Parts, caller: Caller, typed: str) -> Values:
    """Give the caller's collections that begin so, the one last saved to first."""
    known = partial(newest_collections, owner=caller.owner, beginning=typed, limit=MOST + 1)
    return Values(await parts.database.read(known))


def _like(typed: str, known: list[str] | tuple[str, ...]) -> list[str]:
    """Give those that begin as was typed, then those that hold it."""
    wanted = typed.lower()
    holding = [value for value in known if wanted in value.lower()]
    return sorted(holding, key=lambda value: not value.lower().startswith(wanted))


_BY_TEMPLATE: Mapping[tuple[str, str], _Known] = {
    (IMAGE, "handle"): _handles,
    (PREVIEW, "handle"): _handles,
    (JOB, "job_id"): _jobs,
    (JOB_PREVIEW, "job_id"): _jobs,
}
_BY_ARGUMENT: Mapping[str, _Known] = {
    "image": _handles,
    "images": _several_handles,
    "model": _image_models,
    "size": _sizes,
    "collection": _collections,
}
"""What completes an argument of a prompt; one name means the same in all of them."""


def _source(reference: PromptReference | ResourceTemplateReference, argument: str) -> _Known | None:
    if isinstance(reference, ResourceTemplateReference):
        return _BY_TEMPLATE.get((reference.uri, argument))
    task = next((task for task in TASKS if task.name == reference.name), None)
    takes = task is not None and argument in {**task.required, **task.optional}
    return _BY_ARGUMENT.get(argument) if takes else None
