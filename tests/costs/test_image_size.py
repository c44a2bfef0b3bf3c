"""Which size an image model is asked for: what is wanted where it makes that, else the nearest larger one alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.catalogue.rows import ImageModelRow, SizeRule
from lightbox.costs.counting.image_size import choose_size, larger_size, parse_size, size_fault
from lightbox.errors import BadInput
from lightbox.images.transform import exactly_told, to_exactly

CATALOGUE = Catalogue.load()
MODELS = [row for provider in CATALOGUE.providers() for row in CATALOGUE.image_models(provider)]
RULES = [row.size_rule for row in MODELS]
sides = st.integers(1, 8_192)


def model(name: str) -> ImageModelRow:
    found = CATALOGUE.image_model("openai", name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "wanted", "asked", "exact", "told"),
    [
        ("gpt-image-2", "1920x1080", "1920x1088", "1920x1080", "cut to 1920x1080"),
        ("gpt-image-2", "1080x1920", "1088x1920", "1080x1920", "cut to 1080x1920"),
        ("gpt-image-2", "1000x1000", "1008x1008", "1000x1000", "cut to 1000x1000"),
        ("gpt-image-2", "1366x768", "1376x768", "1366x768", "cut to 1366x768"),
        ("gpt-image-2", "1200x630", "1200x640", "1200x630", "cut to 1200x630"),
        ("gpt-image-2", "256x256", "816x816", "256x256", "scaled down to 256x256"),
        ("gpt-image-2", "800x600", "944x704", "800x600", "scaled down and cut to 800x600"),
        ("gpt-image-2", "3000x500", "3008x1008", "3000x500", "cut to 3000x500"),
        ("gpt-image-2", "3840x3840", "2880x2880", "3840x3840", "enlarged 1.33 times to 3840x3840"),
        ("gpt-image-2", "5120x2880", "3840x2160", "5120x2880", "enlarged 1.33 times to 5120x2880"),
        ("gpt-image-2", "1536x864", "1536x864", None, None),
        ("gpt-image-2", "auto", "auto", None, None),
        ("gpt-image-2", "16:9", "1536x864", None, None),
        ("gpt-image-2", "9:16", "864x1536", None, None),
        ("gpt-image-2", "1920:1080", "1536x864", None, None),
        ("gpt-image-2", "1:1", "1024x1024", None, None),
        ("gpt-image-2", "4:3", "1408x1056", None, None),
        ("gpt-image-2", "4:1", "2160x720", "2160x540", "cut to 2160x540"),
        ("gpt-image-1.5", "1000x1000", "1024x1024", "1000x1000", "scaled down to 1000x1000"),
        ("gpt-image-1.5", "800x600", "1536x1024", "800x600", "scaled down and cut to 800x600"),
        ("gpt-image-1.5", "1920x1080", "1536x1024", "1920x1080", "enlarged 1.25 times and cut to 1920x1080"),
        ("gpt-image-1.5", "16:9", "1536x1024", "1536x864", "cut to 1536x864"),
        ("gpt-image-1.5", "3:4", "1024x1536", "1023x1364", "cut to 1023x1364"),
    ],
)
def test_a_size_that_is_not_made_is_had_from_the_nearest_larger_one(
    name: str, wanted: str, asked: str, exact: str | None, told: str | None
) -> None:
    choice = choose_size(model(name), wanted)
    assert (choice.asked, choice.exact) == (asked, exact)
    came, goal = parse_size(asked), parse_size(exact or "")
    assert (exactly_told(came, goal) if came and goal else None) == told


@given(st.sampled_from(RULES), sides, sides)
def test_what_is_asked_for_is_always_made(rule: SizeRule, width: int, height: int) -> None:
    assert size_fault(rule, *larger_size(rule, (width, height))) is None


@given(st.sampled_from(MODELS), st.integers(1, 60), st.integers(1, 60))
def test_of_every_shape_a_size_is_made(row: ImageModelRow, across: int, down: int) -> None:
    choice = choose_size(row, f"{across}:{down}")
    asked = parse_size(choice.asked)
    assert asked
    assert size_fault(row.size_rule, *asked) is None
    exact = parse_size(choice.exact or choice.asked)
    assert exact
    assert exact[0] <= asked[0]
    assert exact[1] <= asked[1]
    wrong = abs(exact[0] * down - exact[1] * across)
    assert wrong <= max(across, down) / 2 + 1, "to the nearest px"


@given(st.sampled_from(RULES), st.integers(1, 240), st.integers(1, 240))
def test_a_size_that_is_made_is_asked_for_itself(rule: SizeRule, width: int, height: int) -> None:
    size = (width * 16, height * 16)
    if size_fault(rule, *size) is None:
        assert larger_size(rule, size) == size


SMALL_RULES = st.builds(
    SizeRule,
    multiple=st.sampled_from([8, 16]),
    min_side=st.sampled_from([8, 32]),
    max_side=st.sampled_from([160, 256]),
    max_area=st.one_of(st.none(), st.just(128 * 128)),
    min_area=st.one_of(st.none(), st.just(64 * 64)),
)


@given(SMALL_RULES, st.integers(1, 300), st.integers(1, 300))
def test_nothing_cheaper_would_do_and_nothing_is_enlarged_that_need_not_be(
    rule: SizeRule, width: int, height: int
) -> None:
    """Against all sizes that there are, one by one."""
    step = rule.multiple
    every = [
        (across, down)
        for across in range(step, 257, step)
        for down in range(step, 257, step)
        if size_fault(rule, across, down) is None
    ]
    chosen = larger_size(rule, (width, height))
    covering = [size for size in every if size[0] >= width and size[1] >= height]
    assert chosen in every
    if not covering:
        least = min(max(width / across, height / down) for across, down in every)
        assert max(width / chosen[0], height / chosen[1]) == least
        return
    assert chosen in covering
    kept = _kept(chosen, width, height)
    cheaper = [size for size in covering if size[0] * size[1] < chosen[0] * chosen[1]]
    assert all(_kept(size, width, height) < kept for size in cheaper), "what is cheaper is less alike"


def _kept(size: tuple[int, int], width: int, height: int) -> float:
    shape, wanted = size[0] / size[1], width / height
    return min(shape, wanted) / max(shape, wanted)


def test_a_model_that_is_not_known_is_asked_for_what_is_wanted() -> None:
    for wanted in ("1920x1080", "16:9", "7x7", "auto"):
        choice = choose_size(None, wanted)
        assert (choice.asked, choice.exact) == (wanted, None)


@pytest.mark.parametrize("wanted", ["large", "0x100", "100x", "16:0", "1920×1080", "-5x5", "1x" + "9" * 50])
@pytest.mark.parametrize("row", [None, *MODELS[:1]])
def test_what_is_no_size_is_refused_with_what_is(row: Any, wanted: str) -> None:
    with pytest.raises(BadInput, match="is not valid: write WIDTHxHEIGHT in px, like 1920x1080, a ratio, like 16:9"):
        choose_size(row, wanted)


def test_what_would_be_scaled_by_less_than_a_hundredth_is_cut_alone() -> None:
    assert to_exactly((1008, 1008), (1000, 1000)).crop is not None
    assert to_exactly((1024, 1024), (1000, 1000)).size == (1000, 1000)
    assert to_exactly(None, (1000, 1000)).size == (1000, 1000)
    assert to_exactly((990, 990), (1000, 1000)).size == (1000, 1000)
