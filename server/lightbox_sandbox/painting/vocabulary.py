"""The words that the painter knows, in English and Chinese, and what each means; they stand in `vocabulary.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final, TypedDict

from lightbox_sandbox.pixels import Colour

Meaning = tuple[str, str]
"""A kind (`subject`, `setting`, `time`, `weather`, `extra`, `style`, `colour`, `count`, `view`) and its value."""

Words = dict[str, list[str]]
"""Each value of one kind with the words and phrases for it."""


class _Vocabulary(TypedDict):
    paint: dict[str, list[int]]
    words: dict[str, Words]


def _read() -> _Vocabulary:
    tables = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))
    return {"paint": tables.pop("paint"), "words": tables}


def _lexicon(kinds: dict[str, Words]) -> dict[str, list[Meaning]]:
    lexicon: dict[str, list[Meaning]] = {}
    for kind, values in kinds.items():
        for value, words in values.items():
            for word in words:
                lexicon.setdefault(word, []).append((kind, value))
    for name in PAINTS:
        lexicon.setdefault(name, []).append(("colour", name))
    return lexicon


_VOCABULARY: Final = _read()

PAINTS: Final[dict[str, Colour]] = {
    name: (red, green, blue) for name, (red, green, blue) in _VOCABULARY["paint"].items()
}
"""What colours are painted with, by name."""

LEXICON: Final = _lexicon(_VOCABULARY["words"])
"""Every word or phrase with its meanings; Chinese ones are found without spaces."""

LONGEST: Final = max(phrase.count(" ") + 1 for phrase in LEXICON)
"""How many words the longest phrase has."""
