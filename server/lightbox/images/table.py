"""The table of pictures in the state database, and how its rows become pictures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text

from lightbox.images.picture import Picture
from lightbox.state.database import metadata

pictures = Table(
    "pictures",
    metadata,
    Column("owner", String, primary_key=True),
    Column("handle", String(14), primary_key=True),
    Column("origin", String(8), nullable=False),
    Column("created_at", Float, nullable=False),  # seconds since 1970, UTC
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
    Index("pictures_by_bytes", "owner", "sha256"),
)
"""A handle is derived from the owner and the URL or bytes, so that the primary key keeps these unique as well."""


def row_of(picture: Picture) -> dict[str, Any]:
    """Turn a picture into its row."""
    row = {name: getattr(picture, name) for name in pictures.columns.keys()}  # noqa: SIM118 - columns, not a dict
    row["path"] = None if picture.path is None else str(picture.path)
    row["created_at"] = picture.created_at.timestamp()
    return row


def picture_of(row: Mapping[str, Any]) -> Picture:
    """Turn a row into its picture."""
    values = dict(row)
    values["path"] = None if values["path"] is None else Path(values["path"])
    values["created_at"] = datetime.fromtimestamp(values["created_at"], UTC)
    return Picture(**values)
