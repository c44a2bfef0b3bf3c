"""A prompt as the painter understands it, by the English and Chinese words in `vocabulary.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
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

_TOKEN = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*|[\u3400-\u9fff]+|[,.;:!?，。；：！？、]")
_QUOTED = re.compile(r"[\"“「『]([^\"”」』]{1,60})[\"”」』]|'([^']{2,60})'(?!\w)")
_LONGEST_CJK = 4
WIDE: Final = frozenset({"sky", "mountains", "hills", "meadow", "blossom", "table", "network", "circuit"})
"""Settings that give way to a later, narrower one: `mountain lake` is a lake."""


@dataclass(slots=True)
class Named:
    """A subject that a prompt names.

    Attributes:
        name: A key of `SUBJECTS`.
        colour: The name of its colour, where one is named.
        count: How many.
    """

    name: str
    colour: str | None = None
    count: int = 1


@dataclass(slots=True)
class Brief:
    """What a prompt names.

    Attributes:
        subjects: In the order of the prompt.
        setting: A place, a pattern or a chart.
        time: Time of day.
        weather: The weather.
        extras: What else stands in the sky or lights the scene.
        styles: How it is painted.
        colours: Names of colours that belong to no subject.
        backdrop: The name of the colour asked for behind the subject.
        text: The letters to be written.
        view: `close` or `wide`.
    """

    subjects: list[Named] = field(default_factory=list[Named])
    setting: str | None = None
    time: str | None = None
    weather: str | None = None
    extras: list[str] = field(default_factory=list[str])
    styles: list[str] = field(default_factory=list[str])
    colours: list[str] = field(default_factory=list[str])
    backdrop: str | None = None
    text: str | None = None
    view: str | None = None


def read(prompt: str) -> Brief:
    """Read a prompt; words that nobody taught the painter are passed over."""
    brief = Brief()
    quoted = _QUOTED.search(prompt)
    if quoted:
        brief.text = next(group for group in quoted.groups() if group)
        prompt = prompt.replace(quoted.group(0), " ")
    _Reader(brief).read(prompt.lower())
    return brief


def meanings(text: str) -> Iterator[tuple[str, list[Meaning]]]:
    """Give each known word or phrase of a lower-case text with its meanings; unknown words come with none."""
    tokens: list[str] = _TOKEN.findall(text)
    index = 0
    while index < len(tokens):
        if "\u3400" <= tokens[index][0] <= "\u9fff":
            yield from _chinese(tokens[index])
            index += 1
            continue
        for length in range(min(LONGEST, len(tokens) - index), 0, -1):
            phrase = " ".join(tokens[index : index + length])
            known = _known(phrase)
            if known or length == 1:
                yield phrase, known
                index += length
                break


def _known(phrase: str) -> list[Meaning]:
    for form in (
        phrase,
        phrase.removesuffix("s"),
        phrase.removesuffix("es"),
        re.sub(r"ies$", "y", phrase),
        re.sub(r"ves$", "f", phrase),
    ):
        if form in LEXICON:
            return LEXICON[form]
    return []


def _chinese(run: str) -> Iterator[tuple[str, list[Meaning]]]:
    index = 0
    while index < len(run):
        for length in range(min(_LONGEST_CJK, len(run) - index), 0, -1):
            word = run[index : index + length]
            if word in LEXICON or length == 1:
                yield word, LEXICON.get(word, [])
                index += length
                break


class _Reader:
    """Walks over the words and keeps what waits for a later one: a colour or a number before its subject."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.colour: str | None = None
        self.count = 0

    def read(self, text: str) -> None:
        for word, known in meanings(text):
            if word in ("background", "backdrop", "背景") and self.colour:
                self.brief.backdrop, self.colour = self.colour, None
            elif word in (",", ".", "，", "。", "and", "with", "on", "in"):
                self._let_go()
            for kind, value in known:
                self.take(kind, value, plural=word.endswith("s") and not value.endswith("s") and word not in LEXICON)
            if word.isdigit() and 1 < int(word) <= 8:  # noqa: PLR2004 - as many as fit
                self.count = int(word)
        self._let_go()

    def _let_go(self) -> None:
        if self.colour:
            self.brief.colours.append(self.colour)
            self.colour = None

    def take(self, kind: str, value: str, *, plural: bool) -> None:  # noqa: C901 - one branch per kind of meaning
        brief = self.brief
        if kind == "subject":
            if not any(named.name == value for named in brief.subjects):
                brief.subjects.append(Named(value, self.colour, self.count or (3 if plural else 1)))
            self.colour, self.count = None, 0
        elif kind == "colour":
            self._let_go()
            self.colour = value if value in PAINTS else None
        elif kind == "count":
            self.count = int(value)
        elif kind in ("extra", "style"):
            (brief.extras if kind == "extra" else brief.styles).append(value)
        elif kind == "setting" and value == "snow" and brief.setting:
            brief.weather = brief.weather or "snow"
        elif kind == "setting":
            if value == "sky" and self.colour:
                brief.backdrop, self.colour = self.colour, None
            if brief.setting is None or brief.setting in WIDE:
                brief.setting = value
        elif kind == "time" and brief.time is None:
            brief.time = value
        elif kind == "weather" and brief.weather is None:
            brief.weather = value
        elif kind == "view":
            brief.view = value
