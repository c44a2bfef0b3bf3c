"""How old the prices are by which calls are estimated and billed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from lightbox.commands.finding import Finding
from lightbox.costs.catalogue.catalogue import Catalogue

OLD_DAYS = 60
"""Prices that nobody has looked at for longer are said to be old."""


def check_prices(catalogue: Catalogue, providers: Collection[str], today: date) -> Finding:
    """Say how old the prices are of the services that are used."""
    rows = [row for row in catalogue.priced() if row.provider in providers and row.provider != "sandbox"]
    if not rows:
        return Finding("prices", good=True, text="none is needed: the sandbox is free")
    oldest, newest = min(row.checked for row in rows), max(row.checked for row in rows)
    days = (today - oldest).days
    ages = f"{len(rows)} rows, checked {oldest}" + (f" to {newest}" if newest != oldest else "")
    told = f"{ages}; the oldest {days} {'day' if days == 1 else 'days'} ago"
    if days <= OLD_DAYS:
        return Finding("prices", good=True, text=told)
    fix = "a newer release may have newer ones; LIGHTBOX_PRICES names a file of your own"
    return Finding("prices", good=None, text=f"{told}, which is more than {OLD_DAYS}: {fix}")
