"""The models that the sandbox lists: all that the catalogue knows. It accepts any other name just as well."""

from __future__ import annotations

from typing import Final

from .counting import OWN, PROVIDERS, catalogue
from .dialects import Dialect, Json

RELEASED: Final = 1_767_225_600
"""2026-01-01: the API gives models a date, and the catalogue has none."""


def model_body(name: str) -> Json:
    """Give the model object of any name."""
    owner = next((provider for provider in PROVIDERS if _knows(provider, name)), OWN)
    return {"id": name, "object": "model", "created": RELEASED, "owned_by": owner}


def models_body(dialect: Dialect) -> Json:
    """Give the list of a service's models."""
    rows = [*catalogue().models(dialect), *catalogue().image_models(dialect)]
    rows += [*catalogue().models(OWN), *catalogue().image_models(OWN)]
    return {"object": "list", "data": [model_body(row.name) for row in rows]}


def _knows(provider: str, name: str) -> bool:
    return (catalogue().model(provider, name) or catalogue().image_model(provider, name)) is not None
