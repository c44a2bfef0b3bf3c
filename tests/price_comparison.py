"""How the catalogue's prices compare with two open price tables: that of genai-prices and that of LiteLLM.

`make prices` downloads the newest of both as packages, once a day, and lists what differs, what they know and the
catalogue does not, what was checked too long ago, and which models have an end. Only what a table says of the very
same model of the very same service is compared, in USD, and nothing is changed: whether a row is wrong, the service's
own page says. This is a tool for developers: it is not installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol

from lightbox.commands.price_checks import OLD_DAYS
from lightbox.configuration import configuration_path
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.catalogue.file import read_sheet
from lightbox.costs.money import plain

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".venv" / "prices"
"""Where downloaded packages are kept."""
KEPT_SECONDS = 24 * 3600
PRICED = ("openai", "openrouter", "dashscope")
REGIONS = {"openai": None, "openrouter": None, "dashscope": "international"}
"""The price sheet that the tables follow, by service: other sheets of DashScope are not in USD."""
SERVICE_TIERS = (None, "flex", "batch", "priority")
EXPLAINED = {
    ("openai gpt-4.1", "web search"): "that is the fee of web_search_preview, which is not called",
    ("openai gpt-4.1-mini", "web search"): "that is the fee of web_search_preview, which is not called",
    ("openai gpt-4o-mini", "web search"): "that is the fee of web_search_preview, which is not called",
}
"""Why some prices differ, by what is priced."""

PER_MILLION = {
    "input_cost_per_token": "input",
    "cache_read_input_token_cost": "cached input",
    "cache_creation_input_token_cost": "input to the cache",
    "output_cost_per_token": "output",
    "input_cost_per_image_token": "image input",
    "cache_read_input_image_token_cost": "cached image input",
    "output_cost_per_image_token": "image output",
}
SUFFIX = {None: "", "flex": "_flex", "batch": "_batches", "priority": "_priority"}
"""LiteLLM's names: of what is priced, and of service tiers."""

Quote = Mapping[str, Decimal]
"""What something costs, in USD per million tokens, per thousand calls or per picture, by what it is."""


class Table(Protocol):
    """A price table of others."""

    @property
    def name(self) -> str:
        """What it is, with its version."""
        ...

    def tokens(self, provider: str, model: str, count: int, service_tier: str | None) -> Quote | None:
        """Give the prices of tokens in a request of so many input tokens; None where the table does not know them."""
        ...

    def ends(self, provider: str, model: str) -> date | None:
        """Give the day on which a model ends."""
        ...


@dataclass(frozen=True)
class GenaiPrices:
    """The table of the genai-prices project."""

    name: str
    providers: Mapping[str, Any]
    at: datetime

    def tokens(self, provider: str, model: str, count: int, service_tier: str | None) -> Quote | None:
        """Give its prices."""
        known = self.providers.get(provider)
        info = known.find_model(model) if known else None
        if info is None:
            return None
        context = {"processing": "batch"} if service_tier == "batch" else {"service_tier": service_tier or "default"}
        variants = [variant.when for variant in info.price_variants or ()]
        if service_tier is not None and context not in variants:
            return None
        told = info.get_prices(self.at, context)
        painter = told.input_image_mtok is not None or told.output_image_mtok is not None
        named = {
            "input": told.input_mtok,
            "cached input": told.cache_read_mtok,
            "input to the cache": told.cache_write_mtok,
            "image input": told.input_image_mtok,
            "cached image input": told.cache_image_read_mtok,
            "image output" if painter and told.output_image_mtok is None else "output": told.output_mtok,
            **({"image output": told.output_image_mtok} if told.output_image_mtok is not None else {}),
            "web search": told.web_searches_kcount,
        }
        return {what: _tiered(price, count) for what, price in named.items() if price is not None}

    def ends(self, provider: str, model: str) -> date | None:
        """It tells no days."""
        del provider, model
        return None


def _tiered(price: Any, count: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    return next((tier.price for tier in reversed(price.tiers) if count > tier.start), price.base)


@dataclass(frozen=True)
class LiteLLM:
    """The table of the LiteLLM project, whose prices are of single tokens."""

    name: str
    models: Mapping[str, Mapping[str, Any]]

    def tokens(self, provider: str, model: str, count: int, service_tier: str | None) -> Quote | None:
        """Give its prices."""
        row = self._row(provider, model)
        suffix = SUFFIX[service_tier]
        if row is None or (suffix and f"input_cost_per_token{suffix}" not in row):
            return None
        empty: Mapping[str, Any] = {}
        tier: Mapping[str, Any] = next(
            (tier for tier in row.get("tiered_pricing", ()) if count <= tier["range"][1]), empty
        )
        long = "_above_272k_tokens" if count > 272_000 else ""
        quote: dict[str, Decimal] = {}
        for key, what in PER_MILLION.items():
            found = (tier.get(key), row.get(f"{key}{long}{suffix}"), None if long else row.get(f"{key}{suffix}"))
            price = next((price for price in found if price is not None), None)
            if price is not None:
                quote[what] = _rounded(Decimal(str(price)) * 1_000_000)
        if not suffix and (picture := row.get("output_cost_per_image")) is not None:
            quote["picture"] = Decimal(str(picture))
        if search := row.get("search_context_cost_per_query"):
            quote["web search"] = _rounded(Decimal(str(search["search_context_size_medium"])) * 1_000)
        return quote

    def ends(self, provider: str, model: str) -> date | None:
        """Give the day that it names."""
        told = (self._row(provider, model) or {}).get("deprecation_date")
        return date.fromisoformat(told) if told else None

    def _row(self, provider: str, model: str) -> Mapping[str, Any] | None:
        return self.models.get(model if provider == "openai" else f"{provider}/{model}")


def _rounded(price: Decimal) -> Decimal:
    return price.quantize(Decimal("0.000001")).normalize()


@dataclass(frozen=True)
class Found:
    """What a comparison found, in lines that people read."""

    differing: list[str] = field(default_factory=list[str])
    lacking: list[str] = field(default_factory=list[str])
    agreeing: dict[str, int] = field(default_factory=dict[str, int])
    unknown: list[str] = field(default_factory=list[str])


def compared(rates: Rates, tables: Sequence[Table]) -> Found:
    """Hold every price in force against every table that knows the model."""
    found = Found()
    for provider in PRICED:
        catalogue = rates.catalogue
        named = [row.name for row in (*catalogue.models(provider), *catalogue.image_models(provider))]
        for model in named:
            if not _compare(rates, provider, model, tables, found):
                found.unknown.append(f"{provider} {model}")
    return found


def _compare(rates: Rates, provider: str, model: str, tables: Sequence[Table], found: Found) -> bool:
    """Compare all prices of a model; whether any table knows it."""
    known = False
    for service_tier in SERVICE_TIERS:
        for table in tables:
            counts = _counts(rates, provider, model, service_tier)
            quotes = [(count, table.tokens(provider, model, count, service_tier)) for count in counts]
            for count, theirs in quotes:
                if theirs is None:
                    continue
                known = True
                ours = _ours(rates, provider, model, count, service_tier)
                where = " ".join(
                    filter(None, (provider, model, service_tier, f"above {count - 1:,}" if count > 1 else ""))
                )
                _hold(where, ours, theirs, table, found)
    return known


def _hold(where: str, ours: Quote, theirs: Quote, table: Table, found: Found) -> None:
    if not ours:
        found.lacking.append(f"{where}: {_written(theirs)} in {table.name}")
        return
    for what, price in theirs.items():
        if what in ours and ours[what] == price:
            found.agreeing[table.name] = found.agreeing.get(table.name, 0) + 1
        elif what in ours:
            why = EXPLAINED.get((where, what))
            told = f"{what} {plain(ours[what])} here, {plain(price)} in {table.name}"
            found.differing.append(f"{where}: {told}{f' ({why})' if why else ''}")
        elif what not in {"web search", "output"} and price:
            found.lacking.append(f"{where}: {what} {plain(price)} in {table.name}")


def _written(quote: Quote) -> str:
    return ", ".join(f"{what} {plain(price)}" for what, price in quote.items())


def _counts(rates: Rates, provider: str, model: str, service_tier: str | None) -> Iterable[int]:
    """Give the first number of input tokens of each tier."""
    row = rates.token_price(provider, model, REGIONS[provider], service_tier)
    ends = [tier.max_input_tokens for tier in row.tiers if tier.max_input_tokens is not None] if row else []
    last = row.tiers[-1].max_input_tokens if row else None
    return [1, *(end + 1 for end in ends if end != last)]


def _ours(rates: Rates, provider: str, model: str, count: int, service_tier: str | None) -> Quote:
    quote: dict[str, Decimal | None] = {}
    region = REGIONS[provider]
    tier = rates.tier(provider, model, region, count, service_tier)
    if tier is not None:
        quote |= {
            "input": tier.input_per_million_tokens,
            "cached input": tier.cached_input_per_million_tokens,
            "input to the cache": tier.cache_write_per_million_tokens,
            "output": tier.output_per_million_tokens,
        }
        if service_tier is None and rates.catalogue.can(provider, model, "search"):
            fee = rates.fee(provider, "web_search", region, "USD")
            quote["web search"] = fee.per_thousand_calls if fee else None
    image = rates.image_price(provider, model, region, service_tier)
    if image is not None:
        quote |= {
            "input": image.text_input_per_million_tokens,
            "cached input": image.cached_text_input_per_million_tokens,
            "image input": image.image_input_per_million_tokens,
            "cached image input": image.cached_image_input_per_million_tokens,
            "image output": image.image_output_per_million_tokens,
            "output": image.text_output_per_million_tokens,
        }
    picture = rates.picture_price(provider, model, region) if service_tier is None else None
    if picture is not None:
        quote["picture"] = picture.classes[0].per_picture
    return {what: price for what, price in quote.items() if price is not None}


def ending(catalogue: Catalogue, tables: Sequence[Table], today: date) -> Iterator[str]:
    """Say which models have an end, and where a table names another."""
    for provider in PRICED:
        for row in (*catalogue.models(provider), *catalogue.image_models(provider)):
            told = {table.name: end for table in tables if (end := table.ends(provider, row.name)) is not None}
            others = ", ".join(f"{end} in {name}" for name, end in told.items() if end != row.ends)
            if row.ends is None and not others:
                continue
            when = (
                "no end is known here" if row.ends is None else f"{'ended' if row.ends < today else 'ends'} {row.ends}"
            )
            yield f"{provider} {row.name}: {when}{f'; {others}' if others else ''}"


def old(folder: Path, today: date) -> Iterator[str]:
    """Say which sources were checked too long ago, with how many rows rest on each."""
    for path in sorted(folder.glob("*.toml")):
        sheet = read_sheet(path)
        rows = [row for name in type(sheet).model_fields for row in getattr(sheet, name)]
        late = [(row.checked, row.source) for row in rows if (today - row.checked).days > OLD_DAYS]
        for checked, source in sorted(set(late)):
            yield f"{path.name}: {late.count((checked, source))} rows, checked {checked}: {source}"


def downloaded(package: str) -> Path | None:
    """Give a package's newest wheel, which is downloaded if none of the last day is here; None without a network."""
    kept = KEPT / package
    kept.mkdir(parents=True, exist_ok=True)
    wheels = sorted(kept.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    if wheels and time.time() - wheels[-1].stat().st_mtime < KEPT_SECONDS:
        return wheels[-1]
    options = ("--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "-qq")
    done = subprocess.run([sys.executable, "-m", "pip", "download", *options, "--dest", kept, package], check=False)
    wheels = sorted(kept.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    for older in wheels[:-1]:
        older.unlink()
    if done.returncode == 0 and wheels:
        wheels[-1].touch()
    return wheels[-1] if wheels else None


def genai_prices(at: datetime, wheel: Path | None = None) -> GenaiPrices:
    """Read the table of genai-prices: of a wheel, or of the package that is installed."""
    version = metadata.version("genai-prices")
    if wheel is not None:
        sys.path.insert(0, str(wheel))
        version = wheel.name.split("-")[1]
    snapshot = import_module("genai_prices.data_snapshot").get_snapshot()
    return GenaiPrices(f"genai-prices {version}", {row.id: row for row in snapshot.providers}, at)


def litellm(wheel: Path) -> LiteLLM:
    """Read the table that LiteLLM carries in its wheel."""
    with zipfile.ZipFile(wheel) as packed:
        [name] = [name for name in packed.namelist() if name.startswith("litellm/model_prices_and_context_window")]
        return LiteLLM(f"LiteLLM {wheel.name.split('-')[1]}", json.loads(packed.read(name)))


def lines(found: Found, ends: Sequence[str], late: Sequence[str]) -> Iterator[str]:
    """Write what was found."""
    agree = "; ".join(f"{count} with {name}" for name, count in found.agreeing.items())
    yield f"Prices that agree: {agree or 'none'}"
    for heading, rows in (
        ("Differs", found.differing),
        ("Known to them, and not to the catalogue", found.lacking),
        ("Known to none of them", found.unknown),
        ("Has an end", ends),
        (f"Checked more than {OLD_DAYS} days ago", late),
    ):
        yield f"\n{heading}: {len(rows) or 'nothing'}"
        yield from (f"  {row}" for row in rows)


def main() -> None:
    """Print the comparison."""
    now = datetime.now(UTC)
    wheel = downloaded("litellm")
    tables: list[Table] = [genai_prices(now, downloaded("genai-prices")), *([litellm(wheel)] if wheel else [])]
    catalogue = Catalogue.load()
    today = now.date()
    found = compared(catalogue.at(now), tables)
    late = list(old(configuration_path("models"), today))
    for line in lines(found, list(ending(catalogue, tables, today)), late):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"\nCompared on {today} with {', '.join(table.name for table in tables)}.\n")


if __name__ == "__main__":
    main()
