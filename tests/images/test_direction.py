"""The order of letters on a line, and how Arabic ones join, where no library does it."""

from __future__ import annotations

import unicodedata

import pytest

from lightbox.images.direction import joined, runs


def seen(text: str) -> list[str]:
    """Give the parts of a line from left to right, each as it is read."""
    return [run.text for run in runs(text)]


def everything(_: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("a red fox (2024)", ["a red fox (2024)"]),
        ("ثعلب أحمر", ["ثعلب أحمر"]),
        ("fox ثعلب snow", ["fox ", "ثعلب", " snow"]),
        ("ثعلب fox ثلج", [" ثلج", "fox", "ثعلب "]),
        ("עמוד 12.5 מתוך", [" מתוך", "12.5", "עמוד "]),
        ("fox ثعلب 2024", ["fox ", "2024", "ثعلب "]),
        ("fox 2024 ثعلب", ["fox 2024 ", "ثعلب"]),
        ("fox (ثعلب) snow", ["fox (", "ثعلب", ") snow"]),
    ],
)
def test_the_parts_of_a_line_stand_as_the_standard_has_them(text: str, parts: list[str]) -> None:
    assert seen(text) == parts
    assert sorted("".join(parts)) == sorted(text)
    for run in runs(text):
        assert run.from_right == any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in run.text)


def test_arabic_letters_take_the_shape_of_their_place_and_lam_joins_with_alef() -> None:
    # seen, lam-alef, meem: initial, final ligature, isolated; drawn from left to right, so the last one first
    assert joined("سلام", everything) == "\ufee1\ufefc\ufeb3"
    assert joined("ببب", everything) == "\ufe90\ufe92\ufe91"
    assert joined("دب", everything) == "\ufe8f\ufea9"


def test_signs_stay_behind_their_letter_and_brackets_face_the_other_way() -> None:
    assert joined("بَ(ب)", everything) == "(\ufe8f)\ufe8f\u064e"


def test_a_shape_that_the_font_lacks_leaves_the_letter_as_it_is() -> None:
    assert joined("بب", lambda _: False) == "بب"


def test_hebrew_is_turned_around_and_not_joined() -> None:
    assert joined("שלום", everything) == "םולש"
