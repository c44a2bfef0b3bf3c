"""Everything that does the work, opened at the first call that needs more than pictures. Importing it takes a while."""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskGroup
from anyio.to_thread import run_sync

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.conversion import Exchange
from lightbox.costs.pricing.budget import TOTAL_BUDGET, Cap
from lightbox.errors import LightboxError, NoProvider, SettingsError
from lightbox.images.content_folder import FolderContent
from lightbox.images.upkeep import move_over, prune
from lightbox.jobs.approvals import Approvals
from lightbox.jobs.carrying import Carrier
from lightbox.jobs.journal import Journal
from lightbox.jobs.recovering import Recovery
from lightbox.jobs.runner import Runner
from lightbox.jobs.server_identity import living_server
from lightbox.jobs.stopping import Stopping
from lightbox.jobs.waiting import Waiting
from lightbox.jobs.watching import Watch
from lightbox.providers.adapter import Adapter, Adapters
from lightbox.providers.omission import Omissions
from lightbox.providers.roster import PROVIDERS
from lightbox.providers.sandbox import sandbox_endpoint
from lightbox.state.sharing import now
from lightbox.tools.parts import Parts, PictureParts

if TYPE_CHECKING:
    from lightbox.images.fetch import Fetcher
    from lightbox.providers.endpoint import Endpoint
    from lightbox.settings import Settings

logger = logging.getLogger(__name__)

Accounts = Callable[[str, str], "Endpoint | None"]
"""Gives a service for which a caller brought a key, by the service's name and the key's fingerprint."""

DAY_SECONDS = 86_400
MOST_PORTS = 65_535
MOST_DIGITS = 5
PRUNE_AFTER_SECONDS = 5.0
"""How long after the first call pruning begins: it is never in that call's way."""


async def open_parts(
    opened: PictureParts,
    *,
    tasks: TaskGroup,
    closing: AsyncExitStack,
    accounts: Accounts = lambda _provider, _account: None,
) -> Parts:
    """Open what the tools work with, and take over what servers that are gone have left.

    Args:
        opened: What is opened already.
        tasks: Where jobs live.
        closing: Closes in the end what is opened here.
        accounts: Gives the services that callers brought keys for.
    """
    settings, endpoints, database = opened.settings, opened.endpoints, opened.database
    fetcher, pictures, observer = opened.fetcher, opened.pictures, opened.observer
    catalogue = await run_sync(Catalogue.load, settings.prices)
    exchange = Exchange.parse(settings.rates)
    journal = Journal(
        database,
        closing.enter_context(living_server()),
        caps=[Cap.parse(text, exchange=exchange) for text in settings.budget],
        total_caps=[Cap.parse(text, TOTAL_BUDGET, exchange) for text in settings.total_budget],
        allow_unpriced=settings.allow_unpriced,
        cache_seconds=settings.cache_seconds,
        observer=observer,
    )

    omissions = Omissions()

    async def adapter(provider: str, account: str) -> Adapter:
        row = PROVIDERS[provider]
        endpoint = accounts(provider, account) if account else endpoints.get(provider, row.keyless)
        if endpoint is None:
            raise NoProvider(f"The key with which {provider} was asked for this is no longer here.")
        if provider == "sandbox":
            endpoint = await _sandbox(settings, fetcher, closing)
        stores = row.stores(settings)
        made = Adapter(endpoint, row.dialect, store=stores, omissions=omissions, observer=observer)
        closing.push_async_callback(made.aclose)
        return made

    adapters = Adapters(adapter)
    runner = Runner(
        journal,
        catalogue=catalogue,
        tasks=tasks,
        job_seconds=settings.job_seconds,
        on_end=pictures.forget_partial,
        observer=observer,
    )
    carrier = Carrier(runner, pictures, fetcher, adapters.of)
    recovery = Recovery(runner, carrier)
    watch = Watch(runner, recovery)
    parts = Parts(
        settings=settings,
        endpoints=endpoints,
        adapters=adapters.of,
        catalogue=catalogue,
        database=database,
        content=opened.content,
        fetcher=fetcher,
        pictures=pictures,
        observer=observer,
        journal=journal,
        approvals=Approvals(database),
        runner=runner,
        carrier=carrier,
        waiting=Waiting(runner, watch),
        stopping=Stopping(runner, carrier, catalogue, watch),
        recovery=recovery,
    )
    await recovery.recover()
    tasks.start_soon(recovery.keep_up)
    tasks.start_soon(_prune_daily, parts)
    return parts


async def _sandbox(settings: Settings, fetcher: Fetcher, closing: AsyncExitStack) -> Endpoint:
    """Start the embedded sandbox, where it was in the last session: the same addresses, hence the same handles.

    Raises:
        SettingsError: It can't be started; the text says why.
    """
    server = await run_sync(importlib.import_module, "lightbox_sandbox.server")
    folder = anyio.Path(settings.state_dir / "sandbox")
    await folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    remembered = folder / "port"
    port = (await remembered.read_bytes()).strip() if await remembered.is_file() else b""
    start = partial(server.running_sandbox, state_dir=Path(folder), library=settings.library)
    try:
        running = await closing.enter_async_context(start(port=_port(port)))
    except server.PortTaken:  # another server's sandbox is there
        running = await closing.enter_async_context(start(port=0))
    except server.NotStarted as error:
        raise SettingsError(str(error)) from error
    else:
        await remembered.write_text(str(running.port))
    fetcher.guard.let_through(f"{running.host}:{running.port}")
    return sandbox_endpoint(running.base_url)


def _port(told: bytes) -> int:
    """Read the port of the last session; any free one where the file holds something else."""
    port = int(told) if told.isdigit() and len(told) <= MOST_DIGITS else 0
    return port if port <= MOST_PORTS else 0


async def _prune_daily(parts: Parts) -> None:
    """Remove what nobody needs any more, soon after the start and daily."""
    settings = parts.settings
    await anyio.sleep(PRUNE_AFTER_SECONDS)
    while True:
        try:
            shared = settings.pictures_url is not None
            if shared:
                await move_over(parts.database, FolderContent(settings.state_dir), parts.content)
            moment = await parts.database.read(lambda connection: now(connection, time.time))
            await prune(
                parts.database,
                parts.content,
                keep_days=settings.keep_days,
                cache_bytes=settings.cache_bytes,
                now=moment,
                image_dir=settings.image_dir,
                shared=shared,
            )
        except (LightboxError, OSError):
            logger.warning("what is old could not be removed; it is tried again tomorrow", exc_info=True)
        await anyio.sleep(DAY_SECONDS)
