"""Kinship: what a person would call alike. The same subject counts first, then the same place, then the same light.

What is in a picture is known by words: the tags of a library's picture, or the prompt of what was painted here. The
painter's vocabulary tells which of them name a subject, a place or the light, and which mean the same. A word that few
pictures share tells more than one that many have, and so does one that stands first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from .painting.brief import LEXICON, meanings

SUBJECT: Final = 1.0
PLACE: Final = 0.6
LIGHT: Final = 0.1
"""What a word for a subject, a place and the light is worth."""

LATER: Final = 0.2
"""How much less each further word tells: the second is worth 1 / 1.2 of the first."""

ECHO: Final = 0.4
"""What the words of the picture that is most akin to a prompt are worth beside the prompt's own."""

LOOSE: Final = frozenset(
    """
    nature landscape travel spring summer autumn winter cute holiday colourful background weather wildlife love romance
    a an and any are at by for from in is it my of on or the this to with
    """.split()  # noqa: SIM905 - words are read as words
)
"""Words that go with pictures of anything, and so tell little of what is in one."""

_WORD: Final = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")

Sense = Mapping[str, float]
"""What is in a picture: words, and what each is worth."""


def words_of(tags: Sequence[str], title: str) -> list[str]:
    """Give the words that tell what is in a picture, the most telling first: its tags, its title where it has none."""
    texts = tags or (title,)
    return list(dict.fromkeys(_form(word) for text in texts for word in _WORD.findall(text.lower())))


def sense_of_words(words: Sequence[str]) -> dict[str, float]:
    """Tell what each of a picture's words is worth."""
    return {word: _worth(word) / (1 + LATER * place) for place, word in enumerate(words)}


def sense_of_prompt(prompt: str) -> dict[str, float]:
    """Tell the same of a prompt's words, and of others that mean the same: tags may have those."""
    sense: dict[str, float] = {}
    for phrase, known in meanings(prompt.lower()):
        worth = _worth(phrase)
        others = [other for meaning in known for other in _words()[meaning] if meaning[0] in {"subject", "setting"}]
        for word in (phrase, *others):
            sense.setdefault(_form(word), worth)
    return sense


@dataclass(frozen=True, slots=True)
class Kinships:
    """Which pictures share which words.

    Attributes:
        words: The words of each picture, by its number.
        having: Each word's pictures, and at which place each has it.
    """

    words: Mapping[int, Sequence[str]]
    having: Mapping[str, Sequence[tuple[int, int]]]

    @classmethod
    def among(cls, pictures: Iterable[tuple[int, Sequence[str]]]) -> Kinships:
        """Note the words of pictures, each by its number."""
        words = dict(pictures)
        having: dict[str, list[tuple[int, int]]] = {}
        for number, own in words.items():
            for place, word in enumerate(own):
                having.setdefault(word, []).append((number, place))
        return cls(words, having)

    def with_sense(self, sense: Sense, known: int | None = None) -> dict[int, float]:
        """Give the pictures that are akin to what a sense says, by their numbers: 1 for the nearest of kin.

        `known` is the picture from which the sense was taken: it is nearer than any other could be.
        """
        akin: dict[int, float] = {}
        for word, worth in sense.items():
            rows = self.having.get(word, ())
            rare = worth * math.log((len(self.words) + 1) / max(1, len(rows)))
            for number, place in rows:
                akin[number] = akin.get(number, 0.0) + rare / (1 + LATER * place)
        best = max((score for number, score in akin.items() if number != known), default=0.0) or 1.0
        return {number: min(1.0, score / best) for number, score in akin.items()}

    def with_picture(self, number: int) -> dict[int, float]:
        """Give the pictures that are akin to one."""
        return self.with_sense(sense_of_words(self.words.get(number, ())), number)

    def with_prompt(self, prompt: str) -> dict[int, float]:
        """Give the pictures that are akin to what was painted for a prompt."""
        sense = sense_of_prompt(prompt)
        akin = self.with_sense(sense)
        if not akin:
            return {}
        nearest = max(akin, key=lambda number: (akin[number], -number))
        echo = {word: worth * ECHO for word, worth in sense_of_words(self.words[nearest]).items()}
        return self.with_sense(echo | sense)


@cache
def _worth(word: str) -> float:
    if word in LOOSE:
        return LIGHT
    kinds = {kind for _, known in meanings(word) for kind, _ in known}
    if "subject" in kinds or not kinds:
        return SUBJECT
    return PLACE if "setting" in kinds else LIGHT


def _form(word: str) -> str:
    """Give the form under which one and several of a thing are the same."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word  # noqa: PLR2004 - `gas`


@cache
def _words() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for word, known in LEXICON.items():
        for meaning in known:
            found.setdefault(meaning, []).append(word)
    return found
