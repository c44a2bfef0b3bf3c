"""Estimates and spending as tables, for the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

Row = Mapping[str, Any]


def tables(data: Mapping[str, Any]) -> str:
    """Give an answer's figures as tables; nothing where it has none."""
    if calls := data.get("calls"):
        sources: Sequence[Row] = data.get("sources", ())
        return "".join(_estimate(call, sources) for call in calls)
    if "totals" in data and "lines" in data:
        columns = ("day", "tool", "provider", "model", "jobs", "billed", "currency")
        return _table(columns, [{name: line.get(name) for name in columns} for line in data["lines"]])
    return ""


def _estimate(call: Row, sources: Sequence[Row]) -> str:
    currency = call.get("currency") or ""
    amounts = "".join(
        f"<div><dt>{name}</dt><dd>{escape(_rounded(call.get(name)))} <small>{escape(currency)}</small></dd></div>"
        for name in ("low", "expected", "high")
    )
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
    what = f"{call.get('times', 1)} × {call['tool']} on {call['provider']}, {call['model']}"
    places: list[int] = [part["source"] for part in parts if part["source"] is not None]
    source = "; ".join(sources[place]["name"] for place in dict.fromkeys(places))
    table = _table(("what", "quantity", "price", "expected", "range", "as of"), rows) if rows else ""
    return (
        f'<h4>{escape(what)}</h4><dl class="total">{amounts}</dl>{table}'
        f'<p class="source">{escape(source or call.get("reason") or "")}</p>'
    )


def _table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(_cell(name, row[name]) for name in columns)}</tr>" for row in rows)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(name: str, value: Any) -> str:
    shown = "unknown" if value is None else escape(value if isinstance(value, str) else json.dumps(value))
    return f'<td data-column="{escape(name)}">{shown}</td>'


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
