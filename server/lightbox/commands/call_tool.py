"""`lightbox call TOOL key=value`: one tool call from the shell, its answer exactly as an assistant gets it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from mcp.types import ImageContent

from lightbox.commands.asking import consent
from lightbox.commands.exit_codes import DONE, FAILED, REFUSED
from lightbox.commands.picture_files import save_preview
from lightbox.commands.progress import Steps
from lightbox.commands.tool_calls import connected, run, text_of
from lightbox.commands.typed_arguments import nearest, read_arguments
from lightbox.tools.failure import refused

if TYPE_CHECKING:
    from lightbox.settings import Settings


def call(settings: Settings, tool: str, arguments: Sequence[str], *, yes: bool = False) -> int:
    """Call a tool, print its text, and save its previews beside the state; give the exit code.

    It waits as long as the call takes. Ctrl-C leaves a paid job to the journal and says how to ask for it again.

    Raises:
        BadInput: An argument that the tool does not have, or a value that is not of its type.
    """
    return run(partial(_call, settings, tool, arguments, yes=yes))


async def _call(settings: Settings, tool: str, typed: Sequence[str], *, yes: bool) -> int:
    steps = Steps()
    async with connected(settings, steps, consent(steps, agreed=yes)) as caller:
        known = caller.tools
        arguments = read_arguments(known[tool], typed) if tool in known else {}  # the server explains what is not
        result = await caller.result(tool, arguments)
    if result.is_error:
        print(f"{text_of(result)}{'' if tool in known else nearest(tool, known)}", file=sys.stderr)  # noqa: T201 - what went wrong
        return REFUSED if refused(result) else FAILED
    print(text_of(result))  # noqa: T201 - what was asked for
    for number, block in enumerate((block for block in result.content if isinstance(block, ImageContent)), 1):
        print(f"preview: {save_preview(settings.state_dir, block, number)}")  # noqa: T201 - what was asked for
    return DONE
