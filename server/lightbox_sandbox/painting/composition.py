"""A brief becomes a picture: light, backdrop, subjects in their places, air before them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

from lightbox_sandbox.pixels import Colour

from .backdrops import BACKDROPS, COMPOUNDS
from .brief import PAINTS, Brief, Named
from .charts import chart
from .colour import lighter
from .inscription import letter
from .moods import MOODS, Mood, mood_for
from .patterns import PATTERNS
from .pen import Pen
from .places.scene import Scene
from .skies import falling
from .subjects import SUBJECTS, Subject
from .surface import Surface

PATTERN_TONES: Final[dict[str, tuple[Colour, ...]]] = {
    "marble": ((120, 126, 140), (206, 170, 110)),
    "wood": ((168, 112, 70),),
    "fabric": ((150, 40, 66),),
    "bricks": ((178, 88, 70),),
    "sand": ((222, 188, 140),),
    "paper": ((206, 196, 180),),
    "circuit": ((60, 170, 140),),
    "network": ((60, 130, 230), (170, 90, 220)),
}
PALETTES: Final[tuple[tuple[Colour, ...], ...]] = (
    ((250, 170, 120), (236, 96, 120), (120, 70, 160), (50, 50, 120)),
    ((130, 214, 210), (60, 150, 200), (50, 80, 160), (30, 40, 96)),
    ((250, 220, 150), (244, 160, 110), (200, 90, 100), (90, 50, 90)),
    ((190, 226, 170), (96, 180, 150), (40, 120, 130), (24, 66, 92)),
    ((244, 190, 214), (196, 140, 220), (120, 110, 210), (60, 70, 150)),
)
MARGIN: Final = 0.94


def compose(surface: Surface, brief: Brief, chance: random.Random, *, bare: bool = False) -> None:
    """Paint a brief; `bare` leaves out everything around the subjects."""
    subjects = _subjects(brief, chance, bare=bare)
    setting, mood = _place_and_light(brief, subjects)
    scene = Scene(
        surface, mood, chance, tint=_tint(brief, subjects), neon="neon" in brief.extras, extras=tuple(brief.extras),
        snow=brief.weather == "snow" or setting == "snow",
    )  # fmt: skip
    ground = 0.9 if bare else _backdrop(scene, brief, setting, subjects)
    _stand(scene, brief, subjects, ground, bare=bare)
    if (
        not bare
        and brief.weather in ("rain", "snow", "storm")
        and setting not in ("underwater", "space", "room", "table", "desk")
    ):
        falling(surface, mood, chance, "rain" if brief.weather == "storm" else brief.weather)
    if brief.text:
        letter(surface, brief.text, on_sign=any(named.name == "sign" for named in subjects), ground=ground)


def _subjects(brief: Brief, chance: random.Random, *, bare: bool) -> list[Named]:
    if brief.subjects:
        # An umbrella is drawn with the one who holds it.
        held = any(named.name == "umbrella" for named in brief.subjects)
        return [named for named in brief.subjects if not (held and named.name == "person")][:4]
    fruit = next((colour for colour in brief.colours if colour in ("orange", "lemon", "peach")), None)
    if fruit and brief.setting is None:
        return [Named(fruit)]
    if bare or brief.setting == "studio":
        colour = brief.colours[0] if brief.colours else None
        return [Named(chance.choice(("gem", "star", "heart", "ball")), colour)]
    return []


def _place_and_light(brief: Brief, subjects: list[Named]) -> tuple[str, Mood]:
    setting, time, weather = brief.setting, brief.time, brief.weather
    if brief.backdrop and setting in (None, "sky"):
        setting = "studio" if setting is None else "sky"
    if setting is None:
        setting = SUBJECTS[subjects[0].name].home if subjects else _open_setting(brief)
        if setting in COMPOUNDS:
            setting, home_time, home_weather = COMPOUNDS[setting]
            time, weather = time or home_time, weather or home_weather
        if weather == "snow" and setting in ("meadow", "flowers", "savanna", "blossom", "autumn"):
            setting = "snow"
    if {"aurora", "fireworks", "milky way", "neon"} & set(brief.extras):
        time = time or "night"
    tint = PAINTS[brief.backdrop] if brief.backdrop and setting == "sky" else None
    mood = mood_for(time or "day", weather, tint)
    if setting in ("studio", "table", "desk", "lab", "stage", "party", "room") and mood.dark > 0.5:  # noqa: PLR2004 - from dusk on
        mood = replace(mood, light=lighter(mood.light, 0.45))
    if setting in ("space", "moon", "studio") and time is None:
        mood = replace(MOODS["day"], light=(246, 246, 255))
    return setting, mood


def _open_setting(brief: Brief) -> str:
    if brief.time or brief.weather or brief.extras:
        return "city" if "neon" in brief.extras or "fireworks" in brief.extras else "mountains"
    return "abstract"


def _tint(brief: Brief, subjects: list[Named]) -> Colour | None:
    if brief.backdrop:
        return PAINTS[brief.backdrop]
    if brief.colours and (not subjects or brief.setting in ("studio", "room", "table", "flowers")):
        return PAINTS[brief.colours[0]]
    return None


def _backdrop(scene: Scene, brief: Brief, setting: str, subjects: list[Named]) -> float:
    surface, chance = scene.surface, scene.chance
    if setting.endswith("chart") or setting == "dashboard":
        chart(surface, chance, setting.removesuffix(" chart"), scene.tint)
        return 0.9
    pattern = setting.removesuffix(" pattern")
    if pattern in PATTERNS:
        named = tuple(PAINTS[name] for name in brief.colours)
        if named and pattern in ("abstract", "waves", "geometric", "bokeh") and len(named) == 1:
            named = (lighter(named[0], 0.45), named[0], chance.choice(PALETTES)[-1])
        PATTERNS[pattern](surface, chance, named or PATTERN_TONES.get(pattern) or chance.choice(PALETTES))
        return 0.88
    del subjects
    return BACKDROPS[setting](scene)


def _stand(scene: Scene, brief: Brief, subjects: list[Named], ground: float, *, bare: bool) -> None:
    """Set the subjects side by side, the first named in the strongest place."""
    figures = [(named, copy) for named in subjects for copy in range(min(named.count, 6))]
    if not figures:
        return
    surface, chance = scene.surface, scene.chance
    grow = {"close": 1.5, "wide": 0.55}.get(brief.view or "", 1.0)
    total = sum(SUBJECTS[named.name].width * SUBJECTS[named.name].size for named, _ in figures) * surface.unit * 1.1
    crowd = min(1.0, MARGIN * surface.width / max(1.0, total * grow))
    taken = 0.5 * (surface.width - total * grow * crowd) / surface.width
    lone = len(figures) == 1
    for named, copy in figures:
        subject = SUBJECTS[named.name]
        size = subject.size * grow * crowd * (0.92 if copy % 2 else 1.0)
        if bare:
            size = min(
                0.86 if lone else size * 1.2,
                0.9 * surface.width / surface.unit / max(0.5, subject.width * len(figures)),
            )
        share = subject.width * subject.size * surface.unit * 1.1 * grow * crowd / surface.width
        x = taken + share / 2
        taken += share
        if (
            lone
            and not bare
            and surface.width > surface.height
            and subject.spot in ("ground", "air")
            and not brief.view
        ):
            x += chance.choice((-0.09, 0.0, 0.09))
        place = (x, _height(subject, size, surface, ground, copy, bare=bare))
        flip = subject.spot in ("air", "ground", "deep") and subject.width > 0.8 and (x > 0.5) != (copy % 2 == 1)  # noqa: PLR2004 - what is wide looks towards the middle
        pen = Pen(surface, _subject_light(scene, subject, bare=bare), place, size, flip=flip)
        subject.draw(pen, chance, PAINTS[named.colour] if named.colour else None)


def _height(subject: Subject, size: float, surface: Surface, ground: float, copy: int, *, bare: bool) -> float:
    tall = size * surface.unit / surface.height
    if bare:
        return 0.5 + tall / 2
    if subject.spot in ("air", "deep", "space"):
        lift = 0.42 if subject.spot == "air" else 0.5
        return lift + tall / 2 + (0.08 if copy % 2 else -0.03 * min(copy, 2))
    if subject.spot == "water":
        return min(ground, 0.78)
    return min(0.97, max(ground, tall + 0.05) + (0.03 if copy % 2 else 0))


def _subject_light(scene: Scene, subject: Subject, *, bare: bool) -> Mood:
    """Lift what the picture is about out of the dark a little, as a photographer would."""
    if bare:
        return replace(MOODS["day"], light=(255, 255, 255))
    lift = 0.38 if subject.spot != "space" else 0.6
    return replace(scene.mood, light=lighter(scene.mood.light, lift))
