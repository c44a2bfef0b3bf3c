"""What a known model does not accept is refused with the nearest that it does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.counting.image_model import check_output
from lightbox.errors import BadInput

CATALOGUE = Catalogue.load()
RATES = CATALOGUE.at(datetime(2026, 11, 21, tzinfo=UTC))


def _refused(model: str | None, **options: Any) -> str:
    known = CATALOGUE.image_model("openai", model) if model else None
    with pytest.raises(BadInput) as caught:
        check_output(known, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("model", "options", "text"),
    [
        (
            "gpt-image-2",
            {"quality": "xhigh"},
            "gpt-image-2 has no quality xhigh: it has low, medium, high and auto (try high)",
        ),
        ("gpt-image-1.5", {"format": "svg"}, "gpt-image-1.5 has no format svg: it has png, webp and jpeg (try png)"),
        ("gpt-image-2", {"background": "green"}, "has no background green"),
        (
            "gpt-image-2",
            {"background": "transparent", "format": "jpeg"},
            "does not work with format jpeg: use png or webp (try png)",
        ),
        ("gpt-image-2", {"fidelity": "high"}, "gpt-image-2 takes no fidelity: leave it out"),
        ("gpt-image-1-mini", {"fidelity": "high"}, "gpt-image-1-mini has no fidelity high: it has low"),
        (
            "gpt-image-2",
            {"compression": 50},
            "compression 50 has no effect on png: use jpeg or webp, or leave it out",
        ),
        (None, {"compression": 101, "format": "jpeg"}, "compression 101 is out of range: 0 to 100 (try 100)"),
        (None, {"partial_images": 4}, "partial_images 4 is out of range: 0 to 3"),
        (
            "gpt-image-2",
            {"format": "gif", "masked": True},
            "format gif can't be combined with a mask: use png, or leave that out",
        ),
    ],
)
def test_what_a_model_does_not_accept_is_named_with_a_way_out(model: str | None, options: Any, text: str) -> None:
    assert text in _refused(model, **options)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("gpt-image-2", {"quality": "high", "background": "transparent", "format": "webp"}),
        ("gpt-image-2.5-flare", {"quality": "max", "format": "jpeg", "compression": 0}),
        ("gpt-image-2.6-flare", {"format": "svg"}),
        ("gpt-image-1.5", {"fidelity": "high"}),
        (None, {"quality": "ultra", "background": "plaid", "fidelity": "medium"}),
    ],
)
def test_what_a_model_accepts_or_may_accept_passes(model: str | None, options: Any) -> None:
    check_output(CATALOGUE.image_model("openai", model) if model else None, **options)


def test_a_detail_that_a_model_lacks_is_named() -> None:
    with pytest.raises(BadInput, match="gpt-5 has no detail original: it looks at low, high and auto"):
        RATES.check_detail("openai", "gpt-5", "original")
    RATES.check_detail("openai", "gpt-5.5", "original")
    RATES.check_detail("openai", "gpt-of-tomorrow", "original")
    RATES.check_detail("dashscope", "qwen3.7-plus", "high")


def test_an_ability_that_a_model_lacks_is_named_with_a_model_that_has_it() -> None:
    with pytest.raises(BadInput, match=r"qwen3\.7-max-2026-05-20 can't do similar \(text only\): try qwen3\.7-plus"):
        CATALOGUE.check_ability("dashscope", "qwen3.7-max-2026-05-20", "similar")
    with pytest.raises(BadInput, match="no model of openai can"):
        CATALOGUE.check_ability("openai", "gpt-5", "similar")
    CATALOGUE.check_ability("dashscope", "qwen3.7-max", "search")
    CATALOGUE.check_ability("dashscope", "qwen-of-tomorrow", "search")
