"""What a picture was made from, and by which job; where it was saved; and the words by which it is found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lightbox.state.words import make_index, picture_name, row_id, words_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 500
UNUSED = "origin IN ('found', 'sheet') AND used_at IS NULL"


def upgrade() -> None:
    """Add columns and tables, and note the words of every picture; nothing that is stored changes."""
    op.add_column("pictures", sa.Column("parent", sa.String(14)))
    op.add_column("pictures", sa.Column("job_id", sa.String(32)))
    op.create_index("pictures_by_date", "pictures", ["owner", "created_at"])
    op.create_index("pictures_by_origin", "pictures", ["owner", "origin", "created_at"])
    op.create_index("pictures_by_job", "pictures", ["job_id"])
    op.drop_index("pictures_to_prune", "pictures")
    some = sa.text(UNUSED)
    op.create_index("pictures_to_prune", "pictures", ["created_at"], sqlite_where=some, postgresql_where=some)
    op.create_table(
        "saved_pictures",
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("handle", sa.String(14), primary_key=True),
        sa.Column("collection", sa.String, primary_key=True),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("saved_at", sa.Float, nullable=False),
    )
    op.create_index("saved_pictures_by_collection", "saved_pictures", ["owner", "collection", "saved_at"])
    op.create_index("saved_pictures_by_handle", "saved_pictures", ["handle"])
    words = op.create_table(
        "picture_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("handle", sa.String(14), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    make_index(op.get_bind())
    _note_words(op.get_bind(), words)


def _note_words(connection: sa.Connection, words: sa.Table) -> None:
    names = ("owner", "handle", "origin", "title", "prompt", "path", "url")
    texts = [sa.column(name, sa.Text) for name in names]
    pictures = sa.table("pictures", *texts, sa.column("created_at", sa.Float))
    keys = (pictures.c.owner, pictures.c.handle)
    query = sa.select(pictures).order_by(*keys).limit(BATCH)
    rows = connection.execute(query).all()
    while rows:
        new = [
            {
                "id": row_id(row.owner, row.handle),
                "owner": row.owner,
                "handle": row.handle,
                "created_at": row.created_at,
                "words": words_of(
                    row.owner, row.origin, [row.title, row.prompt, picture_name(row.origin, row.path, row.url)]
                ),
            }
            for row in rows
        ]
        connection.execute(words.insert(), new)
        after = sa.tuple_(*keys) > sa.tuple_(rows[-1].owner, rows[-1].handle)
        rows = connection.execute(query.where(after)).all()
