"""The search calls: DashScope's `web_search_image` and `image_search`, and images from OpenAI's `web_search`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from . import items
from .choice import web_search
from .dialects import Json
from .faults import Fault
from .items import new_id
from .studio import Finding, Studio
from .turn import Turn
from .writer import Writer

USUAL_HITS: Final = 30
MOST_HITS: Final = 100
WHOLE: Final = (0, 0, 1000, 1000)
MOST_SEARCHES: Final = 3

_QUOTED: Final = re.compile(r"[\"“「『]([^\"”」』]{2,300})[\"”」』]")
_COUNTED: Final = re.compile(
    r"\b(\d{1,4})\s+(?:\w+\s+){0,2}?(?:images?|pictures?|photos?|results?|hits?)\b|(\d{1,4})\s*[张个幅]", re.IGNORECASE
)
_LED: Final = re.compile(r"^\s*(?:please\s+)?(?:search|find|look|show|get)\b[^:\n]{0,160}:\s*([^\n]+)", re.IGNORECASE)
_ORDER: Final = re.compile(
    r"^\s*(?:please\s+)?(?:(?:can|could) you\s+)?(?:search|find|look|show|get)(?:\s+(?:me|up|the web|online|once))*"
    r"(?:\s+for)?(?:\s+(?:some|up to|about|at least|\d+))*"
    r"(?:\s+(?:images?|pictures?|photos?)(?:\s+(?:of|about|for|showing))?)?[:\s]+",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"^(.+?)(?:[.!?](?:\s|$)|[\u3002\uff01\uff1f\n]|$)", re.DOTALL)
_SEPARATORS: Final = re.compile(r"[,;\uff0c\uff1b\u3001]")
_ONCE: Final = re.compile(r"\bonce\b|一次", re.IGNORECASE)


async def write_text_search(writer: Writer, studio: Studio, turn: Turn, fault: Fault) -> list[list[Finding]]:
    """Search by words as DashScope does; give the hits of each billed search."""
    limit = _limit(turn.text)
    found: list[list[Finding]] = []
    for queries in queries_of(turn.text):
        index, call = writer.dashscope_call("web_search_image", {"queries": queries})
        found.append(await studio.search(queries, limit, fault.hits))
        writer.finish(index, items.dashscope_output(call, _rows(found[-1])))
    return found


async def write_image_search(writer: Writer, studio: Studio, turn: Turn, fault: Fault) -> list[list[Finding]]:
    """Search by picture as DashScope does, once for each one shown; give the hits of each billed search."""
    writer.message("[sandbox] Let me look for similar pictures.")
    found: list[list[Finding]] = []
    for number, picture in enumerate(turn.subjects):
        index, call = writer.dashscope_call("image_search", {"img_idx": number, "bbox": list(WHOLE)})
        found.append(await studio.similar(picture, _limit(turn.text), None, fault.hits))
        writer.finish(index, items.dashscope_output(call, _rows(found[-1])))
    return found


async def write_web_search(writer: Writer, studio: Studio, turn: Turn, tool: Json, fault: Fault) -> list[Finding]:
    """Search the web as OpenAI does, for images where they are asked for; give what was found."""
    query = queries_of(turn.text, single=True)[0][0]
    item_id = new_id("ws")
    index = writer.begin(items.web_search_call(item_id, query, "in_progress"))
    at = {"output_index": index, "item_id": item_id}
    writer.event("response.web_search_call.in_progress", **at)
    writer.event("response.web_search_call.searching", **at)
    settings = web_search(tool)
    hits = await studio.search([query], settings.image_settings.max_results, fault.hits)
    writer.event("response.web_search_call.completed", **at)
    item = items.web_search_call(item_id, query, "completed")
    if "web_search_call.results" in (turn.request.include or ()) and "image" in settings.search_content_types:
        item["results"] = [_image_result(hit, caption=settings.image_settings.caption) for hit in hits]
    writer.finish(index, item)
    return hits


def queries_of(text: str, *, single: bool = False) -> list[list[str]]:
    """Give the queries of each search that a text leads to.

    The query is what follows the colon of an order to search; else what is quoted in the first sentence; else that
    sentence without its order. A bag of keywords makes several searches, as it does with the real model, unless the
    text says to search once.
    """
    if led := _LED.match(text):
        query = led.group(1)
    else:
        sentence = _SENTENCE.match(text.strip())
        first = sentence.group(1) if sentence else text
        if quoted := _QUOTED.findall(first):
            return [quoted[:1] if single else quoted]
        query = _ORDER.sub("", first)
    query = query.strip(" .:,;\uff0c\uff1b\u3002") or text.strip() or "picture"
    keywords = [word.strip() for word in _SEPARATORS.split(query) if word.strip()]
    if single or len(keywords) < MOST_SEARCHES or _ONCE.search(text):
        return [[query]]
    return [[keyword] for keyword in keywords[:MOST_SEARCHES]]


def _limit(text: str) -> int:
    match = _COUNTED.search(text)
    asked = int(match.group(1) or match.group(2)) if match else USUAL_HITS
    return max(1, min(MOST_HITS, asked))


def _rows(hits: Sequence[Finding]) -> list[Json]:
    return [{"title": hit.title, "url": hit.url, "index": number} for number, hit in enumerate(hits, 1)]


def _image_result(hit: Finding, *, caption: bool) -> Json:
    result = {
        "type": "image_result",
        "image_url": hit.url,
        "thumbnail_url": hit.thumbnail_url,
        "source_website_url": hit.page_url,
    }
    return result | {"caption": hit.title} if caption else result
