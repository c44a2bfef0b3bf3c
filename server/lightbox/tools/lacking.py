"""What a service lacks for what a call asks of it, told before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightbox.costs.counting.image_model import check_output, check_task
from lightbox.errors import BadInput
from lightbox.providers.roster import PROVIDERS
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.settings import Settings
    from lightbox.tools.arguments import OutputArguments
    from lightbox.vocabulary import Ability

EXACTLY = "="
"""What stands before the name of an image model that is meant as it is written, however much it is like another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a call asks of a service, beside its words.

    Attributes:
        ability: What is to be done.
        model: The model that the call names.
        output: How a picture shall come out, where one is made.
        pictures: How many pictures are sent along.
        fidelity: How close an edit shall stay to them.
        masked: Whether it is said where a picture may change.
    """

    ability: Ability
    model: str | None = None
    output: OutputArguments | None = None
    pictures: int = 0
    fidelity: str | None = None
    masked: bool = False

    def lack(self, provider: str, settings: Settings, catalogue: Catalogue) -> str | None:
        """Say what a provider lacks for this, and what to do about it; None where it lacks nothing."""
        owner = self._owner(provider, catalogue)
        if owner is not None:
            return f"{tame(self.model or '')} is a model of {owner}, not of {provider}: name another model"
        painter = self.painter(provider, settings, catalogue)
        if painter is None:
            return None
        try:
            self.check(provider, painter, catalogue)
        except BadInput as error:
            return str(error)
        return None

    def painter(self, provider: str, settings: Settings, catalogue: Catalogue) -> str | None:
        """Give the image model: the call's, else the settings', else the catalogue's default.

        One that only a setting names is looked past where it can't do what is asked.
        """
        if self.output is None:
            return None
        if self.model:
            return self.model.removeprefix(EXACTLY).strip() or self.model
        usual = self._usual(provider, catalogue)
        named = PROVIDERS[provider].image_model(settings)
        known = catalogue.image_model(provider, named) if named else None
        return usual if known is not None and self.ability not in known.abilities else named or usual

    def check(self, provider: str, painter: str, catalogue: Catalogue) -> None:
        """Check this against what an image model accepts, as far as that is known.

        Raises:
            BadInput: The model does not accept something.
        """
        model = catalogue.image_limits(provider, painter)
        others = sorted(catalogue.image_models(provider), key=lambda row: row.name != self._usual(provider, catalogue))
        check_task(
            model,
            self.ability,
            pictures=self.pictures,
            masked=self.masked,
            others=(row.name for row in others if self.ability in row.abilities),
        )
        if self.output is not None:
            check_output(
                model,
                quality=self.output.quality,
                format=self.output.format,
                background=self.output.background,
                compression=self.output.compression,
                fidelity=self.fidelity,
                masked=self.masked,
            )

    def _usual(self, provider: str, catalogue: Catalogue) -> str | None:
        return catalogue.default(provider, "image_model")

    def _owner(self, provider: str, catalogue: Catalogue) -> str | None:
        """Give whose model it is that the call names, where that is another's alone. The sandbox takes any name."""
        if self.model is None or self.model.startswith(EXACTLY) or provider == "sandbox":
            return None
        knowing = [name for name in PROVIDERS if name != "sandbox" and _knows(catalogue, name, self.model)]
        return knowing[0] if knowing and provider not in knowing else None


def _knows(catalogue: Catalogue, provider: str, model: str) -> bool:
    return bool(catalogue.image_model(provider, model) or catalogue.model(provider, model))
