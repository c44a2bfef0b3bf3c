"""Everything that does the work, opened at the first call and closed with the server."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import platformdirs
from anyio.abc import TaskGroup

from lightbox.errors import NoProvider, SettingsError
from lightbox.providers.choose import DIALECTS, choose
from lightbox.providers.endpoint import (
    DASHSCOPE_URL,
    OPENAI_URL,
    Endpoint,
    dashscope_endpoint,
    openai_endpoint,
    sandbox_endpoint,
)
from lightbox.settings import Settings
from lightbox.vocabulary import Ability, ProviderName

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.http.links import Links
    from lightbox.images.fetch import Fetcher
    from lightbox.images.picture import Picture
    from lightbox.images.store import PictureStore
    from lightbox.jobs.approvals import Approvals
    from lightbox.jobs.journal import Journal
    from lightbox.jobs.runner import Runner
    from lightbox.providers.adapter import Adapter
    from lightbox.state.database import Database

SANDBOX_URL = "http://127.0.0.1/v1"
"""Stands for the embedded sandbox until it runs: its port is known only then."""

UNCONFIGURED = {
    "dashscope": Endpoint(provider="dashscope", base_url=DASHSCOPE_URL, region="international"),
    "openai": Endpoint(provider="openai", base_url=OPENAI_URL),
    "sandbox": sandbox_endpoint(SANDBOX_URL),
}
"""The services as they would be with a key, for prices."""

HEAVY = ("PIL.Image", "sqlalchemy.ext.asyncio", "aiosqlite", "lightbox.images.store", "lightbox.jobs.runner")
"""What the first call needs and the list of tools does not: imported in a thread, side by side with other work."""

_SETTING: dict[Ability, str] = {
    "search": "search_provider",
    "similar": "search_provider",
    "generate": "generate_provider",
    "edit": "generate_provider",
    "describe": "describe_provider",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What is opened at the first call."""

    catalogue: Catalogue
    database: Database
    fetcher: Fetcher
    pictures: PictureStore
    journal: Journal
    approvals: Approvals
    runner: Runner
    links: Links


class Services:
    """The parts of a running server, each made once, late, and closed in the end.

    Args:
        settings: The settings.
        over_http: Whether callers are elsewhere: paths mean nothing to them, and files of this machine are not theirs.
    """

    def __init__(self, settings: Settings, *, over_http: bool = False) -> None:
        self.settings = settings
        self.over_http = over_http
        self.endpoints = endpoints(settings)
        self._tasks: TaskGroup | None = None
        self._closing = AsyncExitStack()
        self._opening = anyio.Lock()
        self._connecting = anyio.Lock()
        self._parts: Parts | None = None
        self._adapters: dict[str, Adapter] = {}
        self._users = 0

    async def __aenter__(self) -> Self:
        """Enter the lifespan: nothing is opened but the task group in which jobs outlive their calls."""
        self._users += 1
        if self._users == 1:
            self._tasks = await anyio.create_task_group().__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait a little for what can't be asked for again, then close everything that was opened."""
        self._users -= 1
        if self._users or self._tasks is None:
            return
        if self._parts is not None:
            await self._parts.runner.linger()
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)
        with anyio.CancelScope(shield=True):
            await self._closing.aclose()
        self._closing, self._tasks, self._parts, self._adapters = AsyncExitStack(), None, None, {}

    def able(self, ability: Ability) -> bool:
        """Tell whether some configured provider has an ability."""
        try:
            self.choose(ability)
        except NoProvider:
            return False
        return True

    def choose(self, ability: Ability, wanted: str = "auto", *, for_price: bool = False) -> Endpoint:
        """Pick who does it: by the call, else by the settings, else whoever has a key.

        With `for_price`, a service that is named need not be configured: its prices are known without a key.

        Raises:
            NoProvider: Nobody can; the text names the key to set.
        """
        if wanted == "auto":
            wanted = getattr(self.settings, _SETTING[ability]) or self.settings.provider
        known = UNCONFIGURED | self.endpoints if for_price and wanted != "auto" else self.endpoints
        return known[choose(ability, {name: DIALECTS[name] for name in known}, wanted).name]

    async def open(self) -> Parts:
        """Give the parts, making them at the first call."""
        async with self._opening:
            if self._parts is None:
                self._parts = await self._make()
                await self._parts.runner.recover()
            return self._parts

    async def adapter(self, provider: str) -> Adapter:
        """Give the one adapter of a provider; the sandbox is started when it is first needed."""
        from lightbox.providers.adapter import Adapter  # noqa: PLC0415 - its HTTP client is not needed to list tools

        async with self._connecting:
            adapter = self._adapters.get(provider)
            if adapter is None:
                endpoint = await self._started(self.endpoints.get(provider) or UNCONFIGURED[provider])
                store = provider == "sandbox" or (provider == "openai" and self.settings.openai_store)
                adapter = Adapter(endpoint, DIALECTS[provider], store=store)
                self._closing.push_async_callback(adapter.aclose)
                self._adapters[provider] = adapter
            return adapter

    async def open_picture(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give a picture's true bytes, and the picture with what they tell.

        What the sandbox found is fetched from where this server's sandbox is: its port may be another now.

        Raises:
            FetchFailed, Forbidden, BadPicture, BadReference: As the picture store's `open`.
        """
        parts = await self.open()
        if picture.provider == "sandbox" and picture.origin == "found" and picture.url and picture.sha256 is None:
            sandbox = await self.adapter("sandbox")
            now = urlsplit(sandbox.endpoint.base_url).netloc
            picture = replace(picture, url=urlsplit(picture.url)._replace(netloc=now).geturl())
        return await parts.pictures.open(picture)

    async def _started(self, endpoint: Endpoint) -> Endpoint:
        if endpoint.provider != "sandbox":
            return endpoint
        server = await anyio.to_thread.run_sync(importlib.import_module, "lightbox_sandbox.server")
        folder = anyio.Path(self.settings.state_dir / "sandbox")
        await folder.mkdir(parents=True, exist_ok=True)
        remembered = folder / "port"  # the same addresses, hence the same handles, as in the last session
        port = await remembered.read_text() if await remembered.is_file() else ""
        start = partial(server.running_sandbox, state_dir=Path(folder), library=self.settings.library)
        try:
            running = await self._closing.enter_async_context(start(port=int(port or 0)))
        except server.NotStarted:  # another server's sandbox is there
            try:
                running = await self._closing.enter_async_context(start(port=0))
            except server.NotStarted as error:
                raise SettingsError(str(error)) from error
        else:
            await remembered.write_text(str(running.port))
        parts = await self.open()
        parts.fetcher.guard.let_through(f"{running.host}:{running.port}")
        return sandbox_endpoint(running.base_url)

    async def _make(self) -> Parts:
        for name in HEAVY:
            await anyio.to_thread.run_sync(importlib.import_module, name)
        from lightbox.costs.catalogue.catalogue import Catalogue  # noqa: PLC0415
        from lightbox.costs.pricing.budget import Cap  # noqa: PLC0415 - as HEAVY says
        from lightbox.http.links import Links  # noqa: PLC0415
        from lightbox.images.fetch import Fetcher  # noqa: PLC0415
        from lightbox.images.store import PictureStore  # noqa: PLC0415
        from lightbox.jobs.approvals import Approvals  # noqa: PLC0415
        from lightbox.jobs.collector import Collector  # noqa: PLC0415
        from lightbox.jobs.journal import Journal  # noqa: PLC0415
        from lightbox.jobs.runner import Runner  # noqa: PLC0415
        from lightbox.jobs.server_identity import living_server  # noqa: PLC0415
        from lightbox.state.database import Database  # noqa: PLC0415

        settings = self.settings
        catalogue = await anyio.to_thread.run_sync(Catalogue.load, settings.prices)
        links = await anyio.to_thread.run_sync(Links.load, settings.state_dir)
        database = Database(settings.state_dir)
        self._closing.push_async_callback(database.close)
        server = self._closing.enter_context(living_server())
        fetcher = await self._closing.enter_async_context(Fetcher(allow=settings.fetch_allow))
        pictures = PictureStore(
            database,
            image_dir=settings.image_dir,
            state_dir=settings.state_dir,
            fetcher=fetcher,
            read_dirs=read_dirs(settings, over_http=self.over_http),
        )
        journal = Journal(
            database,
            server,
            caps=[Cap.parse(text) for text in settings.budget],
            allow_unpriced=settings.allow_unpriced,
            cache_seconds=settings.cache_seconds,
        )
        collector = Collector(journal, pictures, fetcher, settings.state_dir / "partials")
        if self._tasks is None:
            raise RuntimeError("services are opened inside their lifespan")
        runner = Runner(journal, collector, adapters=self.adapter, catalogue=catalogue, tasks=self._tasks)
        return Parts(catalogue, database, fetcher, pictures, journal, Approvals(database), runner, links)


def endpoints(settings: Settings) -> dict[str, Endpoint]:
    """Give the configured services: those with a key, and the sandbox where no key is set or it is named.

    Raises:
        SettingsError: A base URL is none, or lacks its workspace.
    """
    found: dict[str, Endpoint] = {}
    if settings.dashscope_api_key is not None:
        found["dashscope"] = dashscope_endpoint(
            settings.dashscope_api_key,
            base_url=settings.dashscope_base_url,
            workspace_id=settings.dashscope_workspace_id,
        )
    own_url = settings.openai_base_url != Settings.model_fields["openai_base_url"].default
    if settings.openai_api_key is not None or own_url:  # servers of one's own often want no key
        found["openai"] = openai_endpoint(settings.openai_api_key, base_url=settings.openai_base_url)
    named: set[ProviderName | str | None] = {
        settings.provider,
        settings.search_provider,
        settings.generate_provider,
        settings.describe_provider,
    }
    if not found or "sandbox" in named:
        found["sandbox"] = sandbox_endpoint(SANDBOX_URL)
    return found


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
