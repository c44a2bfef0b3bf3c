"""Late bills: what an owner's latest calls of a kind did cost, read from the journal to put an estimate right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy import bindparam, select

from lightbox.costs.pricing.learned import LAST, PastCall, learned
from lightbox.state.tables import jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.jobs.job import Order

_LATEST = (
    select(jobs.c.past_call)
    .where(jobs.c.owner == bindparam("its_owner"), jobs.c.kind == bindparam("its_kind"))
    .order_by(jobs.c.created_at.desc())
    .limit(LAST)
)


def put_right(connection: Connection, order: Order) -> Order:
    """Put an order's estimate right by the late bills of its owner's calls of its kind; what is free stays.

    An order that was put right already stays as well: what a person agreed to is what is reserved.
    """
    estimate = order.estimate
    if estimate.learned_from or estimate.high is None or not estimate.high.amount:
        return order
    rows = connection.execute(_LATEST, {"its_owner": order.owner, "its_kind": order.kind}).scalars()
    past = [one for one in map(_past_call, rows) if one is not None]
    right = learned(estimate, order.priced, past)
    return order if right is estimate else order.model_copy(update={"estimate": right})


def _past_call(text: str | None) -> PastCall | None:
    """Read what a call teaches; None for what a newer version wrote otherwise."""
    try:
        return PastCall.model_validate_json(text or "")
    except ValidationError:
        return None
