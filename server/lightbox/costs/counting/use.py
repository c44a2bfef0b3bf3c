"""What one request will consume: tokens and calls, each as a span; texts are counted by approximation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from lightbox.costs.call import PaintedPicture, PricedCall, SentSize
from lightbox.costs.catalogue.catalogue import Rates
from lightbox.costs.catalogue.rows import ImageInputRow, PicturePriceRow, TypicalRow
from lightbox.costs.counting.image_model import given_picture_tokens, made_picture_tokens
from lightbox.costs.counting.image_size import parse_size
from lightbox.costs.counting.vision import picture_tokens
from lightbox.costs.money import NOTHING, Span, Unknown, added

Kind = Literal["fee", "input", "output", "image_text_input", "image_input", "image_output", "picture", "picture_input"]
"""What price an amount is counted at."""

_USUAL_RESULTS = 30
_USUAL_PARTIAL_TOKENS = 100
_PAINTED_FORMATS = {None, "png", "webp", "jpeg"}


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one kind; `quantity` is None where nobody knows, and `reason` says why.

    Attributes:
        area: How large each picture is that is billed by itself, px; None where nobody knows.
    """

    kind: Kind
    what: str
    quantity: Span | None
    reason: str | None = None
    area: Span | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """What one request will consume, and what had to be assumed to say so.

    Attributes:
        tool: The service's tool that has a fee.
    """

    amounts: tuple[Amount, ...]
    assumptions: tuple[str, ...]
    tool: str | None = None

    def of(self, *kinds: Kind) -> tuple[Amount, ...]:
        """Give the amounts of some kinds."""
        return tuple(amount for amount in self.amounts if amount.kind in kinds)

    def total(self, kind: Kind) -> Span | None:
        """Add up one kind; None where a part of it is unknown."""
        quantities = [amount.quantity for amount in self.of(kind)]
        known = [quantity for quantity in quantities if quantity is not None]
        return added(known) if len(known) == len(quantities) else None


def expected_use(call: PricedCall, rates: Rates, pictures: Sequence[PaintedPicture] = ()) -> Use | Unknown:
    """Say what one request of a call will consume, or why that can't be said.

    Args:
        call: What is sent.
        rates: How its models count, and what such calls were seen to take.
        pictures: Those that came already, as the service reports them: each counts by itself. What the service did not
            say of one is taken to be as it was asked for.
    """
    typical = rates.typical(call.provider, call.ability, analysis=call.analysis)
    by_picture = rates.picture_price(call.provider, call.image_model or "", call.region)
    if by_picture is None and typical is None and call.carried:
        return Unknown(_why_unknown(call))
    text = text_span(call.text)
    amounts: list[Amount] = []
    assumptions: list[str | None] = []
    if typical is not None and call.carried:
        amounts += _mainline(call, text, typical, rates)
        assumptions += [typical.note, *_mainline_assumptions(call, typical, rates)]
    if by_picture is not None:
        amounts += _by_picture(call, by_picture, pictures, rates)
        assumptions += _by_picture_assumptions(call, by_picture, rates)
    elif call.ability in {"generate", "edit"}:
        if call.image_model is None:
            return Unknown("no image model is named")
        amounts += _painting(call, call.image_model, text, typical, rates)
        amounts += [_made(painted, call.image_model, rates) for painted in _each_painted(call, pictures)]
        amounts += _partials(call, call.image_model, rates)
        assumptions += _painting_assumptions(call, call.image_model, rates)
    said = tuple(dict.fromkeys(text for text in assumptions if text))
    tool = typical.tool if typical else None
    return Use(tuple(_whole(amount) for amount in amounts if amount.quantity != NOTHING), said, tool)


def _why_unknown(call: PricedCall) -> str:
    if call.image_model is None or call.ability not in {"generate", "edit"}:
        return f"how many tokens {call.ability} takes at {call.provider} is not known"
    return f"no price is known for {call.image_model} at {call.where}"


def _mainline(call: PricedCall, text: Span, typical: TypicalRow, rates: Rates) -> Iterable[Amount]:
    searches, passes = Span.of(*typical.searches), Span.of(*typical.passes)
    if typical.tool:
        yield Amount("fee", f"{typical.tool} calls", searches)
    yield Amount("input", "text", text.times(passes))
    around = Span.of(*typical.input_tokens).plus(_results(call, typical).times(searches))
    yield Amount("input", "search results" if typical.tool else "tools and framing", around)
    if call.pictures or call.mask:
        yield _looked_at(call, passes, rates)
    if call.continued:
        yield Amount("input", "earlier context", Span.of(*typical.context_tokens))
    yield Amount("output", "answer", Span.of(*typical.output_tokens))


def _whole(amount: Amount) -> Amount:
    return replace(amount, quantity=amount.quantity.whole()) if amount.quantity else amount


def _results(call: PricedCall, typical: TypicalRow) -> Span:
    per_search = Span.of(*typical.input_tokens_per_search)
    more = max(Decimal(1), Decimal(call.result_count or 0) / _USUAL_RESULTS)
    return per_search.times(Span.of(1, more, more))


def _looked_at(call: PricedCall, passes: Span, rates: Rates) -> Amount:
    row = rates.vision(call.provider, call.model)
    if row is None:
        return Amount("input", "pictures", None, f"how {call.model} counts pictures is not known")
    spans = [picture_tokens(row, sent.width, sent.height, call.detail) for sent in call.pictures]
    if call.mask:
        mask = picture_tokens(row, call.mask.width, call.mask.height, call.detail)
        spans.append(Span.of(0, 0, mask.high))
    return Amount("input", _pictures(call.pictures), added(spans).times(passes))


def _painting(
    call: PricedCall, image_model: str, text: Span, typical: TypicalRow | None, rates: Rates
) -> Iterable[Amount]:
    prompt = text
    if typical is not None and call.carried:
        # A prompt of two words is often worded at length.
        prompt = text.times(Span.of(*typical.prompt_factor)).plus(Span.of(0, 10, 200))
    yield Amount("image_text_input", "prompt to the image model", prompt)
    if call.pictures or call.mask or call.continued:
        yield _given(call, image_model, rates)


def _given(call: PricedCall, image_model: str, rates: Rates) -> Amount:
    row = rates.image_input(call.provider, image_model)
    what = f"{_pictures(call.pictures)} to the image model"
    if row is None:
        return Amount("image_input", what, None, f"how {image_model} counts the pictures it is given is not known")
    spans = [_given_tokens(row, sent, call.fidelity) for sent in call.pictures]
    if call.mask:
        spans.append(Span(Decimal(0), *_given_tokens(row, call.mask, call.fidelity)[1:]))
    if call.continued and not call.pictures:
        spans.append(Span(Decimal(0), *_given_tokens(row, SentSize(), call.fidelity)[1:]))
    return Amount("image_input", what, added(spans))


def _given_tokens(row: ImageInputRow, sent: SentSize, fidelity: str | None) -> Span:
    return given_picture_tokens(row, sent.width, sent.height, fidelity)


def _each_painted(call: PricedCall, pictures: Sequence[PaintedPicture]) -> list[PricedCall]:
    """Give the call once for each picture that came, as it came; as it was asked for where none has come."""
    return [
        replace(
            call,
            size=call.size if picture.size in {None, "auto"} else picture.size,
            quality=call.quality if picture.quality in {None, "auto"} else picture.quality,
            format=picture.format or call.format,
        )
        for picture in pictures
    ] or [call]


def _made(call: PricedCall, image_model: str, rates: Rates) -> Amount:
    row = rates.image_output(call.provider, image_model)
    size, quality = call.size or "auto", call.quality or "auto"
    what = f"picture of {size} at {quality} quality"
    if row is None:
        return Amount("image_output", what, None, f"how {image_model} counts the pictures it makes is not known")
    if call.format not in _PAINTED_FORMATS and call.provider != "sandbox":
        return Amount("image_output", what, None, f"how many tokens a picture as {call.format} takes is not published")
    model = rates.catalogue.image_model(call.provider, image_model)
    made = made_picture_tokens(row, model, size, quality, _first_size(call.pictures))
    if made is None:
        return Amount(
            "image_output",
            what,
            None,
            f"how many tokens {image_model} takes for {size} at {quality} quality is not known",
        )
    return Amount("image_output", what, made)


def _partials(call: PricedCall, image_model: str, rates: Rates) -> Iterable[Amount]:
    if call.partial_images:
        row = rates.image_output(call.provider, image_model)
        most = (row.partial_tokens if row else _USUAL_PARTIAL_TOKENS) * call.partial_images
        yield Amount("image_output", "partial pictures", Span.of(0, most, most))


def _by_picture(
    call: PricedCall, row: PicturePriceRow, pictures: Sequence[PaintedPicture], rates: Rates
) -> Iterable[Amount]:
    """Count what is billed by the picture: those made, each with its size, and those given."""
    for painted in _each_painted(call, pictures):
        size = painted.size or "auto"
        yield Amount("picture", f"picture of {size}", Span.exactly(1), area=_area(painted, size, rates))
    if call.pictures and row.per_input_picture:
        count = len(call.pictures)
        given = Span.exactly(count) if row.input_certain else Span.of(0, 0, count)
        yield Amount("picture_input", f"{_pictures(call.pictures)} given", given)


def _area(call: PricedCall, size: str, rates: Rates) -> Span | None:
    """Say how many px a picture will have; `auto` may become any usual size, or that of a picture that is edited."""
    if sides := parse_size(size):
        return Span.exactly(sides[0] * sides[1])
    model = rates.catalogue.image_model(call.provider, call.image_model or "")
    if model is None:
        return None
    own = [sent.width * sent.height for sent in call.pictures if sent.width and sent.height]
    if model.auto_keeps_size and call.pictures:
        if len(own) < len(call.pictures):
            return None
        most = model.size_rule.max_area
        areas = [min(area, most or area) for area in own]
    else:
        areas = [sides[0] * sides[1] for sides in map(parse_size, model.auto_sizes) if sides]
    return Span.of(min(areas), areas[-1] if model.auto_keeps_size and own else areas[0], max(areas)) if areas else None


def _by_picture_assumptions(call: PricedCall, row: PicturePriceRow, rates: Rates) -> Iterable[str | None]:
    yield row.note
    model = rates.catalogue.image_model(call.provider, call.image_model or "")
    if call.size in {None, "auto"} and len(row.classes) > 1 and model:
        usual = f"one of {', '.join(model.auto_sizes)}"
        kept = call.pictures and model.auto_keeps_size
        yield f"size auto is taken to be {'that of a picture that is edited' if kept else usual}"
    if call.pictures and row.per_input_picture and not row.input_certain:
        yield "whether pictures that are given are billed is not confirmed: the high figure counts them"


def _first_size(pictures: tuple[SentSize, ...]) -> tuple[int, int] | None:
    first = pictures[0] if pictures else SentSize()
    return (first.width, first.height) if first.width and first.height else None


def _mainline_assumptions(call: PricedCall, typical: TypicalRow, rates: Rates) -> Iterable[str | None]:
    if typical.tool:
        yield f"the model is told to search once; the high figure counts {typical.searches[2]} searches"
    yield "the tokens of texts are counted approximately"
    if call.pictures or call.mask:
        row = rates.vision(call.provider, call.model)
        yield row.note if row else None
    if any(sent.width is None or sent.height is None for sent in call.pictures):
        yield "a picture of unknown size is counted from the smallest to 3840x2160 px"
    if call.continued:
        yield "how much earlier context the service bills again is not known before the call"


def _painting_assumptions(call: PricedCall, image_model: str, rates: Rates) -> Iterable[str | None]:
    model = rates.catalogue.image_model(call.provider, image_model)
    output = rates.image_output(call.provider, image_model)
    yield output.note if output else None
    if call.size in {None, "auto"}:
        own = ", or the edited picture's own" if call.pictures else ""
        yield f"size auto is taken to be one of {', '.join(model.auto_sizes)}{own}" if model else None
    if call.quality in {None, "auto"}:
        yield "quality auto may become any quality that the image model has"
    if call.pictures:
        given = rates.image_input(call.provider, image_model)
        yield given.note if given else None
    if call.mask:
        yield "whether a mask is billed as a picture is not published: the high figure counts it, the low one does not"
    if call.partial_images:
        yield "fewer partial pictures may come than are asked for"


def _pictures(pictures: tuple[SentSize, ...]) -> str:
    if len(pictures) == 1:
        width, height = pictures[0].width, pictures[0].height
        return "picture of unknown size" if width is None else f"picture of {width}x{height} px"
    return f"{len(pictures)} pictures" if pictures else "earlier picture"


_RUN = re.compile(r"[^\W\d_]+|\d+|\s+|[^\w\s]|_", re.UNICODE)
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_LETTERS_PER_TOKEN = 6
_FOREIGN_LETTERS_PER_TOKEN = 3
_DIGITS_PER_TOKEN = 3


def text_tokens(text: str) -> int:
    """Count the tokens of a text, roughly: no tokenizer is loaded, for texts are the small part of every bill here.

    Words of up to six Latin letters, three digits, or one mark of punctuation make a token; so does each CJK
    character, and every three letters of another script. The measure behind it is the services' own rule of thumb,
    four characters of English or one CJK character to a token; it has not been compared with their tokenizers, so
    `text_span` gives generous bounds.
    """
    return sum(_run_tokens(run) for run in _RUN.findall(text))


def text_span(text: str) -> Span:
    """Count the tokens of a text with the bounds of the approximation, from half to one and a half times."""
    count = text_tokens(text)
    return Span.of(count // 2, count, count + (count + 1) // 2)


def _run_tokens(run: str) -> int:
    if run.isspace():
        return run.count("\n") if "\n" in run else 0  # a blank belongs to the word after it
    if wide := len(_WIDE.findall(run)):
        return wide + _parts(len(run) - wide, _LETTERS_PER_TOKEN)
    if run.isdigit():
        return _parts(len(run), _DIGITS_PER_TOKEN)
    return _parts(len(run), _LETTERS_PER_TOKEN if run.isascii() else _FOREIGN_LETTERS_PER_TOKEN)


def _parts(length: int, size: int) -> int:
    return -(-length // size)
