"""What a call did cost, from what the service says that it consumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from lightbox.costs.call import PricedCall, Report
from lightbox.costs.catalogue.catalogue import Rates
from lightbox.costs.counting.use import Amount, Kind, Use, expected_use
from lightbox.costs.money import NOTHING, Money, Span, Unknown, totals
from lightbox.costs.pricing.estimate import Estimate, Part, Prices, estimate, totalled
from lightbox.wire.response import ImageUsage, PictureUsage, Usage

_NO_USE = Use((), ())


def _is_none(value: object) -> bool:
    """Leave out what is not known of most bills, so that they are kept as an older server would."""
    return value is None


class Bill(BaseModel):
    """What a call did cost, part by part; None with the reason where a price is not known.

    Attributes:
        estimated: Whether a part comes from the estimate: the service told nothing about it, or nothing believable.
        reason: Why there is no amount; or why it is the high figure that was reserved.
        told: What the service itself says that it charged, where it tells: that is the amount, and the parts are our
            own count beside it, which may differ or be unknown.
        counted: What the parts come to, where the service told what it charged and all of them have a price.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    amount: Money | None
    parts: tuple[Part, ...] = ()
    estimated: bool = False
    reason: str | None = None
    told: Money | None = Field(default=None, exclude_if=_is_none)
    counted: Money | None = Field(default=None, exclude_if=_is_none)

    def __str__(self) -> str:
        if self.amount is None:
            return f"unknown: {self.reason}"
        why = f": {self.reason}" if self.reason else ""
        return f"{self.amount}{f' (estimated{why})' if self.estimated else ''}"


def bill(
    call: PricedCall,
    reports: Sequence[Report],
    rates: Rates,
    *,
    searches: int | None = None,
    reserved: Estimate | None = None,
) -> Bill:
    """Settle a call.

    Args:
        call: What was sent.
        reports: What the service told of each request that may be billed; an empty one where it told nothing. Requests
            that failed and are not billed are left out.
        rates: What was in force when the call was sent.
        searches: How many search calls the answers hold; counts where a usage names none.
        reserved: What was reserved for one request, where that is at hand; else it is estimated again.

    A usage that is missing, can't be true or has no price moves nothing: its request is settled by the high estimate,
    which is what was reserved for it.
    """
    prices = Prices.of(call, rates)
    if not reports:
        return Bill(amount=Money(NOTHING.expected, prices.currency or "USD"), reason="nothing was billed")
    reserved = reserved or estimate(replace(call, count=1), rates)
    settled = [_request(call, report, reserved, prices, searches) for report in reports]
    parts = _merged(part for each in settled for part in each.parts)
    estimated = any(each.estimated for each in settled)
    doubts = tuple(dict.fromkeys(each.doubt for each in settled if each.doubt))
    unknown = next((each.unknown for each in settled if each.unknown), None)
    total = Unknown(unknown) if unknown else _total(settled, parts)
    if isinstance(total, Unknown):
        return Bill(amount=None, parts=parts, estimated=estimated, reason=total.reason)
    told = sum_of(each.told for each in settled if each.told)
    ours = _counted(parts) if all(each.told for each in settled) else Unknown("not all was told")
    counted = ours if isinstance(ours, Money) else None
    return Bill(amount=total, parts=parts, estimated=estimated, reason=_said(doubts), told=told, counted=counted)


def _total(settled: Sequence[_Request], parts: Sequence[Part]) -> Money | Unknown:
    """Add up what each request came to; they can only differ in their currencies."""
    if not any(each.told for each in settled):
        total = totalled(parts)
        return total if isinstance(total, Unknown) else total[1]
    amounts: list[Money] = []
    for each in settled:
        counted = each.told or _counted(each.parts)
        if isinstance(counted, Unknown):
            return counted
        amounts.append(counted)
    return sum_of(amounts) or Unknown("its requests were charged in several currencies, which are never converted")


def _counted(parts: Sequence[Part]) -> Money | Unknown:
    total = totalled(parts)
    return total if isinstance(total, Unknown) else total[1]


def sum_of(amounts: Iterable[Money]) -> Money | None:
    """Add up amounts of one currency; None where there are none, or several currencies."""
    found = totals(amounts)
    return found[0] if len(found) == 1 else None


HIGHEST_TIMES = 100
"""How many times the high estimate a request may come to before its usage is taken for a mistake."""

LOWEST_SHARE = Decimal("0.1")
"""Which share of the low estimate a request that was answered comes to at the least, or its usage is taken for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One request as it is settled; `doubt` says why its usage was not believed, `unknown` why it has no price.

    `told` is what the service says that it charged, where that is believed.
    """

    parts: tuple[Part, ...]
    estimated: bool
    told: Money | None = None
    doubt: str | None = None
    unknown: str | None = None


def _request(call: PricedCall, report: Report, reserved: Estimate, prices: Prices, searches: int | None) -> _Request:
    """Settle one request by its usage; by the reserved figure where that can't be true or has no price."""
    guess = expected_use(call, prices.rates, report.pictures)
    use = _NO_USE if isinstance(guess, Unknown) else guess
    parts = tuple(_settled(report.usage, use, prices, searches))
    # Of a request of which neither the service nor the catalogue tells anything, there is not even a part to miss.
    total = guess if report.usage is None and isinstance(guess, Unknown) else totalled(parts)
    if isinstance(total, Unknown) and any(part.unit == "call" and part.unit_price is None for part in parts):
        total = Unknown("it names a tool that has no price here")  # its name is the service's word, not ours
    told = _told(report.usage)
    counted = told or (total if isinstance(total, Unknown) else total[1])
    doubt = _doubt(report, counted, reserved, searches, free=_is_free(call))
    if told is not None and doubt is None:
        return _Request(parts=parts, estimated=False, told=told)
    if doubt is None or reserved.high is None:
        return _Request(
            parts=parts,
            estimated=report.usage is None or any(part.estimated for part in parts),
            unknown=total.reason if isinstance(total, Unknown) else doubt,
        )
    return _Request(parts=tuple(part.highest() for part in reserved.parts), estimated=True, doubt=doubt)


def _told(usage: Usage | None) -> Money | None:
    """Give what the service says that it charged, true or not."""
    if usage is None or usage.cost is None or usage.cost_currency is None:
        return None
    return Money(usage.cost, usage.cost_currency)


def _is_free(call: PricedCall) -> bool:
    """Tell whether the model that does the work costs nothing, as OpenRouter names those."""
    return (call.image_model or call.model).endswith(":free")


def _doubt(
    report: Report, total: Money | Unknown, reserved: Estimate, searches: int | None, *, free: bool
) -> str | None:
    """Say in our own words why a reported usage can't be true, or can't be priced; None where it can."""
    if report.usage is None and not report.unheard and reserved.high is not None:
        return "none was reported"
    if report.usage is not None and (lie := _lie(report.usage, report, searches, free=free)):
        return lie
    if isinstance(total, Unknown):
        return total.reason if reserved.high is not None else None
    return _absurd(total, reserved, low=_came(report, searches) and not free)


def _absurd(total: Money, reserved: Estimate, *, low: bool) -> str | None:
    """Say how far a figure is from what the catalogue has such work cost; `low` where it can be too low."""
    if reserved.high is None or reserved.low is None or total.currency != reserved.high.currency:
        return None
    if total.amount > reserved.high.amount * HIGHEST_TIMES:
        return f"it comes to more than {HIGHEST_TIMES} times what was reserved"
    if low and total.amount < reserved.low.amount * LOWEST_SHARE:
        return "it comes to less than a tenth of the least that such work costs"
    return None


def _lie(usage: Usage, report: Report, searches: int | None, *, free: bool) -> str | None:
    if usage.doubts:
        return usage.doubts[0]
    counted = usage.pictures.made if usage.pictures else None
    if counted is not None and counted < len(report.pictures):
        return "it counts fewer pictures than came"
    if _negative(usage):
        return "a figure is negative"
    if _idle(usage, report, searches, free=free):
        return "it counts nothing although work was done"
    return None


def _negative(usage: Usage) -> bool:
    image = usage.image or ImageUsage()
    told: tuple[int | Decimal | None, ...] = (
        usage.cost,
        *(usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.cache_write_tokens),
        *(usage.reasoning_tokens, image.cached_tokens, image.cached_text_tokens, image.cached_image_tokens),
        *(image.input_tokens, image.input_text_tokens, image.input_image_tokens),
        *(image.output_tokens, image.output_text_tokens),
        *usage.tool_calls.values(),
    )
    return any(figure is not None and figure < 0 for figure in told)


def _idle(usage: Usage, report: Report, searches: int | None, *, free: bool) -> bool:
    """Whether nothing was counted although something came: every request has input, and every answer is output."""
    came = _came(report, searches)
    if usage.cost is not None:  # what a painter alone was asked for has no words in it
        return came and usage.cost == 0 and not free
    if report.pictures and usage.unpainted:
        return True
    return came and (usage.input_tokens == 0 or usage.output_tokens == 0)


def _came(report: Report, searches: int | None) -> bool:
    """Tell whether something came that took work."""
    return report.answered or bool(report.pictures) or bool(searches)


def _said(doubts: Sequence[str]) -> str | None:
    if not doubts:
        return None
    return f"settled by the high figure that was reserved, because of the service's usage: {'; '.join(doubts)}"


def _settled(usage: Usage | None, expected: Use, prices: Prices, searches: int | None) -> Iterable[Part]:
    if usage is None:
        yield from _guessed(expected, prices, searches)
        return
    yield from _fees(usage, expected, prices, searches)
    prices = prices.served(usage.service_tier)
    by_picture = prices.picture is not None or usage.pictures is not None
    if prices.call.carried and (not by_picture or expected.of("input")):
        yield from _tokens(usage, expected, prices)
    if by_picture:
        yield from _pictures(usage.pictures or PictureUsage(), expected, prices)
    elif usage.image is not None:
        yield from _painted(usage.image, expected, prices)
    else:
        yield from _painting_guessed(expected, prices)


def _fees(usage: Usage, expected: Use, prices: Prices, searches: int | None) -> Iterable[Part]:
    for tool, count in usage.tool_calls.items():
        yield prices.fee(tool, Span.exactly(count))
    if usage.tool_calls or expected.tool is None or searches == 0:
        return
    if searches is not None:
        yield prices.fee(expected.tool, Span.exactly(searches))
        return
    yield from _fees_guessed(expected, prices)


def _tokens(usage: Usage, expected: Use, prices: Prices) -> Iterable[Part]:
    """Price the tokens of the mainline model: one tier, chosen by all input of the request, prices all of them."""
    guessed_input = usage.input_tokens is None
    total = expected.total("input") if guessed_input else Span.exactly(usage.input_tokens or 0)
    if total is None:
        unknown = next(amount for amount in expected.of("input") if amount.quantity is None)
        yield prices.input(unknown, prices.tiers(None))
        return
    count = int(total.expected)
    tier = prices.tier(count)
    if isinstance(tier, Unknown):
        yield prices.exactly("input", count, None, estimated=guessed_input)
        yield prices.exactly("output", usage.output_tokens or 0, None, kind="output")
        return
    cached = min(usage.cached_tokens or 0, count)
    written = min(usage.cache_write_tokens or 0, count - cached) if tier.cache_write_per_million_tokens else 0
    yield prices.exactly("input", count - cached - written, tier.input_per_million_tokens, estimated=guessed_input)
    if cached:
        price = tier.cached_input_per_million_tokens
        yield prices.exactly(
            "input from the cache",
            cached,
            tier.input_per_million_tokens if price is None else price,
            estimated=price is None,
        )
    if written:
        yield prices.exactly("input to the cache", written, tier.cache_write_per_million_tokens)
    if usage.output_tokens is not None:
        yield prices.exactly("output", usage.output_tokens, tier.output_per_million_tokens, kind="output")
        return
    for amount in expected.of("output"):
        if amount.quantity:
            yield prices.exactly(
                "output",
                int(amount.quantity.expected),
                tier.output_per_million_tokens,
                kind="output",
                estimated=True,
            )


def _painted(image: ImageUsage, expected: Use, prices: Prices) -> Iterable[Part]:
    """Price the tokens of the image model; what it did not split is split as the estimate would."""
    text, pictures, guessed = _image_inputs(image, expected)
    cached_text, cached_pictures, unsplit = _image_cached(image, text, pictures)
    guessed = guessed or unsplit
    inputs: tuple[tuple[Kind, str, int, int], ...] = (
        ("image_text_input", "prompt to the image model", text - cached_text, cached_text),
        ("image_input", "pictures to the image model", pictures - cached_pictures, cached_pictures),
    )
    for kind, what, fresh, cached in inputs:
        if fresh:
            yield _painted_part(prices, kind, what, fresh, estimated=guessed)
        if cached:
            part = prices.painting_cached(Amount(kind, f"{what}, from the cache", Span.exactly(cached)))
            yield part.settled(estimated=guessed or part.estimated)
    if image.output_tokens is None:
        yield from (_painting_guess(amount, prices) for amount in expected.of("image_output"))
        return
    words = image.output_text_tokens or 0
    if words:
        yield prices.painted_words(words)
    yield _painted_part(prices, "image_output", "pictures made", image.output_tokens - words)


def _pictures(told: PictureUsage, expected: Use, prices: Prices) -> Iterable[Part]:
    """Price what is billed by the picture; what the service did not tell of it is as the estimate would have it."""
    made = expected.of("picture")
    if told.made is None:
        yield from (_picture_guess(amount, prices) for amount in made)
    else:
        area = Span.exactly(told.width * told.height) if told.width and told.height else None
        certain = area is not None or told.size_class is not None
        what = f"picture of {told.width}x{told.height}" if area else made[0].what if made else "picture"
        largest = area or max((amount.area for amount in made if amount.area), default=None)
        counted = Amount("picture", what, Span.exactly(told.made), area=largest)
        yield prices.pictures(counted, told.size_class).settled(estimated=not certain)
    yield from _pictures_given(told, expected, prices)


def _pictures_given(told: PictureUsage, expected: Use, prices: Prices) -> Iterable[Part]:
    row, given = prices.picture, expected.of("picture_input")
    if row is None or not given:
        return
    if told.given is None:
        yield from (_picture_guess(amount, prices) for amount in given)
        return
    counted = Amount("picture_input", given[0].what, Span.exactly(told.given))
    yield prices.pictures(counted).settled(estimated=not row.input_certain)


def _picture_guess(amount: Amount, prices: Prices) -> Part:
    likely = Span.exactly(amount.quantity.expected) if amount.quantity else None
    return prices.pictures(replace(amount, quantity=likely)).settled(estimated=True)


def _image_inputs(image: ImageUsage, expected: Use) -> tuple[int, int, bool]:
    """Give text and image input tokens, and whether they are in part a guess."""
    text, pictures, both = image.input_text_tokens, image.input_image_tokens, image.input_tokens
    if text is not None and pictures is not None:
        return text, pictures, False
    if both is None:
        return text or _likely(expected, "image_text_input"), pictures or _likely(expected, "image_input"), True
    if text is None and pictures is None:
        text = min(both, _likely(expected, "image_text_input")) if expected.of("image_input") else both
        return text, both - text, bool(expected.of("image_input"))
    return (text, both - text, False) if text is not None else (both - (pictures or 0), pictures or 0, False)


def _image_cached(image: ImageUsage, text: int, pictures: int) -> tuple[int, int, bool]:
    """Give how much text and image input came from the cache, and whether that is in part a guess.

    Where it is not split, it counts as text first, on which the cache saves less.
    """
    cached_text, cached_pictures = image.cached_text_tokens, image.cached_image_tokens
    if cached_text is None and cached_pictures is None:
        both = image.cached_tokens or 0
        cached_text = min(both, text)
        return cached_text, min(both - cached_text, pictures), bool(both and text and pictures)
    return min(cached_text or 0, text), min(cached_pictures or 0, pictures), False


def _likely(expected: Use, kind: Kind) -> int:
    total = expected.total(kind)
    return int(total.expected) if total else 0


def _guessed(expected: Use, prices: Prices, searches: int | None) -> Iterable[Part]:
    """Price a request that told no usage from what was expected of it, and from the searches that were seen."""
    yield from _fees_guessed(expected, prices, seen=searches or 0)
    if prices.picture is None or expected.of("input"):
        yield from _tokens(Usage(), expected, prices)
    if prices.picture is not None:
        yield from _pictures(PictureUsage(), expected, prices)
    yield from _painting_guessed(expected, prices)


def _fees_guessed(expected: Use, prices: Prices, *, seen: int = 0) -> Iterable[Part]:
    for amount in expected.of("fee"):
        if expected.tool and amount.quantity:
            count = max(amount.quantity.expected, seen)
            yield prices.fee(expected.tool, Span.exactly(count)).settled(estimated=True)


def _painting_guessed(expected: Use, prices: Prices) -> Iterable[Part]:
    for amount in expected.of("image_text_input", "image_input", "image_output"):
        yield _painting_guess(amount, prices)


def _painting_guess(amount: Amount, prices: Prices) -> Part:
    likely = Span.exactly(amount.quantity.expected) if amount.quantity else None
    return prices.painting(Amount(amount.kind, amount.what, likely, amount.reason)).settled(estimated=True)


def _painted_part(prices: Prices, kind: Kind, what: str, tokens: int, *, estimated: bool = False) -> Part:
    return prices.painting(Amount(kind, what, Span.exactly(tokens))).settled(estimated=estimated)


def _merged(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Put parts of several requests together that are alike in everything but their quantity."""
    merged: dict[Part, Part] = {}
    for part in parts:
        key = part.model_copy(update={"quantity": None})
        known = merged.get(key)
        if known is None or known.quantity is None or part.quantity is None:
            merged[key if known is None else part] = part
        else:
            merged[key] = part.model_copy(update={"quantity": known.quantity.plus(part.quantity)})
    return tuple(merged.values())
