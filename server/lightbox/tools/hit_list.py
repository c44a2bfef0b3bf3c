"""List answers: complete as text and as structured content, for some clients pass on only the one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from mcp.types import CallToolResult, TextContent

from lightbox.images.fetch import TINY
from lightbox.jobs.job import Outcome
from lightbox.tools.answers import cost_line, cost_of, encoded_bytes, notes_of, running_text
from lightbox.tools.next_step import next_step
from lightbox.tools.outputs import HitList
from lightbox.untrusted import fence, tame, tame_address, tame_prose

if TYPE_CHECKING:
    from lightbox.images.picture import Hit
    from lightbox.images.selection import Selected
    from lightbox.jobs.job import Job, Order
    from lightbox.vocabulary import HitState


_MINUTE = 60
LICENCES = "Licences are not told for any of these: check a picture's source before you publish it."
EXPLAINED: Mapping[HitState, str] = {
    "unchecked": "not looked at, or not reached in time; it may well be there",
    "blocked": "its host refuses this server; it may still open in a browser",
    "dead": "there is nothing at its address any more",
    "not_an_image": "its address leads to something else, such as a web page",
    "tiny": f"a side is below {TINY} px",
}
"""What a state other than `ok` means, as the answer says it."""


def hit_list_answer(
    job: Job,
    *,
    max_bytes: int,
    served: Collection[str] = (),
    free_seconds: float = 0,
    usual_seconds: float | None = None,
) -> CallToolResult:
    """Shape the answer of a search; hits that would not fit are left out from the end, and the answer says so.

    Args:
        job: The search.
        max_bytes: The most that the answer may have, encoded.
        served: The tools that the caller has: the last line proposes none but these.
        free_seconds: For how long the same search costs nothing, as it is answered from the journal.
        usual_seconds: How long such searches take, where this one still runs.
    """
    listed = _listed(job, served, free_seconds)
    head = running_text(job, usual_seconds) if listed.status == "running" else _head(listed)
    result = _result(listed, head)
    while encoded_bytes(result) > max_bytes and listed.hits:
        keep = min(len(listed.hits) - 1, int(len(listed.hits) * max_bytes / encoded_bytes(result)))
        note = f"Only the first {keep} hits fit into this answer; ask for a smaller count or raise MAX_RESULT_BYTES."
        notes = [*(note for note in listed.notes if not note.startswith("Only the first ")), note]
        listed = listed.model_copy(update={"hits": listed.hits[:keep], "notes": notes})
        result = _result(listed, head)
    return result


def _listed(job: Job, served: Collection[str], free_seconds: float) -> HitList:
    outcome, order = job.outcome or Outcome(), job.order
    hits, notes = outcome.hits[: order.limit], notes_of(job)
    if order.selection is not None:
        selected = order.selection.of(hits)
        hits = selected.hits
        if job.done:
            kept = job.open or job.reusable or job.cached
            notes += _of_selection(order, selected, len(outcome.hits), free_seconds if kept else 0)
    if hits and job.done:
        notes += [*_states(hits), LICENCES]
    return HitList(
        status="completed" if job.done else "running",
        job_id=job.id,
        provider=job.order.provider,
        model=tame(job.order.model) or "",
        hits=[_tamed(hit) for hit in hits],
        found=outcome.found,
        queries=[query for text in outcome.queries if (query := tame(text))],
        analysis=tame_prose(outcome.text) if job.order.priced.analysis else None,
        cost=cost_of(job),
        cached=job.cached,
        notes=notes,
        next=_next(job, hits, served),
    )


def _of_selection(order: Order, selected: Selected, looked_at: int, free_seconds: float) -> list[str]:
    """Say what was left out and why, what may not fit, and how to see more for nothing."""
    notes: list[str] = []
    if selected.left_out:
        reasons = sorted(selected.left_out.items(), key=lambda reason: -reason[1])
        first, *others = [(str(number), f"{'was' if number == 1 else 'were'} {why}") for why, number in reasons]
        counted = [f"{first[0]} of {looked_at} {first[1]}", *map(" ".join, others)]
        width, height = selected.largest
        at_most = f" The largest too small one has {width}x{height} px." if width and height else ""
        notes.append(f"Left out: {', '.join(counted)}.{at_most}")
    if selected.unknown:
        notes.append(f"{selected.unknown} of these could not be checked in time and may not fit: such hits stand last.")
    wanted = order.selection
    if wanted and selected.left_out and len(selected.hits) < wanted.count and free_seconds >= _MINUTE:
        notes.append(
            f"Within {free_seconds / _MINUTE:.0f} minutes of its first answer, this search costs nothing with another "
            f"shape or min_side, or with count={wanted.asked} and neither."
        )
    return notes


def _states(hits: Sequence[Hit]) -> list[str]:
    """Explain each state that occurs, once."""
    there = {hit.state for hit in hits}
    told = [f"[{state}]: {meaning}" for state, meaning in EXPLAINED.items() if state in there]
    return [f"{'; '.join(told)}."] if told else []


def _next(job: Job, hits: Sequence[Hit], served: Collection[str]) -> str | None:
    """Propose to look at what can be fetched; where nothing could, at whatever there is."""
    if not job.done:
        return next_step(served, "running", job_id=job.id)
    if not hits and job.outcome and job.outcome.found:
        return next_step(served, "found none that fits", tool=job.order.tool)
    if not hits:
        return next_step(served, "found nothing")
    usable = [hit.image for hit in hits if hit.state in ("ok", "unchecked")]
    return next_step(served, "found", usable or [hit.image for hit in hits])


def _head(listed: HitList) -> str:
    shown = len(listed.hits)
    of = f" of {listed.found} found" if listed.found > shown else ""
    what = f"{shown} picture{'' if shown == 1 else 's'}{of}" if shown else "No pictures found"
    if listed.found and not shown:
        none = (
            "The 1 picture found does not fit" if listed.found == 1 else f"None of {listed.found} pictures found fits"
        )
        return f"{none} ({listed.provider}, {listed.model})."
    by = f"{what} ({listed.provider}, {listed.model})."
    if not shown:
        return f"{by} The web search found no pictures for this."
    return f"{by} Nobody has looked at them yet."


def _result(listed: HitList, head: str) -> CallToolResult:
    foreign = [_line(number, hit) for number, hit in enumerate(listed.hits, start=1)]
    if listed.queries:
        foreign.insert(0, "searched for: " + " | ".join(listed.queries))
    if listed.analysis:
        foreign.append(f"analysis: {listed.analysis}")
    parts = [head]
    if foreign:
        parts.append(fence("\n".join(foreign)))
    parts.extend(f"note: {note}" for note in listed.notes)
    parts.append(f"{cost_line(listed.cost)}; {listed.job_id}")
    if listed.next:
        parts.append(listed.next)
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(parts))],
        structured_content=listed.model_dump(mode="json"),
    )


def _line(number: int, hit: Hit) -> str:
    size = f"{hit.width}x{hit.height}" if hit.width and hit.height else "size unknown"
    kind = f" {hit.mime_type}" if hit.mime_type else ""
    line = f"{number}. {hit.image} [{hit.state}] {size}{kind} “{hit.title or 'untitled'}” {hit.image_url}"
    return f"{line} on {hit.page_url}" if hit.page_url else line


def _tamed(hit: Hit) -> Hit:
    """Give a hit whose words and addresses can end neither the fence nor a line."""
    addresses = {
        name: tame_address(url) for name in ("image_url", "page_url", "thumbnail_url") if (url := getattr(hit, name))
    }
    return hit.model_copy(update={"title": tame(hit.title), "mime_type": tame(hit.mime_type, 40), **addresses})
