"""The work of describe_images: ask a question about pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightbox.costs.call import PricedCall
from lightbox.providers.calls import DescribeCall
from lightbox.tools.lacking import Wanted
from lightbox.tools.paid import Route, make_plan, route
from lightbox.tools.sending import Purpose, prepare_all

if TYPE_CHECKING:
    from lightbox.jobs.job import Plan
    from lightbox.tools.arguments import DescribeImages
    from lightbox.tools.tool import Call
    from lightbox.vocabulary import Detail

_CLOSE = re.compile(
    r"\b(read|text|words?|letters?|numbers?|digits?|sign|label|small|detail\w*|count|how many|ocr)\b", re.IGNORECASE
)
_GIST = re.compile(
    r"\b(main colou?r|dominant colou?r|overall|landscape or portrait|photo or|day or night|genre)\b", re.IGNORECASE
)


async def plan(call: Call, arguments: DescribeImages) -> Plan:
    """Plan a question about pictures."""
    chosen = route(call, Wanted(ability="describe", model=arguments.model), arguments.provider)
    detail = _detail(call, arguments, chosen)
    purpose = Purpose(endpoint=chosen.endpoint, model=chosen.model, detail=detail)
    pictures = await prepare_all(call, arguments.images, purpose)
    priced = PricedCall(
        ability="describe",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        text=arguments.question,
        pictures=tuple(picture.size for picture in pictures),
        detail=detail,
    )
    sent = DescribeCall(
        model=chosen.model,
        pictures=tuple(picture.sent for picture in pictures),
        question=arguments.question,
        detail=detail or "auto",
    )
    given = arguments.given() | {"images": [picture.reference for picture in pictures]}
    return make_plan(call, "describe_images", given, chosen, priced, [sent], prompt=arguments.question)


def _detail(call: Call, arguments: DescribeImages, chosen: Route) -> Detail | None:
    """Check the wanted detail against the model, or choose it by the question: the gist wants little, text much.

    Raises:
        BadInput: The model is known not to have this detail.
    """
    call.rates.check_detail(chosen.provider, chosen.model, arguments.detail)
    if chosen.provider == "dashscope":
        return None  # it has no such option
    if arguments.detail != "auto":
        return arguments.detail
    if _CLOSE.search(arguments.question):
        return "high"
    return "low" if _GIST.search(arguments.question) else "auto"
