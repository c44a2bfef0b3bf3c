"""generate_image: make pictures from words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from lightbox.costs.call import PricedCall
from lightbox.providers.calls import GenerateCall, OutputOptions
from lightbox.tools.arguments import OutputArguments
from lightbox.tools.call import ToolCall
from lightbox.tools.paid import answer_paid
from lightbox.tools.planning import Route, make_plan, route
from lightbox.tools.tool import Answer, ToolDescription

if TYPE_CHECKING:
    from lightbox.jobs.order import Plan

Prompt = Annotated[str, StringConstraints(min_length=1, max_length=32_000)]


class GenerateImage(OutputArguments):
    """What to make."""

    prompt: Annotated[Prompt, Field(description="What the picture shows, in any language.")]


def output_options(
    call: ToolCall, arguments: OutputArguments, chosen: Route, *, fidelity: str | None = None, masked: bool = False
) -> OutputOptions:
    """Check the output arguments against what the image model accepts, and put them together.

    Raises:
        BadInput: A known model does not accept one of them; the text names the nearest it does.
    """
    from lightbox.costs.catalogue.limits import check_output  # noqa: PLC0415 - with the first call

    check_output(
        chosen.known,
        size=arguments.size,
        quality=arguments.quality,
        format=arguments.format,
        background=arguments.background,
        compression=arguments.compression,
        fidelity=fidelity,
        masked=masked,
    )
    whole_only = arguments.format in ("gif", "svg")  # these come without unfinished pictures
    return OutputOptions(
        size=arguments.size,
        quality=arguments.quality,
        format=arguments.format,
        background=arguments.background,
        compression=arguments.compression,
        partial_images=0 if whole_only else call.services.settings.partial_images,
    )


async def plan_generate(call: ToolCall, arguments: GenerateImage) -> Plan:
    """Plan the making of one or more pictures: one request each."""
    chosen = await route(call, "generate", arguments.provider, arguments.model)
    output = output_options(call, arguments, chosen)
    priced = PricedCall(
        ability="generate",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        image_model=chosen.image_model,
        text=arguments.prompt,
        size=arguments.size,
        quality=arguments.quality,
        format=arguments.format,
        partial_images=output.partial_images,
        count=arguments.count,
    )
    sent = GenerateCall(
        model=chosen.model, image_model=chosen.image_model or "", prompt=arguments.prompt, output=output
    )
    calls = [sent] * arguments.count
    return await make_plan(call, "generate_image", arguments.given(), chosen, priced, calls, prompt=arguments.prompt)


async def generate_image(call: ToolCall, arguments: GenerateImage) -> Answer:
    """Answer with the pictures."""
    return await answer_paid(call, await plan_generate(call, arguments))


DESCRIPTION = ToolDescription(
    name="generate_image",
    title="Generate image",
    text=(
        "Make a picture from words. Answers its handle, size, file and a preview; the full picture is saved. "
        "Bills per picture, from under 0.01 USD (low) to over 0.20 USD (high): estimate_cost tells before. "
        "May take minutes; then a job id comes back and get_job brings the picture."
    ),
    arguments=GenerateImage,
    answers=generate_image,
    abilities=frozenset({"generate"}),
    bills=True,
)
