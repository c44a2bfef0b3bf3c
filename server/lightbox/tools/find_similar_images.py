"""The work of find_similar_images: find what looks like a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightbox.costs.call import PricedCall
from lightbox.images.selection import MOST_HITS_ASKED
from lightbox.providers.calls import SimilarCall
from lightbox.tools.lacking import Wanted
from lightbox.tools.paid import make_plan, route
from lightbox.tools.selecting import selection_of
from lightbox.tools.sending import Purpose, prepare

if TYPE_CHECKING:
    from lightbox.jobs.job import Plan
    from lightbox.tools.arguments import FindSimilarImages
    from lightbox.tools.tool import Call


async def plan(call: Call, arguments: FindSimilarImages) -> Plan:
    """Plan a search by picture."""
    selection = selection_of(arguments)
    count = selection.asked if selection else arguments.count
    chosen = route(call, Wanted(ability="similar", model=arguments.model), arguments.provider)
    prepared = await prepare(call, arguments.image, Purpose(endpoint=chosen.endpoint, model=chosen.model))
    priced = PricedCall(
        ability="similar",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        text=arguments.about or "",
        pictures=(prepared.size,),
        analysis=arguments.analysis,
        result_count=count,
    )
    sent = SimilarCall(
        model=chosen.model,
        picture=prepared.sent,
        about=arguments.about,
        count=count,
        analysis=arguments.analysis,
    )
    return make_plan(
        call,
        "find_similar_images",
        arguments.given() | {"image": prepared.reference},
        chosen,
        priced,
        [sent],
        prompt=arguments.about or "similar",
        limit=MOST_HITS_ASKED if selection else count,
        selection=selection,
        check=arguments.check,
        reusable=True,
    )
