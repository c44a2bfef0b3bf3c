"""What pruning needs to know, which answers may be used again, and indexes for a journal of years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.text("\"order\" <> ''")
UNUSED = sa.text("origin = 'found' AND used_at IS NULL")


def upgrade() -> None:
    """Add columns and indexes; nothing that is stored changes."""
    op.add_column("jobs", sa.Column("reusable", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("delivered_at", sa.Float))
    op.add_column("pictures", sa.Column("used_at", sa.Float))
    op.drop_index("jobs_by_owner", "jobs")
    op.create_index("jobs_by_owner", "jobs", ["owner", "created_at", "currency", "billed", "reserved"])
    op.create_index("jobs_by_day", "jobs", ["created_at"])
    op.create_index("jobs_by_model", "jobs", ["tool", "model", "created_at"])
    op.create_index("jobs_to_prune", "jobs", ["ended_at"], sqlite_where=WHOLE, postgresql_where=WHOLE)
    op.create_index("approvals_by_age", "approvals", ["asked_at"])
    op.create_index("pictures_by_hash", "pictures", ["sha256"])
    op.create_index("pictures_to_prune", "pictures", ["created_at"], sqlite_where=UNUSED, postgresql_where=UNUSED)
    # What release 0.1 answered, it gave to whoever asked.
    jobs = sa.table("jobs", sa.column("answered_at"), sa.column("delivered_at"))
    op.execute(sa.update(jobs).values(delivered_at=jobs.c.answered_at))
    # Nobody knows which of these a call has used, except where their bytes were seen.
    pictures = sa.table("pictures", sa.column("sha256"), sa.column("created_at"), sa.column("used_at"))
    op.execute(sa.update(pictures).where(pictures.c.sha256.is_not(None)).values(used_at=pictures.c.created_at))
