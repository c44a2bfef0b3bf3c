"""What tools work with that only look at pictures, opened at the first call. Importing this takes a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from lightbox.images.fetch import Fetcher
from lightbox.images.store import PictureStore
from lightbox.settings import Settings, read_dirs
from lightbox.state.sqlite import SQLiteDatabase
from lightbox.tools.parts import PictureParts

if TYPE_CHECKING:
    from lightbox.providers.adapter import Adapter
    from lightbox.providers.endpoint import Endpoint


async def open_pictures(
    settings: Settings,
    endpoints: Mapping[str, Endpoint],
    adapters: Callable[[str, str], Awaitable[Adapter]],
    *,
    over_http: bool,
    closing: AsyncExitStack,
) -> PictureParts:
    """Open the state database and the picture store.

    Args:
        settings: The settings.
        endpoints: The configured services.
        adapters: Gives the one adapter of a provider and account.
        over_http: Whether callers are elsewhere: files of this machine are not theirs.
        closing: Closes in the end what is opened here.
    """
    database = SQLiteDatabase(settings.state_dir)
    closing.push_async_callback(database.close)
    fetcher = await closing.enter_async_context(Fetcher(allow=settings.fetch_allow))
    pictures = PictureStore(
        database,
        image_dir=settings.image_dir,
        state_dir=settings.state_dir,
        fetcher=fetcher,
        read_dirs=read_dirs(settings, over_http=over_http),
        shows_paths=not over_http,
    )
    closing.push_async_callback(pictures.close)
    return PictureParts(
        settings=settings,
        endpoints=endpoints,
        adapters=adapters,
        database=database,
        fetcher=fetcher,
        pictures=pictures,
    )
