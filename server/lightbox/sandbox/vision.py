"""What the sandbox can say about a picture: what can be measured in it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image


def describe(images: Sequence[tuple[Image.Image, bytes]], question: str) -> str:
    """Describe decoded pictures, each with its file's bytes, in measured terms; says that the sandbox speaks."""
    del question
    lines = [f"Picture {n}: {image.width} x {image.height} px." for n, (image, _) in enumerate(images, 1)]
    return "\n".join(["This is the Lightbox sandbox: it measures pictures and understands none.", *lines])
