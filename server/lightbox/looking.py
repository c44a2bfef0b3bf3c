"""What tools work with that only look at pictures, opened at the first call. Importing this takes a while."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from anyio.to_thread import run_sync

from lightbox.images.content_folder import FolderContent, SharedFolder
from lightbox.images.fetch import Fetcher
from lightbox.images.store import PictureStore
from lightbox.settings import Settings, read_dirs
from lightbox.state.engines import open_database
from lightbox.tools.parts import PictureParts

if TYPE_CHECKING:
    from lightbox.images.content import Content
    from lightbox.providers.adapter import Adapter
    from lightbox.providers.endpoint import Endpoint
    from lightbox.state.database import Database
    from lightbox.telemetry.observer import Observer


async def open_pictures(
    settings: Settings,
    endpoints: Mapping[str, Endpoint],
    adapters: Callable[[str, str], Awaitable[Adapter]],
    *,
    over_http: bool,
    observer: Observer,
    closing: AsyncExitStack,
    on_open: Callable[[Database], Awaitable[None]] | None = None,
    on_made: Callable[[str], None] = lambda _: None,
) -> PictureParts:
    """Open the state database and the picture store.

    Args:
        settings: The settings.
        endpoints: The configured services.
        adapters: Gives the one adapter of a provider and account.
        over_http: Whether callers are elsewhere: files of this machine are not theirs.
        observer: Is told what happens.
        closing: Closes in the end what is opened here.
        on_open: Told of the database before anything works with it.
        on_made: Told the owner of each picture that was made.
    """
    database = observer.watched(open_database(settings.state_dir, settings.state_address))
    closing.push_async_callback(database.close)
    if on_open is not None:
        await on_open(database)
    spare = FolderContent(settings.state_dir, "The state folder" if over_http else None)
    content = await run_sync(content_of, settings, "The object store" if over_http else None) or spare
    fetcher = await closing.enter_async_context(Fetcher(allow=settings.fetch_allow, observer=observer))
    pictures = PictureStore(
        database,
        content=content,
        spare=spare,
        # Callers elsewhere have nothing of a folder here, and other servers neither: the store has all pictures.
        image_dir=None if over_http and content is not spare else settings.image_dir,
        keeps_made=content is not spare,
        fetcher=fetcher,
        read_dirs=read_dirs(settings, over_http=over_http),
        shows_paths=not over_http,
        observer=observer,
        on_made=on_made,
    )
    closing.push_async_callback(pictures.close)
    return PictureParts(
        settings=settings,
        endpoints=endpoints,
        adapters=adapters,
        database=database,
        content=content,
        fetcher=fetcher,
        pictures=pictures,
        observer=observer,
    )


def content_of(settings: Settings, called: str | None = None) -> Content | None:
    """Give what servers share by the setting PICTURES_URL: an object store or a folder; None without it.

    Args:
        settings: The settings.
        called: What errors call it, where they may not name it.

    Raises:
        SettingsError: It can't be one; the text says why.
    """
    if settings.pictures_url is None:
        return None
    parts = urlsplit(settings.pictures_url)
    if parts.scheme == "file":
        return SharedFolder(Path(url2pathname(parts.path)), called)
    bucket = importlib.import_module("lightbox.images.content_bucket")
    return bucket.BucketContent(settings.pictures_url, called=called, links=settings.pictures_links)
