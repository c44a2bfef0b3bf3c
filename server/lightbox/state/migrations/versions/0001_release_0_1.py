"""The schema of release 0.1, which a state folder without a version has already.

It is made here so that every revision can be walked through from nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of release 0.1."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("tool", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("server", sa.String(120), nullable=False),
        sa.Column("beat", sa.Float, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("answered_at", sa.Float),
        sa.Column("ended_at", sa.Float),
        sa.Column("stage", sa.Text),
        sa.Column("responses", sa.Text, nullable=False),
        sa.Column("resumable", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("bill", sa.Text),
        sa.Column("currency", sa.String(8)),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("billed", sa.BigInteger),
        sa.Column("estimated", sa.Boolean, nullable=False),
    )
    op.create_index("jobs_by_key", "jobs", ["key", "created_at"])
    op.create_index("jobs_by_owner", "jobs", ["owner", "created_at"])
    op.create_index("jobs_by_state", "jobs", ["state"])
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("asked_at", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float),
    )
    op.create_table(
        "pictures",
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("handle", sa.String(14), primary_key=True),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("page_url", sa.Text),
        sa.Column("thumbnail_url", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("prompt", sa.Text),
        sa.Column("provider", sa.String),
        sa.Column("model", sa.String),
        sa.Column("response_id", sa.String),
        sa.Column("item_id", sa.String),
        sa.Column("path", sa.Text),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("mime_type", sa.String),
        sa.Column("byte_count", sa.BigInteger),
        sa.Column("sha256", sa.String(64)),
        sa.Column("note", sa.Text),
    )
    op.create_index("pictures_by_bytes", "pictures", ["owner", "sha256"])
