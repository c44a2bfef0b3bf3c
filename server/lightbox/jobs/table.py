"""The tables of the journal. Importing this module imports SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, String, Table, Text

from lightbox.state.database import metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("tool", String(40), nullable=False),
    Column("provider", String(20), nullable=False),
    Column("model", String(120), nullable=False),
    Column("state", String(12), nullable=False),
    Column("order", Text, nullable=False),
    Column("server", String(120), nullable=False),  # who works on it
    Column("beat", Float, nullable=False),  # when that server last said so; seconds since the epoch, as all times here
    Column("created_at", Float, nullable=False),
    Column("answered_at", Float),
    Column("ended_at", Float),
    Column("stage", Text),
    Column("responses", Text, nullable=False, default="{}"),
    Column("resumable", Boolean, nullable=False, default=False),
    Column("outcome", Text),
    Column("error", Text),
    Column("bill", Text),
    Column("currency", String(8)),
    Column("reserved", BigInteger, nullable=False, default=0),  # billionths of the currency
    Column("billed", BigInteger),  # likewise; None where the price is unknown
    Column("estimated", Boolean, nullable=False, default=False),
    Index("jobs_by_key", "key", "created_at"),
    Index("jobs_by_owner", "owner", "created_at"),
    Index("jobs_by_state", "state"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("amount", BigInteger, nullable=False),  # billionths
    Column("currency", String(8), nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("used_at", Float),
)
