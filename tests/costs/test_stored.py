"""What the journal keeps of costs is read back, whichever release wrote it."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from lightbox.costs.call import PricedCall, Report
from lightbox.costs.catalogue.catalogue import Rates
from lightbox.costs.money import Money
from lightbox.costs.pricing.bill import Bill, bill
from lightbox.costs.pricing.estimate import Estimate, estimate

STORED: dict[str, Any] = json.loads(Path(__file__).with_name("stored_by_0_1.json").read_text(encoding="utf-8"))


class Row(BaseModel):
    """A row of the journal, as far as it is about costs."""

    priced: PricedCall
    estimate: Estimate
    bill: Bill


def read(row: dict[str, Any]) -> Row:
    return Row.model_validate_json(json.dumps(row))


def widened(value: Any) -> Any:
    """Add a key that nobody knows to every object, however deep."""
    text = json.dumps(value)
    return json.loads(text, object_hook=lambda fields: fields | {"of_tomorrow": {"more": [1, 2]}})


def test_what_the_first_release_wrote_is_read_and_written_as_it_stood() -> None:
    assert json.loads(read(STORED).model_dump_json()) == {key: STORED[key] for key in ("priced", "estimate", "bill")}
    unknown = read(STORED | {"estimate": STORED["unknown_estimate"], "bill": STORED["unknown_bill"]})
    assert unknown.estimate.reason
    assert unknown.bill.amount is None
    assert str(unknown.bill).startswith("unknown: ")


def test_what_a_newer_release_adds_is_passed_over() -> None:
    row = read(widened(STORED))
    assert row == read(STORED)
    assert row.estimate.saving is not None


def test_a_row_of_which_later_fields_are_missing_is_read(rates: Rates) -> None:
    priced = {"ability": "search", "provider": "dashscope", "model": "qwen3.7-plus", "region": "international"}
    part = {"what": "input", "unit": "token", "quantity": ["1", "1", "1"], "unit_price": "0.4"}
    figures = dict.fromkeys(("low", "expected", "high"))
    row = read({"priced": priced, "estimate": figures, "bill": {"amount": None, "parts": [part]}})
    assert bill(row.priced, [Report(unheard=True)], rates).amount == estimate(row.priced, rates).expected


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"ability": "animate"}, "how many tokens animate takes at openai is not known"), ({"detail": "ultra"}, None)],
)
def test_a_call_with_a_word_of_a_newer_release_is_read_and_settled_as_far_as_it_is_known(
    rates: Rates, change: dict[str, str], reason: str | None
) -> None:
    row = read(STORED | {"priced": STORED["priced"] | change})
    settled = bill(row.priced, [Report(unheard=True)], rates)
    assert settled.reason == reason
    assert (settled.amount is None) == (reason is not None)
    assert json.loads(row.model_dump_json())["priced"] == STORED["priced"] | change


def test_a_part_in_a_unit_of_a_newer_release_is_shown_without_an_amount() -> None:
    part = STORED["bill"]["parts"][0] | {"unit": "second", "quantity": ["12", "12", "12"], "unit_price": "0.1"}
    row = read(STORED | {"bill": STORED["bill"] | {"parts": [part]}})
    assert row.bill.amount == Money.parse(f"{STORED['bill']['amount']['amount']} USD")
    assert row.bill.parts[0].amount is None
    assert str(row.bill.parts[0]) == "input: 12 seconds at 0.1 USD for a number of seconds"


def test_a_row_that_is_no_row_fails_in_one_way() -> None:
    for field, broken in (("priced", None), ("estimate", "free"), ("bill", {"amount": "1 USD"})):
        with pytest.raises(ValidationError):
            read(STORED | {field: broken})
