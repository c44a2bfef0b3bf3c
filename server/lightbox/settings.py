"""Settings: made once from the command line, the environment, a TOML file and defaults, in this order."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from lightbox.configuration import APPLICATION, default_file
from lightbox.errors import SettingsError
from lightbox.untrusted import password_in, query_secrets, without_shapes
from lightbox.vocabulary import ProviderChoice, Region

PREFIX = "LIGHTBOX_"
KEYS = ("dashscope_api_key", "openai_api_key", "openrouter_api_key")
"""The keys of services."""
SECRETS = (*KEYS, "state_url")
"""The settings that are secrets, or hold one; each may also be named by a file."""
STORES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "file")
"""How the address of an object store may begin."""
STORE_SECRETS = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_CLIENT_SECRET",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
)
"""Variables of the environment whose values an object store takes, and nobody may see."""
LONGEST_KEY = 10_000
"""How much of a file with a key is read, in characters."""

_PLACEHOLDER = re.compile(r"\$\{[^}]*\}|\$\w+|%\w+%|")

_PLACES: dict[str, Region] = {
    "singapore": "international",
    "ap-southeast-1": "international",
    "intl": "international",
    "beijing": "mainland",
    "cn-beijing": "mainland",
    "china": "mainland",
    "virginia": "us",
    "us-east-1": "us",
    "frankfurt": "eu",
    "eu-central-1": "eu",
    "tokyo": "jp",
    "ap-northeast-1": "jp",
}
_DEPLOYMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LEFT_EMPTY = re.compile(r"\s*(\$\{user_config\.\w+\})?\s*")

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["text", "json"]


def _expanded(value: object) -> object:
    """Take blanks, and a placeholder that a client passed on as it stands (`${OPENAI_API_KEY}`), for no key at all."""
    return None if isinstance(value, str) and _PLACEHOLDER.fullmatch(value.strip()) else value


def _listed(value: object) -> object:
    """Take a list as the environment gives it: parts between commas (between path separators for folders)."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _folders(value: object) -> object:
    return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("there is no such home folder") from None


UserPath = Annotated[Path, AfterValidator(_at_home)]
"""A path in which `~` is the person's home, as in a shell."""


def _store_address(value: str | None) -> str | None:
    """Refuse at the start what can be no object store, or what would show a secret."""
    if value is None:
        return None
    parts = urlsplit(value)
    folder = parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path.startswith("/")
    if not folder and (parts.scheme not in STORES or not parts.netloc or parts.scheme == "file"):
        raise ValueError("that is not an object store: it begins with s3://, gs://, az:// or file:///, then the bucket")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("it holds more than bucket and prefix: credentials belong in the environment (AWS_…)")
    if not folder and find_spec("obstore") is None:
        raise ValueError("object stores need the extra s3: pip install 'lightbox-mcp[s3]'")
    return value


def _region(value: object) -> object:
    """Take the names of places, and of the service's own regions, for the region whose prices hold there."""
    return _PLACES.get(value.strip().lower(), value.strip().lower()) if isinstance(value, str) else value


def _header_value(value: str | None) -> str | None:
    """Refuse at the start what no header can carry."""
    if value is not None and not _DEPLOYMENT.fullmatch(value):
        raise ValueError("that is not the name of a deployment: letters, digits and . _ - only")
    return value


def _pictures_folder() -> Path:
    return Path(platformdirs.user_pictures_dir()) / "Lightbox"


def _state_folder() -> Path:
    return Path(platformdirs.user_state_dir(APPLICATION, appauthor=False))


def _service(name: str, description: str, *, default: Any = None) -> Any:
    """A setting under the service's own name, which works with our prefix too."""
    aliases = AliasChoices(name, f"{PREFIX}{name}", name.lower())
    return Field(default=default, validation_alias=aliases, description=description)


Key = Annotated[SecretStr | None, BeforeValidator(_expanded)]


class _Environment(EnvSettingsSource):
    """The environment, without what a bundle's form left empty: some clients then hand on blanks, or the placeholder.

    Other placeholders stay, and are errors in all settings but keys: a budget must not be lost in silence.
    """

    def __init__(self, settings: type[BaseSettings]) -> None:
        super().__init__(settings)
        self.env_vars = {name: value for name, value in self.env_vars.items() if not _LEFT_EMPTY.fullmatch(value or "")}


class Settings(BaseSettings):
    """Every setting of Lightbox; in the environment under `LIGHTBOX_` and the upper-case name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, populate_by_name=True)

    dashscope_api_key: Key = _service("DASHSCOPE_API_KEY", "Key of Alibaba Model Studio; keys are regional.")
    dashscope_api_key_file: UserPath | None = _service(
        "DASHSCOPE_API_KEY_FILE", "File that holds the key and nothing else, instead of `DASHSCOPE_API_KEY`."
    )
    dashscope_base_url: str = _service(
        "DASHSCOPE_BASE_URL",
        "Base URL of a gateway, or of a workspace; `{WorkspaceId}` in it is replaced by `DASHSCOPE_WORKSPACE_ID`. Not "
        "set: that of `DASHSCOPE_REGION`.",
        default="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    )
    dashscope_workspace_id: str | None = _service("DASHSCOPE_WORKSPACE_ID", "Workspace for hosts that begin with one.")
    dashscope_region: Annotated[Region | None, BeforeValidator(_region)] = _service(
        "DASHSCOPE_REGION",
        "Region of the key: international (Singapore, the default), mainland (Beijing), us, eu or jp; or the place. "
        "Where `DASHSCOPE_BASE_URL` is a gateway, that region's prices hold.",
    )
    openai_api_key: Key = _service("OPENAI_API_KEY", "Key of OpenAI, Azure or a compatible service.")
    openai_api_key_file: UserPath | None = _service(
        "OPENAI_API_KEY_FILE", "File that holds the key and nothing else, instead of `OPENAI_API_KEY`."
    )
    openai_base_url: str = _service(
        "OPENAI_BASE_URL",
        "Base URL of OpenAI, Azure (`https://NAME.openai.azure.com/openai/v1`) or a compatible service.",
        default="https://api.openai.com/v1",
    )
    openrouter_api_key: Key = _service("OPENROUTER_API_KEY", "Key of OpenRouter, which passes calls on to many makers.")
    openrouter_api_key_file: UserPath | None = _service(
        "OPENROUTER_API_KEY_FILE", "File that holds the key and nothing else, instead of `OPENROUTER_API_KEY`."
    )
    openrouter_base_url: str = _service(
        "OPENROUTER_BASE_URL", "Base URL of OpenRouter.", default="https://openrouter.ai/api/v1"
    )

    provider: ProviderChoice = Field(
        default="auto",
        description="Who serves: auto takes whoever has a key and the ability; the sandbox where no key is set.",
    )
    search_provider: ProviderChoice | None = Field(default=None, description="Who searches, if not `PROVIDER`.")
    generate_provider: ProviderChoice | None = Field(
        default=None, description="Who generates and edits, if not `PROVIDER`."
    )
    describe_provider: ProviderChoice | None = Field(default=None, description="Who describes, if not `PROVIDER`.")
    dashscope_model: str | None = Field(default=None, description="Model that searches and describes on DashScope.")
    dashscope_image_model: str | None = Field(default=None, description="Image model on DashScope.")
    openai_model: str | None = Field(
        default=None, description="Mainline model on OpenAI: searches, describes, calls the image model."
    )
    openai_image_model: str | None = Field(default=None, description="Image model on OpenAI.")
    openai_image_deployment: Annotated[str | None, AfterValidator(_header_value)] = Field(
        default=None,
        description="Name of the image model's deployment on Azure, where it differs from the model's; sent as "
        "`x-ms-oai-image-generation-deployment`, also through a gateway.",
    )
    openrouter_model: str | None = Field(
        default=None, description="Mainline model on OpenRouter: describes, calls the image model."
    )
    openrouter_image_model: str | None = Field(default=None, description="Image model on OpenRouter.")
    openai_store: bool = Field(
        default=True,
        description="Let OpenAI store responses: a dropped stream is taken up again and an edit continues. "
        "False: pictures are sent again. The others are always asked not to store.",
    )

    wait_seconds: float = Field(
        default=40, gt=0, le=3600, description="Seconds after which a call answers `running` with its job id."
    )
    job_seconds: float = Field(
        default=600,
        gt=0,
        description="Seconds after which a job is settled with what has come, whatever the service still sends.",
    )
    max_result_bytes: int = Field(
        default=600_000, ge=20_000, le=9_000_000, description="Largest answer in bytes, measured as it is encoded."
    )
    previews: Literal["auto", "off"] = Field(
        default="auto",
        description="off: no answer of a tool holds a picture, only words about it and where it is. For clients that "
        "hand pictures to the model as text, such as Google ADK and LlamaIndex.",
    )
    image_dir: UserPath = Field(
        default_factory=_pictures_folder, description="Folder in which made pictures are saved."
    )
    state_dir: UserPath = Field(
        default_factory=_state_folder, description="Folder of the journal, the handles and fetched pictures."
    )
    pictures_url: Annotated[str | None, AfterValidator(_store_address)] = Field(
        default=None,
        description="Object store for pictures that several servers share: `s3://BUCKET/PREFIX`, `gs://…`, `az://…` or "
        "`file:///FOLDER`. Credentials come from the environment (`AWS_…`). All but `file` need the extra `s3`.",
    )
    pictures_links: Literal["auto", "store", "server"] = Field(
        default="auto",
        description="Who sends what a link over HTTP opens: the object store by an address that it signs, or this "
        "server. auto: the store where it is Amazon's, Google's, Microsoft's or Cloudflare's own.",
    )
    state_url: Key = Field(
        default=None,
        description="PostgreSQL that several servers share, instead of a file in `STATE_DIR`: "
        "`postgresql://USER:PASSWORD@HOST:5432/DATABASE`. Needs `lightbox-mcp[postgres]`.",
    )
    state_url_file: UserPath | None = Field(
        default=None, description="File that holds this URL and nothing else, instead of `STATE_URL`."
    )
    read_dirs: Annotated[tuple[UserPath, ...] | None, NoDecode, BeforeValidator(_folders)] = Field(
        None,
        description="Files may be read only below these (a path list). Default over stdio: working folder, "
        "image folder, Pictures, Downloads, Desktop; over HTTP: none.",
    )
    fetch_allow: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="`host:port` pairs that may be fetched although they are private, separated by commas."
    )
    http_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="Names under which an HTTP server is reached, separated by commas, e.g. `pictures.example.com`.",
    )
    public_url: str | None = Field(
        default=None,
        description="Address of an HTTP server as its clients are given it, e.g. `https://pictures.example.com/mcp`.",
    )
    tokens: UserPath | None = Field(
        default=None,
        description="File of who may call over HTTP, with what budget and tools; `lightbox token add NAME` writes it.",
    )
    oauth_issuer: str | None = Field(
        default=None,
        description="Issuer of access tokens that are taken over HTTP: JWTs made for `PUBLIC_URL`, with the scope "
        "`lightbox`.",
    )
    trust_proxy: str | None = Field(
        default=None,
        description="Header in which a proxy that authenticates callers names them over HTTP, e.g. "
        "`X-Forwarded-User`; requests without it are refused. Only the proxy may be able to reach the server.",
    )
    calls_per_caller: int = Field(
        default=16,
        ge=1,
        le=256,
        description="Calls that a caller may have at work at once over HTTP, with the jobs that answered `running`; "
        "on each server.",
    )
    library: UserPath | None = Field(
        default=None, description="Folder of pictures in which the sandbox searches, instead of its own."
    )

    budget: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="What may be spent, e.g. `5 USD/day, 2 CNY/hour`; over HTTP by each caller "
        "whose token has no budget of its own.",
    )
    total_budget: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="What all callers together may spend, in the form of `BUDGET`, which holds beside it."
    )
    rates: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="Your own rates between currencies, e.g. `1 USD = 7.2 CNY`: by them every cap and `CONFIRM_ABOVE` "
        "hold for the other currency too. Not set: nothing is converted.",
    )
    confirm_above: str | None = Field(
        default=None, description="Ask the person before a call that may cost more, e.g. `0.50 USD`."
    )
    allow_unpriced: bool = Field(
        default=False, description="Let calls of unknown price through although a budget or `CONFIRM_ABOVE` is set."
    )
    prices: UserPath | None = Field(
        default=None, description="TOML file of your own models and prices, in the form of `config/models`."
    )
    partial_images: int = Field(
        1,
        ge=0,
        le=3,
        description="Unfinished pictures on the way to a made one; each adds 100 output tokens to its bill.",
    )
    cache_seconds: int = Field(
        default=3600, ge=0, description="Seconds for which an identical search is answered from the journal."
    )
    keep_days: float = Field(
        default=90,
        gt=0,
        description="Days for which found pictures that nobody used, and what old jobs brought, are kept. Made "
        "pictures and the ledger's figures are kept for ever.",
    )
    cache_bytes: int = Field(
        default=2_000_000_000,
        ge=0,
        description="How much of fetched and given pictures is kept in the state folder, or in the object store.",
    )
    quick_start: bool = Field(
        default=True,
        description="Over stdio, answer a client's handshake and its lists as they were answered last time, while the "
        "server is still starting.",
    )
    log_level: LogLevel = Field(
        default="WARNING", description="What goes to stderr; INFO adds a line for each call of a tool."
    )
    log_format: LogFormat = Field(default="text", description="How log lines are written: text, or one JSON each.")
    metrics: str | None = Field(
        default=None,
        description="Address of its own at which Prometheus reads `/metrics`, e.g. `127.0.0.1:9464`; whoever reaches "
        "it can read it. Needs the extra `[otel]`.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the command line first, then the environment, then the TOML file."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _Environment(settings_cls), TomlConfigSettingsSource(settings_cls)

    @property
    def keys(self) -> tuple[str, ...]:
        """The secrets in use, so that whatever writes text for others can strike them out."""
        keys = (self.dashscope_api_key, self.openai_api_key, self.openrouter_api_key, self.state_url)
        urls = (self.dashscope_base_url, self.openai_base_url, self.openrouter_base_url, self.state_address or "")
        return (
            *(key.get_secret_value().strip() for key in keys if key),
            *(secret for url in urls for secret in query_secrets(url)),
            *(os.environ[name] for name in STORE_SECRETS if self.pictures_url and os.environ.get(name)),
            *password_in(self.state_address or ""),
        )

    @property
    def state_address(self) -> str | None:
        """Where PostgreSQL is; None where the state is in a file."""
        return self.state_url.get_secret_value().strip() if self.state_url else None

    @property
    def places(self) -> dict[str, Path]:
        """The folders of this machine by what they are called: their paths do not concern callers elsewhere."""
        named = {"image folder": self.image_dir, "state folder": self.state_dir}
        named |= {"library": self.library} if self.library else {}
        named |= {"price file": self.prices} if self.prices else {}
        named |= {"token file": self.tokens} if self.tokens else {}
        readable = {f"readable folder {number}": path for number, path in enumerate(self.read_dirs or (), start=1)}
        named |= readable
        for what, find in (("home folder", Path.home), ("working folder", Path.cwd)):
            with suppress(OSError, RuntimeError):  # a user without a home, a folder that is gone
                named[what] = find()
        return named


def load(file: Path | None = None, **overrides: Any) -> Settings:
    """Make the settings from the command line's overrides, the environment, the file, and defaults.

    Raises:
        SettingsError: An unknown or wrong setting, by name, value and what would be right; an unreadable file.
    """
    _refuse_unknown_variables()
    path = file or (default_file() if default_file().is_file() else None)
    if path is not None:
        _check_file(path)

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        settings = FromFile(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        raise SettingsError(_explain(error, path)) from None  # the cause would show values, keys among them
    if keys := _keys_from_files(settings):
        settings = settings.model_copy(update=keys)
    check_amounts(settings)
    if settings.state_address is not None:
        check_state_url(environment_name("state_url"), settings.state_address)
    return settings


def read_dirs(settings: Settings, *, over_http: bool) -> tuple[Path, ...]:
    """Give the folders below which files may be read: those that are set, else the usual ones, none over HTTP."""
    if settings.read_dirs is not None:
        return settings.read_dirs
    if over_http:
        return ()
    usual: tuple[Callable[[], str], ...] = (
        platformdirs.user_pictures_dir,
        platformdirs.user_downloads_dir,
        platformdirs.user_desktop_dir,
    )
    here = Path.cwd()
    # Desktop programs start servers at the root of the disk: that is nobody's choice to have all of it read.
    working = () if here == here.parent else (here,)
    return (*working, settings.image_dir, *(Path(folder()) for folder in usual))


def environment_name(field: str) -> str:
    """Give the name under which a field stands in the environment, e.g. `LIGHTBOX_IMAGE_DIR`, `OPENAI_API_KEY`."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{PREFIX}{field.upper()}"


def check_amounts(settings: Settings) -> None:
    """Refuse a budget that is not valid at the start, not at the first call that should have been held to it.

    Raises:
        SettingsError: It is not one; the text names the setting.
    """
    if not (settings.budget or settings.total_budget or settings.confirm_above or settings.rates):
        return
    from lightbox.costs.conversion import Exchange  # noqa: PLC0415
    from lightbox.costs.money import Money  # noqa: PLC0415
    from lightbox.costs.pricing.budget import Cap  # noqa: PLC0415 - only where amounts are set

    readers: list[tuple[str, Callable[[], object]]] = [("rates", partial(Exchange.parse, settings.rates))]
    readers += [("budget", partial(Cap.parse, text)) for text in settings.budget]
    readers += [("total_budget", partial(Cap.parse, text)) for text in settings.total_budget]
    if settings.confirm_above:
        readers.append(("confirm_above", partial(Money.parse, settings.confirm_above)))
    for field, read in readers:
        try:
            read()
        except SettingsError as error:
            raise SettingsError(without_shapes(f"{environment_name(field)}: {error}")) from None


def check_state_url(name: str, url: str) -> None:
    """Refuse at the start what can't hold the state. The URL is not repeated: it may hold a password.

    Raises:
        SettingsError: It is of no known kind, or the package that speaks to PostgreSQL is not installed.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError(f"{name} does not begin with postgresql://: no other database can be shared.")
    if find_spec("psycopg") is None:
        raise SettingsError(f"{name} names PostgreSQL, which needs a package: pip install 'lightbox-mcp[postgres]'.")


def _keys_from_files(settings: Settings) -> dict[str, SecretStr]:
    """Read the keys that stand in files of their own, by the settings that they are meant for.

    Raises:
        SettingsError: A file can't be read or is empty, or the key is given twice; the text names setting and file.
    """
    keys: dict[str, SecretStr] = {}
    for field in SECRETS:
        path: Path | None = getattr(settings, f"{field}_file")
        if path is None:
            continue
        name = environment_name(f"{field}_file")
        if getattr(settings, field) is not None:
            raise SettingsError(f"{name} and {environment_name(field)} are both set: leave one of them out.")
        keys[field] = SecretStr(read_key(name, path))
    return keys


def read_key(name: str, path: Path) -> str:
    """Read a key from the file that `name` names.

    Raises:
        SettingsError: It can't be read or is empty; the text says `name` and the file.
    """
    shown = without_shapes(str(path))
    try:
        if not path.is_file():  # a pipe would hold up the start
            raise SettingsError(
                f"{name} names {shown}, which is not a file: name one that holds the key and nothing else."
            )
        key = path.read_text("utf-8")[:LONGEST_KEY].strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(
            f"{name} names {shown}, which can't be read ({why}): check its path and permissions."
        ) from None
    if not key:
        raise SettingsError(f"{name} names {shown}, which is empty: write the key into it.")
    return key


def exposed_file(path: Path | None = None) -> Path | None:
    """Give the settings file where it holds a key that others than its owner can read; None where all is well."""
    file = path or default_file()
    try:
        open_to_others = os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
        document = tomllib.loads(file.read_text("utf-8")) if open_to_others else {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    return file if any(document.get(field) for field in SECRETS) else None


def _refuse_unknown_variables() -> None:
    fields = Settings.model_fields
    known = {environment_name(field) for field in fields} | {f"{PREFIX}{field.upper()}" for field in fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            raise SettingsError(f"{name} is not a setting of Lightbox.{nearest(name, known)}")


def _check_file(path: Path) -> None:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} can't be read ({error.strerror}): name another with --config."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from None
    for name in document:
        if name not in Settings.model_fields:
            raise SettingsError(
                f"{name!r} in {path} is not a setting of Lightbox.{nearest(name, Settings.model_fields)}"
            )


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the likest name; the prefix, which all share, makes nothing alike."""
    bare = {other.removeprefix(PREFIX): other for other in known}
    near = difflib.get_close_matches(name.removeprefix(PREFIX), bare, n=1)
    return f" Did you mean {bare[near[0]]}?" if near else " config/lightbox.toml shows all of them."


def _explain(error: ValidationError, path: Path | None) -> str:
    lines: list[str] = []
    for row in error.errors(include_url=False, include_context=False):
        location = str(row["loc"][0]) if row["loc"] else "settings"
        field = location.lower().removeprefix(PREFIX.lower())
        name = environment_name(field) if field in Settings.model_fields else location
        hidden = field in SECRETS or (field == "pictures_url" and set("@?#") & set(str(row["input"])))
        shown = "" if hidden else f" {without_shapes(str(row['input']))[:80]!r}"
        lines.append(f"{name}{shown}: {row['msg']}.")
    where = f" (the environment, the command line or {path})" if path else " (the environment or the command line)"
    return "Wrong settings" + where + ":\n" + "\n".join(lines)
