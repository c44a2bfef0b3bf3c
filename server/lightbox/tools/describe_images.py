"""describe_images: ask a question about pictures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from lightbox.costs.call import PricedCall
from lightbox.providers.calls import DescribeCall
from lightbox.tools.arguments import Arguments, ModelArgument, ProviderArgument, References
from lightbox.tools.call import ToolCall
from lightbox.tools.paid import answer_paid
from lightbox.tools.planning import Route, make_plan, route
from lightbox.tools.sending import Purpose, prepare_all
from lightbox.tools.tool import Answer, ToolDescription
from lightbox.vocabulary import Detail

if TYPE_CHECKING:
    from lightbox.jobs.order import Plan

DEFAULT_QUESTION = "Describe this precisely: what is shown, where, in which style and colours, and any text."

_CLOSE = re.compile(
    r"\b(read|text|words?|letters?|numbers?|digits?|sign|label|small|detail\w*|count|how many|ocr)\b", re.IGNORECASE
)
_GIST = re.compile(
    r"\b(main colou?r|dominant colou?r|overall|landscape or portrait|photo or|day or night|genre)\b", re.IGNORECASE
)


class DescribeImages(Arguments):
    """What to ask about what."""

    images: Annotated[References, Field(min_length=1, max_length=16, description="1 to 16 image references.")]
    question: Annotated[
        str, StringConstraints(min_length=1, max_length=8_000), Field(description="What to tell about them.")
    ] = DEFAULT_QUESTION
    detail: Annotated[Detail, Field(description="How closely to look; low is cheapest; auto goes by the question.")] = (
        "auto"
    )
    provider: ProviderArgument = "auto"
    model: ModelArgument = None


async def plan_describe(call: ToolCall, arguments: DescribeImages) -> Plan:
    """Plan a question about pictures."""
    chosen = await route(call, "describe", arguments.provider, arguments.model)
    detail = await _detail(call, arguments, chosen)
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
    return await make_plan(call, "describe_images", given, chosen, priced, [sent], prompt=arguments.question)


async def describe_images(call: ToolCall, arguments: DescribeImages) -> Answer:
    """Answer with what the model sees."""
    return await answer_paid(call, await plan_describe(call, arguments))


async def _detail(call: ToolCall, arguments: DescribeImages, chosen: Route) -> Detail | None:
    """Check the wanted detail against the model, or choose it by the question: the gist wants little, text much.

    Raises:
        BadInput: The model is known not to have this detail.
    """
    parts = await call.services.open()
    parts.catalogue.at(datetime.now(UTC)).check_detail(chosen.provider, chosen.model, arguments.detail)
    if chosen.provider == "dashscope":
        return None  # it has no such option
    if arguments.detail != "auto":
        return arguments.detail
    if _CLOSE.search(arguments.question):
        return "high"
    return "low" if _GIST.search(arguments.question) else "auto"


DESCRIPTION = ToolDescription(
    name="describe_images",
    title="Describe images",
    text=(
        "Let a vision model answer a question about pictures: what is shown, text in them, how they differ. For "
        "clients that can't see pictures themselves; where you can, view_images is free. Bills tokens, mostly under "
        "0.01 USD."
    ),
    arguments=DescribeImages,
    answers=describe_images,
    abilities=frozenset({"describe"}),
    bills=True,
)
