"""Pictures without a subject: flowing shapes and textures."""

from __future__ import annotations

import math
import random

from PIL import ImageChops

from lightbox_sandbox.pixels import Colour, curve

from .colour import darker, lighter, mix
from .outlines import Outline, block, oval, smooth, stroke
from .skies import bokeh
from .surface import Surface

Colours = tuple[Colour, ...]


def waves(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Let ribbons of colour flow across, each with its shadow."""
    surface.wash((lighter(colours[0], 0.35), colours[0], mix(colours[0], colours[-1], 0.5)))
    count = 9
    for index in range(count):
        base, phase, swing = 0.1 + 0.92 * index / count, chance.uniform(0, 6.28), chance.uniform(0.04, 0.11)
        line = [
            (x / 14 - 0.07, base + swing * math.sin(x * 0.42 + phase) + 0.03 * math.sin(x * 0.9 + phase * 2))
            for x in range(17)
        ]
        edge = smooth(line, closed=False)
        share = index / (count - 1) * (len(colours) - 1)
        tone = mix(colours[int(share)], colours[min(len(colours) - 1, int(share) + 1)], share % 1)
        body = [*edge, (1.2, 1.2), (-0.2, 1.2)]
        surface.shapes([[(x, y - 0.012) for x, y in body]], darker(tone, 0.75), opacity=0.38, blur=0.018)
        surface.shapes([body], (lighter(tone, 0.3), darker(tone, 0.12)))
        glint = [(x * surface.width, y * surface.height) for x, y in edge]
        surface.polygons([stroke(glint, 0.0025 * surface.unit, curved=False)], lighter(tone, 0.7), opacity=0.6)


def marble(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Polish a slab of marble with its veins."""
    ground = lighter(colours[0], 0.82)
    surface.wash((ground, lighter(ground, 0.4), ground))
    for cells, floor, tone, strength in (
        ((2, 3), 9, colours[0], 0.75),
        ((4, 5), 14, darker(colours[0], 0.4), 0.55),
        ((3, 2), 30, colours[-1], 0.3),
    ):
        field = surface.noise(chance, cells, 6, 0.55)
        surface.lay(tone, curve(field, lambda v, f=floor: 255 - abs(v - 128) * 255 / f / 1.2), strength=strength)


def wood(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Join planks of wood, each with its grain."""
    tone = colours[0]
    surface.wash((tone, tone))
    field = surface.noise(chance, (26, 2), 5, 0.6)
    surface.lay(darker(tone, 0.55), curve(field, lambda v: (v - 120) * 2.2), strength=0.5)
    surface.lay(lighter(tone, 0.4), curve(field, lambda v: (112 - v) * 2.2), strength=0.35)
    for index in range(6):
        left = index / 6
        surface.shapes(
            [block(left, 0, left + 1 / 6, 1)],
            (lighter if chance.randrange(2) else darker)(tone, 0.5),
            opacity=chance.uniform(0.03, 0.2),
        )
        surface.shapes([block(left - 0.002, 0, left + 0.002, 1)], darker(tone, 0.8), opacity=0.75, blur=0.001)
        for _ in range(2):
            x, y = left + chance.uniform(0.04, 0.12), chance.random()
            for ring in range(4):
                surface.shapes(
                    [oval(x, y, 0.018 - ring * 0.004, 0.03 - ring * 0.007)],
                    darker(tone, 0.3 + ring * 0.14),
                    opacity=0.5,
                    blur=0.002,
                )


def fabric(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Drape cloth in soft folds."""
    tone = colours[0]
    surface.wash((tone, darker(tone, 0.15)))
    for _ in range(13):
        x, lean, width = chance.uniform(-0.2, 1.1), chance.uniform(-0.25, 0.25), chance.uniform(0.03, 0.1)
        line = [(x, -0.1), (x + lean * 0.4 + chance.uniform(-0.06, 0.06), 0.35), (x + lean * 0.7, 0.7), (x + lean, 1.1)]
        px = [(a * surface.width, b * surface.height) for a, b in line]
        surface.polygons(
            [stroke([(a + width * 0.5 * surface.width, b) for a, b in px], width * surface.width)],
            darker(tone, 0.6),
            opacity=0.5,
            blur=0.03,
        )
        surface.polygons([stroke(px, width * 0.7 * surface.width)], lighter(tone, 0.45), opacity=0.5, blur=0.026)


def bricks(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Lay a wall of bricks."""
    tone = colours[0]
    surface.wash((lighter(mix(tone, (190, 186, 180), 0.75), 0.1), mix(tone, (170, 164, 160), 0.75)))
    rows, columns = 13, 7
    for row in range(rows):
        for column in range(-1, columns + 1):
            left, top = (column + (0.5 if row % 2 else 0)) / columns, row / rows
            shade = mix(tone, chance.choice(((236, 150, 110), (90, 50, 50), (180, 90, 76))), chance.uniform(0, 0.35))
            brick = block(left + 0.004, top + 0.006, left + 1 / columns - 0.004, top + 1 / rows - 0.006, 0.004)
            surface.shapes([brick], (lighter(shade, 0.12), darker(shade, 0.16)))
    field = surface.noise(chance, (40, 40), 3, 0.7)
    surface.lay(darker(tone, 0.7), curve(field, lambda v: (v - 140) * 2), strength=0.28)
    surface.veil((255, 240, 220), (0.22, 0, 0.0))
    surface.veil((10, 8, 24), (0, 0, 0.3))


def sand(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Rake ripples into sand."""
    tone = colours[0]
    surface.wash((lighter(tone, 0.15), tone))
    for index in range(26):
        base, phase = index / 24, chance.uniform(0, 0.6)
        line = smooth(
            [(x / 10 - 0.05, base + 0.016 * math.sin(x * 0.8 + phase + index * 0.35)) for x in range(12)], closed=False
        )
        px = [(x * surface.width, y * surface.height) for x, y in line]
        surface.polygons([stroke(px, 0.016 * surface.unit, curved=False)], lighter(tone, 0.55), opacity=0.5, blur=0.005)
        surface.polygons(
            [stroke([(x, y + 0.017 * surface.unit) for x, y in px], 0.015 * surface.unit, curved=False)],
            darker(tone, 0.5),
            opacity=0.38,
            blur=0.006,
        )
    field = surface.noise(chance, (60, 60), 3, 0.8)
    surface.lay(darker(tone, 0.5), curve(field, lambda v: (v - 140) * 2), strength=0.18)


def geometric(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Tile the picture with quarter discs and squares."""
    side = surface.unit / 6
    surface.wash((lighter(colours[0], 0.8), lighter(colours[-1], 0.72)))
    for row in range(math.ceil(surface.height / side)):
        for column in range(math.ceil(surface.width / side)):
            x, y = column * side, row * side
            tone, second = chance.choice(colours), chance.choice(colours)
            kind, turn = chance.randrange(5), chance.randrange(4)
            surface.polygons([block(x, y, x + side + 1, y + side + 1)], lighter(second, 0.55))
            corner = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))[turn]
            if kind < 2:  # noqa: PLR2004 - two kinds in five
                steps = [turn * math.pi / 2 + math.pi / 2 * s / 24 for s in range(25)]
                surface.polygons(
                    [[corner, *[(corner[0] + side * math.cos(a), corner[1] + side * math.sin(a)) for a in steps]]],
                    (lighter(tone, 0.12), tone),
                )
            elif kind == 2:  # noqa: PLR2004 - the third kind
                surface.polygons([oval(x + side / 2, y + side / 2, side * 0.36, side * 0.36)], tone, volume=0.5)
            elif kind == 3:  # noqa: PLR2004 - the fourth kind
                surface.polygons([[(x, y), (x + side, y), corner if turn > 1 else (x, y + side)]], tone)


def circuit(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Etch a circuit board with a chip in its middle."""
    ground, trace = darker(colours[0], 0.72), lighter(colours[0], 0.15)
    surface.wash((lighter(ground, 0.07), ground))
    unit, width, height = surface.unit, surface.width, surface.height
    cx, cy, half = width / 2, height / 2, unit * 0.19
    lines: list[Outline] = []
    pads: list[Outline] = []
    for side in range(4):
        for pin in range(11):
            along = (pin - 5) * half * 0.165
            reach = half + unit * chance.uniform(0.1, 0.5)
            bend = half + unit * (0.05 + 0.014 * abs(pin - 5))
            shift = along * chance.uniform(1.3, 3.2)
            path = [
                (half, along),
                (bend, along),
                (bend + abs(shift - along), shift),
                (max(reach, bend + abs(shift - along)) + unit * 0.15, shift),
            ]
            turned = [((x, y), (-y, x), (-x, -y), (y, -x))[side] for x, y in path]
            placed = [(cx + x, cy + y) for x, y in turned]
            lines.append(stroke(placed, unit * 0.0065, curved=False))
            pads.append(oval(placed[-1][0], placed[-1][1], unit * 0.012, unit * 0.012, steps=20))
    surface.polygons(lines, trace, opacity=0.25, blur=0.012)
    surface.polygons(lines, trace, opacity=0.85)
    surface.polygons(pads, lighter(trace, 0.35))
    surface.polygons([oval(*_middle(pad), unit * 0.005, unit * 0.005, steps=12) for pad in pads], ground)
    for _ in range(16):
        x, y = chance.random() * width, chance.random() * height
        if abs(x - cx) > half * 1.5 or abs(y - cy) > half * 1.5:
            w, h = unit * chance.uniform(0.02, 0.06), unit * chance.uniform(0.02, 0.035)
            surface.polygons(
                [block(x - w, y - h, x + w, y + h, unit * 0.004)], ((66, 68, 80), (30, 32, 42)), volume=0.3
            )
    pins = [
        block(
            cx + (p - 5) * half * 0.165 - unit * 0.006,
            cy - half * 1.1,
            cx + (p - 5) * half * 0.165 + unit * 0.006,
            cy + half * 1.1,
        )
        for p in range(11)
    ]
    pins += [
        block(
            cx - half * 1.1,
            cy + (p - 5) * half * 0.165 - unit * 0.006,
            cx + half * 1.1,
            cy + (p - 5) * half * 0.165 + unit * 0.006,
        )
        for p in range(11)
    ]
    surface.polygons(pins, ((236, 226, 190), (176, 160, 116)))
    surface.polygons(
        [block(cx - half, cy - half, cx + half, cy + half, unit * 0.012)], ((70, 72, 86), (26, 28, 38)), volume=0.35
    )
    surface.polygons(
        [block(cx - half * 0.62, cy - half * 0.62, cx + half * 0.62, cy + half * 0.62, unit * 0.008)],
        (lighter(colours[0], 0.25), darker(colours[0], 0.35)),
        volume=0.3,
    )
    surface.glow(0.5, 0.5, 0.6, lighter(colours[0], 0.4), 0.4)


def _middle(outline: Outline) -> tuple[float, float]:
    return sum(x for x, _ in outline) / len(outline), sum(y for _, y in outline) / len(outline)


def network(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Link glowing nodes into a web of data."""
    surface.wash((darker(colours[0], 0.82), darker(colours[-1], 0.7)))
    field = surface.noise(chance, (3, 3), 4)
    surface.lay(colours[0], curve(field, lambda v: (v - 120) * 1.2), strength=0.35)
    nodes = [(chance.random(), chance.random(), chance.random()) for _ in range(64)]
    ratio = surface.width / surface.height
    lines: list[Outline] = []
    for index, (x, y, _) in enumerate(nodes):
        for a, b, _ in nodes[index + 1 :]:
            if math.hypot((x - a) * ratio, y - b) < 0.2:  # noqa: PLR2004 - neighbours only
                lines.append(
                    stroke(
                        [(x * surface.width, y * surface.height), (a * surface.width, b * surface.height)],
                        0.0017 * surface.unit,
                        curved=False,
                    )
                )
    surface.polygons(lines, lighter(colours[0], 0.5), opacity=0.5)
    for x, y, depth in nodes:
        tone = lighter(mix(colours[0], colours[-1], depth), 0.35)
        surface.glow(x, y, 0.02 + 0.05 * depth, tone, 0.7)
        r = (0.003 + 0.006 * depth) * surface.unit
        surface.polygons([oval(x * surface.width, y * surface.height, r, r, steps=18)], lighter(tone, 0.6))


def paper(surface: Surface, chance: random.Random, colours: Colours) -> None:
    """Crumple a sheet of paper."""
    tone = lighter(colours[0], 0.7)
    surface.wash((tone, darker(tone, 0.08)))
    field = surface.noise(chance, (5, 4), 6, 0.62)
    reach = max(1, round(0.006 * surface.unit))
    slope = ImageChops.subtract(field, ImageChops.offset(field, reach, reach), 0.25, 128)
    surface.lay(darker(tone, 0.55), curve(slope, lambda v: (118 - v) * 2.4), strength=0.45)
    surface.lay((255, 255, 255), curve(slope, lambda v: (v - 138) * 2.4), strength=0.7)


PATTERNS = {
    "abstract": waves,
    "waves": waves,
    "marble": marble,
    "wood": wood,
    "fabric": fabric,
    "bricks": bricks,
    "sand": sand,
    "geometric": geometric,
    "circuit": circuit,
    "network": network,
    "paper": paper,
    "bokeh": bokeh,
}
