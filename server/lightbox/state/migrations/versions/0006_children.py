"""What was made from a picture is found by that picture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index; nothing that is stored changes."""
    some = sa.text("parent IS NOT NULL")
    columns = ["owner", "parent"]
    op.create_index("pictures_by_parent", "pictures", columns, sqlite_where=some, postgresql_where=some)
