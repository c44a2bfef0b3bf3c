"""What a person wants done with an answer: where it goes, how it is shown, and who agrees to its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

PictureForm: TypeAlias = Literal["auto", "kitty", "iterm", "sixel", "off"]
"""How a terminal is to be sent pictures; auto: it is asked."""

STANDARD = "-"
"""What stands for standard input or standard output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options that the commands for pictures share.

    Attributes:
        as_json: Print one JSON document instead of words.
        pictures: How pictures are shown in the terminal.
        yes: Agree to the price without being asked.
        dry_run: Only tell the price.
        output: The file or folder into which pictures are put; `-`: standard output.
        force: Replace files that are there.
        open: Open what came with the system's viewer.
    """

    as_json: bool = False
    pictures: PictureForm = "auto"
    yes: bool = False
    dry_run: bool = False
    output: str | None = None
    force: bool = False
    open: bool = False
