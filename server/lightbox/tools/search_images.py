"""search_images: find pictures by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from lightbox.costs.call import PricedCall
from lightbox.providers.calls import SearchCall
from lightbox.tools.answers.hit_list import HitList
from lightbox.tools.arguments import Analysis, Arguments, Check, Count, ModelArgument, ProviderArgument
from lightbox.tools.call import ToolCall
from lightbox.tools.paid import answer_paid
from lightbox.tools.planning import make_plan, route
from lightbox.tools.tool import Answer, ToolDescription

if TYPE_CHECKING:
    from lightbox.jobs.order import Plan


class SearchImages(Arguments):
    """What to find."""

    query: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2_000),
        Field(description="What to find, as one plain sentence rather than a bag of keywords."),
    ]
    count: Count = 10
    analysis: Analysis = False
    check: Check = True
    provider: ProviderArgument = "auto"
    model: ModelArgument = None


async def plan_search(call: ToolCall, arguments: SearchImages) -> Plan:
    """Plan a search by words."""
    chosen = await route(call, "search", arguments.provider, arguments.model)
    priced = PricedCall(
        ability="search",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        text=arguments.query,
        analysis=arguments.analysis,
        result_count=arguments.count,
    )
    sent = SearchCall(model=chosen.model, query=arguments.query, count=arguments.count, analysis=arguments.analysis)
    return await make_plan(
        call,
        "search_images",
        arguments.given(),
        chosen,
        priced,
        [sent],
        prompt=arguments.query,
        limit=arguments.count,
        check=arguments.check,
        reusable=True,
    )


async def search_images(call: ToolCall, arguments: SearchImages) -> Answer:
    """Answer with a list of hits."""
    return await answer_paid(call, await plan_search(call, arguments))


DESCRIPTION = ToolDescription(
    name="search_images",
    title="Search images",
    text=(
        "Find pictures on the web by words. Answers a ranked list of hits, each with a handle (img_…) that every other "
        "tool takes. Nobody has looked at the pictures: use view_images to see them. Bills one search (about 0.01 USD "
        "on dashscope; estimate_cost tells); a repeated search within the hour is free."
    ),
    arguments=SearchImages,
    answers=search_images,
    abilities=frozenset({"search"}),
    output=HitList,
    bills=True,
)
