"""Light: what time of day and weather do to a sky and to every colour under it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from lightbox_sandbox.pixels import Colour

from .colour import mix, under


@dataclass(frozen=True, slots=True)
class Mood:
    """The light of a picture.

    Attributes:
        sky: Colours from the zenith to the horizon.
        light: The colour that things are seen in.
        haze: What distance fades to.
        glow: The sun's or moon's colour.
        sun: Where it stands, in shares of width and height.
        dark: 0 by day, 1 at night: windows and lamps shine.
        stars: How many there are, from 0 to 1.
        clouds: How much of the sky they cover, from 0 to 1.
        cloud: Their lit and their shaded colour.
        air: How thick the haze is, from 0 to 1.
    """

    sky: tuple[Colour, ...]
    light: Colour
    haze: Colour
    glow: Colour
    sun: tuple[float, float]
    dark: float = 0.0
    stars: float = 0.0
    clouds: float = 0.35
    cloud: tuple[Colour, Colour] = ((255, 255, 255), (196, 210, 228))
    air: float = 0.5

    @property
    def light_from(self) -> tuple[float, float]:
        """The direction that light comes from."""
        return (-0.7 if self.sun[0] <= 0.5 else 0.7, -0.72)  # noqa: PLR2004 - the middle of the picture

    def seen(self, colour: Colour, distance: float = 0.0) -> Colour:
        """Give a colour as it looks in this light and at a distance from 0 to 1."""
        return mix(under(colour, self.light), self.haze, min(1.0, distance * (0.6 + 0.6 * self.air)))


DAY: Final = Mood(
    sky=((62, 132, 206), (118, 178, 230), (188, 220, 242), (232, 241, 244)),
    light=(255, 253, 246),
    haze=(206, 224, 238),
    glow=(255, 252, 232),
    sun=(0.24, 0.16),
)
MOODS: Final[dict[str, Mood]] = {
    "day": DAY,
    "morning": replace(
        DAY,
        sky=((104, 158, 214), (160, 200, 230), (232, 224, 214), (255, 232, 200)),
        light=(255, 246, 226),
        haze=(238, 226, 214),
        glow=(255, 240, 200),
        sun=(0.2, 0.3),
        cloud=((255, 248, 236), (214, 208, 220)),
    ),
    "dawn": replace(
        DAY,
        sky=((72, 88, 150), (142, 126, 176), (236, 160, 160), (255, 206, 164), (255, 228, 190)),
        light=(248, 216, 208),
        haze=(240, 196, 182),
        glow=(255, 226, 178),
        sun=(0.3, 0.5),
        cloud=((255, 206, 188), (150, 120, 164)),
        clouds=0.45,
        stars=0.1,
    ),
    "golden": replace(
        DAY,
        sky=((92, 140, 190), (168, 186, 196), (248, 208, 142), (255, 190, 100), (255, 214, 136)),
        light=(255, 226, 176),
        haze=(252, 206, 140),
        glow=(255, 236, 176),
        sun=(0.72, 0.44),
        cloud=((255, 228, 170), (198, 150, 130)),
        clouds=0.4,
    ),
    "sunset": replace(
        DAY,
        sky=((44, 50, 112), (118, 70, 138), (216, 84, 104), (252, 138, 74), (255, 202, 112)),
        light=(250, 198, 164),
        haze=(240, 140, 104),
        glow=(255, 226, 148),
        sun=(0.64, 0.53),
        cloud=((255, 160, 110), (112, 62, 118)),
        clouds=0.5,
        dark=0.25,
        stars=0.06,
    ),
    "dusk": replace(
        DAY,
        sky=((24, 28, 78), (62, 52, 122), (132, 84, 152), (216, 124, 148), (246, 178, 150)),
        light=(194, 168, 206),
        haze=(168, 116, 160),
        glow=(255, 214, 180),
        sun=(0.3, 0.58),
        cloud=((226, 138, 156), (70, 56, 118)),
        clouds=0.4,
        dark=0.6,
        stars=0.3,
    ),
    "night": replace(
        DAY,
        sky=((7, 10, 34), (14, 22, 62), (28, 44, 98), (52, 74, 130)),
        light=(116, 130, 186),
        haze=(40, 56, 108),
        glow=(244, 244, 226),
        sun=(0.74, 0.2),
        cloud=((66, 82, 134), (22, 30, 70)),
        clouds=0.25,
        dark=1.0,
        stars=1.0,
    ),
}


def _grey(mood: Mood, share: float, tone: Colour) -> Mood:
    def dull(colour: Colour) -> Colour:
        return mix(colour, under(tone, mix(mood.light, mood.haze, 0.5)), share)

    return replace(
        mood,
        sky=tuple(dull(colour) for colour in mood.sky),
        haze=dull(mood.haze),
        light=mix(mood.light, under((206, 214, 228), mood.light), share),
        cloud=(dull(mood.cloud[0]), dull(mood.cloud[1])),
        stars=mood.stars * (1 - share),
    )


def mood_for(time: str, weather: str | None, tint: Colour | None = None) -> Mood:
    """Give the light of a time of day (a key of `MOODS`) in a weather; `tint` colours the sky."""
    mood = MOODS[time]
    if weather in ("cloudy", "rain", "snow"):
        mood = replace(_grey(mood, 0.5, (206, 214, 226)), clouds=0.8, air=0.75)
    elif weather == "fog":
        mood = replace(_grey(mood, 0.62, (226, 230, 234)), clouds=0.2, air=1.25)
    elif weather == "storm":
        mood = replace(_grey(mood, 0.72, (96, 104, 128)), clouds=0.95, air=0.8, dark=max(mood.dark, 0.5))
    elif weather == "clear":
        mood = replace(mood, clouds=0.0)
    if tint:
        sky = tuple(mix(colour, under(tint, mix(mood.sky[-1], (255, 255, 255), 0.4)), 0.72) for colour in mood.sky)
        mood = replace(mood, sky=sky, haze=mix(mood.haze, tint, 0.45))
    return mood
