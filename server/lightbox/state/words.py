"""The words by which pictures are found, and the database's own full-text index over them.

Both engines are given words that were taken apart here, in the same way: neither has a tokenizer for languages that put
no spaces between words, and what a user types must never be read as an engine's own query.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sqlalchemy import DDL, text

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause

_LONGEST_TEXT = 4_000  # characters of one text: as much of a prompt as anybody remembers
_LONGEST_WORD = 40  # characters
_MOST_WORDS = 400
_MOST_ASKED = 24
_MARKS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
"""Scripts that put no spaces between words: Han, kana, Thai, Lao, Khmer, Burmese."""
_PAIR = 2

INDEX = "picture_index"
_SQLITE = (
    """CREATE VIRTUAL TABLE picture_index USING fts5(
        words, content='picture_words', content_rowid='id', tokenize="ascii tokenchars '_'")""",
    """CREATE TRIGGER picture_words_added AFTER INSERT ON picture_words BEGIN
        INSERT INTO picture_index(rowid, words) VALUES (new.id, new.words); END""",
    """CREATE TRIGGER picture_words_removed AFTER DELETE ON picture_words BEGIN
        INSERT INTO picture_index(picture_index, rowid, words) VALUES ('delete', old.id, old.words); END""",
    """CREATE TRIGGER picture_words_changed AFTER UPDATE OF words ON picture_words BEGIN
        INSERT INTO picture_index(picture_index, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO picture_index(rowid, words) VALUES (new.id, new.words); END""",
)
_IN_SQLITE = "picture_words.id IN (SELECT rowid FROM picture_index WHERE picture_index MATCH :wanted)"
_LEXEMES = "array_to_tsvector(string_to_array(words, ' '))"  # no parser of PostgreSQL's has a say in it
_POSTGRESQL = (f"CREATE INDEX {INDEX} ON picture_words USING gin ({_LEXEMES})",)
_IN_POSTGRESQL = f"{_LEXEMES} @@ CAST(:wanted AS tsquery)"


def make_index(connection: Connection) -> None:
    """Make the index over `picture_words`, which is empty; the database itself keeps it up from then on."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.execute(DDL(statement))


def words_in(told: str | None) -> list[str]:
    """Take a text apart into the words by which it is found, e.g. `Élan, 雪狐` into `elan`, `雪狐`, `狐`.

    Case, accents and forms of width are ignored. Where words have no spaces between them, each two neighbours are a
    word, and the last letter is one.
    """
    return list(_words(told, last=True))


def _words(told: str | None, *, last: bool) -> Iterator[str]:
    if not told:
        return
    plain = unicodedata.normalize("NFKC", told[:_LONGEST_TEXT]).casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", plain)))
        yield from (letter for letter in plain if unicodedata.category(letter) == "So")
    for run in _WORD.findall(plain):
        place = 0
        for found in _UNSPACED.finditer(run):
            if found.start() > place:
                yield run[place : found.start()][:_LONGEST_WORD]
            yield from _pairs(found[0], last=last)
            place = found.end()
        if place < len(run):
            yield run[place:][:_LONGEST_WORD]


def _pairs(run: str, *, last: bool) -> Iterator[str]:
    yield from (run[place : place + _PAIR] for place in range(len(run) - 1))
    if last or len(run) < _PAIR:
        yield run[-1]


def row_id(owner: str, handle: str) -> int:
    """Give the number of a picture's row of words: 63 bits, the same for ever, as the index wants it."""
    return int.from_bytes(sha256(f"{owner}\0{handle}".encode()).digest()[:8], "big") >> 1


def words_of(owner: str, origin: str, texts: Iterable[str | None]) -> str:
    """Put together what a picture is found by: whose it is and where from, and every word that is told of it."""
    words = dict.fromkeys(word for told in texts for word in words_in(told))
    return " ".join([_owner_mark(owner), f"_{origin}", *list(words)[:_MOST_WORDS]])


def picture_name(origin: str, path: str | None, url: str | None) -> str | None:
    """Give the name of a picture's file as its user knows it, without its extension: of one that was given."""
    if origin != "given":
        return None
    name = re.split(r"[\\/]", unquote(urlsplit(url).path) if url else path or "")[-1]
    return name.rpartition(".")[0] or name or None


class Wanted:
    """What to find: words, all of which a picture must have, each perhaps only begun; no syntax of any engine's.

    Args:
        owner: Whose pictures.
        origins: Where from; none for anywhere.
        query: What somebody typed.
    """

    def __init__(self, owner: str, origins: Iterable[str], query: str) -> None:
        self._owner = owner
        self._origins = sorted(origins)
        self.words = list(dict.fromkeys(_words(query, last=False)))[:_MOST_ASKED]

    def condition(self, connection: Connection) -> TextClause:
        """Give the condition that a row of `picture_words` has to meet."""
        if connection.dialect.name == "sqlite":
            told, both, either, quote, begun = _IN_SQLITE, " AND ", " OR ", _quoted, "{} *"
        else:
            told, both, either, quote, begun = _IN_POSTGRESQL, " & ", " | ", _lexeme, "{}:*"
        parts = [quote(_owner_mark(self._owner)), *(begun.format(quote(word)) for word in self.words)]
        if self._origins:
            parts.append(f"({either.join(quote(f'_{origin}') for origin in self._origins)})")
        return text(told).bindparams(wanted=both.join(parts))


def _owner_mark(owner: str) -> str:
    return "_o" + sha256(owner.encode()).hexdigest()[:16]


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
