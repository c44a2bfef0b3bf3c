"""The items of a response's output: searches, pictures, messages, thoughts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from lightbox.wire.failure import Failure, read_failure
from lightbox.wire.fields import embedded, mapping, sequence, string, web_url, whole

SearchKind: TypeAlias = Literal["web_search_image", "image_search", "web_search"]

_SEARCHES: dict[str, SearchKind] = {
    "web_search_image_call": "web_search_image",
    "image_search_call": "image_search",
    "web_search_call": "web_search",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHit:
    """One picture that a search found. What the service did not send is None."""

    url: str
    title: str | None = None
    page_url: str | None = None
    thumbnail_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchItem:
    """One search call. `hits` is None until the service tells them: `()` means that nothing was found."""

    id: str | None
    kind: SearchKind
    status: str | None = None
    queries: tuple[str, ...] = ()
    hits: tuple[FoundHit, ...] | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureItem:
    """One call of the image tool. `result` is base64, None until the picture is there, whatever `status` says."""

    id: str | None
    status: str | None = None
    result: str | None = field(default=None, repr=False)
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
    if kind == "image_generation_call":
        return _picture(row)
    if kind == "message":
        return _message(row)
    if kind == "reasoning":
        return ReasoningItem(id=string(row.get("id")))
    return None


def merge_hits(hits: Iterable[FoundHit]) -> tuple[FoundHit, ...]:
    """Keep the first of the hits that share a URL, in their order."""
    first: dict[str, FoundHit] = {}
    for hit in hits:
        first.setdefault(hit.url, hit)
    return tuple(first.values())


def _search(row: Mapping[str, Any], kind: SearchKind) -> SearchItem:
    told = embedded(row.get("results" if kind == "web_search" else "output"))
    hits = tuple(hit for entry in sequence(told) if (hit := _hit(mapping(entry), kind)))
    return SearchItem(
        id=string(row.get("id")),
        kind=kind,
        status=string(row.get("status")),
        queries=_queries(row),
        hits=hits if isinstance(told, list) else None,
        failure=_item_failure(row),
    )


def _hit(row: Mapping[str, Any], kind: SearchKind) -> FoundHit | None:
    # In OpenAI's results `url` is the page of a text result; only `image_url` is a picture's.
    url = web_url(row.get("image_url" if kind == "web_search" else "url"))
    if url is None:
        return None
    return FoundHit(
        url=url,
        title=string(row.get("title")) or string(row.get("caption")),
        page_url=web_url(row.get("source_website_url")),
        thumbnail_url=web_url(row.get("thumbnail_url")),
    )


def _queries(row: Mapping[str, Any]) -> tuple[str, ...]:
    told = mapping(embedded(row.get("arguments"))) or mapping(row.get("action"))
    several = [query for entry in sequence(told.get("queries")) if (query := string(entry))]
    one = string(told.get("query"))
    return tuple(several) if several else (one,) if one else ()


def _picture(row: Mapping[str, Any]) -> PictureItem:
    return PictureItem(
        id=string(row.get("id")),
        status=string(row.get("status")),
        result=string(row.get("result")),
        size=string(row.get("size")),
        quality=string(row.get("quality")),
        format=string(row.get("output_format")),
        background=string(row.get("background")),
        revised_prompt=string(row.get("revised_prompt")),
        failure=_item_failure(row),
    )


def _message(row: Mapping[str, Any]) -> MessageItem:
    content = row.get("content")
    if isinstance(content, str):
        return MessageItem(id=string(row.get("id")), text=whole(content))
    parts = [mapping(part) for part in sequence(content)]
    texts = [text for part in parts if isinstance(text := part.get("text"), str)]
    refusals = [refusal for part in parts if (refusal := string(part.get("refusal")))]
    return MessageItem(id=string(row.get("id")), text=whole("".join(texts)), refusal="".join(refusals) or None)


def _item_failure(row: Mapping[str, Any]) -> Failure | None:
    return read_failure({"error": row["error"]}) if row.get("error") else None
