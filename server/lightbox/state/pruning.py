"""What may leave the state database, in small steps: plain functions over a connection, each for one transaction.

A step takes rows up to a limit, the oldest first, and gives how many went. Made pictures never go, nor do the ledger's
figures: of an old job, only the texts do.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, delete, exists, false, literal_column, or_, select, tuple_, update

from lightbox.state.tables import approvals, jobs, picture_words, pictures, saved_pictures
from lightbox.state.words import row_id

ABANDONED_SECONDS = 600.0
"""After so long an approval serves no more, whether it was used or not."""

# Written out, not bound: only so do the partial indexes of these rows answer.
_unused = pictures.c.origin.in_([literal_column("'found'"), literal_column("'sheet'")]) & pictures.c.used_at.is_(None)
_whole = jobs.c.order != literal_column("''")


def prune_found(connection: Connection, before: float, limit: int) -> int:
    """Remove found pictures, and contact sheets, that no call has used and that are older than a moment.

    A found one is as old as the search that last brought it.
    """
    old = (
        select(pictures.c.owner, pictures.c.handle)
        .where(_unused, pictures.c.created_at < before)
        .order_by(pictures.c.created_at)
        .limit(limit)
    )
    keys = tuple_(pictures.c.owner, pictures.c.handle)
    gone = delete(pictures).where(keys.in_(old), pictures.c.used_at.is_(None))
    ids = [row_id(*key) for key in connection.execute(gone.returning(pictures.c.owner, pictures.c.handle))]
    connection.execute(delete(picture_words).where(picture_words.c.id.in_(ids)))
    return len(ids)


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
    """Give those of these hashes whose bytes can't be had again, and whether these are for ever: made, or saved.

    The others' bytes are those of pictures on the web, or nobody's any more.
    """
    only_here = (pictures.c.origin == "given") & pictures.c.url.is_(None) | (pictures.c.origin == "sheet")
    return _bytes(connection, hashes, or_(pictures.c.origin == "made", only_here, _saved))


def known_bytes(connection: Connection, hashes: Collection[str]) -> dict[str, bool]:
    """Give those of these hashes that some picture has, and whether one has that was made or saved."""
    return _bytes(connection, hashes)


_saved = exists().where(saved_pictures.c.owner == pictures.c.owner, saved_pictures.c.handle == pictures.c.handle)


def _bytes(connection: Connection, hashes: Collection[str], *conditions: ColumnElement[bool]) -> dict[str, bool]:
    for_ever = or_(pictures.c.origin == "made", _saved).label("for_ever")
    query = select(pictures.c.sha256, for_ever).where(pictures.c.sha256.in_(hashes), *conditions)
    told: dict[str, bool] = {}
    for sha256, stays in connection.execute(query):
        told[sha256] = told.get(sha256, False) or bool(stays)
    return told
