"""The scenes of the painted library, as `scenes.toml` tells them, and what they look like, computed beforehand.

To paint them all takes seconds that nobody should wait: `scenes.signatures` holds what each looks like. After a change
of the painter or the scenes, `python -m lightbox_sandbox.scenes` computes it anew; a test says when.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .encoding import encode
from .likeness import SIGNATURE_BYTES, SKETCH, Signature, signature
from .painter import paint


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

FILE: Final = Path(__file__).with_name("scenes.signatures")

EDITION: Final = hashlib.blake2s(repr(list(SCENES.values())).encode() + b"2", digest_size=5).hexdigest()
"""Another edition of the scenes is painted anew; raise the figure when the painter changes."""


def sketched(scene: SceneSpec) -> tuple[bytes, Signature]:
    """Paint a scene small: its thumbnail (a JPEG) and its signature."""
    share = SKETCH / max(scene.width, scene.height)
    image = paint(scene.prompt, width=round(scene.width * share), height=round(scene.height * share), quality="low")
    return encode(image, "jpeg", 85, prompt=scene.title), signature(image)


def shipped() -> dict[str, Signature]:
    """Give the signatures that come with the package; none where they belong to another edition."""
    try:
        data = zlib.decompress(FILE.read_bytes())
    except (FileNotFoundError, zlib.error):
        return {}
    edition, looks = data[:10].decode("ascii", "replace"), data[10:]
    if edition != EDITION or len(looks) != SIGNATURE_BYTES * len(SCENES):
        return {}
    return {
        key: Signature.from_bytes(looks[place * SIGNATURE_BYTES : (place + 1) * SIGNATURE_BYTES])
        for place, key in enumerate(SCENES)
    }


def ship() -> None:
    """Compute the signatures of all scenes and write them beside this module."""
    looks = b"".join(sketched(scene)[1].to_bytes() for scene in SCENES.values())
    FILE.write_bytes(zlib.compress(EDITION.encode() + looks, 9))


if __name__ == "__main__":
    ship()
