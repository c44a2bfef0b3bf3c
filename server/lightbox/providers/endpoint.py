"""Where a service is, and what it is shown at the door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from lightbox.errors import SettingsError
from lightbox.untrusted import query_secrets, without_shapes
from lightbox.vocabulary import Region

_EXAMPLE = "https://api.openai.com/v1"
_KEY = re.compile(r"[!-~]*")
_AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")
_TOKEN = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.")
"""How a token of Entra ID begins, which is a JWT: the keys of Azure are letters and digits."""

IMAGE_DEPLOYMENT = "x-ms-oai-image-generation-deployment"
"""The header in which Azure is told which deployment paints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One service at one address.

    Attributes:
        provider: The service, as users name it.
        base_url: What `/responses` and `/models` are appended to; a query (Azure's `api-version`) is kept.
        key: The API key; never printed.
        region: Where a DashScope host is, None for other hosts.
        account: Whose key it is: empty for the server's, else a fingerprint of the one that a caller brought.
        image_deployment: The name of the image model's deployment, where Azure serves; None: that of the model.
    """

    provider: str
    base_url: str
    key: SecretStr | None = None
    region: Region | None = None
    account: str = ""
    image_deployment: str | None = None

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
        return is_azure_host(self.host)

    @property
    def lists_what_it_serves(self) -> bool:
        """Whether `/models` names what can be asked for: Azure names models there, and is asked for deployments."""
        return not self.is_azure

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

        Azure takes keys in a header of its own, and takes what stands in the usual one for a token of Entra ID. The
        image model's deployment it wants named in a header, too.

        Args:
            image_model: The image model that the request calls; None where it calls none.
        """
        headers = {"User-Agent": "lightbox-mcp"}
        if self.key is not None:
            secret = self.key.get_secret_value()
            if self.is_azure and not _TOKEN.match(secret):
                headers["api-key"] = secret
            else:
                headers["Authorization"] = f"Bearer {secret}"
        deployment = self.image_deployment or (image_model if self.is_azure else None)
        if image_model and deployment:
            headers[IMAGE_DEPLOYMENT] = deployment
        return headers


def is_azure_host(host: str) -> bool:
    """Tell whether OpenAI is served by Azure at a host."""
    return host.endswith(_AZURE)


def read_base_url(text: str, setting: str) -> SplitResult:
    """Read a base URL as people write it: with or without a slash or `/responses` at its end.

    Raises:
        SettingsError: It is not an http(s) URL, or holds a password; the text names the setting.
    """
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(f"{setting} is not a URL: it looks like {_EXAMPLE}") from None
    if parts.scheme not in ("http", "https") or not host:
        shown = without_shapes(text.partition("?")[0])
        raise SettingsError(f"{setting} {shown!r} is not an http(s) URL: it looks like {_EXAMPLE}")
    if parts.username or parts.password:
        raise SettingsError(f"{setting} holds a user or password: put the key into its own setting")
    path = parts.path.rstrip("/").removesuffix("/responses").rstrip("/")
    return parts._replace(path=path, fragment="")


def clean_key(key: SecretStr, setting: str) -> SecretStr:
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
