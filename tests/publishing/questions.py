"""The few settings that a form asks a new user for; all others stand in the documentation.

Programs ask for every one that is listed: each further question keeps somebody from a first picture.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr

from lightbox.settings import Settings, environment_name

Kind = Literal["text", "number", "switch", "folder"]


@dataclass(frozen=True)
class Question:
    """A setting, as a form asks for it.

    Attributes:
        field: Its name in `Settings`, and in forms.
        title: What stands above the input.
        example: What an answer looks like.
    """

    field: str
    title: str
    example: str

    @property
    def variable(self) -> str:
        """The variable of the environment that takes the answer."""
        return environment_name(self.field)

    @property
    def description(self) -> str:
        """What it is for, in plain text."""
        return (Settings.model_fields[self.field].description or "").replace("`", "")

    @property
    def default(self) -> str | None:
        """What holds where nothing is answered; None where nothing does, or where the machine decides."""
        default = Settings.model_fields[self.field].default
        return default if isinstance(default, str) else None

    @property
    def secret(self) -> bool:
        """Whether nobody may see the answer."""
        return SecretStr in set(_types(Settings.model_fields[self.field].annotation))

    @property
    def kind(self) -> Kind:
        """What an answer is."""
        found = set(_types(Settings.model_fields[self.field].annotation))
        named: tuple[tuple[type, Kind], ...] = ((Path, "folder"), (bool, "switch"), (int, "number"), (float, "number"))
        for of, kind in named:
            if of in found:
                return kind
        return "text"


QUESTIONS = (
    Question("openai_api_key", "OpenAI API key", "sk-…"),
    Question("openai_base_url", "OpenAI base URL", "https://NAME.openai.azure.com/openai/v1"),
    Question("dashscope_api_key", "DashScope API key", "sk-…"),
    Question("openrouter_api_key", "OpenRouter API key", "sk-or-…"),
    Question("dashscope_base_url", "DashScope base URL", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
    Question("budget", "Budget", "5 USD/day"),
    Question("confirm_above", "Ask me above", "0.50 USD"),
    Question("image_dir", "Folder for pictures", "~/Pictures/Lightbox"),
)


def _types(annotation: Any) -> Iterator[Any]:
    """Give every type that a setting may have, of a union each."""
    if get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _types(part)
    elif hasattr(annotation, "__metadata__"):
        yield from _types(annotation.__origin__)
    else:
        yield annotation
