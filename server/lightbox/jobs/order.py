"""What is asked of a service: the order, which the journal keeps, and the plan, which can be carried out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from lightbox.costs.call import PricedCall
from lightbox.costs.pricing.estimate import Estimate
from lightbox.providers.calls import Call


class Order(BaseModel):
    """One use of a paid tool, as far as a later session must know it to answer and to settle.

    Attributes:
        owner: The caller to whom the job belongs.
        tool: The tool that was called.
        arguments: Its arguments, every image reference replaced by a handle.
        base_url: Where it is sent; two accounts of one service are never taken for one.
        priced: The call in the terms that have a price.
        estimate: What it will cost.
        prompt: The words after which made pictures are named.
        limit: How many hits the answer shows.
        check: Whether hits are probed.
        reusable: Whether a later identical call may be answered from the journal.
        notes: What the answer says whatever comes.
    """

    model_config = ConfigDict(frozen=True)

    owner: str
    tool: str
    arguments: dict[str, Any]
    base_url: str
    priced: PricedCall
    estimate: Estimate
    prompt: str = ""
    limit: int = 10
    check: bool = False
    reusable: bool = False
    notes: tuple[str, ...] = ()

    @property
    def provider(self) -> str:
        """The service."""
        return self.priced.provider

    @property
    def model(self) -> str:
        """The model that users name: the image model where one paints."""
        return self.priced.image_model or self.priced.model

    @property
    def key(self) -> str:
        """The same for two calls that would bring the same: what joins a running job or meets a journaled search."""
        parts = (self.owner, self.tool, self.base_url, self.provider, self.priced.model, self.model, self.arguments)
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order and the calls that carry it out: one, or one per picture that is asked for.

    Attributes:
        instead: Makes the calls that are sent when the stored response that `calls` go on from is gone.
    """

    order: Order
    calls: tuple[Call, ...]
    instead: Callable[[], Awaitable[tuple[Call, ...]]] | None = None
