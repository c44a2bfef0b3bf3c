"""The work on one response: think, call a tool, say something, count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from lightbox.costs.counting.use import text_tokens

from . import consumption
from .choice import WEB_SEARCH
from .dialects import Json, tool_type
from .faults import Fault
from .functions import arguments_for, fill
from .imaging import MARK, write_image
from .search_calls import write_image_search, write_text_search, write_web_search
from .studio import Finding, Studio
from .turn import Turn
from .uploads import FileStore
from .writer import Writer, to_json

MOST_QUOTED: Final = 600

_ONE_WORD: Final = re.compile(r"\bone word,? [\u201c\"'](\w+)", re.IGNORECASE)


@dataclass
class Consumption:
    """What the work on one response has used up so far."""

    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    searches: dict[str, int] = field(default_factory=dict[str, int])
    web_searches: int = 0
    image: Json = field(default_factory=consumption.image_usage)


@dataclass
class Answering:
    """Writes the answer to one turn.

    Attributes:
        tool: The tool to call, None to answer in words.
        consumed: What the answer has used up so far.
        cut_short: Whether `max_output_tokens` ended the answer before its end.
    """

    turn: Turn
    tool: Json | None
    writer: Writer
    studio: Studio
    files: FileStore
    fault: Fault
    consumed: Consumption = field(default_factory=Consumption)
    cut_short: bool = False

    async def run(self) -> None:
        """Write the whole answer."""
        self._think()
        tool = None if self.fault.calls == "none" or self.fault.refusal == "empty" else self.tool
        if tool is None:
            await self._speak()
            return
        kind = tool_type(tool)
        if kind == "function":
            self._call_function(tool)
        elif kind == "image_generation":
            await self._make_picture(tool)
        elif kind in WEB_SEARCH:
            await self._search_web(tool)
        else:
            await self._search_images(kind)

    def _think(self) -> None:
        request = self.turn.request
        if not request.thinks:
            return
        wants_summary = self.turn.dialect == "dashscope" or bool(request.reasoning and request.reasoning.summary)
        self.writer.reasoning(f"{MARK} Thinking about what to do." if wants_summary else None)
        thought = min(consumption.REASONING_TOKENS, request.max_output_tokens or consumption.REASONING_TOKENS)
        self.consumed.reasoning_tokens += thought
        self.consumed.output_tokens += thought

    def _call_function(self, tool: Json) -> None:
        name, arguments = str(tool["name"]), arguments_for(tool, self.turn.due or self.turn.text, self.turn.named)
        self.consumed.output_tokens += consumption.words([name, arguments])
        self.writer.function_call(name, arguments)

    async def _make_picture(self, tool: Json) -> None:
        self.consumed.image = await write_image(self.writer, self.studio, self.files, self.turn, tool, self.fault)
        self._say(f"{MARK} Painted by the Lightbox sandbox: no service was asked.")

    async def _search_web(self, tool: Json) -> None:
        hits = await write_web_search(self.writer, self.studio, self.turn, tool, self.fault)
        self.consumed.web_searches += 1
        self._read(hits)
        word = self._one_word()
        self._say(*((word, ()) if word else _cited(hits)))

    async def _search_images(self, kind: str) -> None:
        search = write_image_search if kind == "image_search" and self.turn.subjects else write_text_search
        name = "image_search" if search is write_image_search else "web_search_image"
        found = await search(self.writer, self.studio, self.turn, self.fault)
        self.consumed.searches[name] = len(found)
        hits = [hit for hits in found for hit in hits]
        self._read(hits)
        self._say(self._one_word() or _summary(hits))

    def _read(self, hits: Sequence[Finding]) -> None:
        """Count what the model reads of the hits before it answers."""
        self.consumed.input_tokens += consumption.words([f"{hit.title} {hit.url}" for hit in hits])

    def _one_word(self) -> str | None:
        """Give the word that the client wants for an answer, if it wants but one."""
        match = _ONE_WORD.search(self.turn.text)
        return f"{MARK} {match.group(1)}" if match else None

    async def _speak(self) -> None:
        if self.fault.refusal == "empty":
            self._say(f"{MARK} Sorry, I can't help with that picture.")
            return
        answer = self._structured()
        self._say(answer if answer is not None else await self._words())

    def _structured(self) -> str | None:
        """Answer in JSON where the client asks for it; the schema leaves no room to say who speaks."""
        form = self.turn.request.text.format
        if form.type == "json_schema":
            return to_json(fill(form.schema_ or {}, self.turn.text))
        if form.type == "json_object":
            return to_json({"sandbox": True, "text": self.turn.text[:MOST_QUOTED]})
        return None

    async def _words(self) -> str:
        turn = self.turn
        said: list[str] = []
        if turn.answered:
            said.append(f"The functions answered: {' | '.join(turn.outputs)[:MOST_QUOTED]}")
        pictures = turn.shown or (() if turn.answered else turn.subjects)
        if pictures:
            said.append(await self.studio.describe(pictures, turn.text))
        if not said:
            said.append(f"No model is here, only the Lightbox sandbox. You said: {turn.text[:MOST_QUOTED]}")
        text = "\n".join(said)
        return text if text.startswith(MARK) else f"{MARK} {text}"

    def _say(self, text: str, annotations: Sequence[Json] = ()) -> None:
        limit = self.turn.request.max_output_tokens
        room = None if limit is None else limit - self.consumed.output_tokens
        if room is not None and text_tokens(text) > room:
            self.cut_short = True
            text, annotations = _shortened(text, max(0, room)), ()
        self.consumed.output_tokens += text_tokens(text)
        if text:
            self.writer.message(text, status="incomplete" if self.cut_short else "completed", annotations=annotations)


def _summary(hits: Sequence[Finding]) -> str:
    if not hits:
        return f"{MARK} The Lightbox sandbox found nothing in its own library."
    return (
        f"{MARK} The Lightbox sandbox found {len(hits)} pictures in its own library, not on the web. "
        f"The first one is called \u201c{hits[0].title}\u201d. Nobody has looked at them: titles are all that is known."
    )


def _cited(hits: Sequence[Finding]) -> tuple[str, list[Json]]:
    """Word what a web search found, each hit with its citation."""
    text = f"{MARK} Found in the Lightbox sandbox's own library:" if hits else f"{MARK} Nothing was found."
    annotations: list[Json] = []
    for hit in hits:
        start = len(text) + 1
        text = f"{text}\n{hit.title}"
        annotations.append(
            {
                "type": "url_citation",
                "start_index": start,
                "end_index": len(text),
                "title": hit.title,
                "url": hit.page_url,
            }
        )
    return text, annotations


def _shortened(text: str, tokens: int) -> str:
    words = text.split(" ")
    while words and text_tokens(" ".join(words)) > tokens:
        words.pop()
    return " ".join(words)
