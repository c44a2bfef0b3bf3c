"""Estimates and spending as tables, for the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

Row = Mapping[str, Any]


def tables(data: Row) -> list[dict[str, Any]]:
    """Give an answer's figures as tables, each with `columns` and `rows` of text; nothing where it has none.

    A table of an estimate also has its `title`, its `amounts` as pairs of a name and a figure, and its `source`.
    """
    if calls := data.get("calls"):
        sources: Sequence[Row] = data.get("sources", ())
        return [_estimate(call, sources) for call in calls]
    if "totals" in data and "lines" in data:
        columns = ("day", "tool", "provider", "model", "jobs", "billed", "currency")
        return [_table(columns, [{name: line.get(name) for name in columns} for line in data["lines"]])]
    return []


def _estimate(call: Row, sources: Sequence[Row]) -> dict[str, Any]:
    currency = call.get("currency") or ""
    parts: Sequence[Row] = call.get("parts", ())
    rows: list[Row] = [
        {
            "what": part["what"],
            "quantity": f"{_grouped(part['quantity'])} {_units(part)}",
            "price": f"{part['unit_price']} {part['per']}",
            "expected": _rounded(part["expected"]),
            "range": _range(part),
            "as of": sources[part["source"]]["checked"] if part["source"] is not None else None,
        }
        for part in parts
    ]
    places: list[int] = [part["source"] for part in parts if part["source"] is not None]
    source = "; ".join(sources[place]["name"] for place in dict.fromkeys(places))
    return {
        "title": f"{call.get('times', 1)} × {call['tool']} on {call['provider']}, {call['model']}",
        "amounts": [(name, f"{_rounded(call.get(name))} {currency}".strip()) for name in ("low", "expected", "high")],
        **_table(("what", "quantity", "price", "expected", "range", "as of"), rows),
        "source": source or call.get("reason"),
    }


def _table(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, Any]:
    return {"columns": columns, "rows": [[_cell(row[name]) for name in columns] for row in rows]}


def _cell(value: Any) -> str:
    return "unknown" if value is None else value if isinstance(value, str) else json.dumps(value)


def _rounded(amount: str | None) -> str:
    """Show an amount to four decimals, the smallest of them as such."""
    try:
        value = Decimal(amount or "")
    except InvalidOperation:
        return "unknown"
    least = Decimal("0.0001")
    return "< 0.0001" if 0 < value < least else f"{value.quantize(least).normalize():f}"


def _range(part: Row) -> str:
    low, high = _rounded(part["low"]), _rounded(part["high"])
    return "" if low == high else f"{low} to {high}"


def _grouped(quantity: str | None) -> str:
    return f"{Decimal(quantity):,f}" if quantity else "unknown"


def _units(part: Row) -> str:
    return str(part["unit"]) + ("" if part["quantity"] == "1" else "s")
