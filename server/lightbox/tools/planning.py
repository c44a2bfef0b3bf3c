"""From a tool's arguments to a plan: who does it, with which model, in which words, at which price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lightbox.costs.call import PricedCall
from lightbox.errors import BadInput
from lightbox.providers.roster import PROVIDERS
from lightbox.tools.call import ToolCall
from lightbox.vocabulary import Ability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightbox.costs.catalogue.rows import ImageModelRow
    from lightbox.jobs.order import Plan
    from lightbox.providers.calls import Call
    from lightbox.providers.endpoint import Endpoint


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


async def route(call: ToolCall, ability: Ability, provider: str, model: str | None) -> Route:
    """Pick service and model: the call's, else the settings', else the catalogue's default.

    Raises:
        NoProvider: No configured service can do it.
        BadInput: The model is known and can't do it.
    """
    from lightbox.costs.catalogue.limits import check_ability  # noqa: PLC0415 - with the first call

    endpoint = call.services.choose(ability, provider, for_price=call.estimating)
    parts = await call.services.open()
    name, settings, catalogue = endpoint.provider, call.services.settings, parts.catalogue
    row = PROVIDERS[name]
    mainline = row.model(settings) or catalogue.default(name, ability)
    if ability in ("generate", "edit"):
        painter = model or row.image_model(settings) or catalogue.default(name, "image_model")
        if mainline is None or painter is None:
            raise BadInput(f"{name} has no default model to {ability} with: pass model.")
        known = catalogue.image_model(name, painter)
        if known is None and catalogue.model(name, painter) is not None:
            painters = ", ".join(row.name for row in catalogue.image_models(name))
            raise BadInput(f"model {painter!r} makes no pictures: pass an image model ({painters}).")
        return Route(endpoint=endpoint, model=mainline, image_model=painter, known=known)
    chosen = model or mainline
    if chosen is None:
        raise BadInput(f"{name} has no default model to {ability} with: pass model.")
    check_ability(catalogue, name, chosen, ability)
    return Route(endpoint=endpoint, model=chosen)


async def make_plan(
    call: ToolCall,
    tool: str,
    arguments: dict[str, Any],
    route: Route,
    priced: PricedCall,
    calls: Sequence[Call],
    **order: Any,
) -> Plan:
    """Put an order together and estimate its price; nothing is sent."""
    from lightbox.costs.pricing.estimate import estimate  # noqa: PLC0415 - with the first call
    from lightbox.jobs.order import Order, Plan  # noqa: PLC0415

    parts = await call.services.open()
    return Plan(
        order=Order(
            owner=call.owner,
            tool=tool,
            arguments=arguments,
            base_url=route.endpoint.address,
            priced=priced,
            estimate=estimate(priced, parts.catalogue, datetime.now(UTC)),
            **order,
        ),
        calls=tuple(calls),
    )
