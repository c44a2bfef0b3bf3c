"""Approvals of expensive calls: each serves once, for the call that it was given to, at no more than its price."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, update

from lightbox.state.sharing import insert_new, now
from lightbox.state.tables import approvals

if TYPE_CHECKING:
    from lightbox.costs.money import Money
    from lightbox.jobs.job import Order
    from lightbox.state.database import Database

GOOD_FOR_SECONDS = 600


class Approvals:
    """The questions that were asked, and which answers have been used."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def ask(self, order: Order, high: Money) -> str:
        """Write a question down; its id travels to the client and back."""
        asked = secrets.token_urlsafe(24)
        values: dict[str, Any] = {
            "id": asked,
            "key": order.key,
            "owner": order.owner,
            "amount": high.billionths,
            "currency": high.currency,
        }

        def insert(connection: Connection) -> None:
            row = values | {"asked_at": now(connection, self._clock)}
            connection.execute(insert_new(connection, approvals).values(row))

        await self._database.write(insert)
        return asked

    async def use(self, asked: str, order: Order, high: Money) -> bool:
        """Use an approval up; False when it was used before, is too old, or was given to another or a cheaper call."""
        given = update(approvals).where(
            approvals.c.id == asked,
            approvals.c.key == order.key,
            approvals.c.owner == order.owner,
            approvals.c.currency == high.currency,
            approvals.c.amount >= high.billionths,
            approvals.c.used_at.is_(None),
        )

        def take(connection: Connection) -> bool:
            moment = now(connection, self._clock)
            fresh = given.where(approvals.c.asked_at > moment - GOOD_FOR_SECONDS).values(used_at=moment)
            return connection.execute(fresh).rowcount == 1

        return await self._database.write(take)
