"""The work of search_images: find pictures by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightbox.costs.call import PricedCall
from lightbox.images.selection import MOST_HITS_ASKED
from lightbox.providers.calls import SearchCall
from lightbox.tools.lacking import Wanted
from lightbox.tools.paid import make_plan, route
from lightbox.tools.selecting import selection_of

if TYPE_CHECKING:
    from lightbox.jobs.job import Plan
    from lightbox.tools.arguments import SearchImages
    from lightbox.tools.tool import Call


async def plan(call: Call, arguments: SearchImages) -> Plan:
    """Plan a search by words."""
    selection = selection_of(arguments)
    count = selection.asked if selection else arguments.count
    chosen = route(call, Wanted(ability="search", model=arguments.model), arguments.provider)
    priced = PricedCall(
        ability="search",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        text=arguments.query,
        analysis=arguments.analysis,
        result_count=count,
    )
    sent = SearchCall(model=chosen.model, query=arguments.query, count=count, analysis=arguments.analysis)
    return make_plan(
        call,
        "search_images",
        arguments.given(),
        chosen,
        priced,
        [sent],
        prompt=arguments.query,
        limit=MOST_HITS_ASKED if selection else count,
        selection=selection,
        check=arguments.check,
        reusable=True,
    )
