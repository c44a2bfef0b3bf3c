"""How many tokens a text takes, approximately."""

from __future__ import annotations

import re

from lightbox.costs.money import Span

_RUN = re.compile(r"[^\W\d_]+|\d+|\s+|[^\w\s]|_", re.UNICODE)
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_LETTERS_PER_TOKEN = 6
_FOREIGN_LETTERS_PER_TOKEN = 3
_DIGITS_PER_TOKEN = 3


def text_tokens(text: str) -> int:
    """Count the tokens of a text, roughly: no tokenizer is loaded, for texts are the small part of every bill here.

    Words of up to six Latin letters, three digits, or one mark of punctuation make a token; so does each CJK
    character, and every three letters of another script. The measure behind it is the services' own rule of thumb,
    four characters of English or one CJK character to a token; it has not been compared with their tokenizers, so
    `text_span` gives generous bounds.
    """
    return sum(_run_tokens(run) for run in _RUN.findall(text))


def text_span(text: str) -> Span:
    """Count the tokens of a text with the bounds of the approximation, from half to one and a half times."""
    count = text_tokens(text)
    return Span.of(count // 2, count, count + (count + 1) // 2)


def _run_tokens(run: str) -> int:
    if run.isspace():
        return run.count("\n") if "\n" in run else 0  # a blank belongs to the word after it
    if wide := len(_WIDE.findall(run)):
        return wide + _parts(len(run) - wide, _LETTERS_PER_TOKEN)
    if run.isdigit():
        return _parts(len(run), _DIGITS_PER_TOKEN)
    return _parts(len(run), _LETTERS_PER_TOKEN if run.isascii() else _FOREIGN_LETTERS_PER_TOKEN)


def _parts(length: int, size: int) -> int:
    return -(-length // size)
