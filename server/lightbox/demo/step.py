"""One tool call as the demo tells it: what was asked, what came, and the pictures to show for it."""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from mcp.types import CallToolResult, ImageContent, TextContent

from lightbox.demo.shown import Shown

HANDLE = re.compile(r"\bimg_[0-9A-Za-z]{10}\b")

Layout = Literal["grid", "one", "before and after"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered: text, structured data and pictures, as the client received them."""

    text: str
    data: Mapping[str, Any]
    pictures: tuple[Shown, ...]
    failed: bool

    @classmethod
    def of(cls, result: CallToolResult) -> Answer:
        """Read a tool's result."""
        texts = [block.text for block in result.content if isinstance(block, TextContent)]
        pictures = [block for block in result.content if isinstance(block, ImageContent)]
        return cls(
            text="\n".join(texts),
            data=result.structured_content or {},
            pictures=tuple(Shown(base64.b64decode(picture.data), picture.mime_type) for picture in pictures),
            failed=bool(result.is_error),
        )

    @property
    def handles(self) -> list[str]:
        """The handles that the answer names, in their order."""
        return list(dict.fromkeys(HANDLE.findall(self.text)))


@dataclass(slots=True)
class Step:
    """One tool call: why it is made, what was asked, what came and how long it took (seconds)."""

    tool: str
    why: str
    arguments: Mapping[str, Any]
    answer: Answer
    seconds: float
    failed: bool = False
    refused: bool = False
    title: str = ""
    messages: tuple[str, ...] = ()
    layout: Layout = "one"
    shown: list[Shown] = field(default_factory=list[Shown])

    @property
    def asked(self) -> str:
        """The arguments on one line, long ones shortened."""
        parts = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in self.arguments.items())
        return ", ".join(textwrap.shorten(part, 60, placeholder=" …") for part in parts)

    @property
    def cost(self) -> str | None:
        """What the call did cost, or what it will, where the answer says so."""
        cost = self.answer.data.get("cost")
        if isinstance(cost, dict):
            billed: Any = cast("dict[str, Any]", cost).get("billed")
            return None if billed is None else f"{billed} {cast('dict[str, Any]', cost).get('currency') or ''}".strip()
        line = re.search(r"^cost: ([^;,\n]+)", self.answer.text, re.MULTILINE)
        return line.group(1) if line else None

    @property
    def came(self) -> str:
        """The answer in a few words: how many hits, what was found wrong, or the text's first line."""
        data = self.answer.data
        if self.failed or "hits" not in data:
            lines = (line.strip() for line in self.answer.text.splitlines())
            first = next((line for line in lines if line and not line.startswith("<") and not line.endswith(":")), "")
            return textwrap.shorten(first, 100, placeholder=" …")
        return f"{len(data['hits'])} hits of {data.get('found') or '?'} found"


@dataclass(frozen=True, slots=True)
class Story:
    """The whole tour: its steps, who answered in which version of the protocol, and how long it took (seconds)."""

    steps: list[Step]
    server: str
    protocol: str
    seconds: float
