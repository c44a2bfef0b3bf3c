"""Prices by the picture: what is estimated, what is billed, and what a service's counts can't do to the bill."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lightbox.costs.call import PaintedPicture, PricedCall, Report, SentSize
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.catalogue.file import read_sheet
from lightbox.costs.counting.image_size import choose_size
from lightbox.costs.money import Money
from lightbox.costs.pricing.bill import bill
from lightbox.costs.pricing.estimate import estimate
from lightbox.errors import SettingsError
from lightbox.wire.response import PictureUsage, Usage

PRO = "qwen-image-3.0-pro"
SMALL = (SentSize(width=1024, height=1024),)


@pytest.fixture(scope="module")
def rates() -> Rates:
    return Catalogue.load().at(datetime(2026, 11, 22, tzinfo=UTC))


def call(
    model: str = "qwen-image-2.0",
    size: str = "1024x1024",
    pictures: tuple[SentSize, ...] = (),
    region: str = "international",
    count: int = 1,
) -> PricedCall:
    return PricedCall(
        ability="edit" if pictures else "generate",
        provider="dashscope",
        region=region,
        model=model,
        image_model=model,
        text="a cat",
        size=size,
        pictures=pictures,
        count=count,
    )


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def told(made: int = 1, **counted: int | str) -> Report:
    usage = Usage(pictures=PictureUsage(made=made, **counted))  # pyright: ignore[reportArgumentType] - by name
    return Report(usage=usage, pictures=(PaintedPicture(),) * min(made, 1), answered=True)


@pytest.mark.parametrize(
    ("priced", "low", "expected", "high"),
    [
        (call(), "0.035", "0.035", "0.035"),
        (call("z-image-turbo", "1024x1536"), "0.015", "0.015", "0.015"),
        (call("z-image-turbo", "1024x1536", region="mainland"), "0.01434", "0.01434", "0.01434"),
        (call(count=3), "0.105", "0.105", "0.105"),
        (call(PRO, "1500x1500"), "0.04", "0.04", "0.04"),
        (call(PRO, "1504x1504"), "0.075", "0.075", "0.075"),
        (call(PRO, "auto"), "0.04", "0.075", "0.075"),
        (call(PRO, "1024x1024", SMALL), "0.04", "0.04", "0.043"),
        (call("qwen-image-2.0", "auto", SMALL), "0.035", "0.035", "0.035"),
    ],
)
def test_a_picture_is_estimated_by_its_class_of_size(
    rates: Rates, priced: PricedCall, low: str, expected: str, high: str
) -> None:
    found = estimate(priced, rates)
    assert (found.low, found.expected, found.high) == (usd(low), usd(expected), usd(high))
    assert {part.unit for part in found.parts} == {"picture"}


def test_the_mainland_pays_in_its_own_currency(rates: Rates) -> None:
    assert estimate(call(region="mainland"), rates).expected == Money(Decimal("0.2"), "CNY")


def test_a_region_or_model_without_a_price_has_none(rates: Rates) -> None:
    found = estimate(call("qwen-image-2.1-pro"), rates)
    assert (found.expected, found.reason) == (
        None,
        "no price is known for qwen-image-2.1-pro at dashscope (international)",
    )
    assert estimate(call(region="jp"), rates).expected is None


@pytest.mark.parametrize(
    ("priced", "report", "amount"),
    [
        (call(), told(width=1024, height=1024), "0.035"),
        (call(PRO, "auto"), told(width=1024, height=1024, size_class="1k"), "0.04"),
        (call(PRO, "auto"), told(width=2048, height=2048, size_class="2k"), "0.075"),
        (call(PRO, "auto"), told(width=2048, height=2048), "0.075"),
        (call(PRO, "auto"), told(width=1024, height=1024, size_class="8k"), "0.04"),
        (call(PRO, "1024x1024", SMALL), told(given=1, width=1024, height=1024), "0.043"),
        (call(), told(made=2, width=1024, height=1024), "0.07"),
        (call(), Report(usage=Usage(pictures=PictureUsage(made=0))), "0"),
        (call(), Report(usage=Usage(), pictures=(PaintedPicture(),), answered=True), "0.035"),
    ],
)
def test_a_bill_is_exactly_what_was_counted(rates: Rates, priced: PricedCall, report: Report, amount: str) -> None:
    assert bill(priced, [report], rates).amount == usd(amount)


def test_the_bill_of_several_requests_is_their_sum(rates: Rates) -> None:
    settled = bill(call(count=2), [told(width=512, height=512)] * 2, rates)
    assert (settled.amount, settled.estimated) == (usd("0.07"), False)
    [part] = settled.parts
    assert str(part) == "picture of 512x512: 2 pictures at 0.035 USD per picture = 0.07 USD"
    [alone] = bill(call(), [told(width=512, height=512)], rates).parts
    assert str(alone) == "picture of 512x512: 1 picture at 0.035 USD per picture = 0.035 USD"


@pytest.mark.parametrize(
    ("report", "doubt"),
    [
        (Report(pictures=(PaintedPicture(),), answered=True), "none was reported"),
        (
            Report(usage=Usage(pictures=PictureUsage(made=0)), pictures=(PaintedPicture(),), answered=True),
            "it counts fewer pictures than came",
        ),
        (told(made=500, width=1024, height=1024), "more than 100 times what was reserved"),
        (
            Report(usage=Usage(pictures=PictureUsage(), doubts=("made is not a count",)), answered=True),
            "made is not a count",
        ),
    ],
)
def test_a_count_that_can_not_be_true_is_settled_by_what_was_reserved(rates: Rates, report: Report, doubt: str) -> None:
    settled = bill(call(PRO, "auto"), [report], rates)
    assert settled.amount == usd("0.075")
    assert settled.estimated
    assert doubt in (settled.reason or "")


def test_classes_that_overlap_are_refused(tmp_path: Path) -> None:
    row = """
        [[picture_prices]]
        provider = "dashscope"
        models = ["x"]
        currency = "USD"
        effective_from = 2026-01-01
        source = "here"
        checked = 2026-01-01
        classes = [{ max_area = 2, per_picture = 1 }, { max_area = 1, per_picture = 2 }]
    """
    (tmp_path / "own.toml").write_text(row, "utf-8")
    with pytest.raises(SettingsError, match="the classes overlap"):
        read_sheet(tmp_path / "own.toml")


@pytest.mark.parametrize(
    ("model", "wanted", "asked"),
    [
        ("qwen-image-2.0", "16:9", "2048x1152"),
        ("qwen-image-2.0", "21:9", "2016x864"),
        ("qwen-image-2.0", "4:1", "2048x512"),
        ("qwen-image-2.0", "1000x700", "1008x704"),
        ("qwen-image-max", "1:1", "1328x1328"),
        ("qwen-image-max", "1280x720", "1664x928"),
        ("z-image-turbo", "2:3", "1024x1536"),
    ],
)
def test_a_shape_is_asked_for_whole_where_the_model_makes_it(rates: Rates, model: str, wanted: str, asked: str) -> None:
    assert choose_size(rates.catalogue.image_model("dashscope", model), wanted).asked == asked


@pytest.mark.parametrize("model", ["qwen-image-2.0", "qwen-image-2.0-pro", "qwen-image-3.0", PRO, "wan2.7-image"])
def test_unconfirmed_prices_of_pictures_are_marked_so(rates: Rates, model: str) -> None:
    row = rates.picture_price("dashscope", model, "international")
    assert row is not None
    assert row.source.startswith("unconfirmed: ")


def test_unconfirmed_input_pictures_are_in_the_high_figure_alone(rates: Rates) -> None:
    row = rates.picture_price("dashscope", PRO, "international")
    assert row is not None
    assert not row.input_certain
    found = estimate(call(PRO, "1024x1024", SMALL), rates)
    assert any("not confirmed" in assumption for assumption in found.assumptions)
