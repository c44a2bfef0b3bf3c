"""What a picture was made from, and by which job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns; nothing that is stored changes."""
    op.add_column("pictures", sa.Column("parent", sa.String(14)))
    op.add_column("pictures", sa.Column("job_id", sa.String(32)))
