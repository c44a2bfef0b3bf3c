from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lightbox_sandbox.regions import drawn, regions


def mask(*rows: str) -> Image.Image:
    data = bytes(255 if sign == "#" else 0 for row in rows for sign in row)
    return Image.frombytes("L", (len(rows[0]), len(rows)), data)


def test_what_touches_at_its_sides_hangs_together_and_corners_do_not_count() -> None:
    found = regions(mask("##..", "..##", "#..#"))
    assert [region.area for region in found] == [2, 3, 1]


def test_a_region_may_branch_and_join_again() -> None:
    (ring,) = regions(mask("###", "#.#", "###"))
    assert (ring.area, ring.box) == (8, (0, 0, 3, 3))
    (fork,) = regions(mask("#.#", "#.#", "###"))
    assert fork.area == 7


def test_a_region_meets_a_mask_where_they_share_a_pixel() -> None:
    left, right = regions(mask("#..#", "#..#"))
    other = mask("....", "#...").tobytes()
    assert left.meets(other, 4)
    assert not right.meets(other, 4)


@given(st.integers(1, 12).flatmap(lambda width: st.lists(st.text("#.", min_size=width, max_size=width), min_size=1)))
def test_the_regions_together_are_the_mask(rows: list[str]) -> None:
    image = mask(*rows)
    found = regions(image)
    assert drawn(found, image.size).tobytes() == image.tobytes()
    assert sum(region.area for region in found) == image.tobytes().count(255)
