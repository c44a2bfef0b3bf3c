"""Money keeps its digits and its currency."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.costs.counting.use import text_span, text_tokens
from lightbox.costs.money import Money, Span, totals
from lightbox.errors import SettingsError

AMOUNTS = st.decimals(0, 10**9, places=9)


@given(AMOUNTS)
def test_an_amount_is_written_as_it_is_read(amount: Decimal) -> None:
    money = Money(amount, "USD")
    assert Money.parse(str(money)) == money
    assert "E" not in str(money.amount.normalize() and money).replace("EUR", "")


def test_an_amount_is_written_with_the_digits_it_has() -> None:
    written = [str(Money(Decimal(text), "USD")) for text in ("0.0107624", "0.50", "30", "3E-7", "1E+3", "0E-9")]
    assert written == ["0.0107624 USD", "0.5 USD", "30 USD", "0.0000003 USD", "1000 USD", "0 USD"]


@pytest.mark.parametrize("text", ["", "0.50", "USD 0.50", "0,50 USD", "-1 USD", "inf USD", "1 DOLLARS"])
def test_what_is_no_money_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match=r"like 0\.50 USD"):
        Money.parse(text)


def test_currencies_are_never_mixed() -> None:
    dollars, yuan = Money(Decimal(1), "USD"), Money(Decimal(1), "CNY")
    for operation in (Money.__add__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(ValueError, match="never converted"):
            operation(dollars, yuan)
    assert totals([dollars, yuan, dollars]) == (yuan, Money(Decimal(2), "USD"))


def test_a_span_must_rise() -> None:
    with pytest.raises(ValueError, match="must rise"):
        Span.of(2, 1, 3)


def test_words_digits_and_characters_count_roughly_as_tokens() -> None:
    assert text_tokens("") == 0
    assert text_tokens("A red barn in the snow.") == 7
    assert text_tokens("一只橙色的猫") == 6
    assert text_tokens("12345 cats") == 3
    assert text_tokens("Здравствуйте") == 4
    assert text_tokens("extraordinary") == 3
    low, expected, high = text_span("A red barn in the snow.")
    assert low < expected < high


@given(st.text(), st.text())
def test_a_longer_text_never_counts_less(text: str, more: str) -> None:
    assert text_tokens(f"{text} {more}") >= max(text_tokens(text), text_tokens(more))


def test_importing_the_costs_loads_nothing_heavy_and_reads_nothing() -> None:
    code = (
        "import sys; opened = []; sys.addaudithook(lambda name, args: opened.append(str(args[0])) if name == 'open' "
        "else None)\n"
        "import lightbox.costs.pricing.bill, lightbox.costs.pricing.budget, lightbox.costs.counting.image_model\n"
        "import lightbox.costs.counting.use\n"
        "import lightbox.costs.catalogue.document\n"
        "heavy = {'PIL', 'sqlalchemy', 'httpx2', 'mcp', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert not [name for name in opened if name.endswith('.toml')], opened\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
