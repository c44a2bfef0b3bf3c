"""The work of generate_image: make pictures from words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightbox.costs.call import PricedCall
from lightbox.providers.calls import GenerateCall
from lightbox.tools.lacking import Wanted
from lightbox.tools.paid import make_plan, output_options, route, written_here
from lightbox.tools.sizing import sizing

if TYPE_CHECKING:
    from lightbox.jobs.job import Plan
    from lightbox.tools.arguments import GenerateImage
    from lightbox.tools.tool import Call


async def plan(call: Call, arguments: GenerateImage) -> Plan:
    """Plan the making of one or more pictures: one request each."""
    wanted = Wanted(ability="generate", model=arguments.model, output=arguments)
    chosen = route(call, wanted, arguments.provider)
    size = sizing(arguments, chosen.known)
    output = output_options(call, arguments, chosen, size.asked)
    priced = PricedCall(
        ability="generate",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        image_model=chosen.image_model,
        text=arguments.prompt,
        size=size.asked,
        quality=arguments.quality,
        format=output.format,
        partial_images=output.partial_images,
        count=arguments.count,
    )
    sent = GenerateCall(
        model=chosen.model, image_model=chosen.image_model or "", prompt=arguments.prompt, output=output
    )
    calls = [sent] * arguments.count
    return make_plan(
        call,
        "generate_image",
        arguments.given(),
        chosen,
        priced,
        calls,
        prompt=arguments.prompt,
        exact_size=size.exact,
        format_here=written_here(arguments, chosen),
        notes=size.notes,
    )
