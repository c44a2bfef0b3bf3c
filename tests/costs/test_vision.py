"""Counts behave as pictures grow, turn and shrink."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.catalogue.rows import VisionRow
from lightbox.costs.counting.image_model import enlarged_patches, grid_tokens
from lightbox.costs.counting.vision import (
    fitted,
    patch_count,
    patch_size,
    picture_tokens,
    qwen_size,
    qwen_tokens,
    seen_size,
    tile_size,
    tile_tokens,
)
from lightbox.costs.money import Span
from lightbox.vocabulary import Detail

SIDE = st.integers(min_value=1, max_value=9_000)
ANY_SIDE = st.one_of(st.integers(1, 10_000), st.integers(1, 10), st.integers(9_900, 10_000))
BUDGET = st.sampled_from([1_536, 2_500, 10_000])
RATES = Catalogue.load().at(datetime(2026, 11, 21, tzinfo=UTC))


@dataclass
class Looker:
    provider: str
    model: str

    @property
    def row(self) -> VisionRow:
        row = RATES.vision(self.provider, self.model)
        assert row is not None
        return row

    def seen(self, width: int, height: int, detail: Detail | None = None) -> tuple[int, int]:
        return seen_size(RATES, self.provider, self.model, width, height, detail)


LOOKERS = st.sampled_from(
    [
        Looker("openai", "gpt-5.6-terra"),
        Looker("openai", "gpt-5.5"),
        Looker("openai", "gpt-5.4-mini"),
        Looker("openai", "gpt-5"),
        Looker("openai", "gpt-4o-mini"),
        Looker("dashscope", "qwen3.7-plus"),
        Looker("sandbox", "sandbox"),
    ]
)
EVERY_DETAIL: list[Detail | None] = ["low", "high", "original", "auto", None]
DETAILS = st.sampled_from(EVERY_DETAIL)


@given(SIDE, SIDE, BUDGET)
def test_patches_never_exceed_the_budget(width: int, height: int, budget: int) -> None:
    size = patch_size(width, height, budget)
    assert patch_count(*size) <= budget
    assert min(size) >= 1


@given(SIDE, SIDE, BUDGET)
def test_patches_count_a_quarter_turn_the_same(width: int, height: int, budget: int) -> None:
    assert patch_size(width, height, budget) == patch_size(height, width, budget)[::-1]


@given(SIDE, SIDE, st.integers(0, 200), st.integers(0, 200), BUDGET)
def test_below_the_budget_patches_never_fall_as_a_picture_grows(
    width: int, height: int, wider: int, taller: int, budget: int
) -> None:
    assume(patch_count(width + wider, height + taller) <= budget)
    before, after = patch_size(width, height, budget), patch_size(width + wider, height + taller, budget)
    assert patch_count(*before) <= patch_count(*after)


@given(SIDE, SIDE, BUDGET)
def test_a_picture_is_never_enlarged_to_fit_a_budget(width: int, height: int, budget: int) -> None:
    across, down = patch_size(width, height, budget)
    assert across <= width
    assert down <= height


@given(SIDE, SIDE)
def test_tiles_count_a_quarter_turn_the_same_and_end_within_their_bounds(width: int, height: int) -> None:
    across, down = tile_size(width, height)
    assert tile_tokens(width, height, 85, 170) == tile_tokens(height, width, 85, 170)
    assert max(across, down) <= 2_048
    assert min(across, down) <= 768
    assert tile_tokens(width, height, 85, 170) <= 85 + 8 * 170


@given(st.integers(1, 768), st.integers(1, 768), st.integers(0, 200), st.integers(0, 200))
def test_tiles_never_fall_as_a_picture_grows_that_is_not_resized(
    width: int, height: int, wider: int, taller: int
) -> None:
    assume(width + wider <= 768 and height + taller <= 768)
    assert tile_tokens(width, height, 0, 1) <= tile_tokens(width + wider, height + taller, 0, 1)


@given(st.integers(10, 9_000), st.integers(10, 9_000))
def test_qwen_counts_within_its_bounds_and_a_quarter_turn_the_same(width: int, height: int) -> None:
    assume(max(width, height) <= 200 * min(width, height))
    assert qwen_tokens(width, height) <= 2_560 + 2
    assert qwen_tokens(width, height) >= 64 + 2
    assert qwen_size(width, height) == qwen_size(height, width)[::-1]


@given(st.integers(300, 1_500), st.integers(300, 1_500), st.integers(0, 200), st.integers(0, 200))
def test_qwen_never_counts_less_as_a_picture_grows_within_its_limits(
    width: int, height: int, wider: int, taller: int
) -> None:
    assert qwen_tokens(width, height) <= qwen_tokens(width + wider, height + taller)


@given(SIDE, SIDE)
def test_an_image_model_counts_at_most_its_budget_and_a_quarter_turn_the_same(width: int, height: int) -> None:
    assert enlarged_patches(width, height) <= 1_536
    assert enlarged_patches(width, height) == enlarged_patches(height, width)


@given(st.sampled_from([16, 24, 48, 64, 96]), st.integers(1, 240), st.integers(1, 240))
def test_a_made_picture_counts_a_quarter_turn_the_same(grid: int, width: int, height: int) -> None:
    assert grid_tokens(grid, width * 16, height * 16) == grid_tokens(grid, height * 16, width * 16)


@pytest.mark.parametrize(
    ("size", "seen"),
    [((100_000, 10), (49_152, 4)), ((10, 100_000), (4, 49_152)), ((100_000, 1), (49_152, 1)), ((20, 30), (20, 30))],
)
def test_a_strip_keeps_one_row_of_patches(size: tuple[int, int], seen: tuple[int, int]) -> None:
    assert patch_size(*size, 1_536) == seen


@pytest.mark.parametrize(
    ("width", "height", "patches"),
    [(256, 128, 128), (400, 400, 625), (512, 512, 1_024), (600, 300, 512), (300, 600, 512), (1_024, 512, 512)],
)
def test_an_image_model_enlarges_a_small_picture_at_most_twofold(width: int, height: int, patches: int) -> None:
    assert enlarged_patches(width, height) == patches


def test_a_strip_is_seen_down_to_a_px() -> None:
    assert Looker("openai", "gpt-5.6-terra").seen(3_000_000, 40, "high") == (75_000, 1)


def test_a_side_that_whole_px_tip_over_the_edge_of_a_patch_is_a_px_shorter() -> None:
    looker = Looker("openai", "gpt-5.4-mini")
    assert looker.seen(4_509, 2_822, "low") == (1_567, 980)
    assert looker.seen(2_822, 4_509, "low") == (980, 1_567)


@given(LOOKERS, ANY_SIDE, ANY_SIDE, DETAILS)
@example(Looker("dashscope", "qwen3.5-plus"), 3_840, 2_160, None)
def test_a_picture_shrunk_to_what_is_seen_never_counts_more(
    looker: Looker, width: int, height: int, detail: Detail | None
) -> None:
    assume(looker.provider != "dashscope" or max(width, height) <= 200 * min(width, height))
    small = looker.seen(width, height, detail)
    assert 1 <= small[0] <= width
    assert 1 <= small[1] <= height
    before, after = (picture_tokens(looker.row, *size, detail) for size in ((width, height), small))
    assert all(less <= more for less, more in zip(after, before, strict=True))


@given(LOOKERS, st.integers(1_000, 9_000), st.integers(1_000, 9_000), DETAILS)
def test_a_shrunk_picture_keeps_its_shape_and_shows_the_model_nearly_all_that_it_would_see(
    looker: Looker, width: int, height: int, detail: Detail | None
) -> None:
    small = looker.seen(width, height, detail)
    long, short = (0, 1) if width >= height else (1, 0)
    assert abs((width, height)[short] * small[long] / (width, height)[long] - small[short]) <= 1
    before, after = (picture_tokens(looker.row, *size, detail) for size in ((width, height), small))
    if looker.row.method != "tiles" and detail != "low":  # there a part of a px may take another row of tiles
        assert after.expected >= before.expected * Decimal("0.9")


@given(ANY_SIDE, ANY_SIDE, ANY_SIDE, ANY_SIDE)
def test_a_picture_is_fitted_into_a_box_and_never_enlarged(width: int, height: int, across: int, down: int) -> None:
    small = fitted(width, height, (across, down))
    assert 1 <= small[0] <= min(width, across)
    assert 1 <= small[1] <= min(height, down)
    assert small[0] == min(width, across) or small[1] == min(height, down)


@given(LOOKERS, DETAILS)
def test_a_picture_of_unknown_size_is_a_range(looker: Looker, detail: Detail | None) -> None:
    low, expected, high = picture_tokens(looker.row, None, None, detail)
    assert 0 < low <= expected <= high


def test_low_detail_of_tiles_is_the_base_alone() -> None:
    assert picture_tokens(Looker("openai", "gpt-5").row, 4_000, 4_000, "low").expected == 70


def test_original_is_not_capped_where_the_service_has_no_cap() -> None:
    looker = Looker("openai", "gpt-5.6-terra")
    row = looker.row
    assert picture_tokens(row, 4_000, 4_000, "original").expected == 18_750  # 125 * 125 patches at 1.2
    assert picture_tokens(row, 4_000, 4_000, "auto").expected == 18_750
    assert picture_tokens(row, 4_000, 4_000, "high").expected == 3_000
    assert looker.seen(4_000, 4_000, "original") == (4_000, 4_000)
    assert looker.seen(4_000, 4_000, "high") == (1_600, 1_600)


def test_a_long_side_is_bounded_in_px_where_the_service_says_so() -> None:
    looker = Looker("openai", "gpt-5.5")
    assert looker.seen(8_000, 800, "high") == (2_048, 205)
    assert looker.seen(8_000, 800, "original") == (6_000, 600)


def test_a_model_that_nobody_knows_gets_its_picture_as_it_is() -> None:
    assert Looker("openai", "gpt-of-tomorrow").seen(9_000, 9_000, "high") == (9_000, 9_000)


@pytest.mark.parametrize(
    ("size", "seen", "tokens"),
    [
        ((3_840, 2_160), (2_132, 1_199), 2_481),
        ((4_000, 3_000), (1_855, 1_391), 2_496),
        ((1_000, 1_000), (1_000, 1_000), 963),
    ],
)
def test_qwen_is_sent_what_it_looks_at(size: tuple[int, int], seen: tuple[int, int], tokens: int) -> None:
    looker = Looker("dashscope", "qwen3.5-plus")
    assert looker.seen(*size) == seen
    assert picture_tokens(looker.row, *size) == picture_tokens(looker.row, *seen) == Span.exactly(tokens)
