"""What one server asks of another that shares the database, and totals over all callers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns, and what a total needs to an index; nothing that is stored changes."""
    op.add_column("jobs", sa.Column("stop", sa.String(12)))
    op.add_column("jobs", sa.Column("awaited_at", sa.Float))
    op.drop_index("jobs_by_day", "jobs")
    op.create_index("jobs_by_day", "jobs", ["created_at", "currency", "billed", "reserved"])
