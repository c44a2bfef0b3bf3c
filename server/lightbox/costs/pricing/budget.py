"""What may be spent in which time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lightbox.costs.conversion import NO_RATES, RATES, Exchange, rounded
from lightbox.costs.money import Money
from lightbox.errors import SettingsError
from lightbox.vocabulary import Window

TOTAL_BUDGET = "LIGHTBOX_TOTAL_BUDGET"

_WINDOWS: dict[str, Window] = {"hour": "hour", "day": "day", "month": "month"}
_CAP = re.compile(r"\s*([^/]+?)\s*/\s*([a-z]+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be spent in an hour, a day or a month of the calendar.

    Windows begin on the full hour, at midnight and on the first, all in UTC: every server of a fleet counts the same
    window, wherever it runs, and no hour of a change of clocks is counted twice.

    Attributes:
        amount: The most.
        window: In which time.
        setting: Where it is set.
        exchange: The user's rates, by which it holds for other currencies too.
    """

    amount: Money
    window: Window
    setting: str = field(default="LIGHTBOX_BUDGET", compare=False)
    exchange: Exchange = field(default=NO_RATES, compare=False)

    @classmethod
    def parse(cls, text: str, setting: str = "LIGHTBOX_BUDGET", exchange: Exchange = NO_RATES) -> Cap:
        """Read a cap as people write it: `5 USD/day`, `2 CNY/hour`, `100 USD/month`.

        Raises:
            SettingsError: It is written otherwise.
        """
        match = _CAP.fullmatch(text)
        window = _WINDOWS.get(match[2].lower()) if match else None
        if match is None or window is None:
            raise SettingsError(
                f"The budget {text!r} is not valid: write an amount per hour, day or month, like 5 USD/day"
            )
        return cls(Money.parse(match[1]), window, setting, exchange)

    @property
    def currencies(self) -> tuple[str, ...]:
        """What it counts: its own currency, and those for which the user has set a rate."""
        return self.exchange.leading_to(self.amount.currency)

    def counted(self, money: Money) -> Money | None:
        """Give what an amount counts for; None where it is of a currency that the cap says nothing about."""
        return self.exchange.converted(money, self.amount.currency)

    def window_start(self, at: datetime) -> datetime:
        """Give the moment at which the window of `at` began."""
        start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if self.window == "hour":
            return start
        return start.replace(hour=0) if self.window == "day" else start.replace(day=1, hour=0)

    def window_end(self, at: datetime) -> datetime:
        """Give the moment at which the next window begins and all of the cap is free again."""
        start = self.window_start(at)
        if self.window == "month":
            return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        return start + (timedelta(hours=1) if self.window == "hour" else timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.amount}/{self.window}"


def refusal(cap: Cap, *, spent: Money, reserved: Money, needed: Money, at: datetime) -> str | None:
    """Say why a call may not be sent, or None where it may.

    Args:
        cap: What may be spent; a cap of another currency than `needed`, without a rate, says nothing about the call.
        spent: What was billed in the cap's window.
        reserved: The high estimates of the calls that are still open.
        needed: The high estimate of the call.
        at: Now.
    """
    counted = cap.counted(needed)
    if counted is None:
        return None
    taken = spent + reserved
    if taken + counted <= cap.amount:
        return None
    wanted = f"up to {needed} needed for this one{_by_rate(cap, needed, counted)}"
    figures = f"{_shown(spent)} spent, {_shown(reserved)} reserved by calls under way, {wanted}"
    return f"The budget of {cap} has no room: {figures}. {_when(cap, at, spent, reserved, counted)}"


def _shown(money: Money) -> str:
    return f"{rounded(money.amount)} {money.currency}"


def _by_rate(cap: Cap, needed: Money, counted: Money) -> str:
    """Say what an amount of another currency than the cap's counts for, and by whose rate."""
    rate = cap.exchange.between(needed.currency, cap.amount.currency)
    return f" ({_shown(counted)}, by your rate of {rate}, {RATES})" if rate else ""


def total_refusal(cap: Cap, *, needed: Money, at: datetime) -> str:
    """Say why a call may not be sent although its caller has room; nothing of what others have spent is told."""
    counted = cap.counted(needed) or needed
    if counted > cap.amount:
        when = f"The call alone is above it: ask for less, or have {cap.setting} raised."
    else:
        when = f"There is room at the latest at {cap.window_end(at):%Y-%m-%d %H:%M} UTC, when all of it is free again."
    return (
        f"The server's total budget of {cap}, which all its callers share, has no room for this call: up to {needed} "
        f"needed{_by_rate(cap, needed, counted)}. {when}"
    )


def uncovered(high: Money | None, caps: Sequence[Cap], reason: str | None = None) -> str | None:
    """Say why the budget can't limit a call, or None where it can, where there is none, or where the call is free.

    Args:
        high: The high estimate of the call; None where its price is unknown.
        caps: The budget.
        reason: Why the price is unknown.
    """
    if not caps or (high and (high.amount == 0 or any(cap.counted(high) for cap in caps))):
        return None
    total = "total " if caps[0].setting == TOTAL_BUDGET else ""
    budget = f"{total}budget of {', '.join(map(str, caps))}"
    if high is None:
        return (
            f"The {budget} can't limit this call, because its price is unknown "
            f"({reason or 'it is in no price list here'}). "
            "Add the price to the file that LIGHTBOX_PRICES names, choose a model with a known price, or set "
            "LIGHTBOX_ALLOW_UNPRICED=true."
        )
    return (
        f"The {budget} does not cover {high.currency}, and this call costs up to {high}. Add a cap "
        f"like 5 {high.currency}/day to {caps[0].setting}, or a rate of your own between {high.currency} and "
        f"{caps[0].amount.currency} to {RATES}, or set LIGHTBOX_ALLOW_UNPRICED=true."
    )


def needs_confirmation(high: Money | None, threshold: Money, exchange: Exchange = NO_RATES) -> bool:
    """Say whether a person is to be asked: above the threshold, and where no figure can be held against it."""
    counted = exchange.converted(high, threshold.currency) if high else None
    return counted is None or counted > threshold


def _when(cap: Cap, at: datetime, spent: Money, reserved: Money, needed: Money) -> str:
    again = f"{cap.window_end(at):%Y-%m-%d %H:%M} UTC"
    if needed > cap.amount:
        return f"The call alone is above it: ask for less, or raise {cap.setting}."
    if spent + needed <= cap.amount and reserved.amount:
        return f"There is room when the calls under way are billed, at the latest at {again}."
    return f"There is room again at {again}."
