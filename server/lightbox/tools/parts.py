"""What the tools work with: opened once, where a call comes in, and handed down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.images.content import Content
    from lightbox.images.fetch import Fetcher
    from lightbox.images.picture import Picture
    from lightbox.images.store import PictureStore
    from lightbox.jobs.approvals import Approvals
    from lightbox.jobs.carrying import Carrier
    from lightbox.jobs.journal import Journal
    from lightbox.jobs.recovering import Recovery
    from lightbox.jobs.runner import Runner
    from lightbox.jobs.stopping import Stopping
    from lightbox.jobs.waiting import Waiting
    from lightbox.providers.adapter import Adapter
    from lightbox.providers.endpoint import Endpoint
    from lightbox.settings import Settings
    from lightbox.state.database import Database
    from lightbox.telemetry.observer import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureParts:
    """What is needed to look at pictures.

    Attributes:
        settings: The settings.
        endpoints: The configured services.
        adapters: Gives the one adapter of a provider and account; the sandbox is started when it is first needed.
        content: Where the bytes of pictures are: a folder, or an object store.
        observer: Is told what happens.
    """

    settings: Settings
    endpoints: Mapping[str, Endpoint]
    adapters: Callable[[str, str], Awaitable[Adapter]]
    database: Database
    content: Content
    fetcher: Fetcher
    pictures: PictureStore
    observer: Observer

    async def open_picture(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give a picture's true bytes, and the picture with what they tell.

        What the sandbox found is fetched from where this server's sandbox is: its port may be another now.

        Raises:
            FetchFailed, Forbidden, BadPicture, BadReference: As the picture store's `open`.
        """
        if picture.provider == "sandbox" and picture.origin == "found" and picture.url and picture.sha256 is None:
            now = urlsplit((await self.adapters("sandbox", "")).endpoint.base_url).netloc
            picture = replace(picture, url=urlsplit(picture.url)._replace(netloc=now).geturl())
        return await self.pictures.open(picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(PictureParts):
    """Everything that does the work."""

    catalogue: Catalogue
    journal: Journal
    approvals: Approvals
    runner: Runner
    carrier: Carrier
    waiting: Waiting
    stopping: Stopping
    recovery: Recovery
