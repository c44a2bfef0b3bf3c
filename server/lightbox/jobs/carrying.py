"""Carrying a job out: its requests are sent, and what comes is kept as it arrives, though nobody may be waiting."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

import anyio
from anyio.abc import TaskGroup

from lightbox.costs.call import PaintedPicture
from lightbox.costs.counting.image_size import parse_size
from lightbox.errors import Interrupted, LightboxError, NoProvider, NotDone, NotStored, StorageFailed
from lightbox.images import rendering
from lightbox.images.fetch import check_hits
from lightbox.images.records import as_hit
from lightbox.images.transform import Transformation, to_exactly
from lightbox.jobs.job import Job, MadePicture, Order, Plan, Request
from lightbox.jobs.journal import Opened, Withdrawn
from lightbox.jobs.runner import SLOW_SECONDS, Phase, Run, Runner
from lightbox.providers.omission import KEEPING
from lightbox.providers.updates import (
    Accepted,
    Damaged,
    Finished,
    Found,
    LeftOut,
    Made,
    MadeAt,
    Painted,
    Partial,
    SearchesDone,
    Stage,
    Update,
)
from lightbox.untrusted import named

if TYPE_CHECKING:
    from lightbox.images.fetch import Fetcher
    from lightbox.images.picture import Picture
    from lightbox.images.store import PictureStore
    from lightbox.providers.adapter import Adapter
    from lightbox.providers.calls import Call
    from lightbox.telemetry.observer import ObservedRequest
    from lightbox.vocabulary import SavedFormat

logger = logging.getLogger(__name__)

LONGEST_REASON = 60
"""How much of a service's reason for stopping is told, in characters."""
MOST_HITS = 300
"""How many hits of one call are kept."""
KEEP_SECONDS = 0.05
"""How soon hits are written down that are not answered with before: an answer that comes at once writes them itself."""
FETCH_PAUSES = (0.5, 2.0, 8.0)
"""Seconds before each further try to fetch a picture that was made: soon, for not all say how long an address lives."""
LAST_EVENTS_SECONDS = 0.02
"""How long an answer waits for the rest of a stream, so that answer and bill are written down together."""
LAST_WORDS_SECONDS = 5.0
"""How long a service that was told to stop may take to say so, with its bill."""

STAGES = {"thinking": "thinking", "searching": "searching", "painting": "painting", "writing": "writing the answer"}

Adapters = Callable[[str, str], Awaitable["Adapter"]]
"""Gives the adapter of a provider for one account: empty for that of the server's own key."""


class Carrier:
    """Sends what was ordered, and puts what arrives into the picture store and the journal.

    Args:
        runner: Works on the jobs.
        pictures: Keeps what is made.
        fetcher: Looks at hits.
        adapters: Gives the adapter of a provider.
    """

    def __init__(self, runner: Runner, pictures: PictureStore, fetcher: Fetcher, adapters: Adapters) -> None:
        self._runner = runner
        self._journal = runner.journal
        self._pictures = pictures
        self._fetcher = fetcher
        self.adapters = adapters

    async def start(self, plan: Plan) -> Opened:
        """Reserve, journal and begin; a call that runs already is joined, a journaled search is not sent again.

        A caller that is cancelled before the request has left takes it back.

        Raises:
            OverBudget: As `Journal.open`; nothing was sent.
            LightboxError: The service can't be had; nothing was sent.
        """
        adapter = await self.adapters(plan.order.provider, plan.order.account)
        opening = _Opening()
        self._runner.tasks.start_soon(self._open, plan, adapter, opening)
        return await opening.opened()

    async def take_up(self, job: Job, run: Run) -> None:
        """Ask again for what an earlier server began."""
        if job.outcome is not None:
            run.pictures = list(job.outcome.pictures)
        run.become(Phase.SENT)
        run.tell(f"asking {job.order.provider} again for what an earlier server began")
        for request in run.requests.values():
            if request.response_id is None:
                request.failure = Interrupted(
                    f"an earlier server ended before {job.order.provider} had named this call; it may have been billed"
                )
        try:
            adapter = await self.adapters(job.order.provider, job.order.account)
        except LightboxError as error:
            run.requests[0].failure = Interrupted(f"{error} A call that an earlier server sent may have been billed.")
            return
        await self._receive(
            run, {index: adapter.take_up(name, job.order.ability) for index, name in run.responses.items()}
        )

    async def stop(self, run: Run) -> bool:
        """Tell the service to stop what it has accepted; give it a moment for its last words."""
        if not await self.tell_service(run.order, run.responses):
            return False
        run.become(Phase.STOPPED)
        run.scope.deadline = anyio.current_time() + LAST_WORDS_SECONDS
        return True

    async def tell_service(self, order: Order, responses: Mapping[int, str]) -> bool:
        """Tell a service to stop; False where it can't be told, or does not listen."""
        try:
            adapter = await self.adapters(order.provider, order.account)
        except NoProvider:  # the key with which it was ordered is gone
            return False
        told = [await adapter.cancel(response_id) for response_id in tuple(responses.values())]
        return bool(told) and all(told)

    async def _open(self, plan: Plan, adapter: Adapter, opening: _Opening) -> None:
        """Open a job apart from its caller: a reservation without somebody who works on it would block the budget."""
        try:
            opened = await self._journal.open(plan.order, caps=plan.caps, withdrawn=lambda: opening.withdrawn)
        except Withdrawn:
            return
        except Exception as error:  # noqa: BLE001 - raised where the caller waits
            opening.tell(error)
            return
        if opened.how == "new":
            run = self._runner.begin(opened.job, partial(self._send, plan, adapter))
            if opening.withdrawn:
                run.become(Phase.WITHDRAWN)
        opening.tell(opened)

    async def _send(self, plan: Plan, adapter: Adapter, run: Run) -> None:
        if not run.become(Phase.SENT):
            return
        run.tell(f"sent to {plan.order.provider} as {run.job_id}")
        await self._receive(run, {index: adapter.stream(call) for index, call in enumerate(plan.calls)})
        gone = [failure for failure in run.failures if isinstance(failure, NotStored)]
        if plan.instead is not None and len(gone) == len(plan.calls):
            await self._send_instead(plan.instead, adapter, run)

    async def _send_instead(
        self, make_calls: Callable[[], Awaitable[tuple[Call, ...]]], adapter: Adapter, run: Run
    ) -> None:
        """Send the pictures themselves: the service had turned the calls away, so nothing is paid twice."""
        run.tell("the stored response is gone: sending the picture itself")
        try:
            calls = await make_calls()
        except LightboxError as error:
            for request in run.requests.values():
                request.failure = error
            return
        for request in run.requests.values():
            request.failure = None
        await self._receive(run, {index: adapter.stream(call) for index, call in enumerate(calls)})

    async def _receive(self, run: Run, streams: Mapping[int, AsyncGenerator[Update]]) -> None:
        """Read all answers to their ends; hits are looked at as soon as the searches are done."""
        run.read = anyio.Event()
        async with anyio.create_task_group() as tasks:
            reading = set(streams)

            async def read(index: int, updates: AsyncGenerator[Update]) -> None:
                with self._runner.observer.request(run.order.observed(run.job_id), index) as observed:
                    await self._read(run, index, updates, tasks)
                    _tell(run.requests[index], observed)
                reading.discard(index)
                if not reading:
                    run.read.set()

            *others, last = streams.items()
            for index, updates in others:
                tasks.start_soon(read, index, updates)
            await read(*last)
        await self._answer_hits(run)

    async def _read(self, run: Run, index: int, updates: AsyncGenerator[Update], tasks: TaskGroup) -> None:
        try:
            async with aclosing(updates):
                async for update in updates:
                    await self._keep(run, index, update, tasks)
        except NotDone as error:
            where = run.requests[index].damaged_at
            text = f"{error} What came is kept as {where}." if where else str(error)
            run.requests[index].failure = NotDone(text, provider=error.provider, accepted=error.accepted)
        except LightboxError as error:
            run.requests[index].failure = error
        except Exception as error:  # a crash in one of several requests does not end the others, which are paid too
            logger.exception("%s: request %s ended in a crash", run.job_id, index)
            run.requests[index].failure = error

    async def _keep(self, run: Run, index: int, update: Update, tasks: TaskGroup) -> None:
        """Keep an update. What can't be kept is told in the end; the rest, and the bill, are read all the same."""
        await self._kept(run, index, self._collect(run, index, update, tasks))

    async def _kept(self, run: Run, index: int, keeping: Awaitable[None]) -> None:
        try:
            await keeping
        except LightboxError as error:
            run.requests[index].failure = StorageFailed(f"What came could not be kept: {error}")
        except Exception as error:
            logger.exception("%s: what came could not be kept", run.job_id)
            run.requests[index].failure = StorageFailed(
                f"What came could not be kept ({type(error).__name__}): see the log."
            )

    async def _collect(self, run: Run, index: int, update: Update, tasks: TaskGroup) -> None:  # noqa: C901 - by kind
        match update:
            case Accepted():
                await self._accepted(run, index, update)
            case Stage() | LeftOut():
                _hear(run, update)
            case Found():
                self._found(run, update)
                self._runner.tasks.start_soon(self._keep_hits, run, len(run.hits))
            case SearchesDone():
                if not run.order.priced.analysis:
                    tasks.start_soon(self._answer_hits, run)  # the rest of the stream is read for the bill
            case Partial():
                await self._pictures.save_partial(run.job_id, update.data)
                asked = run.order.priced.partial_images
                run.tell(f"partial {update.index + 1} of {max(asked, update.index + 1)}")
            case Made():
                run.requests[index].painted.append(_to_be_billed(update))
                await self._made(run, index, update, update.data, tasks)
            case MadeAt():
                run.requests[index].painted.append(_to_be_billed(update))  # whether it can be had or not
                # Beside the stream, over which the bill comes.
                tasks.start_soon(self._fetch_made, run, index, update, tasks)
            case Damaged():
                await self._damaged(run, index, update)
            case Finished():
                run.requests[index].usage = update.usage
                run.requests[index].text = update.text
                if update.note:
                    run.notes.append(update.note)
                if update.incomplete_reason:
                    run.notes.append(f"The service stopped early ({named(update.incomplete_reason, LONGEST_REASON)}).")

    async def _accepted(self, run: Run, index: int, update: Accepted) -> None:
        run.requests[index].response_id = update.response_id
        if update.resumable:
            try:
                await self._journal.mark_accepted(run.job_id, lambda: run.responses, resumable=True)
                run.resumable = True  # only what is in the journal can be left to the next server
            except StorageFailed:
                logger.warning("%s: its service's name for it could not be written down", run.job_id)
        if run.phase is Phase.UNWANTED:
            await self.stop(run)

    def _found(self, run: Run, found: Found) -> None:
        known = {hit.image_url for hit in run.hits}
        new = [hit for hit in found.hits if hit.url not in known]
        read = [hit for one in new if (hit := as_hit(run.order.owner, one)) is not None]
        run.hits = [*run.hits, *read][:MOST_HITS]
        run.searches += not found.again
        run.queries.extend(found.queries)

    async def _keep_hits(self, run: Run, number: int) -> None:
        """Write hits down soon, unless more have come, or the answer has written them, by then."""
        await anyio.sleep(KEEP_SECONDS)
        if len(run.hits) == number and not run.answered.is_set() and run.end is None:
            try:
                await self._journal.save(run.job_id, run.order, lambda: run.progress)
            except StorageFailed:  # the answer writes them again
                logger.warning("%s: its hits could not be written down yet", run.job_id)
            if run.phase is Phase.SENT:
                run.tell(f"found {number}")

    async def _answer_hits(self, run: Run) -> None:
        """Answer a search once: with its hits, checked, as soon as there are some or the streams have ended."""
        if not run.hits or run.phase is not Phase.SENT:
            return
        run.become(Phase.FOUND)
        run.tell(f"found {len(run.hits)}")
        if run.order.check:
            run.tell(f"checking {len(run.hits)} hits")
            unchecked = run.hits
            checked = await check_hits(unchecked, self._fetcher, run.order.limit)
            run.hits = [*checked, *run.hits[len(unchecked) :]]
        if run.order.priced.analysis:
            return
        with anyio.move_on_after(LAST_EVENTS_SECONDS):
            await run.read.wait()
        if not run.read.is_set():  # else the end, which is near, writes down answer and bill together
            await self._answer_now(run)

    async def _answer_now(self, run: Run) -> None:
        """Answer before the bill is known. A database that fails for a while keeps no paid hits from who waits."""
        with anyio.move_on_after(SLOW_SECONDS):
            try:
                run.hits = await self._journal.save(run.job_id, run.order, lambda: run.progress, answered=True)
            except StorageFailed:
                logger.warning("%s: its hits could not be written down yet", run.job_id)
        run.become(Phase.ANSWERED)

    async def _made(self, run: Run, index: int, made: Painted, data: bytes, tasks: TaskGroup) -> None:
        run.tell("saving")
        picture = await self._pictures.keep(
            run.order.owner,
            data,
            prompt=run.order.prompt,
            provider=run.order.provider,
            model=run.order.model,
            response_id=run.requests[index].response_id if run.resumable else None,
            item_id=made.item_id,
            parent=run.order.first_image,
            job_id=run.job_id,
        )
        known = {(known.number, known.original or known.image): known for known in run.pictures}
        one = known.get((index, picture.handle))
        if one is None:
            one = MadePicture(image=picture.handle, revised_prompt=made.revised_prompt, number=index)
            run.pictures.append(one)
        if picture.note:
            run.notes.append(picture.note)
        await self._save_progress(run)
        wanted = _wanted_of(run.order, picture)
        if wanted is not None and one.original is None:
            # Beside the stream, whose bill comes next; the job ends when both are done.
            tasks.start_soon(self._change, run, one, picture, data, wanted)

    async def _change(self, run: Run, made: MadePicture, picture: Picture, data: bytes, wanted: Transformation) -> None:
        """Bring a picture that is kept already to its exact size and format, and answer with that instead.

        Whatever goes wrong, the one that was paid for stands.
        """
        whereto = " as ".join(filter(None, (run.order.exact_size, run.order.format_here)))
        run.tell(f"bringing the picture to {whereto}")
        try:
            rendition = await rendering.transform(data, wanted)
            kept = await self._pictures.keep_transformed(rendition.data, picture, same_work=True)
        except LightboxError as error:
            run.notes.append(f"{picture.handle} could not be brought to {whereto}: {error}")
            return
        except Exception:  # a crash here must not end the streams, which are paid for
            logger.exception("%s: a picture could not be brought to its size", run.job_id)
            run.notes.append(f"{picture.handle} could not be brought to {whereto}: see the log.")
            return
        whole = made.model_copy(update={"image": kept.handle, "original": picture.handle})
        run.pictures = [whole if one is made else one for one in run.pictures]
        if kept.note:
            run.notes.append(kept.note)
        await self._save_progress(run)

    async def _save_progress(self, run: Run) -> None:
        try:
            await self._journal.save(run.job_id, run.order, lambda: run.progress)
        except StorageFailed:  # the end writes it again
            logger.warning("%s: its pictures could not be written down yet", run.job_id)

    async def _fetch_made(self, run: Run, index: int, made: MadeAt, tasks: TaskGroup) -> None:
        """Fetch a picture that the service names by its address, through the guard, and keep it."""
        await self._kept(run, index, self._keep_fetched(run, index, made, tasks))

    async def _keep_fetched(self, run: Run, index: int, made: MadeAt, tasks: TaskGroup) -> None:
        run.tell("fetching the picture")
        try:
            data = await self._fetcher.fetch(made.url, pauses=FETCH_PAUSES)
        except LightboxError as error:
            raise StorageFailed(
                f"The picture was made, but {error} Such addresses expire: if this one has not, view_images with it "
                "brings the picture for nothing. The same call again makes another one, and is paid again."
            ) from error
        await self._made(run, index, made, data, tasks)

    async def _damaged(self, run: Run, index: int, damaged: Damaged) -> None:
        """Keep what came in the place of a picture and can't be read, so that nothing paid for is thrown away."""
        request = run.requests[index]
        request.painted.append(_to_be_billed(damaged))
        request.damaged_at = await self._pictures.keep_damaged(damaged.data)
        run.notes.append(f"A picture came damaged: what came is kept as {request.damaged_at}.")


def _hear(run: Run, told: Stage | LeftOut) -> None:
    """Say what the service is at, or what a strict one was not sent."""
    if isinstance(told, Stage):
        run.tell(STAGES[told.name])
        return
    fields = " and ".join(f"`{name}`" for name in told.fields)
    meant = "" if KEEPING.isdisjoint(told.fields) else " If the line breaks, this call can't be taken up again."
    run.note(f"Sent without {fields}, which this server does not know.{meant}")


def _wanted_of(order: Order, picture: Picture) -> Transformation | None:
    """Say what is to be done to a picture that came, to be of the size and format that were asked for."""
    exact, quality = parse_size(order.exact_size or ""), order.arguments.get("compression")
    came = (picture.width, picture.height) if picture.width and picture.height else None
    written = cast("SavedFormat | None", order.format_here)
    if exact is not None and came != exact:
        return replace(to_exactly(came, exact, quality), format=written)
    return Transformation(format=written, quality=quality, still=True) if written else None


def _to_be_billed(told: Painted) -> PaintedPicture:
    return PaintedPicture(size=told.size, quality=told.quality, format=told.format)


def _tell(request: Request, observed: ObservedRequest) -> None:
    """Say outside what the service has told of a request."""
    observed.response_id, observed.failure = request.response_id, request.failure
    if request.usage is not None:
        observed.input_tokens = request.usage.input_tokens
        observed.output_tokens = request.usage.output_tokens


class _Opening:
    """A job that is about to be opened, and whether its caller still waits for that."""

    def __init__(self) -> None:
        self.withdrawn = False
        self._told = anyio.Event()
        self._opened: Opened | Exception | None = None

    def tell(self, opened: Opened | Exception) -> None:
        self._opened = opened
        self._told.set()

    async def opened(self) -> Opened:
        try:
            await self._told.wait()
        except BaseException:
            self.withdrawn = True
            raise
        if isinstance(self._opened, Opened):
            return self._opened
        raise self._opened or RuntimeError("a job was neither opened nor refused")
