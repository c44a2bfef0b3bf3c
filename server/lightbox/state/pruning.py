"""What may leave the state database, in small steps: plain functions over a connection, each for one transaction.

A step takes rows up to a limit, the oldest first, and gives how many went. Made pictures never go, nor do the ledger's
figures: of an old job, only the texts do.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, false, literal_column, or_, select, tuple_, update

from lightbox.state.tables import approvals, jobs, pictures

ABANDONED_SECONDS = 600.0
"""After so long an approval serves no more, whether it was used or not."""

# Written out, not bound: only so do the partial indexes of these rows answer.
_unused = (pictures.c.origin == literal_column("'found'")) & pictures.c.used_at.is_(None)
_whole = jobs.c.order != literal_column("''")


def prune_found(connection: Connection, before: float, limit: int) -> int:
    """Remove found pictures that no call has used and that searches last brought before a moment."""
    old = (
        select(pictures.c.owner, pictures.c.handle)
        .where(_unused, pictures.c.created_at < before)
        .order_by(pictures.c.created_at)
        .limit(limit)
    )
    keys = tuple_(pictures.c.owner, pictures.c.handle)
    return connection.execute(delete(pictures).where(keys.in_(old), pictures.c.used_at.is_(None))).rowcount


def prune_approvals(connection: Connection, before: float, limit: int) -> int:
    """Remove approvals that were asked for before a moment; `ABANDONED_SECONDS` ago at the latest."""
    old = select(approvals.c.id).where(approvals.c.asked_at < before).order_by(approvals.c.asked_at).limit(limit)
    return connection.execute(delete(approvals).where(approvals.c.id.in_(old))).rowcount


def prune_jobs(connection: Connection, before: float, limit: int) -> int:
    """Empty jobs that ended before a moment of what they were asked and brought; a job that is open has no end."""
    old = select(jobs.c.id).where(_whole, jobs.c.ended_at < before).order_by(jobs.c.ended_at).limit(limit)
    nothing = dict.fromkeys(("outcome", "error", "bill", "stage", "stop"))
    emptied = update(jobs).where(jobs.c.id.in_(old)).values(nothing | {"order": "", "responses": "{}"})
    return connection.execute(emptied.values(reusable=false())).rowcount


def open_jobs(connection: Connection, ids: Collection[str]) -> set[str]:
    """Give those of these jobs that have not ended."""
    return set(connection.execute(select(jobs.c.id).where(jobs.c.id.in_(ids), jobs.c.ended_at.is_(None))).scalars())


def needed_bytes(connection: Connection, hashes: Collection[str]) -> dict[str, bool]:
    """Give those of these hashes whose bytes can't be had again, and whether these are a made picture's.

    The others' bytes are those of pictures on the web, or nobody's any more.
    """
    given_inside = (pictures.c.origin == "given") & pictures.c.url.is_(None)
    query = select(pictures.c.sha256, pictures.c.origin).where(
        pictures.c.sha256.in_(hashes), or_(pictures.c.origin == "made", given_inside)
    )
    needed: dict[str, bool] = {}
    for sha256, origin in connection.execute(query):
        needed[sha256] = needed.get(sha256, False) or origin == "made"
    return needed


def known_bytes(connection: Connection, hashes: Collection[str]) -> dict[str, bool]:
    """Give those of these hashes that some picture has, and whether a made one has."""
    query = select(pictures.c.sha256, pictures.c.origin).where(pictures.c.sha256.in_(hashes)).distinct()
    known: dict[str, bool] = {}
    for sha256, origin in connection.execute(query):
        known[sha256] = known.get(sha256, False) or origin == "made"
    return known
