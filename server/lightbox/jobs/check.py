"""Checked hits: alive, really an image, how large; the same picture under several addresses is one hit."""

from __future__ import annotations

from collections.abc import Sequence

from lightbox.images.fetch import Fetcher
from lightbox.jobs.outcome import Hit

CHECK_SECONDS = 3.0
"""The whole check never adds more than this."""
SPARE = 10
"""How many hits beyond those shown are probed, so that merged duplicates leave no gap."""


async def check_hits(hits: Sequence[Hit], fetcher: Fetcher, limit: int) -> list[Hit]:
    """Probe the first hits at once and give them in their order, with state, size and type, duplicates merged.

    Hits beyond `limit` and a few spare ones come back as they are.
    """
    probed = hits[: limit + SPARE]
    probes = await fetcher.probe_all([hit.image_url for hit in probed], CHECK_SECONDS)
    kept: list[Hit] = []
    seen: set[str] = set()
    for hit, probe in zip(probed, probes, strict=True):
        if probe.fingerprint in seen:
            continue
        if probe.fingerprint is not None:
            seen.add(probe.fingerprint)
        found = {"width": probe.width or hit.width, "height": probe.height or hit.height}
        kept.append(hit.model_copy(update={"state": probe.state, "mime_type": probe.mime_type, **found}))
    return [*kept, *hits[len(probed) :]]
