"""What a settled call teaches the estimates of later ones of its kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_A_KIND = sa.text("kind IS NOT NULL")


def upgrade() -> None:
    """Add columns and an index; nothing that is stored changes, and nothing is learned from what is."""
    op.add_column("jobs", sa.Column("kind", sa.String(32)))
    op.add_column("jobs", sa.Column("past_call", sa.Text))
    op.create_index(
        "jobs_by_kind",
        "jobs",
        ["owner", "kind", "created_at"],
        sqlite_where=OF_A_KIND,
        postgresql_where=OF_A_KIND,
    )
