"""DashScope, Alibaba Model Studio: search by words, search by picture, describe, and pictures by its own endpoint.

No parameter sets what is searched for or how much: the model decides, and what we want travels in words. No
`max_output_tokens` is set: the search's own arguments are output too, and a call that is cut is paid for nothing.
Responses are never stored there, so none can be taken up again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args
from urllib.parse import urlunsplit

from pydantic import SecretStr

from lightbox.errors import BadInput, SettingsError
from lightbox.providers import dashscope_native
from lightbox.providers.calls import DescribeCall, SearchCall, SentPicture, SimilarCall
from lightbox.providers.dialect import LOOK, SEARCH_ORDER, THEN_ANALYSE, THEN_STOP, Dialect, numbered
from lightbox.providers.endpoint import Endpoint, clean_key, read_base_url
from lightbox.vocabulary import Region
from lightbox.wire.bodies import Body, image_part, one_line, text_part, user_message

if TYPE_CHECKING:
    from lightbox.settings import Settings

DASHSCOPE_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"

_DASHSCOPE_PATH = "/compatible-mode/v1"
_DASHSCOPE_HOSTS: dict[str, Region] = {
    "dashscope-intl.aliyuncs.com": "international",
    "dashscope.aliyuncs.com": "mainland",
    "dashscope-us.aliyuncs.com": "us",
    # QwenCloud publishes the international prices, Qianwen the mainland's.
    "maas.qwencloudapi.com": "international",
    "maas.qianwenaiapi.com": "mainland",
}
_WORKSPACE_HOSTS: dict[str, Region] = {
    ".ap-southeast-1.maas.aliyuncs.com": "international",
    ".cn-beijing.maas.aliyuncs.com": "mainland",
    ".us-east-1.maas.aliyuncs.com": "us",
    ".eu-central-1.maas.aliyuncs.com": "eu",
    ".ap-northeast-1.maas.aliyuncs.com": "jp",
}
_PLACEHOLDER = re.compile(r"\{workspace_?id\}", re.IGNORECASE)
_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")

_NO_THINKING: Body = {"enable_thinking": False}
"""Thinking is billed as output, and searches are no better for it."""


def dashscope_endpoint(
    key: SecretStr, *, base_url: str | None = None, workspace_id: str | None = None, region: Region | None = None
) -> Endpoint:
    """Give DashScope's address: the one that is named, else the region's, else the international one.

    Args:
        key: The key; it belongs to the region of the address.
        base_url: Any of the service's hosts, or a gateway's. `{WorkspaceId}` in it is filled in.
        workspace_id: What to fill in.
        region: The region of the key, or behind a gateway. One of the service's hosts is in its own, whatever is said
            here.

    Raises:
        SettingsError: The address is not a URL, or lacks its workspace.
    """
    filled = _fill_workspace(base_url or _address_of(region or "international"), workspace_id)
    parts = read_base_url(filled, "DASHSCOPE_BASE_URL")
    own = dashscope_region(parts.hostname or "")
    if own and not parts.path:
        parts = parts._replace(path=_DASHSCOPE_PATH)
    if own and parts.path == "/api/v1":
        right = urlunsplit(parts._replace(path=_DASHSCOPE_PATH, query=""))
        raise SettingsError(f"DASHSCOPE_BASE_URL {filled.partition('?')[0]} has no Responses API: use {right}")
    return Endpoint(
        provider="dashscope",
        base_url=urlunsplit(parts),
        key=clean_key(key, "DASHSCOPE_API_KEY"),
        region=own or region,
    )


def configured_endpoint(settings: Settings) -> Endpoint | None:
    """Give the endpoint that the settings describe; None without a key.

    Raises:
        SettingsError: The address is not a URL, or lacks its workspace.
    """
    if settings.dashscope_api_key is None:
        return None
    return dashscope_endpoint(
        settings.dashscope_api_key,
        base_url=settings.dashscope_base_url if "dashscope_base_url" in settings.model_fields_set else None,
        workspace_id=settings.dashscope_workspace_id,
        region=settings.dashscope_region,
    )


def region_doubt(settings: Settings, endpoint: Endpoint) -> str | None:
    """Say what is odd about the region by whose prices calls are billed; None where nothing is."""
    own = dashscope_region(endpoint.host)
    if endpoint.region is None:
        return (
            "this is none of the service's own addresses, so no price is known: set DASHSCOPE_REGION to the region "
            f"behind it ({', '.join(get_args(Region))})"
        )
    if own and settings.dashscope_region not in (None, own):
        return f"DASHSCOPE_REGION={settings.dashscope_region} is not used: the address is in {own}"
    return None


def _address_of(region: Region) -> str:
    """Say where a region is, for whoever names the region alone: on a host of all, else on those of workspaces."""
    hosts = (
        *_DASHSCOPE_HOSTS.items(),
        *((f"{{WorkspaceId}}{suffix}", its) for suffix, its in _WORKSPACE_HOSTS.items()),
    )
    return f"https://{next(host for host, its in hosts if its == region)}{_DASHSCOPE_PATH}"


def dashscope_region(host: str) -> Region | None:
    """Tell where a DashScope host is; None for hosts that are not known."""
    for suffix, region in _WORKSPACE_HOSTS.items():
        if host.endswith(suffix):
            return region
    return _DASHSCOPE_HOSTS.get(host)


def _search(call: SearchCall) -> Body:
    order = SEARCH_ORDER.format(pictures=_pictures(call.count), query=one_line(call.query), then=_then(call))
    return {"input": order, "tools": [{"type": "web_search_image"}], **_NO_THINKING}


def _similar(call: SimilarCall) -> Body:
    about = f", and pay attention to this: {one_line(call.about)}" if call.about else ""
    order = f"Search once for {_pictures(call.count)} that look like this picture{about}\n{_then(call)}"
    asked = user_message([text_part(order), _picture(call.picture)])
    return {"input": [asked], "tools": [{"type": "image_search"}], **_NO_THINKING}


def _describe(call: DescribeCall) -> Body:
    question = text_part(call.question + numbered(len(call.pictures)))
    asked = user_message([question, *map(_picture, call.pictures)])
    return {"input": [asked], "instructions": LOOK, **_NO_THINKING}


def _then(call: SearchCall | SimilarCall) -> str:
    return THEN_ANALYSE if call.analysis else THEN_STOP


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _picture(picture: SentPicture) -> Body:
    if picture.url is None:
        raise BadInput(f"dashscope does not have the file {picture.file_id}: pass the picture by URL, path or handle")
    return image_part(url=picture.url)


def _key_hint(endpoint: Endpoint) -> str:
    where = f" ({endpoint.region})" if endpoint.region else ""
    hint = (
        f" Keys belong to one region: set DASHSCOPE_REGION to the one that yours was made in; this one{where} "
        "does not accept keys of other regions."
    )
    if dashscope_region(endpoint.host) is None:
        hint += " A gateway wants a key of its own."
    if endpoint.key is not None and endpoint.key.get_secret_value().startswith("sk-sp-"):
        hint += " Keys that begin with sk-sp- are of a Coding or Token Plan and work on that plan's own host only."
    return hint


def _fill_workspace(base_url: str, workspace_id: str | None) -> str:
    if not _PLACEHOLDER.search(base_url):
        return base_url
    if not workspace_id:
        raise SettingsError(
            f"DASHSCOPE_BASE_URL {base_url} names no workspace: set DASHSCOPE_WORKSPACE_ID, or put your workspace's id "
            "in place of the braces"
        )
    if not _WORKSPACE.fullmatch(workspace_id):
        raise SettingsError(f"DASHSCOPE_WORKSPACE_ID {workspace_id!r} is not valid: letters, digits and - only")
    return _PLACEHOLDER.sub(workspace_id, base_url)


DIALECT = Dialect(
    words={
        "search": _search,
        "similar": _similar,
        "describe": _describe,
        "generate": dashscope_native.generate,
        "edit": dashscope_native.edit,
    },
    operations={"generate": dashscope_native.OPERATION, "edit": dashscope_native.OPERATION},
    free_failures=True,
    key_hint=_key_hint,
)
