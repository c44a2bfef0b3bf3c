"""Where a service is, and what it is shown at the door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from lightbox.errors import SettingsError
from lightbox.redaction import query_secrets, without_shapes
from lightbox.vocabulary import Region

OPENAI_URL = "https://api.openai.com/v1"
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
_KEY = re.compile(r"[!-~]*")
_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One service at one address.

    Attributes:
        provider: The service, as users name it: `dashscope`, `openai` or `sandbox`.
        base_url: What `/responses` and `/models` are appended to; a query (Azure's `api-version`) is kept.
        key: The API key; never printed.
        region: Where a DashScope host is, None for other hosts.
        headers: Further headers for every request.
    """

    provider: str
    base_url: str
    key: SecretStr | None = None
    region: Region | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def address(self) -> str:
        """The base URL as it may be shown: without its query, in which some gateways want a key."""
        return self.base_url.partition("?")[0]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the key, and what the base URL's query holds."""
        return (*((self.key.get_secret_value(),) if self.key else ()), *query_secrets(self.base_url))

    @property
    def host(self) -> str:
        """The host's name, in lower case."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_azure(self) -> bool:
        """Whether this is OpenAI as Azure serves it."""
        return self.host.endswith(".azure.com")

    @property
    def is_loopback(self) -> bool:
        """Whether the service runs on this machine, where no proxy leads."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def url(self, *path: str, query: Mapping[str, str | int] | None = None) -> str:
        """Give an address below the base URL, e.g. `url("responses", "resp_1", "cancel")`."""
        parts = urlsplit(self.base_url)
        tail = "/".join(quote(part, safe="") for part in path)
        asked = "&".join(filter(None, (parts.query, urlencode(query or {}))))
        return urlunsplit(parts._replace(path=f"{parts.path}/{tail}", query=asked))

    def request_headers(self, *, image_model: str | None = None) -> dict[str, str]:
        """Give the headers of a request; they hold the key, so they are never logged.

        Azure takes its own header for the key, and one that names the deployment of the image model.
        """
        headers = {"User-Agent": "lightbox-mcp", **self.headers}
        if self.key is not None:
            secret = self.key.get_secret_value()
            headers["Authorization"] = f"Bearer {secret}"
            if self.is_azure:
                headers["api-key"] = secret
        if self.is_azure and image_model:
            headers["x-ms-oai-image-generation-deployment"] = image_model
        return headers


def dashscope_endpoint(key: SecretStr, *, base_url: str | None = None, workspace_id: str | None = None) -> Endpoint:
    """Give DashScope's address, the international one unless told otherwise.

    Args:
        key: The key; it belongs to the region of the address.
        base_url: Any of the service's hosts, or a gateway's. `{WorkspaceId}` in it is filled in.
        workspace_id: What to fill in.

    Raises:
        SettingsError: When the address is none, or lacks its workspace.
    """
    filled = _fill_workspace(base_url or DASHSCOPE_URL, workspace_id)
    parts = _read_base_url(filled, "DASHSCOPE_BASE_URL")
    region = dashscope_region(parts.hostname or "")
    if region and not parts.path:
        parts = parts._replace(path=_DASHSCOPE_PATH)
    if region and parts.path == "/api/v1":
        right = urlunsplit(parts._replace(path=_DASHSCOPE_PATH, query=""))
        raise SettingsError(f"DASHSCOPE_BASE_URL {filled.partition('?')[0]} has no Responses API: use {right}")
    return Endpoint(
        provider="dashscope", base_url=urlunsplit(parts), key=_clean(key, "DASHSCOPE_API_KEY"), region=region
    )


def openai_endpoint(
    key: SecretStr | None, *, base_url: str | None = None, headers: Mapping[str, str] | None = None
) -> Endpoint:
    """Give OpenAI's address, or that of a server that speaks as it does; such a one may want no key.

    Raises:
        SettingsError: When the address is none.
    """
    parts = _read_base_url(base_url or OPENAI_URL, "OPENAI_BASE_URL")
    if parts.hostname == "api.openai.com" and not parts.path:
        parts = parts._replace(path="/v1")
    clean = _clean(key, "OPENAI_API_KEY") if key is not None else None
    return Endpoint(provider="openai", base_url=urlunsplit(parts), key=clean, headers=headers or {})


def sandbox_endpoint(base_url: str, *, key: SecretStr | None = None) -> Endpoint:
    """Give the embedded sandbox's address, e.g. `http://127.0.0.1:8000/v1`."""
    return Endpoint(provider="sandbox", base_url=urlunsplit(_read_base_url(base_url, "the sandbox's URL")), key=key)


def dashscope_region(host: str) -> Region | None:
    """Tell where a DashScope host is; None for hosts that are not known."""
    for suffix, region in _WORKSPACE_HOSTS.items():
        if host.endswith(suffix):
            return region
    return _DASHSCOPE_HOSTS.get(host)


def _fill_workspace(base_url: str, workspace_id: str | None) -> str:
    if not _PLACEHOLDER.search(base_url):
        return base_url
    if not workspace_id:
        raise SettingsError(
            f"DASHSCOPE_BASE_URL {base_url} names no workspace: put your workspace's id in place of the braces, "
            "or set DASHSCOPE_WORKSPACE_ID"
        )
    if not _WORKSPACE.fullmatch(workspace_id):
        raise SettingsError(f"DASHSCOPE_WORKSPACE_ID {workspace_id!r} is no workspace id: letters, digits and - only")
    return _PLACEHOLDER.sub(workspace_id, base_url)


def _read_base_url(text: str, setting: str) -> SplitResult:
    """Read a base URL as people write it: with or without a slash or `/responses` at its end."""
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(f"{setting} is no URL: it looks like {OPENAI_URL}") from None
    if parts.scheme not in ("http", "https") or not host:
        shown = without_shapes(text.partition("?")[0])
        raise SettingsError(f"{setting} {shown!r} is no http(s) URL: it looks like {OPENAI_URL}")
    if parts.username or parts.password:
        raise SettingsError(f"{setting} holds a user or password: put the key into its own setting")
    path = parts.path.rstrip("/").removesuffix("/responses").rstrip("/")
    return parts._replace(path=path, fragment="")


def _clean(key: SecretStr, setting: str) -> SecretStr:
    """Drop the blanks and line ends that come along when a key is pasted.

    Raises:
        SettingsError: What is left can't be sent as a key.
    """
    secret = key.get_secret_value().strip()
    if not _KEY.fullmatch(secret):
        raise SettingsError(
            f"{setting} holds a blank, a line break or a letter that no key has: copy it again, the key alone."
        )
    return SecretStr(secret)
