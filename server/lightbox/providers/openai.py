"""OpenAI, Azure, and servers that speak as they do: search by words, generate, edit, describe.

Where responses may be stored, pictures are made in the background: the service goes on when the line breaks, and the
stream can be taken up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlunsplit

from pydantic import SecretStr

from lightbox.errors import BadInput, SettingsError
from lightbox.providers.calls import DescribeCall, EditCall, GenerateCall, OutputOptions, SearchCall, SentPicture
from lightbox.providers.dialect import LOOK, SEARCH_ORDER, THEN_ANALYSE, THEN_STOP, Dialect, numbered
from lightbox.providers.endpoint import Endpoint, clean_key, is_azure_host, read_base_url
from lightbox.wire.bodies import Body, image_part, one_line, text_part, user_message, without_none

if TYPE_CHECKING:
    from lightbox.settings import Settings

OPENAI_URL = "https://api.openai.com/v1"
_AZURE_PATH = "/openai/v1"


def openai_endpoint(
    key: SecretStr | None, *, base_url: str | None = None, image_deployment: str | None = None
) -> Endpoint:
    """Give OpenAI's address, or that of a server that speaks as it does; such a one may want no key.

    Args:
        key: The key, or with Azure a token of Entra ID.
        base_url: The address; with Azure, a query such as `api-version=preview` stays on every request.
        image_deployment: The name of the image model's deployment on Azure, where it is not that of the model.

    Raises:
        SettingsError: The address is not a URL, or has no Responses API.
    """
    parts = read_base_url(base_url or OPENAI_URL, "OPENAI_BASE_URL")
    if parts.hostname == "api.openai.com" and not parts.path:
        parts = parts._replace(path="/v1")
    if is_azure_host(parts.hostname or ""):
        parts = _azure(parts)
    clean = clean_key(key, "OPENAI_API_KEY") if key is not None else None
    return Endpoint(provider="openai", base_url=urlunsplit(parts), key=clean, image_deployment=image_deployment)


def _azure(parts: SplitResult) -> SplitResult:
    """Complete an address of Azure's. The path without `/v1` serves too, but wants a dated `api-version`.

    Raises:
        SettingsError: It is that of one deployment, where there is no Responses API.
    """
    whole = parts._replace(path=_AZURE_PATH)
    if "/deployments/" in parts.path:
        right = urlunsplit(whole._replace(query=""))
        shown = urlunsplit(parts._replace(query=""))
        raise SettingsError(
            f"OPENAI_BASE_URL {shown} is that of one deployment, which has no Responses API: use {right}, and name "
            "your deployments in LIGHTBOX_OPENAI_MODEL and LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT"
        )
    versioned = "api-version=" in parts.query
    return whole if not parts.path or (parts.path == "/openai" and not versioned) else parts


def configured_endpoint(settings: Settings) -> Endpoint | None:
    """Give the endpoint that the settings describe; None with neither a key nor a server of one's own.

    Raises:
        SettingsError: The address is not a URL.
    """
    own_server = settings.openai_base_url != OPENAI_URL
    if settings.openai_api_key is None and not own_server:  # servers of one's own often want no key
        return None
    return openai_endpoint(
        settings.openai_api_key,
        base_url=settings.openai_base_url,
        image_deployment=settings.openai_image_deployment,
    )


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


def _key_hint(endpoint: Endpoint) -> str:
    return " It has to be a key of this Azure resource, or a token of Entra ID." if endpoint.is_azure else ""


DIALECT = Dialect(
    words={"search": _search, "generate": _generate, "edit": _edit, "describe": _describe},
    resumable=frozenset({"generate", "edit"}),
    expendable=frozenset(
        {
            "store",
            "background",
            "stream",
            "tools.action",
            "tools.partial_images",
            "tools.input_fidelity",
            "tools.output_compression",
        }
    ),
    key_hint=_key_hint,
)
