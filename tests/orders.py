"""An order for tests of the journal, which nobody sends."""

from __future__ import annotations

from lightbox.costs.call import PricedCall
from lightbox.costs.pricing.estimate import Estimate
from lightbox.jobs.job import Order

ORDER = Order(
    owner="local",
    tool="search_images",
    arguments={},
    base_url="https://api.example.com/v1",
    priced=PricedCall(ability="search", provider="sandbox", model="sandbox"),
    estimate=Estimate.unknown("nobody asked"),
)
