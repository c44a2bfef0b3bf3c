"""The catalogue is read strictly, and answers with the row in force."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest

from lightbox.configuration import configuration_path
from lightbox.costs.call import PricedCall
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.catalogue.document import as_document
from lightbox.costs.catalogue.file import read_sheet
from lightbox.costs.pricing.estimate import estimate
from lightbox.errors import SettingsError

PRICE = """
provider = "openai"
[[token_prices]]
models = ["gpt-mine"]
currency = "EUR"
effective_from = 2026-01-01
checked = 2026-11-01
source = "my contract"
tiers = [{ input_per_million_tokens = 1.5, output_per_million_tokens = 6 }]
"""


def _load(folder: Path, text: str) -> Catalogue:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return Catalogue.load(path)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            ("input_per_million_tokens = 1.5", "input = 1.5"),
            r"unknown key tiers\.0\.input\b|input_per_million_tokens is missing",
        ),
        (("output_per_million_tokens = 6", "output_per_million_tokens = -6"), "greater than or equal to 0"),
        (("output_per_million_tokens = 6", 'output_per_million_tokens = "six"'), "output_per_million_tokens"),
        (('currency = "EUR"\n', ""), "currency is missing"),
        (('"EUR"', '"euro"'), "currency"),
        (('source = "my contract"\n', ""), "source is missing"),
        (("checked = 2026-11-01\n", ""), "checked is missing"),
        (("effective_from = 2026-01-01", 'effective_from = "January"'), "effective_from"),
        (("models = [", "model = ["), "unknown key model|models is missing"),
        (("tiers = [", "tiers = [{ input_per_million_tokens = 1, output_per_million_tokens = 1 }, "), "tiers overlap"),
    ],
)
def test_a_wrong_row_is_named_with_its_file(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _load(tmp_path, PRICE.replace(*change))
    text = str(caught.value)
    assert str(tmp_path / "mine.toml") in text
    assert "[[token_prices]] row 1" in text
    assert re.search(fault, text), text


def test_overlapping_tiers_are_refused(tmp_path: Path) -> None:
    tier = "{{ max_input_tokens = {}, input_per_million_tokens = 1, output_per_million_tokens = 1 }}"
    text = re.sub(r"tiers = .*", f"tiers = [{tier.format(200)}, {tier.format(200)}]", PRICE)
    with pytest.raises(SettingsError, match=r"row 1 \(gpt-mine\).*tiers overlap"):
        _load(tmp_path, text)


def test_two_rows_for_one_model_from_one_day_are_refused(tmp_path: Path) -> None:
    row = PRICE.partition("[[")[2]
    with pytest.raises(SettingsError, match=r"two rows for openai, gpt-mine, EUR, 2026-01-01"):
        _load(tmp_path, f"{PRICE}\n[[{row}")


def test_two_fees_of_one_tool_from_one_day_are_refused_with_their_table(tmp_path: Path) -> None:
    fee = """
    [[fees]]
    tool = "web_search"
    currency = "EUR"
    per_thousand_calls = 10
    effective_from = 2026-01-01
    checked = 2026-11-01
    source = "my contract"
    """
    with pytest.raises(
        SettingsError, match=r"mine\.toml: \[\[fees\]\] holds two rows for openai, web_search, EUR, 2026-01-01"
    ):
        _load(tmp_path, f'provider = "openai"\n{fee}{fee}')


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[prices]]\nname = 1", "prices is not a table of the catalogue"),
        ("models = 3", "models is not a table"),
        ("[[models]\n", "is not TOML"),
        ('[[models]]\nname = "x"\nsource = "s"\n[sources.s]\ntext = "t"', "needs text and checked"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        _load(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml can't be read: No such file"):
        Catalogue.load(tmp_path / "none.toml")


def test_a_persons_file_adds_models(tmp_path: Path, at: datetime) -> None:
    catalogue = _load(tmp_path, PRICE)
    priced = estimate(
        PricedCall(ability="describe", provider="openai", model="gpt-mine", text="What?"), catalogue.at(at)
    )
    assert priced.expected is not None
    assert priced.expected.currency == "EUR"


def test_a_persons_row_holds_over_a_later_one_that_is_shipped(tmp_path: Path, at: datetime) -> None:
    catalogue = _load(tmp_path, PRICE.replace("gpt-mine", "gpt-5.6-luna"))
    row = catalogue.at(at).token_price("openai", "gpt-5.6-luna", None)
    assert row is not None
    assert row.source == "my contract"
    before = catalogue.at(datetime(2025, 1, 1, tzinfo=UTC)).token_price("openai", "gpt-5.6-luna", None)
    assert before is None


def test_the_row_in_force_is_the_latest_that_has_begun(catalogue: Catalogue) -> None:
    begins = datetime(2026, 7, 30, tzinfo=UTC)
    prices = [
        row.tiers[0].input_per_million_tokens
        for moment in (begins - timedelta(seconds=1), begins)
        if (row := catalogue.at(moment).token_price("openai", "gpt-5.6-luna", None))
    ]
    assert prices == [Decimal(1), Decimal("0.2")]


def test_multipliers_are_dated_too(catalogue: Catalogue, rates: Rates) -> None:
    early = catalogue.at(datetime(2026, 6, 1, tzinfo=UTC)).vision("openai", "gpt-5-mini")
    late = rates.vision("openai", "gpt-5-mini")
    assert early is not None
    assert late is not None
    assert (early.multiplier, late.multiplier) == (Decimal("1.62"), Decimal("1.2"))


def test_a_dated_name_of_a_model_has_its_price(rates: Rates) -> None:
    plain = rates.token_price("dashscope", "qwen3.5-plus", "mainland")
    assert plain is not None
    assert rates.token_price("dashscope", "qwen3.5-plus-2026-02-15", "mainland") is plain


@pytest.mark.parametrize(
    ("tokens", "price"), [(131_072, "0.8"), (131_073, "2"), (262_144, "2"), (262_145, "4"), (2_000_000, "4")]
)
def test_the_tier_is_that_of_the_whole_request(rates: Rates, tokens: int, price: str) -> None:
    tier = rates.tier("dashscope", "qwen3.5-plus", "mainland", tokens)
    assert tier is not None
    assert tier.input_per_million_tokens == Decimal(price)


def test_no_price_is_taken_from_a_neighbour(rates: Rates) -> None:
    for model in ("qwen3.7-max-2026-06-08", "qwen3.8-27b", "qwen3.7-plus-latest", "gpt-5.6-luna-mini"):
        for provider, region in (("dashscope", "international"), ("dashscope", "mainland"), ("openai", None)):
            assert rates.token_price(provider, model, region) is None


def test_every_default_is_known_priced_and_counted(catalogue: Catalogue, rates: Rates) -> None:
    for provider in catalogue.providers():
        for row in catalogue.defaults(provider):
            for ability in row.abilities:
                assert catalogue.default(provider, ability) == row.model
                if ability == "image_model":
                    by_token = rates.image_price(provider, row.model, None) and rates.image_output(provider, row.model)
                    by_picture = all(rates.picture_price(provider, row.model, r) for r in catalogue.regions(provider))
                    assert by_token or by_picture
                    continue
                known = catalogue.model(provider, row.model)
                assert known is not None
                assert catalogue.can(provider, row.model, ability)
                assert all(rates.token_price(provider, row.model, r) for r in catalogue.regions(provider))
                assert rates.vision(provider, row.model)


def test_every_row_is_about_a_model_that_is_listed(catalogue: Catalogue) -> None:
    for sheet in map(read_sheet, configuration_path("models").glob("*.toml")):
        for table in ("token_prices", "image_prices", "picture_prices", "vision", "image_input", "image_output"):
            for row in getattr(sheet, table):
                for name in row.models:
                    assert catalogue.model(row.provider, name) or catalogue.image_model(row.provider, name), name


def test_the_abilities_of_models_are_three_valued(catalogue: Catalogue) -> None:
    abilities = {
        name: catalogue.can("dashscope", name, "search")
        for name in ("qwen3.7-plus", "qwen3.7-max-2026-05-20", "qwen3.7-max")
    }
    assert abilities == {"qwen3.7-plus": True, "qwen3.7-max-2026-05-20": False, "qwen3.7-max": None}


def test_the_document_holds_every_model(catalogue: Catalogue, rates: Rates) -> None:
    document = as_document(rates)
    for provider in document["providers"]:
        names = [model["name"] for model in provider["models"]]
        assert names == [row.name for row in catalogue.models(provider["provider"])]
        assert list(provider) == ["provider", "defaults", "models", "image_models", "fees"]
    assert [one["provider"] for one in document["providers"]] == ["dashscope", "openai", "openrouter", "sandbox"]


def test_the_document_says_of_each_model_what_it_costs_and_how_it_counts(rates: Rates) -> None:
    openai = as_document(rates)["providers"][1]
    mainline = next(model for model in openai["models"] if model["name"] == "gpt-5.6-luna")
    painter = next(model for model in openai["image_models"] if model["name"] == "gpt-image-2.5-sunburst")
    assert mainline["prices"][0]["tiers"][0]["output_per_million_tokens"]
    assert mainline["vision"]["method"] == "patches"
    assert painter["prices"][0]["image_output_per_million_tokens"] == "30"
    assert painter["input_count"]["method"] == "patches"
    assert painter["output_count"]["grid"]["low"] > 0


def test_the_document_of_a_day_before_all_rows_knows_no_price(catalogue: Catalogue, at: datetime) -> None:
    openai = as_document(catalogue.at(at.replace(year=2020)))["providers"][1]
    assert openai["models"]
    assert openai["image_models"]
    assert [model["prices"] for model in (*openai["models"], *openai["image_models"]) if model["prices"]] == []


def test_loading_takes_no_time_that_anybody_notices() -> None:
    begun = process_time()
    Catalogue.load()
    assert process_time() - begun < 0.5
