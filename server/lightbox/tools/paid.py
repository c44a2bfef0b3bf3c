"""A paid call: planned from the arguments of its tool, carried out, waited for, and shaped into an answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.types import CallToolResult, TextContent

from lightbox.costs.pricing.estimate import estimate
from lightbox.errors import BadInput, OverBudget, StorageFailed
from lightbox.jobs.job import Order, Plan
from lightbox.providers.calls import OutputOptions
from lightbox.providers.roster import PROVIDERS, choose
from lightbox.tools.answers import last_line, notes_of, picture_answer, running_text
from lightbox.tools.consent import ask_consent
from lightbox.tools.failure import failure
from lightbox.tools.hit_list import hit_list_answer
from lightbox.tools.lacking import EXACTLY, Wanted
from lightbox.tools.next_step import next_step
from lightbox.tools.table import named
from lightbox.tools.tool import Call, Showing
from lightbox.untrusted import fence, tame, tame_prose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightbox.costs.call import PricedCall
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.costs.catalogue.rows import ImageModelRow
    from lightbox.jobs.job import Job
    from lightbox.jobs.journal import Opened
    from lightbox.providers.calls import Call as SentCall
    from lightbox.providers.endpoint import Endpoint
    from lightbox.tools.arguments import OutputArguments
    from lightbox.tools.tool import Answer
    from lightbox.vocabulary import OutputFormat, SavedFormat


logger = logging.getLogger(__name__)

JOINED_OTHER = (
    "An earlier call with another count, shape or min_side began this search, and get_job answers that one: make this "
    "call again for yours. It is paid once."
)
LIKE = 0.8
"""How much a name is like a known one, of 1, that is taken for a misspelt one: `gpt-imag-2`, `GPT Image 2`."""
MOST_NEAR = 3
"""How many known names are proposed."""

ON_ITS_WAY_SECONDS = 1.0
"""How long after it has left (over stdio: after it was shaped) an answer counts as given for other servers. What the
system still holds when a server is killed may be lost, and what was paid for is rather given twice than paid twice."""
ON_ITS_WAY_STEPS = 20
"""In how many pieces that is waited: in a server that is so busy that each takes long, sending has its turns too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who does it.

    Attributes:
        endpoint: The service.
        model: The model that searches, describes, or calls the image model; the image model where that is asked by
            itself.
        image_model: The model that paints, for pictures.
        known: What the catalogue knows of that one, or of all that its service has.
        carried: Whether a mainline model calls the one that paints.
    """

    endpoint: Endpoint
    model: str
    image_model: str | None = None
    known: ImageModelRow | None = None
    carried: bool = True

    @property
    def provider(self) -> str:
        """The service's name."""
        return self.endpoint.provider


def route(call: Call, wanted: Wanted, provider: str) -> Route:
    """Pick service and model: the call's, else the settings', else the catalogue's default.

    Whoever lacks something that the call asks for is looked past, unless the call names it.

    Raises:
        NoProvider: No configured service can do it.
        BadInput: The model is known and can't do it, or all who could lack something that the call asks for.
    """
    parts, ability, model = call.parts, wanted.ability, wanted.model

    def lacking(name: str) -> str | None:
        return wanted.lack(name, parts.settings, parts.catalogue)

    endpoint = choose(ability, parts.settings, call.endpoints, provider, for_price=call.estimating, lacking=lacking)
    name, row = endpoint.provider, PROVIDERS[endpoint.provider]
    mainline = row.model(parts.settings) or parts.catalogue.default(name, ability)
    if ability in ("generate", "edit"):
        asked = _meant(parts.catalogue, name, model) if model else None
        painter = asked or wanted.painter(name, parts.settings, parts.catalogue)
        carried = row.carries(ability)
        mainline = mainline if carried else painter
        if mainline is None or painter is None:
            raise BadInput(f"{name} has no default model to {ability} with: pass model.")
        known = _painter(call, name, painter)
        wanted.check(name, painter, parts.catalogue)
        return Route(endpoint=endpoint, model=mainline, image_model=painter, known=known, carried=carried)
    chosen = model or mainline
    if chosen is None:
        raise BadInput(f"{name} has no default model to {ability} with: pass model.")
    parts.catalogue.check_ability(name, chosen, ability)
    return Route(endpoint=endpoint, model=chosen)


def output_options(call: Call, arguments: OutputArguments, chosen: Route, size: str) -> OutputOptions:
    """Put together how a picture shall come out of the service; `size` is what it is asked for."""
    # These come without unfinished pictures.
    whole_only = (
        arguments.format in ("gif", "svg") or not chosen.carried or not PROVIDERS[chosen.provider].sends_partials
    )
    ratio, _, resolution = (chosen.known.size_rule.ratios.get(size, "") if chosen.known else "").partition(" ")
    converted = written_here(arguments, chosen) is not None
    return OutputOptions(
        size=size,
        quality=arguments.quality,
        format=cast("OutputFormat", chosen.known.formats[0]) if chosen.known and converted else arguments.format,
        background=arguments.background,
        compression=None if converted else arguments.compression,
        partial_images=0 if whole_only else call.settings.partial_images,
        aspect_ratio=ratio or None,
        resolution=resolution or None,
    )


def written_here(arguments: OutputArguments, chosen: Route) -> SavedFormat | None:
    """Give the format in which made pictures are written here; None where the service makes what is wanted."""
    converted = chosen.known.converted_formats if chosen.known else ()
    return cast("SavedFormat", arguments.format) if arguments.format in converted else None


def make_plan(
    call: Call,
    tool: str,
    arguments: dict[str, Any],
    route: Route,
    priced: PricedCall,
    calls: Sequence[SentCall],
    **order: Any,
) -> Plan:
    """Put an order together and estimate its price; nothing is sent."""
    return Plan(
        order=Order(
            owner=call.owner,
            tool=tool,
            arguments=arguments,
            base_url=route.endpoint.address,
            account=route.endpoint.account,
            priced=priced,
            estimate=estimate(priced, call.rates),
            **order,
        ),
        calls=tuple(calls),
        caps=call.caller.caps,
    )


def _painter(call: Call, provider: str, model: str) -> ImageModelRow | None:
    """Give what the catalogue knows of a model that shall paint; a model of another kind is refused."""
    catalogue = call.parts.catalogue
    if catalogue.image_model(provider, model) is None and catalogue.model(provider, model) is not None:
        painters = ", ".join(row.name for row in catalogue.image_models(provider))
        raise BadInput(f"model {model!r} does not make pictures: pass an image model ({painters}).")
    return catalogue.image_limits(provider, model)


def _meant(catalogue: Catalogue, provider: str, model: str) -> str:
    """Give the image model that a call names. One that looks like a slip of the pen is asked about first.

    An unknown model has an unknown price, and some services take any name for their newest model. A name that is like
    no known one is taken as it stands, and so is every name behind `EXACTLY`, and what the settings say.

    Raises:
        BadInput: It is unknown, and much like known ones; the text names them, and how to insist.
    """
    if model.startswith(EXACTLY):
        return model.removeprefix(EXACTLY).strip() or model
    if catalogue.image_model(provider, model) or catalogue.model(provider, model):
        return model
    known = {row.name.lower(): row.name for row in catalogue.image_models(provider)}
    begun = [name for name in known if name.startswith(model.lower())][:MOST_NEAR]
    near = [known[name] for name in begun or get_close_matches(model.lower(), known, MOST_NEAR, LIKE)]
    if not near:
        return model
    raise BadInput(
        f"model {tame(model)!r} is not an image model that Lightbox knows, so its price is unknown. Did you mean "
        f"{' or '.join(near)}? To use exactly the name you gave, pass model={f'{EXACTLY}{tame(model)}'!r}. "
        "Nothing was sent."
    )


async def answer_paid(call: Call, plan: Plan) -> Answer:
    """Carry out a plan and answer in time, whatever the service does.

    Raises:
        OverBudget: Nothing was sent.
    """
    opened = None
    if call.settings.confirm_above is not None:  # only what may be paid for needs consent
        equal = await call.parts.journal.equal(plan.order)
        if isinstance(equal, Order):
            plan = replace(plan, order=equal)
            question = await ask_consent(call, plan)
            if question is not None:
                return question
        else:
            opened = equal
    opened = opened or await _start(call, plan)
    call.observed.how = opened.how
    if opened.job.done:
        return await render(call, _as_wanted(opened.job, plan.order))
    if opened.how == "joined":
        await call.tell(f"joined {opened.job.id}, which runs already")
    try:
        job = await call.parts.waiting.wait(call.owner, opened.job.id, call.remaining, call.tell)
    except anyio.get_cancelled_exc_class():
        if call.remaining:  # else the client still waits, and something held up the answer
            call.parts.stopping.abandon(opened.job.id)
        raise
    return await render(call, _as_wanted(job, plan.order))


def _as_wanted(job: Job, order: Order) -> Job:
    """Give the job with what this call wants of its hits, where an earlier call asked the service for the same."""
    if (job.order.selection, job.order.limit) == (order.selection, order.limit):
        return job
    wanted: dict[str, Any] = {"selection": order.selection, "limit": order.limit}
    if not job.done:
        wanted["notes"] = (*job.order.notes, JOINED_OTHER)
    return replace(job, order=job.order.model_copy(update=wanted))


async def render(call: Call, job: Job) -> CallToolResult:
    """Shape the answer of the tool that a job belongs to: the same now, later, and in another process."""
    _tell(call, job)
    call.showing = Showing(images=_handles(job) if job.order.ability == "describe" else (), job=job)
    answer = await _rendered(call, job)
    if job.done and not job.cached and call.parts.journal.deliver(job):
        if call.parts.runner.closing:  # it may never leave, and nothing is begun or written any more
            call.parts.journal.take_back(job)
        else:
            call.parts.runner.tasks.start_soon(_mark_when_it_has_left, call, job)
    return answer


def _tell(call: Call, job: Job) -> None:
    """Say outside which job a call is about."""
    observed = call.observed
    observed.job = job.order.observed(job.id)
    observed.billed = job.bill.amount if job.bill else None
    if not job.done:
        observed.outcome = "running"


async def _mark_when_it_has_left(call: Call, job: Job) -> None:
    """Let it be written down that an answer was given, once it must have come; one that never left is given again."""
    told = call.caller.has_left
    left = told is None
    try:
        left = told is None or await told()
        for _ in range(ON_ITS_WAY_STEPS if left else 0):
            await anyio.sleep(ON_ITS_WAY_SECONDS / ON_ITS_WAY_STEPS)
    finally:
        with anyio.CancelScope(shield=True):
            if left:
                await _mark_delivered(call, job)
            else:
                call.parts.journal.take_back(job)


async def _mark_delivered(call: Call, job: Job) -> None:
    try:
        await call.parts.journal.mark_delivered(job)
    except StorageFailed:
        logger.warning("it could not be written down that the answer of %s was given", job.id)


async def _rendered(call: Call, job: Job) -> CallToolResult:
    tool = call.tool if call.tool and call.tool.name == job.order.tool else named(job.order.tool)
    usual = None if job.done else await call.parts.journal.usual_seconds(job.order.tool, job.order.model)
    if job.error is not None:
        return failure(f"{job.order.tool}: {job.error}\n{last_line(job)}")
    if tool is not None and tool.bills == "list":
        settings = call.settings
        bounds = {"max_bytes": settings.max_result_bytes, "free_seconds": settings.cache_seconds}
        return hit_list_answer(job, **bounds, served=call.served, usual_seconds=usual)
    if not job.done:
        return _text(running_text(job, usual), next_step(call.served, "running", job_id=job.id))
    if tool is not None and tool.bills == "picture":
        return await picture_answer(call, job)
    prose = tame_prose(job.outcome.text) if job.outcome else None
    lines = [f"{job.order.provider}, {tame(job.order.model)}:", fence(prose or "(the model wrote nothing)")]
    lines += [*(f"note: {note}" for note in notes_of(job)), last_line(job)]
    return _text("\n".join(lines), next_step(call.served, "described", _handles(job)))


async def _start(call: Call, plan: Plan) -> Opened:
    """Begin; a budget whose room is held by a server that died meanwhile is looked at again."""
    try:
        return await call.parts.carrier.start(plan)
    except OverBudget:
        if not await call.parts.recovery.recover():
            raise
    return await call.parts.carrier.start(plan)


def _handles(job: Job) -> list[str]:
    """Give the handles of the pictures that a job was about; a provider's file ids are left out."""
    return [str(one) for one in job.order.arguments.get("images", ()) if str(one).startswith("img_")]


def _text(text: str, following: str | None) -> CallToolResult:
    whole = f"{text}\n{following}" if following else text
    return CallToolResult(content=[TextContent(type="text", text=whole)])
