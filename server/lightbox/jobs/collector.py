"""What a service sends, kept as it arrives: before anybody is answered, and though nobody may be waiting."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from lightbox.images.fetch import Fetcher
from lightbox.images.picture import FoundPicture
from lightbox.images.store import PictureStore
from lightbox.jobs.check import check_hits
from lightbox.jobs.journal import Journal
from lightbox.jobs.outcome import Hit, MadePicture
from lightbox.jobs.run import Run
from lightbox.providers.updates import Accepted, Finished, Found, Made, Partial, Stage, Update

STAGES = {"thinking": "thinking", "searching": "searching", "painting": "painting", "writing": "writing the answer"}


class Collector:
    """Puts what arrives for a run into the picture store and the journal."""

    def __init__(self, journal: Journal, pictures: PictureStore, fetcher: Fetcher, partials: Path) -> None:
        self._journal = journal
        self._pictures = pictures
        self._fetcher = fetcher
        self._partials = partials

    async def collect(self, run: Run, index: int, update: Update) -> None:
        """Keep one update of the run's call of this index, and tell those who wait."""
        match update:
            case Accepted():
                try:
                    await self._journal.mark_accepted(run.job_id, index, update.response_id, resumable=update.resumable)
                    run.resumable = update.resumable  # only what is in the journal can be left to the next server
                finally:
                    run.responses[index] = update.response_id
            case Stage():
                run.tell(STAGES[update.name])
            case Found():
                await self._found(run, update)
            case Partial():
                await self._partial(run, update)
            case Made():
                await self._made(run, index, update)
            case Finished():
                run.usages[index] = update.usage
                run.texts[index] = update.text
                if update.incomplete_reason:
                    run.notes.append(f"The service stopped early ({update.incomplete_reason}).")
            case _:
                pass

    async def check(self, run: Run) -> None:
        """Check the hits, if the order wants it, and remember the sizes."""
        if not (run.order.check and run.hits):
            return
        run.tell(f"checking {len(run.hits)} hits")
        run.hits = await check_hits(run.hits, self._fetcher, run.order.limit)
        await self._pictures.found(run.order.owner, [_found_picture(hit) for hit in run.hits], run.order.provider)

    def partial_path(self, job_id: str) -> Path:
        """Give the file of a job's latest unfinished picture."""
        return self._partials / job_id

    async def forget_partial(self, job_id: str) -> None:
        """Remove the unfinished picture of a job that has ended."""
        await anyio.Path(self.partial_path(job_id)).unlink(missing_ok=True)

    async def _found(self, run: Run, found: Found) -> None:
        known = {hit.image_url for hit in run.hits}
        new = [hit for hit in found.hits if hit.url not in known]
        rows = [
            FoundPicture(url=hit.url, title=hit.title, page_url=hit.page_url, thumbnail_url=hit.thumbnail_url)
            for hit in new
        ]
        pictures = await self._pictures.found(run.order.owner, rows, run.order.provider)
        for hit, picture in zip(new, pictures, strict=True):
            run.hits.append(
                Hit(
                    image=picture.handle,
                    title=hit.title,
                    image_url=hit.url,
                    page_url=hit.page_url,
                    thumbnail_url=hit.thumbnail_url,
                    width=picture.width,
                    height=picture.height,
                    mime_type=picture.mime_type,
                )
            )
        run.searches += 1
        run.queries.extend(found.queries)
        await self._journal.save_outcome(run.job_id, run.outcome())
        run.tell(f"found {len(run.hits)}")

    async def _partial(self, run: Run, update: Partial) -> None:
        await anyio.to_thread.run_sync(partial(self._write_partial, run.job_id, update.data))
        asked = run.order.priced.partial_images
        run.tell(f"partial {update.index + 1} of {max(asked, update.index + 1)}")

    def _write_partial(self, job_id: str, data: bytes) -> None:
        self._partials.mkdir(parents=True, exist_ok=True)
        unfinished = self._partials / f"{job_id}.new"
        unfinished.write_bytes(data)
        unfinished.replace(self.partial_path(job_id))

    async def _made(self, run: Run, index: int, made: Made) -> None:
        run.tell("saving")
        picture = await self._pictures.keep(
            run.order.owner,
            made.data,
            prompt=run.order.prompt,
            provider=run.order.provider,
            model=run.order.model,
            response_id=run.responses.get(index) if run.resumable else None,
            item_id=made.item_id,
        )
        run.pictures[index] = MadePicture(image=picture.handle, revised_prompt=made.revised_prompt, number=index)
        if picture.note:
            run.notes.append(picture.note)
        await self._journal.save_outcome(run.job_id, run.outcome())


def _found_picture(hit: Hit) -> FoundPicture:
    return FoundPicture(
        url=hit.image_url,
        title=hit.title,
        page_url=hit.page_url,
        thumbnail_url=hit.thumbnail_url,
        width=hit.width,
        height=hit.height,
        mime_type=hit.mime_type,
    )
