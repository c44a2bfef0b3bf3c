"""OpenRouter, which passes calls on to many makers of models: generate, edit, describe.

It keeps no response, so none is taken up again and none is gone on from: every edit sends its pictures. A picture is
made by its own tool, which a mainline model calls with a prompt. That tool is documented to take words alone, so an
edit asks the image model itself, which is shown the pictures.

Source: OpenRouter's guides “Image Generation” (server tool; multimodal) and “Responses API”, and the types of its
published library 1.3.84.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlunsplit

from pydantic import SecretStr

from lightbox.errors import BadInput
from lightbox.providers.calls import DescribeCall, EditCall, GenerateCall, OutputOptions, SentPicture
from lightbox.providers.dialect import LOOK, Dialect, numbered
from lightbox.providers.endpoint import Endpoint, clean_key, read_base_url
from lightbox.wire.bodies import Body, image_part, text_part, user_message, without_none

if TYPE_CHECKING:
    from lightbox.settings import Settings

OPENROUTER_URL = "https://openrouter.ai/api/v1"
OPENROUTER_HOST = "openrouter.ai"
KEY_BEGINS = "sk-or-"
"""How every key of the service begins."""

IMAGE_TOOL = "openrouter:image_generation"

PAINT = (
    "Call the image tool exactly once, with the user's words as the prompt, neither shortened nor embellished. "
    "Then answer with the one word “done”."
)
"""How a mainline model is told to have a picture made: each further call of the tool is paid, too."""

_ALSO_WRITE = ("google/", "openai/")
"""Makers whose image models write words beside the picture; those of the others are asked for a picture alone."""


def openrouter_endpoint(key: SecretStr, *, base_url: str | None = None) -> Endpoint:
    """Give OpenRouter's address, or that of a server that speaks as it does.

    Raises:
        SettingsError: The address is not a URL.
    """
    parts = read_base_url(base_url or OPENROUTER_URL, "OPENROUTER_BASE_URL")
    if parts.hostname == OPENROUTER_HOST and parts.path in ("", "/api"):
        parts = parts._replace(path="/api/v1")
    return Endpoint(provider="openrouter", base_url=urlunsplit(parts), key=clean_key(key, "OPENROUTER_API_KEY"))


def configured_endpoint(settings: Settings) -> Endpoint | None:
    """Give the endpoint that the settings describe; None without a key.

    Raises:
        SettingsError: The address is not a URL.
    """
    if settings.openrouter_api_key is None:
        return None
    return openrouter_endpoint(settings.openrouter_api_key, base_url=settings.openrouter_base_url)


def _generate(call: GenerateCall) -> Body:
    tool = {"type": IMAGE_TOOL, "parameters": {"model": call.image_model, **_output(call.output)}}
    return {
        "input": call.prompt,
        "instructions": PAINT,
        "tools": [tool],
        # Its own tools can't be forced by their type; this one is all that there is.
        "tool_choice": "required",
        "max_tool_calls": 1,
    }


def _output(options: OutputOptions) -> Body:
    """What is left to the service is left out, and png, which all make: some models know no other format.

    A size in px and a ratio beside each other would be refused.
    """
    px = None if options.aspect_ratio or options.size == "auto" else options.size
    return without_none(
        {
            "aspect_ratio": options.aspect_ratio,
            "size": options.resolution or px,
            "quality": _unless_auto(options.quality),
            "background": _unless_auto(options.background),
            "output_format": None if options.format == "png" else options.format,
            "output_compression": options.compression,
        }
    )


def _unless_auto(value: str) -> str | None:
    return None if value == "auto" else value


def _edit(call: EditCall) -> Body:
    if not call.pictures:
        raise BadInput("an edit needs a picture: name at least one")
    if call.mask is not None:
        raise BadInput(
            "openrouter takes no mask or area: say in the prompt where the picture may change, or name another provider"
        )
    if call.fidelity is not None:
        raise BadInput("openrouter takes no fidelity: leave it out")
    parts = [text_part(call.prompt), *(_picture(picture, "auto") for picture in call.pictures)]
    writes = call.image_model.startswith(_ALSO_WRITE)
    return {
        "input": [user_message(parts)],
        "modalities": ["image", "text"] if writes else ["image"],
        "image_config": _image_config(call.output),
    }


def _image_config(options: OutputOptions) -> Body:
    """The same options as the tool's; a model that is asked itself names its resolution by another word."""
    told = _output(options)
    if options.resolution is not None:
        told["image_size"] = told.pop("size")
    return told


def _describe(call: DescribeCall) -> Body:
    question = text_part(call.question + numbered(len(call.pictures)))
    asked = user_message([question, *(_picture(picture, call.detail) for picture in call.pictures)])
    return {"input": [asked], "instructions": LOOK}


def _picture(picture: SentPicture, detail: str) -> Body:
    if picture.url is None:
        raise BadInput(f"openrouter does not have the file {picture.file_id}: pass the picture by URL, path or handle")
    return image_part(url=picture.url, detail=detail)


def _key_hint(endpoint: Endpoint) -> str:
    key = endpoint.key.get_secret_value() if endpoint.key else ""
    if endpoint.host == OPENROUTER_HOST and not key.startswith(KEY_BEGINS):
        return f" Keys of OpenRouter begin with {KEY_BEGINS}; this one is of another service."
    return " Keys can be switched off or end: look at https://openrouter.ai/settings/keys."


DIALECT = Dialect(
    words={"generate": _generate, "edit": _edit, "describe": _describe},
    uncarried=frozenset({"edit"}),
    key_hint=_key_hint,
    credit_hint="Add credits at https://openrouter.ai/settings/credits, or raise the key's own limit.",
    cost_currency="USD",  # its credits are dollars
)
