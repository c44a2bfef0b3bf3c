"""Searches an index of 10,000 pictures by words and by likeness, and prints the CPU time of each search in seconds.

Run as a program it takes a folder for the index, and how many searches of each kind to make.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lightbox_sandbox.index import Index, IndexedPicture
from lightbox_sandbox.likeness import SIGNATURE_BYTES, Looks, Signature
from lightbox_sandbox.painter import paint

PICTURES = 10_000
WORDS = ("fox", "city", "snow", "river", "night", "garden", "熊猫", "日落", *(f"word{n}" for n in range(300)))


def main(folder: Path, rounds: int) -> None:
    """Make the index, search, and print both lists of times."""
    chance = random.Random(1)  # noqa: S311 - no secrets
    index = Index(folder / "index.sqlite")

    def record(number: int) -> IndexedPicture:
        said = " ".join(chance.sample(WORDS, 5))
        look = Signature.from_bytes(chance.randbytes(SIGNATURE_BYTES))
        return IndexedPicture(f"{number}.jpg", f"{number}.jpg", said, (), 9, 9, "image/jpeg", 1, 1, "", look)

    index.put(record(number) for number in range(PICTURES))
    looks = index.signatures()
    assert len(looks.ids) == PICTURES
    query = paint("a fox", width=200, height=150)

    def grids(places: Sequence[int]) -> list[bytes]:
        return index.grids([looks.ids[place] for place in places])

    times: dict[str, list[float]] = {"words": [], "likeness": []}
    for _ in range(rounds):
        began = time.process_time()
        assert len(index.search("a fox at night 日落", 10)) == 10
        between = time.process_time()
        assert len(Looks(query, looks.shapes, looks.tints).nearest(grids)) >= 10
        times["words"].append(between - began)
        times["likeness"].append(time.process_time() - between)
    index.close()
    sys.stdout.write(json.dumps(times))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
