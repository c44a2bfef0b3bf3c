"""The search calls: DashScope's `web_search_image` and `image_search`, and images from OpenAI's `web_search`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from . import items
from .dialects import Json
from .faults import Fault
from .items import new_id
from .studio import Hit, Studio
from .turn import Turn
from .writer import Writer

USUAL_HITS: Final = 30
MOST_HITS: Final = 100
WEB_HITS: Final = 8
WHOLE: Final = (0, 0, 1000, 1000)
MOST_SEARCHES: Final = 3

_QUOTED: Final = re.compile(r"[\"“「『]([^\"”」』]{2,300})[\"”」』]")
_COUNTED: Final = re.compile(
    r"\b(\d{1,4})\s+(?:\w+\s+){0,2}?(?:images?|pictures?|photos?|results?|hits?)\b|(\d{1,4})\s*[张个幅]", re.IGNORECASE
)
_ORDER: Final = re.compile(
    r"^\s*(?:please\s+)?(?:(?:can|could) you\s+)?(?:search|find|look|show|get)(?:\s+(?:me|up|the web|online|once))*"
    r"(?:\s+for)?(?:\s+(?:some|up to|about|at least|\d+))*"
    r"(?:\s+(?:images?|pictures?|photos?)(?:\s+(?:of|about|for|showing))?)?[:\s]+",
    re.IGNORECASE,
)
_FIRST_SENTENCE: Final = re.compile(r"^(.+?)(?:[.!?](?:\s|$)|[。！？\n]|$)", re.DOTALL)  # noqa: RUF001 - Chinese marks are meant
_ONCE: Final = re.compile(r"\bonce\b|一次", re.IGNORECASE)


async def write_text_search(writer: Writer, studio: Studio, turn: Turn, fault: Fault) -> int:
    """Search by words as DashScope does; give the number of billed searches."""
    limit = _limit(turn.text)
    searches = queries_of(turn.text)
    for queries in searches:
        index, call = writer.dashscope_call("web_search_image", {"queries": queries})
        hits = await studio.search(queries, limit, fault.hits)
        writer.finish(index, items.dashscope_output(call, _rows(hits)))
    return len(searches)


async def write_image_search(writer: Writer, studio: Studio, turn: Turn, fault: Fault) -> int:
    """Search by picture as DashScope does, once for each one shown; give the number of billed searches."""
    writer.message("[sandbox] Let me look for similar pictures.")
    for number, picture in enumerate(turn.subjects):
        index, call = writer.dashscope_call("image_search", {"img_idx": number, "bbox": list(WHOLE)})
        hits = await studio.similar(picture, _limit(turn.text), None, fault.hits)
        writer.finish(index, items.dashscope_output(call, _rows(hits)))
    return len(turn.subjects)


async def write_web_search(writer: Writer, studio: Studio, turn: Turn, tool: Json, fault: Fault) -> list[Hit]:
    """Search the web as OpenAI does, for images where they are asked for; give what was found."""
    query = queries_of(turn.text, single=True)[0][0]
    item_id = new_id("ws")
    index = writer.begin(items.web_search_call(item_id, query, "in_progress"))
    at = {"output_index": index, "item_id": item_id}
    writer.event("response.web_search_call.in_progress", **at)
    writer.event("response.web_search_call.searching", **at)
    settings = cast("dict[str, Any]", tool.get("image_settings") or {})
    limit = min(MOST_HITS, int(settings.get("max_results") or WEB_HITS))
    hits = await studio.search([query], limit, fault.hits)
    writer.event("response.web_search_call.completed", **at)
    item = items.web_search_call(item_id, query, "completed")
    if "web_search_call.results" in (turn.request.include or ()) and "image" in _content_types(tool):
        item["results"] = [_image_result(hit, caption=bool(settings.get("caption"))) for hit in hits]
    writer.finish(index, item)
    return hits


def queries_of(text: str, *, single: bool = False) -> list[list[str]]:
    """Give the queries of each search that a text leads to.

    What is quoted is the query; else the first sentence without its order to search. A bag of keywords makes several
    searches, as it does with the real model, unless the text says to search once.
    """
    quoted = _QUOTED.findall(text)
    if quoted:
        return [quoted[:1] if single else quoted]
    sentence = _FIRST_SENTENCE.match(text.strip())
    query = _ORDER.sub("", sentence.group(1) if sentence else text).strip(" :,;，；") or text.strip() or "picture"  # noqa: RUF001 - Chinese marks are meant
    keywords = [word.strip() for word in re.split(r"[,;，；、]", query) if word.strip()]  # noqa: RUF001 - as above
    if single or len(keywords) < MOST_SEARCHES or _ONCE.search(text):
        return [[query]]
    return [[keyword] for keyword in keywords[:MOST_SEARCHES]]


def _limit(text: str) -> int:
    match = _COUNTED.search(text)
    asked = int(match.group(1) or match.group(2)) if match else USUAL_HITS
    return max(1, min(MOST_HITS, asked))


def _rows(hits: Sequence[Hit]) -> list[Json]:
    return [{"title": hit.title, "url": hit.url, "index": number} for number, hit in enumerate(hits, 1)]


def _content_types(tool: Json) -> Sequence[str]:
    return cast("Sequence[str]", tool.get("search_content_types") or ("text",))


def _image_result(hit: Hit, *, caption: bool) -> Json:
    result = {
        "type": "image_result",
        "image_url": hit.url,
        "thumbnail_url": hit.thumbnail_url,
        "source_website_url": hit.page_url,
    }
    return result | {"caption": hit.title} if caption else result
