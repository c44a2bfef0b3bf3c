"""From a tool's arguments to a plan: who does it, with which model, in which words, at which price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightbox.costs.catalogue.limits import check_output
from lightbox.costs.pricing.estimate import estimate
from lightbox.errors import BadInput
from lightbox.jobs.job import Order, Plan
from lightbox.providers.calls import OutputOptions
from lightbox.providers.roster import PROVIDERS, choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightbox.costs.call import PricedCall
    from lightbox.costs.catalogue.rows import ImageModelRow
    from lightbox.providers.calls import Call as SentCall
    from lightbox.providers.endpoint import Endpoint
    from lightbox.tools.arguments import OutputArguments
    from lightbox.tools.call import Call
    from lightbox.vocabulary import Ability


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who does it.

    Attributes:
        endpoint: The service.
        model: The model that searches, describes, or calls the image model.
        image_model: The model that paints, for pictures.
        known: What the catalogue knows of that one.
    """

    endpoint: Endpoint
    model: str
    image_model: str | None = None
    known: ImageModelRow | None = None

    @property
    def provider(self) -> str:
        """The service's name."""
        return self.endpoint.provider


def route(call: Call, ability: Ability, provider: str, model: str | None) -> Route:
    """Pick service and model: the call's, else the settings', else the catalogue's default.

    Raises:
        NoProvider: No configured service can do it.
        BadInput: The model is known and can't do it.
    """
    parts = call.parts
    endpoint = choose(ability, parts.settings, parts.endpoints, provider, for_price=call.estimating)
    name, row = endpoint.provider, PROVIDERS[endpoint.provider]
    mainline = row.model(parts.settings) or parts.catalogue.default(name, ability)
    if ability in ("generate", "edit"):
        painter = model or row.image_model(parts.settings) or parts.catalogue.default(name, "image_model")
        if mainline is None or painter is None:
            raise BadInput(f"{name} has no default model to {ability} with: pass model.")
        return Route(endpoint=endpoint, model=mainline, image_model=painter, known=_painter(call, name, painter))
    chosen = model or mainline
    if chosen is None:
        raise BadInput(f"{name} has no default model to {ability} with: pass model.")
    parts.catalogue.check_ability(name, chosen, ability)
    return Route(endpoint=endpoint, model=chosen)


def output_options(
    call: Call, arguments: OutputArguments, chosen: Route, *, fidelity: str | None = None, masked: bool = False
) -> OutputOptions:
    """Check the output arguments against what the image model accepts, and put them together.

    Raises:
        BadInput: A known model does not accept one of them; the text names the nearest it does.
    """
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
        partial_images=0 if whole_only else call.settings.partial_images,
    )


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
            priced=priced,
            estimate=estimate(priced, call.rates),
            **order,
        ),
        calls=tuple(calls),
    )


def _painter(call: Call, provider: str, model: str) -> ImageModelRow | None:
    """Give what the catalogue knows of a model that shall paint; a model of another kind is refused."""
    catalogue = call.parts.catalogue
    known = catalogue.image_model(provider, model)
    if known is None and catalogue.model(provider, model) is not None:
        painters = ", ".join(row.name for row in catalogue.image_models(provider))
        raise BadInput(f"model {model!r} makes no pictures: pass an image model ({painters}).")
    return known
