"""The models that the sandbox lists. It accepts any other name just as well."""

from __future__ import annotations

from typing import Final

from .dialects import Json

KNOWN: Final = (
    "gpt-6.1-sol",
    "gpt-6.1-terra",
    "gpt-5.4-mini",
    "gpt-image-2.6-sunburst",
    "gpt-image-2.5-sunburst",
    "gpt-image-2",
    "qwen3.8-max",
    "qwen3.7-plus",
    "qwen3.6-flash",
)
RELEASED: Final = 1_767_225_600
"""2026-01-01: models need a date, and the sandbox's have none."""


def model_body(name: str) -> Json:
    """Give the model object of any name."""
    return {"id": name, "object": "model", "created": RELEASED, "owned_by": "lightbox-sandbox"}


def models_body() -> Json:
    """Give the list of models."""
    return {"object": "list", "data": [model_body(name) for name in KNOWN]}
