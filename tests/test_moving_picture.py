"""The README's moving picture can be drawn from what the tools answer today."""

from __future__ import annotations

import pytest

import moving_picture

pytestmark = pytest.mark.slow


async def test_a_chat_is_drawn_from_real_answers_with_their_prices() -> None:
    told = await moving_picture.ask()
    drawn = list(moving_picture.frames(told))

    assert told.found == 6
    assert told.size == "1280x720"
    assert float(told.spent) == pytest.approx(float(told.search_cost) + float(told.edit_cost), abs=2e-4)
    assert 0 < float(told.expected) < 0.05  # what the person in the chat lets it cost
    assert {image.size for image, _ in drawn} == {moving_picture.SIZE}
    assert 10_000 < sum(milliseconds for _, milliseconds in drawn) < 30_000
