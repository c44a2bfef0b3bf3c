"""OpenAI, Azure, and servers that speak as they do: search by words, generate, edit, describe.

Where responses may be stored, pictures are made in the background: the service goes on when the line breaks, and the
stream can be taken up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlunsplit

from pydantic import SecretStr

from lightbox.errors import BadInput
from lightbox.providers.calls import DescribeCall, EditCall, GenerateCall, OutputOptions, SearchCall, SentPicture
from lightbox.providers.dialect import LOOK, SEARCH_ORDER, THEN_ANALYSE, THEN_STOP, Dialect, numbered
from lightbox.providers.endpoint import Endpoint, clean_key, read_base_url
from lightbox.wire.bodies import Body, image_part, one_line, text_part, user_message, without_none

if TYPE_CHECKING:
    from lightbox.settings import Settings

OPENAI_URL = "https://api.openai.com/v1"


def openai_endpoint(key: SecretStr | None, *, base_url: str | None = None) -> Endpoint:
    """Give OpenAI's address, or that of a server that speaks as it does; such a one may want no key.

    Raises:
        SettingsError: The address is not a URL.
    """
    parts = read_base_url(base_url or OPENAI_URL, "OPENAI_BASE_URL")
    if parts.hostname == "api.openai.com" and not parts.path:
        parts = parts._replace(path="/v1")
    clean = clean_key(key, "OPENAI_API_KEY") if key is not None else None
    return Endpoint(provider="openai", base_url=urlunsplit(parts), key=clean)


def configured_endpoint(settings: Settings) -> Endpoint | None:
    """Give the endpoint that the settings describe; None with neither a key nor a server of one's own.

    Raises:
        SettingsError: The address is not a URL.
    """
    own_server = settings.openai_base_url != OPENAI_URL
    if settings.openai_api_key is None and not own_server:  # servers of one's own often want no key
        return None
    return openai_endpoint(settings.openai_api_key, base_url=settings.openai_base_url)


def _search(call: SearchCall) -> Body:
    order = SEARCH_ORDER.format(
        pictures=f"{call.count} picture{'' if call.count == 1 else 's'}",
        query=one_line(call.query),
        then=THEN_ANALYSE if call.analysis else THEN_STOP,
    )
    tool = {
        "type": "web_search",
        "search_content_types": ["image", "text"],
        "image_settings": {"max_results": call.count, "caption": True},
    }
    # Of the hosted tools `web_search` alone can't be forced by its type.
    return {
        "input": order,
        "tools": [tool],
        "tool_choice": "required",
        "include": ["web_search_call.results"],
    }


def _generate(call: GenerateCall) -> Body:
    return {"input": call.prompt, **_image_tool(call, "generate")}


def _image_tool(call: GenerateCall | EditCall, action: str) -> Body:
    mask = call.mask if isinstance(call, EditCall) else None
    tool = without_none(
        {
            "type": "image_generation",
            # The service's default has changed four times: always named.
            "model": call.image_model,
            "action": action,
            **_output(call.output),
            "input_fidelity": call.fidelity if isinstance(call, EditCall) else None,
            "input_image_mask": without_none({"image_url": mask.url, "file_id": mask.file_id}) if mask else None,
        }
    )
    return {"tools": [tool], "tool_choice": {"type": "image_generation"}}


def _output(options: OutputOptions) -> Body:
    """What is left to the service (`auto`, no partial pictures) is left out: some servers know fewer options."""
    return {
        "size": _unless_auto(options.size),
        "quality": _unless_auto(options.quality),
        "background": _unless_auto(options.background),
        "output_format": options.format,
        "output_compression": options.compression,
        "partial_images": options.partial_images or None,
    }


def _unless_auto(value: str) -> str | None:
    return None if value == "auto" else value


def _edit(call: EditCall) -> Body:
    if not call.pictures and not call.continue_from:
        raise BadInput("an edit needs a picture: name at least one")
    parts = [text_part(call.prompt), *(_picture(picture, "auto") for picture in call.pictures)]
    asked = without_none({"input": [user_message(parts)], "previous_response_id": call.continue_from})
    return {**asked, **_image_tool(call, "edit")}


def _describe(call: DescribeCall) -> Body:
    question = text_part(call.question + numbered(len(call.pictures)))
    asked = user_message([question, *(_picture(picture, call.detail) for picture in call.pictures)])
    return {"input": [asked], "instructions": LOOK}


def _picture(picture: SentPicture, detail: str) -> Body:
    return image_part(url=picture.url, file_id=picture.file_id, detail=detail)


DIALECT = Dialect(
    words={"search": _search, "generate": _generate, "edit": _edit, "describe": _describe},
    resumable=frozenset({"generate", "edit"}),
)
