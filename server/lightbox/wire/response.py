"""A whole response: its items, what it consumed, and the fault that it may tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from lightbox.wire.bodies import (
    LONGEST_NAME,
    amount,
    embedded,
    integer,
    mapping,
    name_of,
    sequence,
    string,
    web_url,
    whole,
    words,
)


@dataclass(frozen=True, slots=True)
class ImageUsage:
    """Tokens of the image model (`response.tool_usage.image_gen`); a figure that the service left out is None.

    Those from the cache are part of the input.
    """

    input_tokens: int | None = None
    input_text_tokens: int | None = None
    input_image_tokens: int | None = None
    output_tokens: int | None = None
    output_text_tokens: int | None = None
    cached_tokens: int | None = None
    cached_text_tokens: int | None = None
    cached_image_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class PictureUsage:
    """Pictures as a service counts them that bills by the picture; a figure that it left out is None.

    Attributes:
        made: How many it made.
        given: How many it was given.
        width: Of those made, px.
        height: Likewise.
        size_class: The class of size that it bills, in its own word, e.g. `2k`.
    """

    made: int | None = None
    given: int | None = None
    width: int | None = None
    height: int | None = None
    size_class: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the mainline model and calls of the service's own tools.

    Attributes:
        input_tokens: All input tokens, cached ones included.
        cached_tokens: Those of the input that were read from the service's cache.
        output_tokens: All output tokens, reasoning included.
        reasoning_tokens: Those of the output that were reasoning.
        tool_calls: Calls of the service's tools by name, e.g. `{"web_search_image": 1}`.
        cache_write_tokens: Those of the input that were written to the service's cache.
        image: Tokens of the image model, where one was called and the service told.
        pictures: What is billed by the picture, where the service counts so.
        unpainted: Whether the service counted the image model's tokens, and counted none.
        cost: What the service says that it charged, in `cost_currency`; None where it does not say.
        cost_currency: Which currency that is; services don't write it, so whoever knows the service adds it.
        service_tier: How the request was served, where that is not the service's standard, e.g. `priority`.
        doubts: What of it can't be true, e.g. `input_tokens is not a count`, in our own words.
    """

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    tool_calls: Mapping[str, int] = field(default_factory=dict[str, int])
    image: ImageUsage | None = None
    cache_write_tokens: int | None = None
    unpainted: bool = False
    pictures: PictureUsage | None = None
    cost: Decimal | None = None
    cost_currency: str | None = None
    service_tier: str | None = None
    doubts: tuple[str, ...] = ()


STANDARD_TIERS = frozenset({"auto", "default", "standard"})
"""What services call their standard way of serving."""

_TOOL = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

MOST_DOUBTS, MOST_TOOLS = 5, 50
"""The most that is kept of what a usage can't mean, and of the tools that it names."""


def read_usage(response: Mapping[str, Any]) -> Usage | None:
    """Read the usage of a response body, or None where the service gave none."""
    usage = mapping(response.get("usage"))
    tool_usage = mapping(response.get("tool_usage"))
    doubts: list[str] = []
    image = _image_usage(tool_usage.get("image_gen"), doubts)
    calls = _tool_calls(usage, tool_usage, doubts)
    if not (usage or calls or image or doubts):
        return None  # a response that has only begun already carries a `tool_usage`, all zeros
    input_details = mapping(usage.get("input_tokens_details"))
    output_details = mapping(usage.get("output_tokens_details"))
    told = Usage(
        input_tokens=_figure(usage, "input_tokens", doubts),
        cached_tokens=_figure(input_details, "cached_tokens", doubts),
        output_tokens=_figure(usage, "output_tokens", doubts),
        reasoning_tokens=_figure(output_details, "reasoning_tokens", doubts),
        tool_calls=calls,
        image=image,
        cache_write_tokens=_figure(input_details, "cache_write_tokens", doubts),
        unpainted=image is None and bool(mapping(tool_usage.get("image_gen"))),
        pictures=_picture_usage(usage.get("pictures"), doubts),
        cost=_cost(usage, doubts),
        service_tier=_service_tier(usage.get("service_tier") or response.get("service_tier"), doubts),
    )
    if (told.cached_tokens or 0) + (told.cache_write_tokens or 0) > (told.input_tokens or 0):
        doubts.append("more input from and to the cache than there was")
    if told.output_tokens is not None and (told.reasoning_tokens or 0) > told.output_tokens:
        doubts.append("more reasoning than output")
    return replace(told, doubts=tuple(doubts[:MOST_DOUBTS])) if doubts else told


def _service_tier(value: object, doubts: list[str]) -> str | None:
    told = name_of(value)
    if value is not None and told is None:
        doubts.append("service_tier is not a name")
    return None if told is None or told.lower() in STANDARD_TIERS else told.lower()


def _image_usage(value: object, doubts: list[str]) -> ImageUsage | None:
    row = mapping(value)
    inputs = mapping(row.get("input_tokens_details"))
    cached = mapping(row.get("cached_tokens_details"))
    outputs = mapping(row.get("output_tokens_details"))
    told = ImageUsage(
        input_tokens=_figure(row, "input_tokens", doubts),
        input_text_tokens=_figure(inputs, "text_tokens", doubts),
        input_image_tokens=_figure(inputs, "image_tokens", doubts),
        output_tokens=_figure(row, "output_tokens", doubts),
        output_text_tokens=_figure(outputs, "text_tokens", doubts),
        cached_tokens=_figure(row, "cached_tokens", doubts),
        cached_text_tokens=_figure(cached, "cached_text_tokens", doubts),
        cached_image_tokens=_figure(cached, "cached_image_tokens", doubts),
    )
    if not _figure(row, "total_tokens", doubts) and not told.output_tokens:
        return None  # a service that did not call the image model reports zeros
    if (told.output_text_tokens or 0) > (told.output_tokens or 0):
        doubts.append("more text than output of the image model")
    parts = (told.input_text_tokens or 0) + (told.input_image_tokens or 0)
    if told.input_tokens is not None and parts > told.input_tokens:
        doubts.append("more text and pictures than input of the image model")
    if _more_cached(told):
        doubts.append("more input of the image model from the cache than there was")
    return told


def _more_cached(told: ImageUsage) -> bool:
    parts = (told.cached_text_tokens or 0) + (told.cached_image_tokens or 0)
    pairs = (
        (max(told.cached_tokens or 0, parts), told.input_tokens),
        (told.cached_text_tokens or 0, told.input_text_tokens),
        (told.cached_image_tokens or 0, told.input_image_tokens),
    )
    return any(cached > 0 if whole is None else cached > whole for cached, whole in pairs)


def _picture_usage(value: object, doubts: list[str]) -> PictureUsage | None:
    row = mapping(value)
    if not row:
        return None
    return PictureUsage(
        made=_figure(row, "made", doubts),
        given=_figure(row, "given", doubts),
        width=_figure(row, "width", doubts),
        height=_figure(row, "height", doubts),
        size_class=name_of(row.get("size_class")),
    )


def _tool_calls(usage: Mapping[str, Any], tool_usage: Mapping[str, Any], doubts: list[str]) -> dict[str, int]:
    rows = mapping(usage.get("x_tools"))
    calls: dict[str, int] = {}
    for name, row in rows.items():
        count = _figure(mapping(row), "count", doubts)
        if len(calls) >= MOST_TOOLS or not _TOOL.fullmatch(name):
            doubts.append("it names a tool that can't be one")
            break
        if not isinstance(row, dict):
            doubts.append("a tool without a count")
        if count:
            calls[name] = count
    if searches := _figure(mapping(tool_usage.get("web_search")), "num_requests", doubts):
        calls["web_search"] = searches
    return calls


def _cost(usage: Mapping[str, Any], doubts: list[str]) -> Decimal | None:
    """Read what a service says that it charged, as OpenRouter does.

    Whoever has left a key of a maker's own there is charged a fee by OpenRouter (`cost`) and the rest by that maker.
    """
    told = usage.get("cost")
    cost = amount(told)
    upstream = mapping(usage.get("cost_details")).get("upstream_inference_cost")
    theirs = amount(upstream) if usage.get("is_byok") is True and upstream is not None else Decimal(0)
    if told is None:
        return None
    if cost is None or theirs is None:
        doubts.append("cost is not an amount")
        return None
    if cost < 0 or theirs < 0:
        doubts.append("a figure is negative")
    return cost + theirs


def _figure(row: Mapping[str, Any], name: str, doubts: list[str]) -> int | None:
    """Read how many; what is there and is no count is nothing, and a doubt."""
    value = row.get(name)
    count = integer(value)
    if count is not None and count >= 0:
        return count
    if value is not None:
        doubts.append(f"{name} is not a count")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A fault as the service told it. What it did not tell is None.

    Attributes:
        http_status: The status of the HTTP answer; None where the fault came in the body of a good one.
        type: OpenAI's class of fault, e.g. `image_generation_user_error`.
        code: The service's code, e.g. `InvalidApiKey`, `moderation_blocked`.
        message: Its text, as it came: cut and clean it before anyone reads it.
        param: The field of the request that it is about.
        moderation_stage: Whether the `input` or the `output` was refused.
        moderation_categories: What it was refused for.
        retry_after: Seconds after which the service wants to be asked again.
    """

    http_status: int | None = None
    type: str | None = None
    code: str | None = None
    message: str | None = None
    param: str | None = None
    moderation_stage: str | None = None
    moderation_categories: tuple[str, ...] = ()
    retry_after: float | None = None


def read_failure(body: object, *, http_status: int | None = None, retry_after: float | None = None) -> Failure:
    """Read a fault from an error body, an `error` event, or the `error` of a response or an item.

    OpenAI nests it (`{"error": {"code", "message", …}}`), DashScope mostly does not (`{"code", "message"}`), and
    servers in between say `{"error": "…"}` or `{"detail": "…"}`. OpenRouter writes the HTTP status as the code, and the
    telling word beside it or into `metadata`.
    """
    outer = mapping(body)
    inner = mapping(outer.get("error"))
    row = inner or outer
    metadata = mapping(row.get("metadata")) or mapping(outer.get("metadata"))
    moderation = _moderation(row, metadata)
    return Failure(
        http_status=http_status,
        # An event's own type is `error`, a failed response's nothing: neither classifies the fault.
        type=name_of(inner.get("type"))
        or (name_of(outer.get("type")) if outer.get("type") != "error" else None)
        or _typed(outer, row, metadata),
        code=_code(row.get("code")),
        message=_message_of(row, outer),
        param=name_of(row.get("param")) or _field_in_question(outer),
        moderation_stage=name_of(moderation.get("moderation_stage")),
        moderation_categories=tuple(
            c for entry in sequence(moderation.get("categories"))[:MOST_CATEGORIES] if (c := name_of(entry))
        ),
        retry_after=retry_after,
    )


def _moderation(row: Mapping[str, Any], metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what was refused and why, in OpenAI's words; of OpenRouter, that flags the input alone, in its own."""
    if "flagged_input" in metadata:
        return {"moderation_stage": "input", "categories": metadata.get("reasons")}
    return mapping(row.get("moderation_details"))


def _typed(*rows: Mapping[str, Any]) -> str | None:
    """Give OpenRouter's word for a fault, which says more than its code."""
    words_told = (name_of(row.get(name)) for name in ("limit_source", "error_type") for row in rows)
    return next((word for word in words_told if word), None)


def _message_of(row: Mapping[str, Any], outer: Mapping[str, Any]) -> str | None:
    told = (row.get("message"), outer.get("error"), outer.get("detail"))
    said = next((text for value in told if (text := words(value, LONGEST_TEXT))), None)
    return said or "; ".join(_complaints(outer)) or None


def _complaints(outer: Mapping[str, Any]) -> list[str]:
    """Read what FastAPI says of a request that it does not accept: for each field, why."""
    rows = [mapping(row) for row in sequence(outer.get("detail"))[:MOST_COMPLAINTS]]
    told = ((_where(row), words(row.get("msg"), LONGEST_WORDS)) for row in rows)
    return [f"{where}: {why}" if where else why for where, why in told if why]


def _field_in_question(outer: Mapping[str, Any]) -> str | None:
    rows = sequence(outer.get("detail"))
    return name_of(_where(mapping(rows[0]))) if rows else None


def _where(row: Mapping[str, Any]) -> str:
    """Name a field as it stands in the request: `tools.0.size`; that it stood in the body goes without saying."""
    steps = [str(step) for step in sequence(row.get("loc"))[:MOST_STEPS] if isinstance(step, str | int)]
    return ".".join(step[:LONGEST_NAME] for step in (steps[1:] if steps[:1] == ["body"] else steps))


def is_failure(body: Mapping[str, Any]) -> bool:
    """Tell whether a body reports a fault, whatever the HTTP status was."""
    if body.get("status") == "failed" or body.get("error"):
        return True
    return "output" not in body and string(body.get("message")) is not None and _code(body.get("code")) is not None


def _code(value: object) -> str | None:
    """Codes are words; some servers send the HTTP status as a number."""
    return str(number) if (number := integer(value)) is not None else name_of(value)


MOST_HITS = 300
"""The most hits of one call that are kept: several times what anyone asks for, so that no service fills the memory."""

MOST_QUERIES = 100
"""The most queries of one call that are kept."""

LONGEST_WORDS = 2_000
"""The longest title or query that is kept whole, in characters."""

LONGEST_TEXT = 500_000
"""The longest text that is kept whole, in characters: more than any model writes in one answer."""

MOST_ITEMS = 500
"""The most items of one response that are kept."""

MOST_CATEGORIES, MOST_COMPLAINTS, MOST_STEPS = 20, 5, 12
"""The most that is kept of why a request was not accepted."""

SearchKind: TypeAlias = Literal["web_search_image", "image_search", "web_search"]

_SEARCHES: dict[str, SearchKind] = {
    "web_search_image_call": "web_search_image",
    "image_search_call": "image_search",
    "web_search_call": "web_search",
}


_PICTURES = frozenset({"image_generation_call", "openrouter:image_generation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHit:
    """One picture that a search found. What the service did not send is None."""

    url: str
    title: str | None = None
    page_url: str | None = None
    thumbnail_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchItem:
    """One search call. `hits` is None until the service tells them: `()` means that nothing was found.

    `others` counts the results that are no pictures, e.g. pages.
    """

    id: str | None
    status: str | None = None
    queries: tuple[str, ...] = ()
    hits: tuple[FoundHit, ...] | None = None
    others: int = 0
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureItem:
    """One call of the image tool.

    Attributes:
        result: The picture as base64, None until it is there, whatever `status` says.
        address: Where the picture is, for servers that put a URL in the place of the picture.
    """

    id: str | None
    status: str | None = None
    result: str | None = field(default=None, repr=False)
    address: str | None = None
    size: str | None = None
    quality: str | None = None
    format: str | None = None
    background: str | None = None
    revised_prompt: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageItem:
    """What the model wrote; `refusal` where it declined in so many words."""

    id: str | None
    text: str = ""
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningItem:
    """The model thought; about what is not kept."""

    id: str | None


Item: TypeAlias = SearchItem | PictureItem | MessageItem | ReasoningItem


def read_item(value: object) -> Item | None:
    """Read one item; None for kinds that Lightbox has no use for."""
    row = mapping(value)
    kind = string(row.get("type"))
    if mapping(row.get("action")).get("type") in ("open_page", "find_in_page"):
        return None  # OpenAI reports the reading of a page as a search call too
    if kind in _SEARCHES:
        return _search(row, _SEARCHES[kind])
    if kind in _PICTURES:
        return _picture(row)
    if kind == "message":
        return _message(row)
    if kind == "reasoning":
        return ReasoningItem(id=name_of(row.get("id")))
    return None


def _search(row: Mapping[str, Any], kind: SearchKind) -> SearchItem:
    told = embedded(row.get("results" if kind == "web_search" else "output"))
    rows = sequence(told)
    hits = _hits(rows, kind)
    return SearchItem(
        id=name_of(row.get("id")),
        status=name_of(row.get("status")),
        queries=_queries(row),
        hits=hits if isinstance(told, list) else None,
        others=0 if hits else len(rows),
        failure=_item_failure(row),
    )


def _hits(rows: Sequence[Any], kind: SearchKind) -> tuple[FoundHit, ...]:
    """Read what was found, each picture once."""
    first: dict[str, FoundHit] = {}
    for row in rows:
        if hit := _hit(mapping(row), kind):
            first.setdefault(hit.url, hit)
        if len(first) == MOST_HITS:
            break
    return tuple(first.values())


def _hit(row: Mapping[str, Any], kind: SearchKind) -> FoundHit | None:
    # In OpenAI's results `url` is the page of a text result; only `image_url` is a picture's.
    url = web_url(row.get("image_url" if kind == "web_search" else "url"))
    if url is None:
        return None
    return FoundHit(
        url=url,
        title=_words(row.get("title")) or _words(row.get("caption")),
        page_url=web_url(row.get("source_website_url")),
        thumbnail_url=web_url(row.get("thumbnail_url")),
    )


def _queries(row: Mapping[str, Any]) -> tuple[str, ...]:
    told = mapping(embedded(row.get("arguments"))) or mapping(row.get("action"))
    several = [query for entry in sequence(told.get("queries"))[:MOST_QUERIES] if (query := _words(entry))]
    one = _words(told.get("query"))
    return tuple(several) if several else (one,) if one else ()


def _words(value: object) -> str | None:
    """Give a title or a query, cut where it is longer than anyone reads."""
    return words(value, LONGEST_WORDS)


def _picture(row: Mapping[str, Any]) -> PictureItem:
    result = _result(row)
    return PictureItem(
        id=name_of(row.get("id")),
        status=name_of(row.get("status")),
        result=result,
        address=web_url(result),
        size=name_of(row.get("size")),
        quality=name_of(row.get("quality")),
        format=name_of(row.get("output_format")),
        background=name_of(row.get("background")),
        revised_prompt=words(row.get("revised_prompt") or row.get("revisedPrompt") or row.get("prompt"), LONGEST_TEXT),
        failure=_item_failure(row),
    )


def _result(row: Mapping[str, Any]) -> str | None:
    """Give a picture as base64, as a data URI, or as the address that it lies at; of several, what is there at once."""
    told = [text for name in ("result", "imageB64", "imageUrl") if (text := string(row.get(name)))]
    return next((text for text in told if web_url(text) is None), told[0] if told else None)


def _message(row: Mapping[str, Any]) -> MessageItem:
    content = row.get("content")
    name = name_of(row.get("id"))
    if isinstance(content, str):
        return MessageItem(id=name, text=whole(content[:LONGEST_TEXT]))
    parts = [mapping(part) for part in sequence(content)]
    texts = [text for part in parts if isinstance(text := part.get("text"), str)]
    refusals = [refusal for part in parts if (refusal := string(part.get("refusal")))]
    return MessageItem(
        id=name,
        text=whole("".join(texts)[:LONGEST_TEXT]),
        refusal="".join(refusals)[:LONGEST_TEXT] or None,
    )


def _item_failure(row: Mapping[str, Any]) -> Failure | None:
    return read_failure({"error": row["error"]}) if row.get("error") else None


ENDED = frozenset({"completed", "incomplete", "failed", "cancelled"})
"""Statuses after which nothing more comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response as far as it is known. What the service did not send is None."""

    id: str | None = None
    status: str | None = None
    incomplete_reason: str | None = None
    items: tuple[Item, ...] = ()
    usage: Usage | None = None
    failure: Failure | None = None

    @property
    def searches(self) -> tuple[SearchItem, ...]:
        """The search calls, in their order."""
        return tuple(item for item in self.items if isinstance(item, SearchItem))

    @property
    def pictures(self) -> tuple[PictureItem, ...]:
        """The calls of the image tool, in their order."""
        return tuple(item for item in self.items if isinstance(item, PictureItem))

    @property
    def message(self) -> MessageItem | None:
        """The last message; earlier ones only announce what the model is about to do."""
        messages = [item for item in self.items if isinstance(item, MessageItem)]
        return messages[-1] if messages else None

    @property
    def text(self) -> str:
        """The text of the last message, `""` if there is none. URLs in it may be invented: never take them from it."""
        return self.message.text if self.message else ""


def read_response(value: object) -> Response:
    """Read a response body. Its own `status` and `error` decide whether it failed, not the HTTP status."""
    body = mapping(value)
    failed = is_failure(body)
    return Response(
        id=name_of(body.get("id")),
        status=_status(body, failed=failed),
        incomplete_reason=words(mapping(body.get("incomplete_details")).get("reason"), LONGEST_NAME),
        items=tuple(item for entry in sequence(body.get("output"))[:MOST_ITEMS] if (item := read_item(entry))),
        usage=read_usage(body),
        failure=read_failure({"error": body["error"]} if body.get("error") else body) if failed else None,
    )


def _status(body: Mapping[str, Any], *, failed: bool) -> str | None:
    if failed:
        return "failed"
    return name_of(body.get("status"))
