"""A tool's answer about pictures, read as a program would: what each picture is, where, and what it cost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_HEAD = re.compile(
    r"(?:(?P<number>\d+)\. )?(?P<handle>img_[0-9a-z]{10}) +(?:(?P<width>\d+)x(?P<height>\d+)(?: px)?|size unknown) +"
    r"(?P<type>[\w.+-]+/[\w.+-]+|type unknown)(?: +(?:(?P<bytes>[\d,]+) bytes|bytes unknown))?(?: “(?P<title>.*)”)?"
)
_PATH = "path: "
_TOLD = re.compile(r"(?P<handle>img_[0-9a-z]{10}) (?P<what>title|url|revised prompt): (?P<words>.+)")
_COST = re.compile(r"cost: (?P<cost>[^;]+)(?:; estimate (?P<estimate>[^;]+))?(?:; (?P<job>job_\w+))?")
_FOR_MODELS = re.compile(r"</?untrusted\b[^>]*>|next: .*")
_NOTE = re.compile(r"(?:note|size|as it came|preview: left out)\b.*|.*\bnot shown: .*")


@dataclass(slots=True)
class Told:
    """One picture, as an answer tells of it.

    Attributes:
        handle: Names it in every tool.
        path: Where its true bytes are saved, if they are.
        width: In px, if known.
        height: In px, if known.
        mime_type: Its type, if known.
        byte_count: Its length in bytes, if known.
        about: What the web or a model said of it: `title`, `url`, `revised prompt`.
        output: Where `-o` has put it.
        number: Its number on a contact sheet.
    """

    handle: str
    path: Path | None = None
    width: int | None = None
    height: int | None = None
    mime_type: str | None = None
    byte_count: int | None = None
    about: dict[str, str] = field(default_factory=dict[str, str])
    output: str | None = None
    number: int | None = None

    @property
    def size(self) -> str | None:
        """Width and height in px, e.g. `1024x640`."""
        return f"{self.width}x{self.height}" if self.width and self.height else None

    def hit(self) -> dict[str, Any]:
        """Give it as a list of pictures holds it."""
        told = {"image": self.handle, "width": self.width, "height": self.height, "title": self.about.get("title")}
        return told | {"path": str(self.path) if self.path else None, "page_url": self.about.get("url")}

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "handle": self.handle,
            "path": str(self.path) if self.path else None,
            "output": self.output,
            "size": self.size,
            "width": self.width,
            "height": self.height,
            "type": self.mime_type,
            "bytes": self.byte_count,
            "title": self.about.get("title"),
            "url": self.about.get("url"),
            "revised_prompt": self.about.get("revised prompt"),
        }


@dataclass(frozen=True, slots=True)
class PictureAnswer:
    """What an answer says: its pictures in their order, what it cost, and what the reader should know."""

    pictures: list[Told]
    cost: str | None
    estimate: str | None
    job_id: str | None
    notes: list[str]

    @classmethod
    def of(cls, text: str) -> PictureAnswer:
        """Read the text of an answer; lines that it does not know are passed over."""
        pictures: list[Told] = []
        notes: list[str] = []
        cost: re.Match[str] | None = None
        for line in text.splitlines():
            if match := _HEAD.fullmatch(line):
                pictures.append(_told(match))
            elif line.startswith(_PATH) and pictures:
                pictures[-1].path = Path(line.removeprefix(_PATH))
            elif match := _TOLD.fullmatch(line):
                for picture in pictures:  # several may be the same one
                    if picture.handle == match["handle"]:
                        picture.about[match["what"]] = match["words"]
            elif match := _COST.match(line):
                cost = match
            elif _NOTE.fullmatch(line):
                notes.append(line)
        told = cost.groupdict() if cost else {}
        return cls(pictures, told.get("cost"), told.get("estimate"), told.get("job"), notes)

    @property
    def on_sheet(self) -> list[Told]:
        """The pictures that have a number on a contact sheet; all, where there is no sheet."""
        return [picture for picture in self.pictures if picture.number] or self.pictures

    @property
    def sheet(self) -> Told | None:
        """The contact sheet itself, where it is told of as a picture."""
        own = [picture for picture in self.pictures if not picture.number]
        return own[0] if own and len(own) < len(self.pictures) else None

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "pictures": [picture.document() for picture in self.pictures],
            "cost": self.cost,
            "estimate": self.estimate,
            "job_id": self.job_id,
            "notes": self.notes,
        }


def _told(match: re.Match[str]) -> Told:
    mime_type = match["type"] if "/" in match["type"] else None
    return Told(
        handle=match["handle"],
        width=int(match["width"]) if match["width"] else None,
        height=int(match["height"]) if match["height"] else None,
        mime_type=mime_type,
        byte_count=int(match["bytes"].replace(",", "")) if match["bytes"] else None,
        about={"title": match["title"]} if match["title"] else {},
        number=int(match["number"]) if match["number"] else None,
    )


def for_people(text: str) -> str:
    """Give an answer's text without what is said to models alone: which part is data, and what to call next."""
    lines = [line for line in text.splitlines() if not _FOR_MODELS.fullmatch(line.strip())]
    return "\n".join(lines).strip()
