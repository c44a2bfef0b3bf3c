"""What calls did cost teaches what such a call is expected to cost: the catalogue's figures, put right by late bills.

Of each kind of call, the latest bills are laid beside what the catalogue had expected of them, part by part: how much
higher or lower they were is what is learned, so that all that differs within a kind is still counted by formula. Only
`expected` moves, and only between `low` and `high`; these are the catalogue's own, and are widened by bills that were
seen outside of them. So no service makes room in a budget by what it reports: the high figure is what is reserved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from statistics import mean, median

from pydantic import BaseModel, ConfigDict

from lightbox.costs.call import PricedCall
from lightbox.costs.money import Exact, Span, Unknown
from lightbox.costs.pricing.bill import Bill
from lightbox.costs.pricing.estimate import Estimate, Part, totalled

LAST = 20
"""How many late bills are learned from."""
ENOUGH = 5
"""Of fewer, one odd bill would make the figure."""
MOST_WIDENED = 10
"""How many times the catalogue's high figure a widened one may be: a mistake in a bill must not block a budget."""

_TENTH_OF_A_CALL = Decimal("0.1")
_FREE = Decimal(0)


class PastCall(BaseModel):
    """What a call was expected to cost by the catalogue, and did cost; amounts are of one currency.

    Attributes:
        size: How many hits were asked for, or pictures sent: what a model's part in a call may grow with.
        parts: Expected and billed amount of each kind of part; empty where the bill is not told by such parts.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    size: int
    low: Exact
    expected: Exact
    high: Exact
    billed: Exact
    parts: Mapping[str, tuple[Exact, Exact]] = {}


def kind_of(call: PricedCall, address: str) -> str:
    """Name the kind of a call: what of it changes how far the catalogue is off. Counts and sizes are left to formulas.

    Args:
        call: The call.
        address: Where it is sent: behind another address, another server may count otherwise.
    """
    parts = (
        *(address, call.provider, call.region, call.model, call.image_model, call.ability),
        *(call.analysis, call.detail, call.quality, call.size == "auto", call.fidelity),
        *(call.mask is not None, call.continued, call.partial_images > 0),
        any(picture.width is None for picture in call.pictures),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def past_call(call: PricedCall, expected: Estimate, bill: Bill) -> PastCall | None:
    """Give what a settled call teaches; None where that is nothing.

    Args:
        call: What was sent.
        expected: What the catalogue says of it, nothing learned.
        bill: What the service reported of all its requests.
    """
    low, likely, high, billed = expected.low, expected.expected, expected.high, bill.amount
    if low is None or likely is None or high is None or billed is None or bill.estimated:
        return None
    if not likely.amount or billed.currency != likely.currency:
        return None
    return PastCall(
        size=_size(call),
        low=low.amount,
        expected=likely.amount,
        high=high.amount,
        billed=billed.amount,
        parts=_side_by_side(_by_kind(expected.parts), _by_kind(bill.parts), billed.amount),
    )


def learned(estimate: Estimate, call: PricedCall, past: Sequence[PastCall]) -> Estimate:
    """Put the catalogue's estimate of a call right by the late bills of its kind; as it is where there are too few."""
    if estimate.expected is None or not estimate.expected.amount or not past:
        return estimate
    enough = len(past) >= ENOUGH
    parts = _widened(estimate.parts, past)
    if enough:
        parts = _moved(parts, past, _size(call))
    total = totalled(parts)
    if isinstance(total, Unknown):
        return estimate
    low, expected, high = total
    update = {"low": low, "expected": expected, "high": high, "parts": parts}
    return estimate.model_copy(update=update | {"learned_from": len(past) if enough else 0})


def _size(call: PricedCall) -> int:
    return call.result_count or len(call.pictures)


def _by_kind(parts: Iterable[Part]) -> dict[str | None, Decimal]:
    """Add up what parts are expected to cost, by their kinds."""
    sums: dict[str | None, Decimal] = {}
    for part in parts:
        sums[part.kind] = sums.get(part.kind, _FREE) + (part.amount.expected if part.amount else _FREE)
    return sums


def _side_by_side(
    expected: Mapping[str | None, Decimal], billed: Mapping[str | None, Decimal], whole: Decimal
) -> dict[str, tuple[Decimal, Decimal]]:
    """Pair expected and billed amounts; nothing where parts do not make up the bill, or one was not expected."""
    if sum(billed.values()) != whole or any(amount and not expected.get(kind) for kind, amount in billed.items()):
        return {}
    return {kind: (amount, billed.get(kind, _FREE)) for kind, amount in expected.items() if kind and amount}


def _likely(seen: Sequence[tuple[int, Decimal, Decimal]], size: int) -> Decimal:
    """Give the ratio of bill to estimate that is likely for a call of a size.

    The line through the ratios of calls of several sizes is Theil and Sen's, which odd bills hardly move: its slope is
    the median of all slopes between two. Nothing is carried beyond the ratios that were seen.
    """
    ratios = [(size_, billed / expected) for size_, expected, billed in seen]
    slopes = [(b - a) / (other - one) for (one, a), (other, b) in combinations(ratios, 2) if one != other]
    slope = median(slopes) if slopes else _FREE
    at_size = _middle([ratio + slope * (size - one) for one, ratio in ratios])
    return min(max(at_size, min(ratio for _, ratio in ratios)), max(ratio for _, ratio in ratios))


def _middle(figures: Iterable[Decimal]) -> Decimal:
    """Give the mean of the middle half (the interquartile mean)."""
    ordered = sorted(figures)
    cut = len(ordered) // 4
    return mean(ordered[cut : len(ordered) - cut])


def _widened(parts: Iterable[Part], past: Sequence[PastCall]) -> tuple[Part, ...]:
    """Widen the bounds of parts as far as bills were seen outside of them."""
    up = min(MOST_WIDENED, max(Decimal(1), *(one.billed / one.high for one in past if one.high)))
    down = min(Decimal(1), *(one.billed / one.low for one in past if one.low))
    return tuple(
        _with_quantity(part, Span(q.low * down, q.expected, q.high * up).whole())
        if (q := part.quantity) and (up, down) != (1, 1)
        else part
        for part in parts
    )


def _moved(parts: tuple[Part, ...], past: Sequence[PastCall], size: int) -> tuple[Part, ...]:
    """Move the likely quantities of parts: of each kind by itself where all bills were told so, else all together."""
    if not all(one.parts for one in past):
        whole = _likely([(one.size, one.expected, one.billed) for one in past], size)
        share = _share(parts, whole)
        return tuple(_shifted(part, share) for part in parts)
    shares: dict[str | None, Decimal] = {}
    for kind in {part.kind for part in parts}:
        seen = [(one.size, *one.parts[kind]) for one in past if kind and kind in one.parts]
        alike = [part for part in parts if part.kind == kind]
        shares[kind] = _share(alike, _likely(seen, size)) if seen else _FREE
    return tuple(_shifted(part, shares[part.kind]) for part in parts)


def _share(parts: Iterable[Part], ratio: Decimal) -> Decimal:
    """Say by which share of the room to their bounds parts are to move: down to -1, up to 1.

    What is counted exactly has no room, and stays; the rest makes up for it.
    """
    known = [(part.quantity, part.unit_price) for part in parts if part.quantity and part.unit_price]
    wanted = sum((quantity.expected * price for quantity, price in known), _FREE) * (ratio - 1)
    bound = 2 if wanted > 0 else 0
    room = sum((abs(quantity[bound] - quantity.expected) * price for quantity, price in known), _FREE)
    return min(max(wanted / room, Decimal(-1)), Decimal(1)) if room else _FREE


def _shifted(part: Part, share: Decimal) -> Part:
    """Move the likely quantity of a part by a share of the room to its bound; what is counted stays whole."""
    if part.quantity is None or not share:
        return part
    low, likely, high = part.quantity
    moved = likely + share * (high - likely if share > 0 else likely - low)
    step = _TENTH_OF_A_CALL if part.unit == "call" else Decimal(1)
    return _with_quantity(part, Span(low, min(max(moved.quantize(step), low), high), high))


def _with_quantity(part: Part, quantity: Span) -> Part:
    return part.model_copy(update={"quantity": quantity})
