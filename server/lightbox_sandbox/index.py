"""The library's index: what each picture is called, says and looks like, in one SQLite file."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .kinship import Kinships, words_of
from .likeness import Signature

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS pictures (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, path TEXT UNIQUE NOT NULL, title TEXT NOT NULL,
    tags TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, mime_type TEXT NOT NULL,
    size INTEGER NOT NULL, changed INTEGER NOT NULL, signature BLOB
);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    title, tags, place, caption, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""
_WEIGHTS: Final = "6.0, 5.0, 2.5, 3.0"
"""How much a word counts in title, tags, file and folder names, captions."""

_RUN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W_]+")
_STOP: Final = frozenset(
    """
    a an and any are at by for from get give has have i image images in is it me of on or photo photos pic picture
    pictures show some that the their there these this to with find search please
    的 和 在 一 张 图 片 图片 照片 一张 找 请
    """.split()  # noqa: SIM905 - words are read as words
)


@dataclass(frozen=True, slots=True)
class IndexedPicture:
    """One picture as the index keeps it.

    Attributes:
        key: Its file name in URLs.
        path: Where it is, below the library's folder.
        title: A line that names it.
        tags: What is in it.
        width: In px.
        height: In px.
        mime_type: Empty for a file that is no readable picture.
        size: In bytes.
        changed: When it was last written, in nanoseconds.
        caption: What else is said about it.
        signature: What it looks like, once that has been computed.
    """

    key: str
    path: str
    title: str
    tags: tuple[str, ...]
    width: int
    height: int
    mime_type: str
    size: int = 0
    changed: int = 0
    caption: str = ""
    signature: Signature | None = None


@dataclass(slots=True)
class Signatures:
    """All signatures side by side, for a scan: about 300 bytes a picture."""

    ids: list[int] = field(default_factory=list[int])
    shapes: list[int] = field(default_factory=list[int])
    tints: list[int] = field(default_factory=list[int])


class Index:
    """Pictures by key, by words and by likeness; safe to use from several threads.

    Args:
        path: The SQLite file; made where there is none.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self._signatures: Signatures | None = None
        self._kinships: Kinships | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def put(self, records: Iterable[IndexedPicture]) -> None:
        """Add pictures, or put them in the place of those at the same path."""
        with self._lock, self._transaction():
            for record in records:
                self._forget(record.path)
                self._add(record)
            self._changed()

    def remove(self, paths: Iterable[str]) -> None:
        """Forget the pictures at some paths."""
        with self._lock, self._transaction():
            for path in paths:
                self._forget(path)
            self._changed()

    def sign(self, key: str, signature: Signature) -> None:
        """Keep the signature of a picture."""
        with self._lock:
            self._db.execute("UPDATE pictures SET signature = ? WHERE key = ?", (signature.to_bytes(), key))
            self._changed()

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Give size and time of change of everything indexed, by path."""
        with self._lock:
            rows = self._db.execute("SELECT path, size, changed FROM pictures").fetchall()
        return {path: (size, changed) for path, size, changed in rows}

    def unsigned(self) -> list[str]:
        """Give the keys of pictures whose signature has not been computed."""
        with self._lock:
            rows = self._db.execute("SELECT key FROM pictures WHERE signature IS NULL AND mime_type != ''").fetchall()
        return [key for (key,) in rows]

    def all(self) -> Iterator[IndexedPicture]:
        """Give every picture, in pages, so that a large library never stands in memory at once."""
        last = 0
        while True:
            with self._lock:
                rows = self._db.execute(
                    f"SELECT id, {_FIELDS} FROM pictures WHERE id > ? AND mime_type != '' ORDER BY id LIMIT 500",  # noqa: S608 - constants of ours
                    (last,),
                ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (_record(row[1:]) for row in rows)

    def get(self, key: str) -> IndexedPicture | None:
        """Give the picture of a key."""
        with self._lock:
            row = self._db.execute(
                f"SELECT {_FIELDS} FROM pictures WHERE key = ? AND mime_type != ''",  # noqa: S608 - constants of ours
                (key,),
            ).fetchone()
        return _record(row) if row else None

    def search(self, query: str, limit: int) -> list[IndexedPicture]:
        """Find pictures by words, the best first (bm25, where a word in the title counts most)."""
        words = terms(query, index=False)
        found = self._match(words, "", limit)
        return found or self._match([word for word in words if len(word) > 2 and word.isascii()], "*", limit)  # noqa: PLR2004 - shorter ones begin too much

    def _match(self, words: Sequence[str], ending: str, limit: int) -> list[IndexedPicture]:
        if not words:
            return []
        expression = " OR ".join(f'"{word}"{ending}' for word in words)
        columns = ", ".join(f"pictures.{name}" for name in _FIELDS.split(", "))
        with self._lock:
            rows = self._db.execute(
                f"SELECT {columns} FROM words JOIN pictures ON pictures.id = words.rowid "  # noqa: S608 - constants of ours
                f"WHERE words MATCH ? ORDER BY bm25(words, {_WEIGHTS}), pictures.id LIMIT ?",
                (expression, limit),
            ).fetchall()
        return [_record(row) for row in rows]

    def kinships(self) -> Kinships:
        """Give which pictures share which words; kept in memory until the index changes."""
        with self._lock:
            if self._kinships is None:
                rows = self._db.execute("SELECT id, tags, title FROM pictures WHERE signature IS NOT NULL")
                self._kinships = Kinships.among(
                    (number, words_of(tags.split("\n") if tags else (), title)) for number, tags, title in rows
                )
            return self._kinships

    def signatures(self) -> Signatures:
        """Give all signatures for a scan; kept in memory until the index changes."""
        with self._lock:
            if self._signatures is None:
                self._signatures = Signatures()
                for number, blob in self._db.execute("SELECT id, signature FROM pictures WHERE signature IS NOT NULL"):
                    signature = Signature.from_bytes(blob)
                    self._signatures.ids.append(number)
                    self._signatures.shapes.append(signature.shape)
                    self._signatures.tints.append(signature.tint)
            return self._signatures

    def grids(self, ids: Sequence[int]) -> list[bytes]:
        """Give the grids of pictures by their numbers."""
        with self._lock:
            return [
                Signature.from_bytes(
                    self._db.execute("SELECT signature FROM pictures WHERE id = ?", (number,)).fetchone()[0]
                ).grid
                for number in ids
            ]

    def by_ids(self, ids: Sequence[int]) -> list[IndexedPicture]:
        """Give pictures by their numbers, in that order."""
        with self._lock:
            query = f"SELECT {_FIELDS} FROM pictures WHERE id = ?"  # noqa: S608 - constants of ours
            rows = [self._db.execute(query, (number,)).fetchone() for number in ids]
        return [_record(row) for row in rows if row]

    def _changed(self) -> None:
        self._signatures = None
        self._kinships = None

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)

    def _forget(self, path: str) -> None:
        row = self._db.execute("SELECT id FROM pictures WHERE path = ?", (path,)).fetchone()
        if row:
            self._db.execute("DELETE FROM words WHERE rowid = ?", row)
            self._db.execute("DELETE FROM pictures WHERE id = ?", row)

    def _add(self, record: IndexedPicture) -> None:
        look = record.signature.to_bytes() if record.signature else None
        names = f"{_FIELDS}, signature"
        values = (
            *(record.key, record.path, record.title, "\n".join(record.tags), record.width, record.height),
            *(record.mime_type, record.size, record.changed, look),
        )
        marks = ", ".join("?" * len(values))
        cursor = self._db.execute(f"INSERT INTO pictures ({names}) VALUES ({marks})", values)  # noqa: S608 - constants of ours
        spoken = (record.title, " ".join(record.tags), record.path, record.caption)
        self._db.execute(
            "INSERT INTO words (rowid, title, tags, place, caption) VALUES (?, ?, ?, ?, ?)",
            (cursor.lastrowid, *(" ".join(terms(text)) for text in spoken)),
        )


class _Transaction:
    """BEGIN and COMMIT around a block, ROLLBACK when it fails."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")


_FIELDS: Final = "key, path, title, tags, width, height, mime_type, size, changed"


def _record(row: tuple[str, str, str, str, int, int, str, int, int]) -> IndexedPicture:
    key, path, title, tags, width, height, mime_type, size, changed = row
    return IndexedPicture(
        key, path, title, tuple(tags.split("\n")) if tags else (), width, height, mime_type, size, changed
    )


def terms(text: str, *, index: bool = True) -> list[str]:
    """Split text into what the index holds: words, and for Chinese, Japanese and Korean single signs and pairs.

    A query of two or more signs asks for its pairs alone: a pair tells far more than its signs.
    """
    found: list[str] = []
    for run in _RUN.findall(text.lower()):
        if run[0] < "\u3040":
            if index or run not in _STOP:
                found.append(run)
            continue
        pairs = [run[i : i + 2] for i in range(len(run) - 1)]
        if index:
            found += [*run, *pairs]
        else:
            found += [pair for pair in pairs if pair not in _STOP] or [sign for sign in run if sign not in _STOP]
    return found if index else list(dict.fromkeys(found))
