"""The scenes of the painted library, as `scenes.toml` tells them: what each is called, and what the painter is told."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """One painted scene: its file name, title, tags, prompt and size in px."""

    key: str
    title: str
    tags: tuple[str, ...]
    prompt: str
    width: int
    height: int


def _spec(row: dict[str, Any]) -> SceneSpec:
    slug = re.sub(r"[^a-z0-9]+", "-", row["title"].lower()).strip("-")
    width, height = row["size"]
    return SceneSpec(
        key=f"{slug}.{row['format']}",
        title=f"{row['title']} · {row['chinese']}",
        tags=(*row["tags"].split(), *row["chinese_tags"].split()),
        prompt=row["prompt"],
        width=width,
        height=height,
    )


def _read() -> dict[str, SceneSpec]:
    rows = tomllib.loads(Path(__file__).with_name("scenes.toml").read_text("utf-8"))["scenes"]
    return {spec.key: spec for spec in map(_spec, rows)}


SCENES: Final = _read()
"""All scenes by their file names."""
