"""find_similar_images: find what looks like a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from lightbox.costs.call import PricedCall
from lightbox.providers.calls import SimilarCall
from lightbox.tools.answers.hit_list import HitList
from lightbox.tools.arguments import Analysis, Arguments, Check, Count, ModelArgument, ProviderArgument, Reference
from lightbox.tools.call import ToolCall
from lightbox.tools.paid import answer_paid
from lightbox.tools.planning import make_plan, route
from lightbox.tools.sending import Purpose, prepare
from lightbox.tools.tool import Answer, ToolDescription

if TYPE_CHECKING:
    from lightbox.jobs.order import Plan


class FindSimilarImages(Arguments):
    """What it shall look like."""

    image: Annotated[Reference, Field(description="Handle, URL, path or data URI of the picture.")]
    about: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=2_000),
        Field(description="What matters in it, e.g. “the lamp, not the room”."),
    ] = None
    count: Count = 10
    analysis: Analysis = False
    check: Check = True
    provider: ProviderArgument = "auto"
    model: ModelArgument = None


async def plan_similar(call: ToolCall, arguments: FindSimilarImages) -> Plan:
    """Plan a search by picture."""
    chosen = await route(call, "similar", arguments.provider, arguments.model)
    prepared = await prepare(call, arguments.image, Purpose(endpoint=chosen.endpoint, model=chosen.model))
    priced = PricedCall(
        ability="similar",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        text=arguments.about or "",
        pictures=(prepared.size,),
        analysis=arguments.analysis,
        result_count=arguments.count,
    )
    sent = SimilarCall(
        model=chosen.model,
        picture=prepared.sent,
        about=arguments.about,
        count=arguments.count,
        analysis=arguments.analysis,
    )
    return await make_plan(
        call,
        "find_similar_images",
        arguments.given() | {"image": prepared.reference},
        chosen,
        priced,
        [sent],
        prompt=arguments.about or "similar",
        limit=arguments.count,
        check=arguments.check,
        reusable=True,
    )


async def find_similar_images(call: ToolCall, arguments: FindSimilarImages) -> Answer:
    """Answer with a list of hits."""
    return await answer_paid(call, await plan_similar(call, arguments))


DESCRIPTION = ToolDescription(
    name="find_similar_images",
    title="Find similar images",
    text=(
        "Find pictures on the web that look like a given one: its source, other versions, similar products or scenes. "
        "Takes any image reference, also a local file, which is sent inside the request. Answers a list as "
        "search_images does. Bills one image search; may take over a minute."
    ),
    arguments=FindSimilarImages,
    answers=find_similar_images,
    abilities=frozenset({"similar"}),
    output=HitList,
    bills=True,
)
