"""The moving picture of a chat in the README, drawn from what the server really answers. `make chat` makes it anew.

The tools' answers, their figures and the pictures are real: a client calls a server whose service is the sandbox, under
OpenAI's name, so that prices are told. What person and assistant say is written here. This is a tool for developers.
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias, cast

import anyio
from mcp import Client
from mcp.types import CallToolResult, ImageContent, TextContent
from PIL import Image, ImageDraw, ImageFont
from PIL.Image import Resampling
from pydantic import SecretStr

from lightbox.app import stdio_server
from lightbox.configuration import configuration_path
from lightbox.settings import Settings
from lightbox_sandbox.server import running_sandbox

TARGET = configuration_path().parent / "server/lightbox/docs/chat.webp"
SIZE = (1_120, 790)  # px
QUERY = "lighthouses and sailing boats by the sea"
CHANGE = "Add a yellow hot-air balloon in the sky"
CHOSEN = "Sailing boat at sunset"
BUDGET = "5 USD/day"

PAPER, INK, QUIET = (255, 255, 255), (28, 30, 34), (110, 116, 125)
BUBBLE, CHIP, LINE, ACCENT, GOOD = (232, 240, 254), (246, 247, 249), (224, 227, 232), (36, 99, 235), (22, 130, 74)
MARGIN, GAP, PADDING = 44, 22, 18  # px
TYPED = 4
"""In how many frames a sentence is typed."""

Frame: TypeAlias = tuple[Image.Image, int]
"""A picture, and for how many milliseconds it is shown."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the tools answered."""

    found: int
    search_cost: str
    sheet: Image.Image
    number: int
    expected: str
    edited: Image.Image
    size: str
    edit_cost: str
    spent: str


async def ask() -> Told:
    """Search, look, price and edit, with a real client."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running_sandbox(state_dir=Path(folder) / "sandbox") as sandbox:
            settings = Settings.model_construct(
                openai_api_key=SecretStr("sandbox"),
                openai_base_url=sandbox.base_url,
                fetch_allow=(sandbox.base_url.split("/")[2],),
                budget=(BUDGET,),
                state_dir=Path(folder) / "state",
                image_dir=Path(folder) / "pictures",
                wait_seconds=300,
            )
            async with Client(stdio_server(settings)) as client:
                return await _talk(client)


async def _talk(client: Client) -> Told:
    searched = await _call(client, "search_images", query=QUERY, count=6)
    hits = cast("list[dict[str, Any]]", (searched.structured_content or {})["hits"])
    chosen = next((hit for hit in hits if str(hit["title"]).startswith(CHOSEN)), hits[0])
    seen = await _call(client, "view_images", images=[hit["image"] for hit in hits])
    edit: dict[str, Any] = {
        "images": [chosen["image"]],
        "prompt": CHANGE,
        "area": "top right quarter",
        "size": "1280x720",
    }
    priced = await _call(client, "estimate_cost", tool="edit_image", arguments=edit)
    edited = await _call(client, "edit_image", **edit)
    spent = await _call(client, "get_spending")
    return Told(
        found=len(hits),
        search_cost=_amount(r"cost: ([\d.]+)", searched),
        sheet=_picture(seen),
        number=hits.index(chosen) + 1,
        expected=_amount(r"([\d.]+) USD expected", priced),
        edited=_picture(edited),
        size=_match(r"(\d+x\d+) px", edited),
        edit_cost=_amount(r"cost: ([\d.]+)", edited),
        spent=_amount(r"([\d.]+) USD", spent),
    )


async def _call(client: Client, tool: str, /, **arguments: Any) -> CallToolResult:
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        raise RuntimeError(_text(result))
    return result


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def _match(pattern: str, result: CallToolResult) -> str:
    found = re.search(pattern, _text(result))
    if found is None:
        raise RuntimeError(f"{pattern} is not in: {_text(result)}")
    return found[1]


def _amount(pattern: str, result: CallToolResult) -> str:
    return f"{float(_match(pattern, result)):.4f}"


def _picture(result: CallToolResult) -> Image.Image:
    block = next(block for block in result.content if isinstance(block, ImageContent))
    return Image.open(BytesIO(base64.b64decode(block.data))).convert("RGB")


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _lines(text: str, size: int, width: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if _font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _canvas(height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIZE[0], height), PAPER)
    return image, ImageDraw.Draw(image)


def person(text: str, shown: str | None = None) -> Image.Image:
    """Draw what the person says, on the right; `shown` is as much of it as is typed by now."""
    lines = _lines(text, 27, 640)
    width = max(_font(27).getlength(line) for line in lines)
    image, draw = _canvas(len(lines) * 38 + 2 * PADDING)
    left = SIZE[0] - MARGIN - width - 2 * PADDING
    draw.rounded_rectangle((left, 0, SIZE[0] - MARGIN, image.height - 1), 22, BUBBLE)
    for number, line in enumerate(_lines(shown, 27, 640) if shown is not None else lines):
        draw.text((left + PADDING, PADDING - 3 + number * 38), line, INK, _font(27))
    return image


def assistant(text: str) -> Image.Image:
    """Draw what the assistant says, on the left."""
    lines = _lines(text, 27, 880)
    image, draw = _canvas(len(lines) * 38)
    for number, line in enumerate(lines):
        draw.text((MARGIN, number * 38), line, INK, _font(27))
    return image


def tool(name: str, about: str, cost: str = "", *, done: bool = True) -> Image.Image:
    """Draw the call of a tool: whether it is done, its name, what it does, and its price."""
    image, draw = _canvas(54)
    draw.rounded_rectangle((MARGIN, 0, SIZE[0] - MARGIN, 53), 12, CHIP, LINE)
    draw.ellipse((MARGIN + 18, 19, MARGIN + 34, 35), GOOD if done else PAPER, GOOD if done else QUIET, 3)
    draw.text((MARGIN + 50, 12), name, ACCENT, _font(24))
    draw.text((MARGIN + 66 + _font(24).getlength(name), 12), about, QUIET, _font(24))
    draw.text((SIZE[0] - MARGIN - 18 - _font(24).getlength(cost), 12), cost, INK, _font(24))
    return image


def picture(shown: Image.Image, height: int) -> Image.Image:
    """Draw a picture with round corners."""
    width = round(shown.width * height / shown.height)
    image, _ = _canvas(height)
    corners = Image.new("L", (width, height), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, width - 1, height - 1), 14, 255)
    scaled = shown.resize((width, height), Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] - Pillow's own
    image.paste(scaled, (MARGIN, 0), corners)
    return image


def stacked(blocks: Sequence[Image.Image], down: int = 0) -> Image.Image:
    """Put blocks below one another; what does not fit has gone out at the top, or is `down` px short of that."""
    height = sum(block.height + GAP for block in blocks) + GAP
    top = min(0, SIZE[1] - height) + GAP + down
    image, _ = _canvas(SIZE[1])
    for block in blocks:
        image.paste(block, (0, top))
        top += block.height + GAP
    ImageDraw.Draw(image).rectangle((0, 0, SIZE[0] - 1, SIZE[1] - 1), None, LINE)
    return image


def frames(told: Told) -> Iterator[Frame]:
    """Give the frames of the picture; the first is the last of the chat, for whoever shows but one."""
    *most, (last, milliseconds) = chat(told)
    yield last, milliseconds
    yield stacked([]), 400
    yield from most


def chat(told: Told) -> Iterator[Frame]:
    """Give the frames of the chat, each with the milliseconds for which it is shown."""
    blocks: list[Image.Image] = []

    def say(text: str) -> Iterator[Frame]:
        words = text.split(" ")
        blocks.append(person(text, ""))
        for part in range(1, TYPED + 1):
            blocks[-1] = person(text, " ".join(words[: round(len(words) * part / TYPED)]))
            yield stacked(blocks), 260
        yield stacked(blocks), 500

    def work(name: str, about: str, answer: str, cost: str) -> Iterator[Frame]:
        blocks.append(tool(name, about, done=False))
        yield stacked(blocks), 900
        blocks[-1] = tool(name, answer, cost)
        yield stacked(blocks), 700

    def show(block: Image.Image, milliseconds: int) -> Iterator[Frame]:
        blocks.append(block)
        height = sum(each.height + GAP for each in blocks) + GAP
        if height > SIZE[1]:  # it comes in from below
            yield stacked(blocks, down=round(0.4 * min(block.height, height - SIZE[1]))), 60
        yield stacked(blocks), milliseconds

    yield from say("Find me a lighthouse or a sailing boat for a postcard.")
    yield from work("search_images", "searching", f"{told.found} pictures, all alive", f"{told.search_cost} USD")
    yield from work("view_images", "looking", f"{told.found} on one sheet", "free")
    yield from show(picture(told.sheet, 480), 2_600)
    yield from show(
        assistant(f"Number {told.number} has room for a stamp and the best light. What shall I change?"), 1_600
    )
    yield from say("Put a yellow hot-air balloon at the top right, if that costs less than 5 cents.")
    yield from work("estimate_cost", "asking", f"about {told.expected} USD, of {BUDGET.replace('/', ' a ')}", "free")
    yield from work("edit_image", "painting, top right only", f"{told.size} px, saved", f"{told.edit_cost} USD")
    yield from show(picture(told.edited, 410), 1_800)
    yield from show(assistant(f"Done. Spent today: {told.spent} USD."), 4_500)


def main() -> None:
    """Make the picture."""
    pictures, times = zip(*frames(anyio.run(ask)), strict=True)
    first, *rest = pictures
    first.save(
        TARGET,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=list(times),
        loop=0,
        quality=62,
        method=6,
        minimize_size=True,
    )


if __name__ == "__main__":
    main()
