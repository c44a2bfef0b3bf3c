"""Writes a response: its items and, in the same breath, the events that tell of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from . import items
from .dialects import Dialect, Json
from .items import new_id
from .memory import KeptResponse

WORDS_PER_DELTA: Final = 6


class Writer:
    """Puts items into a record's response and events into its log, in the order of the wire."""

    def __init__(self, record: KeptResponse) -> None:
        self._record = record

    @property
    def dialect(self) -> Dialect:
        """Whose events are written."""
        return self._record.dialect

    @property
    def response(self) -> Json:
        """The response as far as it has come."""
        return self._record.response

    def event(self, kind: str, **fields: Any) -> None:
        """Tell of something."""
        self._record.log.append(kind, fields)

    def state(self, kind: str) -> None:
        """Tell how the whole response stands, e.g. `response.created`."""
        response = self._record.response
        output: list[Json] = response["output"]
        if self.dialect == "dashscope":
            # That service's closing event has no thoughts in it, although they were told of before.
            output = [item for item in output if item["type"] != "reasoning"]
        self.event(kind, response=response | {"output": list(output)})

    def begin(self, item: Json) -> int:
        """Add an item that is not finished; give its place in the output."""
        output: list[Json] = self._record.response["output"]
        output.append(item)
        self.event("response.output_item.added", output_index=len(output) - 1, item=item)
        return len(output) - 1

    def finish(self, index: int, item: Json) -> None:
        """Put the finished item in its place."""
        self._record.response["output"][index] = item
        self.event("response.output_item.done", output_index=index, item=item)

    def reasoning(self, summary: str | None) -> None:
        """Write what the model thought, as a summary where one is wanted."""
        item_id = new_id("rs" if self.dialect == "openai" else "msg")
        index = self.begin(items.reasoning(item_id, None))
        if summary:
            self._summary(index, item_id, summary)
        self.finish(index, items.reasoning(item_id, summary))

    def message(self, text: str, *, status: str = "completed", annotations: Sequence[Json] = ()) -> None:
        """Write a message, a few words at a time."""
        item_id = new_id("msg")
        index = self.begin(items.message(item_id, "in_progress", []))
        at = {"output_index": index, "content_index": 0, "item_id": item_id}
        probabilities = {"logprobs": list[Any]()} if self.dialect == "openai" else {}
        self.event("response.content_part.added", **at, part=items.output_text(""))
        for delta in _pieces(text):
            self.event("response.output_text.delta", **at, delta=delta, **probabilities)
        for number, annotation in enumerate(annotations):
            self.event("response.output_text.annotation.added", **at, annotation_index=number, annotation=annotation)
        part = items.output_text(text, annotations)
        self.event("response.output_text.done", **at, text=text, **probabilities)
        self.event("response.content_part.done", **at, part=part)
        self.finish(index, items.message(item_id, status, [part]))

    def function_call(self, name: str, arguments: str) -> None:
        """Ask the client to call its function."""
        item_id, call_id = new_id("fc"), new_id("call")
        index = self.begin(items.function_call(item_id, call_id, name, "", "in_progress"))
        at = {"output_index": index, "item_id": item_id}
        for delta in _pieces(arguments):
            self.event("response.function_call_arguments.delta", **at, delta=delta)
        self.event("response.function_call_arguments.done", **at, arguments=arguments)
        self.finish(index, items.function_call(item_id, call_id, name, arguments, "completed"))

    def dashscope_call(self, name: str, arguments: Json) -> tuple[int, Json]:
        """Begin one of DashScope's image searches; give its place and the item."""
        call = items.dashscope_call(new_id("msg"), name, arguments)
        return self.begin(call), call

    def _summary(self, index: int, item_id: str, text: str) -> None:
        at = {"output_index": index, "item_id": item_id, "summary_index": 0}
        if self.dialect == "openai":
            self.event("response.reasoning_summary_part.added", **at, part={"type": "summary_text", "text": ""})
        self.event("response.reasoning_summary_text.delta", **at, delta=text)
        self.event("response.reasoning_summary_text.done", **at, text=text)
        if self.dialect == "openai":
            self.event("response.reasoning_summary_part.done", **at, part={"type": "summary_text", "text": text})


def to_json(value: object) -> str:
    """Encode a value as JSON text."""
    return json.dumps(value, ensure_ascii=False)


def _pieces(text: str) -> list[str]:
    words = re.findall(r"\s*\S+|\s+$", text)
    return ["".join(words[start : start + WORDS_PER_DELTA]) for start in range(0, len(words), WORDS_PER_DELTA)]
