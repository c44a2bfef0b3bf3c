"""Which hits of a search are wanted, by shape and size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.images.picture import Hit
from lightbox.images.selection import MOST_HITS_ASKED, Selection, shape_of

if TYPE_CHECKING:
    from lightbox.vocabulary import HitState


def hit(name: str, size: tuple[int, int] | None = None, state: HitState = "ok") -> Hit:
    width, height = size or (None, None)
    return Hit(image=name, image_url=f"https://example.com/{name}.jpg", width=width, height=height, state=state)


WIDE = hit("wide", (1600, 900))
TALL = hit("tall", (900, 1600))
SQUARE = hit("square", (1000, 1000))
SMALL = hit("small", (320, 240))
SMALLER = hit("smaller", (400, 100))
ICON = hit("icon", (60, 60), "tiny")
LATE = hit("late", state="unchecked")
KNOWN = hit("known", (1920, 1080), "unchecked")
UNMEASURED = hit("unmeasured")
DEAD = hit("dead", state="dead")
BLOCKED = hit("blocked", (1600, 900), "blocked")
PAGE = hit("page", state="not_an_image")
EVERY = [LATE, SMALL, WIDE, ICON, DEAD, TALL, KNOWN, PAGE, SQUARE, BLOCKED, UNMEASURED, SMALLER]


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1600, 900), "landscape"),
        ((900, 1600), "portrait"),
        ((1000, 1000), "square"),
        ((1050, 1000), "square"),
        ((1000, 1050), "square"),
        ((1051, 1000), "landscape"),
        ((1000, 1051), "portrait"),
    ],
)
def test_a_picture_is_square_up_to_a_twentieth(size: tuple[int, int], shape: str) -> None:
    assert shape_of(*size) == shape


def test_what_surely_fits_comes_first_and_what_may_fit_last_each_in_its_rank() -> None:
    selected = Selection(count=10, shape="landscape", min_side=500).of(EVERY)

    assert selected.hits == (WIDE, KNOWN, LATE, UNMEASURED)
    assert selected.unknown == 2


def test_what_is_left_out_is_counted_once_by_why() -> None:
    selected = Selection(count=10, shape="landscape", min_side=500).of(EVERY)

    assert selected.left_out == {"too small": 3, "not landscape": 2, "dead": 1, "not a picture": 1, "blocked": 1}
    assert len(selected.hits) + sum(selected.left_out.values()) == len(EVERY)
    assert selected.largest == (320, 240)


def test_no_more_are_shown_than_are_wanted_and_unknown_ones_only_where_there_is_room() -> None:
    two = Selection(count=2, shape="landscape").of(EVERY)
    three = Selection(count=4, shape="landscape").of(EVERY)

    assert (two.hits, two.unknown) == ((SMALL, WIDE), 0)
    assert (three.hits, three.unknown) == ((SMALL, WIDE, KNOWN, SMALLER), 0)


def test_an_icon_is_too_small_for_any_shape() -> None:
    assert Selection(count=5, shape="square").of([ICON, SQUARE]).hits == (SQUARE,)


def test_a_size_without_a_shape_takes_every_shape() -> None:
    assert Selection(count=9, min_side=900).of(EVERY).hits == (WIDE, TALL, KNOWN, SQUARE, LATE, UNMEASURED)


@pytest.mark.parametrize(("count", "asked"), [(1, 3), (10, 30), (33, 99), (34, 100), (100, MOST_HITS_ASKED)])
def test_more_are_asked_for_than_are_wanted_and_never_more_than_a_service_gives(count: int, asked: int) -> None:
    assert Selection(count=count, shape="square").asked == asked


def test_a_shape_that_a_newer_version_wrote_is_any() -> None:
    stored = '{"count": 3, "shape": "panorama", "min_side": 10, "licence": "any"}'

    assert Selection.model_validate_json(stored) == Selection(count=3, min_side=10)


sides = st.one_of(st.none(), st.integers(1, 5_000))
hits = st.builds(
    Hit,
    image=st.text(max_size=5),
    image_url=st.just("https://example.com"),
    width=sides,
    height=sides,
    state=st.sampled_from(["ok", "unchecked", "dead", "blocked", "not_an_image", "tiny"]),
)


@given(st.lists(hits, max_size=30), st.integers(1, 20), st.sampled_from([None, "landscape", "square"]), sides)
def test_whatever_came_what_is_shown_fits_or_is_unknown(
    found: list[Hit], count: int, shape: str | None, min_side: int | None
) -> None:
    selected = Selection.model_validate({"count": count, "shape": shape, "min_side": min_side}).of(found)

    assert len(selected.hits) <= count
    for one in selected.hits:
        if one.width and one.height:
            assert min(one.width, one.height) >= (min_side or 0)
            assert shape in (None, shape_of(one.width, one.height))
    assert sum(not (one.width and one.height) for one in selected.hits) == selected.unknown
