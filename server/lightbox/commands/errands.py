"""What a command for pictures does: one call of a tool, its price before, and what becomes of the answer."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.types import ImageContent

from lightbox.commands.asking import can_ask, consent
from lightbox.commands.exit_codes import DONE, FAILED, REFUSED
from lightbox.commands.picture_answer import PictureAnswer, Told
from lightbox.commands.picture_files import (
    Target,
    extension,
    from_standard_input,
    odd_ending,
    open_with_viewer,
    save_preview,
)
from lightbox.commands.presenting import (
    complain,
    show_document,
    show_hit_notes,
    show_hits,
    show_notes,
    show_pictures,
    show_price,
    show_saved,
    show_words,
)
from lightbox.commands.progress import MOST_LINES, Screen, listener
from lightbox.commands.terminal import terminal_for
from lightbox.commands.tool_calls import ToolCaller, connected, run, text_of
from lightbox.commands.wishes import STANDARD, Wishes
from lightbox.errors import LightboxError
from lightbox.settings import read_dirs
from lightbox.tools.failure import refused
from lightbox.tools.table import named

if TYPE_CHECKING:
    from mcp.types import CallToolResult

    from lightbox.settings import Settings

MAKERS = frozenset({"generate_image", "edit_image", "transform_image"})
"""The tools whose answers are new pictures."""
MOST_ON_A_SHEET = 24
_ELSEWHERE = re.compile(r"img_\w+$|https?://|data:", re.IGNORECASE)
"""What names no file."""
REFERENCES = ("images", "image", "mask")
"""The arguments that name pictures."""


def perform(settings: Settings, tool: str, arguments: Mapping[str, Any], wishes: Wishes) -> int:
    """Call a tool as a person asked for it, show what it answers, and give the exit code.

    Ctrl-C leaves a paid job to the journal and says how to get its result.

    Raises:
        BadInput: A picture that was named can't be read, or a file would be overwritten. Nothing was sent.
        StorageFailed: The pictures can't be put where they are wanted.
    """
    arguments, settings = _with_pictures(settings, arguments)
    target = _target(tool, arguments, wishes)
    if target is not None and target.format and "format" not in arguments:
        arguments = {**arguments, "format": target.format}
    return run(_Errand(settings, tool, arguments, wishes, target).carry_out)


def _with_pictures(settings: Settings, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], Settings]:
    """Read a picture from standard input where `-` stands; and let the files be read that the person named here.

    READ_DIRS holds for an assistant. Whoever types a file's name has chosen it.
    """
    read: list[str] = []
    files: list[Path] = []

    def reference(text: str) -> str:
        if text == STANDARD:
            read.append(read[0] if read else from_standard_input())
            return read[0]
        if not _ELSEWHERE.match(text) and Path(text).is_file():
            files.append(Path(text).absolute())
            return str(files[-1])
        return text

    given = dict(arguments)
    for name in REFERENCES:
        if isinstance(value := given.get(name), str):
            given[name] = reference(value)
        elif value is not None:
            given[name] = [reference(text) for text in value]
    readable = (*read_dirs(settings, over_http=False), *files, *(file.resolve() for file in files))
    return given, settings.model_copy(update={"read_dirs": readable}) if files else settings


def _target(tool: str, arguments: Mapping[str, Any], wishes: Wishes) -> Target | None:
    """Say where pictures go, if anywhere, once it is known that they can."""
    if wishes.output is None or wishes.dry_run:
        return None
    expected = len(arguments["images"]) if tool == "transform_image" else arguments.get("count", 1)
    target = Target(wishes.output, wishes.force, expected)
    target.check()
    return target


class _Errand:
    """One command: the call, and what becomes of its answer."""

    def __init__(
        self, settings: Settings, tool: str, arguments: dict[str, Any], wishes: Wishes, target: Target | None
    ) -> None:
        self._settings = settings
        self._tool = tool
        self._arguments = arguments
        self._wishes = wishes
        self._target = target
        silent = wishes.as_json or wishes.dry_run or (target is not None and target.standard)
        terminal = None if silent else terminal_for(wishes.pictures)
        self._screen = Screen(terminal) if terminal else None
        self._listener = listener(self._screen if tool in MAKERS else None)
        self._consent = consent(self._listener, agreed=wishes.yes)

    async def carry_out(self) -> int:
        """Do it, and give the exit code."""
        async with connected(self._settings, self._listener, self._consent, as_typed=True) as caller:
            if self._wishes.dry_run:
                return await self._tell_price(caller)
            with self._listener:
                if can_ask() and self._tool in caller.tools and (row := named(self._tool)) and row.bills:
                    await self._say_price(caller)
                result = await caller.result(self._tool, self._arguments)
            if result.is_error:
                return self._failed(result)
            await self._become(caller, result)
        return DONE

    def _failed(self, result: CallToolResult) -> int:
        """Say what went wrong, and give the exit code."""
        if not refused(result):
            complain(text_of(result))
            return FAILED
        if self._consent is not None and self._consent.declined:
            complain("You did not agree to the price. Nothing was sent.")
        else:
            hint = "" if self._consent else "\nOr agree to the price beforehand with --yes."
            complain(f"{text_of(result)}{hint}")
        return REFUSED

    async def _tell_price(self, caller: ToolCaller) -> int:
        result = await caller.quietly("estimate_cost", {"tool": self._tool, "arguments": self._arguments})
        if result.is_error:
            complain(text_of(result))
            return FAILED
        if self._wishes.as_json:
            show_document(result.structured_content)
        else:
            show_words(text_of(result))
        return DONE

    async def _say_price(self, caller: ToolCaller) -> None:
        """Say at a terminal what the call will cost; what is wrong with it, the call itself tells."""
        result = await caller.quietly("estimate_cost", {"tool": self._tool, "arguments": self._arguments})
        if not result.is_error:
            show_price(result.structured_content or {})

    async def _become(self, caller: ToolCaller, result: CallToolResult) -> None:
        """Put the answer where it is wanted, and show it."""
        if "hits" in (result.structured_content or {}):
            await self._list(caller, result)
        elif self._tool in MAKERS or self._tool == "view_images":
            await self._pictures(caller, result)
        elif self._wishes.as_json:
            answer = PictureAnswer.of(text_of(result))
            show_document(
                result.structured_content
                or {"text": text_of(result), "cost": answer.cost, "estimate": answer.estimate, "job_id": answer.job_id}
            )
        elif "saved" in (result.structured_content or {}):
            show_saved(cast("dict[str, Any]", result.structured_content))
        else:
            show_words(text_of(result))

    async def _list(self, caller: ToolCaller, result: CallToolResult) -> None:
        listed = cast("dict[str, Any]", result.structured_content)
        if self._wishes.as_json:
            show_document(listed)
        else:
            show_hits(listed)
            show_hit_notes(listed, text_of(result))
        handles = [str(hit["image"]) for hit in listed.get("hits", []) if hit.get("image")][:MOST_ON_A_SHEET]
        if handles and (self._screen or self._wishes.open):
            with self._listener:
                sheet = await caller.result("view_images", {"images": handles, "layout": "sheet"})
            if sheet.is_error:
                complain(text_of(sheet))
            else:
                self._draw(sheet)
                self._open(sheet, PictureAnswer.of(text_of(sheet)))

    async def _pictures(self, caller: ToolCaller, result: CallToolResult) -> None:
        answer = PictureAnswer.of(text_of(result))
        await self._put(caller, answer)
        if self._wishes.as_json:
            show_document(answer.document())
        elif not (self._target and self._target.standard):
            self._draw(result)
            if self._tool == "view_images" and len(self._arguments["images"]) > 1:
                show_hits({"hits": [picture.hit() for picture in answer.on_sheet]})
            else:
                show_pictures(answer)
        if not self._wishes.as_json:
            show_notes(answer.notes, answer.cost, answer.estimate, answer.job_id)
        self._open(result, answer)

    async def _put(self, caller: ToolCaller, answer: PictureAnswer) -> None:
        """Put the true bytes where `-o` says.

        Raises:
            LightboxError: They can't be had, or can't be written; the text says where they are kept.
        """
        if self._target is None:
            return
        for number, picture in enumerate(answer.pictures[: self._target.count], 1):  # what else is told of is kept
            try:
                data = await _true_bytes(caller, picture)
                name = picture.path.name if picture.path else f"{picture.handle}{extension(data)}"
                picture.output = self._target.put(data, number, name)
            except LightboxError as error:
                kept = picture.path or picture.handle
                raise type(error)(f"{error} The picture is kept: {kept}.") from None
            if odd := odd_ending(picture.output, data):
                answer.notes.append(f"note: {odd}")

    def _draw(self, result: CallToolResult) -> None:
        """Show the previews of an answer, the first in place of the unfinished one."""
        if self._screen is None:
            return
        most = MOST_LINES if self._tool in MAKERS else self._screen.terminal.rows
        for number, block in enumerate(block for block in result.content if isinstance(block, ImageContent)):
            self._screen.draw(base64.b64decode(block.data), most_lines=most, over=number == 0)

    def _open(self, result: CallToolResult, answer: PictureAnswer) -> None:
        """Open what came: the files of pictures, or else what the answer shows."""
        if not self._wishes.open:
            return
        if self._tool in MAKERS or (self._tool == "view_images" and len(answer.pictures) == 1):
            pictures = answer.pictures
        else:
            pictures = [answer.sheet] if answer.sheet else []
        addresses = [_address(picture) for picture in pictures]
        if not addresses or not all(addresses):
            blocks = [block for block in result.content if isinstance(block, ImageContent)]
            saved = (save_preview(self._settings.state_dir, block, number) for number, block in enumerate(blocks, 1))
            addresses = [path.as_uri() for path in saved]
        for address in filter(None, addresses):
            open_with_viewer(address)


async def _true_bytes(caller: ToolCaller, picture: Told) -> bytes:
    """Give a picture's bytes as they are saved.

    Raises:
        LightboxError: They can't be had.
    """
    if picture.path is not None and await anyio.Path(picture.path).is_file():
        return await anyio.Path(picture.path).read_bytes()
    data = await caller.picture(f"lightbox://images/{picture.handle}")
    if data is None:
        raise LightboxError(f"The whole of {picture.handle} can't be had here.")
    return data


def _address(picture: Told) -> str | None:
    where = Path(picture.output) if picture.output and picture.output != STANDARD else picture.path
    return where.absolute().as_uri() if where else picture.about.get("url")
