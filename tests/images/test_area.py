"""The area of an edit: a place in words or figures, read once and laid on a picture in px."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.errors import BadInput
from lightbox.images.area import MOST_FEATHER, LaidArea, read_area

SIZE = (1200, 600)

RIGHT = {
    "left third": "0,0,400,600",
    "Left Third": "0,0,400,600",
    "the left third of the picture": "0,0,400,600",
    "right two thirds": "400,0,800,600",
    "two-thirds right": "400,0,800,600",
    "right 2/3": "400,0,800,600",
    "right ⅔": "400,0,800,600",
    "left": "0,0,600,600",
    "top half": "0,0,1200,300",
    "bottom 30%": "0,420,1200,180",
    "bottom 12.5 %": "0,525,1200,75",
    "lower quarter": "0,450,1200,150",
    "right three quarters": "300,0,900,600",
    "top left quarter": "0,0,600,300",
    "bottom-right corner": "600,300,600,300",
    "upper right": "600,0,600,300",
    "top left 25%": "0,0,300,150",
    "bottom right third": "800,400,400,200",
    "centre": "300,150,600,300",
    "center": "300,150,600,300",
    "the middle 80%": "120,60,960,480",
    "120,80,400,300": "120,80,400,300",
    " 120, 80, 400px, 300 px ": "120,80,400,300",
    "10%,20%,50%,30%": "120,120,600,180",
    "50%,0,200,100%": "600,0,200,600",
    "１２０，８０，４００，３００": "120,80,400,300",
    "0,0,1200,600": "0,0,1200,600",
    "left third; right third": "0,0,400,600; 800,0,400,600",
    "left third ;10,10,20,20;": "0,0,400,600; 10,10,20,20",
    "left third feather 12": "0,0,400,600 feather 12",
    "left third, feather: 12 px": "0,0,400,600 feather 12",
    "10,10,20,20; centre; feathered by 3px": "10,10,20,20; 300,150,600,300 feather 3",
    "left third feather 0": "0,0,400,600",
    "outside 120,80,400,300": "outside 120,80,400,300",
    "all but the left third feather 4": "outside 0,0,400,600 feather 4",
    "everything except top half; centre": "outside 0,0,1200,300; 300,150,600,300",
}

WRONG = {
    "left thrid": "“thrid” in “left thrid”",
    "the dog": "“dog” in “the dog”",
    "sky": "“sky”",
    "left third; x=12": "“x=12”",
    "1 2 3 4": "“1” in “1 2 3 4”",
    "left right": "“left right” is not one place",
    "centre left": "“centre left” is not one place",
    "left third right third": "is not one place",
    "two thirds": "“two thirds” is not one place",
    "top left half": "“top left half” can be meant in several ways",
    "middle third": "“middle third” can be meant in several ways",
    "left half third": "does not say how much of a side",
    "left 0%": "does not say a part",
    "left 100%": "does not say a part",
    "left three thirds": "does not say a part",
    "left 1/0": "does not say how much",
    "120,80,400": "“120,80,400” has 3 figures, not four",
    "1,2,3,4,5": "has 5 figures, not four",
    "120;80;400;300": "“120” has 1 figure, not four",
    ";": "names no place",
    "feather 12": "names no place",
    "outside": "names no place",
    "left third;;right third": "names no place",
    "feather 12 left third": "“feather”",
    "left third feather": "“feather”",
}

BEYOND = {
    "1000,80,400,300": ("partly outside the picture, which is 1200x600 px", "`1000,80,200,300`"),
    "-10,0,40,40": ("partly outside the picture", "`0,0,30,40`"),
    "60%,0%,50%,50%": ("partly outside the picture", "`720,0,480,300`"),
    "1200,0,10,10": ("is outside the picture", "x is below 1200 and y below 600"),
    "0,700,10,10": ("is outside the picture", "x is below 1200 and y below 600"),
    "10,10,0,20": ("is empty", "at least 1 px"),
    "10,10,20,-5": ("is empty", "at least 1 px"),
    "0%,0%,0.01%,50%": ("is empty", "1200x600 px"),
    "outside 0,0,100%,100%": ("all of the picture is left out", "Nothing was sent"),
}


@pytest.mark.parametrize("text", RIGHT)
def test_a_place_in_words_or_figures_is_this_in_px(text: str) -> None:
    assert str(read_area(text).on(*SIZE)) == RIGHT[text]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_not_understood_is_named_and_right_forms_are_shown(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        read_area(text)

    assert WRONG[text] in str(raised.value)
    assert "`left third`" in str(raised.value)
    assert "Nothing was sent." in str(raised.value)


@pytest.mark.parametrize("text", BEYOND)
def test_an_area_that_is_empty_or_beyond_the_picture_is_refused_with_its_size(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        read_area(text).on(*SIZE)

    assert all(part in str(raised.value) for part in BEYOND[text])


@pytest.mark.parametrize("text", ["everything", "the whole picture", "outside all"])
def test_who_names_the_whole_picture_is_told_to_leave_the_area_out(text: str) -> None:
    with pytest.raises(BadInput, match="leave area out"):
        read_area(text)


def test_a_feather_of_hundreds_of_px_is_refused_with_what_is_possible() -> None:
    with pytest.raises(BadInput, match=f"feather 900 is out of range: write 0 to {MOST_FEATHER} px"):
        read_area("left third feather 900")


def test_a_long_wrong_area_is_cut_in_the_error() -> None:
    with pytest.raises(BadInput) as raised:
        read_area("x" * 500)

    assert len(str(raised.value)) < 700


@given(st.text(max_size=500))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadInput):
        assert read_area(text).on(*SIZE).boxes


sides = st.integers(min_value=1, max_value=9_000)


@st.composite
def laid_areas(draw: st.DrawFn) -> LaidArea:
    width, height = draw(sides), draw(sides)
    boxes: list[tuple[int, int, int, int]] = []
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        boxes.append((left, top, draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))))
    outside = draw(st.booleans()) and (0, 0, width, height) not in boxes
    return LaidArea(width, height, tuple(boxes), outside, draw(st.integers(0, MOST_FEATHER)))


@given(laid_areas())
def test_an_area_in_px_reads_as_itself(area: LaidArea) -> None:
    assert read_area(str(area)).on(area.width, area.height) == area


@given(laid_areas(), sides, sides)
def test_an_area_follows_the_picture_into_any_size_and_never_vanishes(area: LaidArea, width: int, height: int) -> None:
    scaled = area.scaled(width, height)

    assert (scaled.width, scaled.height, len(scaled.boxes)) == (width, height, len(area.boxes))
    for (left, top, right, bottom), was in zip(scaled.boxes, area.boxes, strict=True):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert abs(left - was[0] * width / area.width) <= 1.5
        assert abs(bottom - was[3] * height / area.height) <= 1.5
