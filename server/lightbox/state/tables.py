"""The tables of the state database. Times are seconds since 1970, UTC; amounts are billionths of their currency.

Only what this package itself makes up has a length: PostgreSQL refuses what is longer, after it was paid for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    false,
    text,
)

metadata = MetaData()

_WHOLE = text("\"order\" <> ''")
_OF_A_KIND = text("kind IS NOT NULL")

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("owner", String, nullable=False),
    Column("tool", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("model", String, nullable=False),
    Column("state", String(12), nullable=False),
    Column("order", Text, nullable=False),  # "" once it was pruned
    Column("server", String, nullable=False),  # who works on it
    Column("beat", Float, nullable=False),  # when that server last said so
    Column("created_at", Float, nullable=False),
    Column("answered_at", Float),
    Column("ended_at", Float),
    Column("stage", Text),
    Column("responses", Text, nullable=False, default="{}"),
    Column("resumable", Boolean, nullable=False, default=False),
    Column("outcome", Text),
    Column("error", Text),
    Column("bill", Text),
    Column("currency", String),
    Column("reserved", BigInteger, nullable=False, default=0),
    Column("billed", BigInteger),  # None where the price is unknown
    Column("estimated", Boolean, nullable=False, default=False),
    Column("reusable", Boolean, nullable=False, default=False, server_default=false()),  # may answer an identical call
    Column("delivered_at", Float),  # when its answer was first given to a caller
    Column("stop", String(12)),  # "asked" by a server that does not work on it; then what became of that
    Column("awaited_at", Float),  # when another server last said that somebody waits for it there
    Column("kind", String(32)),  # of a settled call whose bill was reported: what later ones of it learn from
    Column("past_call", Text),  # what such a call was expected to cost, and did
    Index("jobs_by_key", "key", "created_at"),
    Index("jobs_by_owner", "owner", "created_at", "currency", "billed", "reserved"),  # all that a budget sums up
    Index("jobs_by_state", "state"),
    Index("jobs_by_day", "created_at", "currency", "billed", "reserved"),  # all that a total sums up
    Index("jobs_by_model", "tool", "model", "created_at"),
    Index("jobs_by_kind", "owner", "kind", "created_at", sqlite_where=_OF_A_KIND),
    Index("jobs_to_prune", "ended_at", sqlite_where=_WHOLE),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("owner", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("used_at", Float),
    Index("approvals_by_age", "asked_at"),
)

_MADE_FROM = text("parent IS NOT NULL")
_UNUSED = text("origin IN ('found', 'sheet') AND used_at IS NULL")

pictures = Table(
    "pictures",
    metadata,
    # A handle is derived from the owner and the URL or bytes, so that this key keeps these unique as well.
    Column("owner", String, primary_key=True),
    Column("handle", String(14), primary_key=True),
    Column("origin", String(8), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("url", Text),
    Column("page_url", Text),
    Column("thumbnail_url", Text),
    Column("title", Text),
    Column("prompt", Text),
    Column("provider", String),
    Column("model", String),
    Column("response_id", String),
    Column("item_id", String),
    Column("path", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("mime_type", String),
    Column("byte_count", BigInteger),
    Column("sha256", String(64)),
    Column("note", Text),
    Column("used_at", Float),  # when a call first named it
    Column("parent", String(14)),  # the handle of the picture that it was made from
    Column("job_id", String(32)),  # the job that made it
    Index("pictures_by_bytes", "owner", "sha256"),
    Index("pictures_by_hash", "sha256"),
    Index("pictures_to_prune", "created_at", sqlite_where=_UNUSED),
    Index("pictures_by_date", "owner", "created_at"),
    Index("pictures_by_origin", "owner", "origin", "created_at"),
    Index("pictures_by_job", "job_id"),
    Index("pictures_by_parent", "owner", "parent", sqlite_where=_MADE_FROM),
)

picture_words = Table(  # which `words` puts an index of the database's own over
    "picture_words",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("owner", String, nullable=False),
    Column("handle", String(14), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("words", Text, nullable=False),
)

saved_pictures = Table(
    "saved_pictures",
    metadata,
    Column("owner", String, primary_key=True),
    Column("handle", String(14), primary_key=True),
    Column("collection", String, primary_key=True),
    Column("file", Text, nullable=False),  # its name there
    Column("saved_at", Float, nullable=False),
    Index("saved_pictures_by_collection", "owner", "collection", "saved_at"),
    Index("saved_pictures_by_handle", "handle"),
)

shared_keys = Table(
    "shared_keys",
    metadata,
    Column("name", String(40), primary_key=True),  # what it is for
    Column("value", String(128), nullable=False),  # hexadecimal
)


@event.listens_for(metadata, "before_create")
def _narrow(_metadata: MetaData, connection: Connection, **_more: Any) -> None:
    """Keep indexes of some rows such in other databases, too: to name one above would import all there is for it."""
    narrow = (
        (jobs, "jobs_by_kind", _OF_A_KIND),
        (jobs, "jobs_to_prune", _WHOLE),
        (pictures, "pictures_to_prune", _UNUSED),
        (pictures, "pictures_by_parent", _MADE_FROM),
    )
    for table, name, where in narrow:
        index = next(index for index in table.indexes if index.name == name)
        index.dialect_options[connection.dialect.name]["where"] = where
