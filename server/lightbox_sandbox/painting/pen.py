"""A pen draws one subject: it stands on a place, and its units are the subject's size."""

from __future__ import annotations

from collections.abc import Sequence

from lightbox_sandbox.pixels import Colour

from .colour import under
from .moods import Mood
from .outlines import Outline, Point, oval, smooth, stroke
from .surface import Paint, Surface


class Pen:
    """Draws in the units of a subject: (0, 0) is where it stands, y is up to -1, x from -0.5 to 0.5.

    Args:
        surface: What is painted on.
        mood: The light that colours are seen in.
        place: Where the subject stands, in shares of width and height.
        size: The subject's height in shares of the surface's shorter side.
        distance: 0 is near, 1 is lost in the haze.
        flip: Whether left and right change places.
    """

    def __init__(
        self, surface: Surface, mood: Mood, place: Point, size: float, *, distance: float = 0.0, flip: bool = False
    ) -> None:
        self.surface, self.mood = surface, mood
        self.x, self.y = place[0] * surface.width, place[1] * surface.height
        self.scale = size * surface.unit
        self.distance = distance
        self.flip = -1 if flip else 1

    def moved(self, x: float, y: float, size: float = 1.0, *, flip: bool = False) -> Pen:
        """Give a pen for a part that stands at (x, y) and is `size` times as large."""
        pen = Pen(self.surface, self.mood, (0, 0), 1, distance=self.distance)
        pen.x, pen.y = self.x + x * self.scale * self.flip, self.y + y * self.scale
        pen.scale, pen.flip = self.scale * size, -self.flip if flip else self.flip
        return pen

    def seen(self, paint: Paint) -> Paint:
        """Give a paint as it looks in this light, at this distance."""
        first, second = paint[0], paint[-1]
        if isinstance(first, int) or isinstance(second, int):
            return self.mood.seen((paint[0], paint[1], paint[2]), self.distance)  # pyright: ignore[reportArgumentType, reportGeneralTypeIssues] - one colour
        return (self.mood.seen(first, self.distance), self.mood.seen(second, self.distance))

    def _px(self, outline: Sequence[Point]) -> Outline:
        return [(self.x + x * self.scale * self.flip, self.y + y * self.scale) for x, y in outline]

    def fill(
        self,
        *outlines: Sequence[Point],
        paint: Paint,
        volume: float = 0.0,
        opacity: float = 1.0,
        blur: float = 0.0,
        lit: bool = True,
    ) -> None:
        """Fill straight-edged outlines; `lit=False` is for what shines by itself."""
        self.surface.polygons(
            [self._px(outline) for outline in outlines],
            self.seen(paint) if lit else paint,
            volume=volume,
            opacity=opacity,
            blur=blur * self.scale / self.surface.unit,
            light=self.mood.light_from,
        )

    def blob(
        self, *outlines: Sequence[Point], paint: Paint, volume: float = 0.0, opacity: float = 1.0, blur: float = 0.0
    ) -> None:
        """Fill outlines that run smoothly through their points."""
        self.fill(*[smooth(outline) for outline in outlines], paint=paint, volume=volume, opacity=opacity, blur=blur)

    def pair(self, outline: Sequence[Point], paint: Paint, *, volume: float = 0.0, curved: bool = True) -> None:
        """Fill an outline and its mirror image, as ears, eyes and wings are."""
        for side in (1, -1):
            line = [(x * side, y) for x, y in outline]
            self.fill(smooth(line) if curved else line, paint=paint, volume=volume)

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        *,
        paint: Paint,
        turn: float = 0.0,
        volume: float = 0.0,
        opacity: float = 1.0,
        blur: float = 0.0,
        lit: bool = True,
    ) -> None:
        """Fill an ellipse; a circle without `ry`."""
        line = oval(x, y, rx, rx if ry is None else ry, turn)
        self.fill(line, paint=paint, volume=volume, opacity=opacity, blur=blur, lit=lit)

    def line(
        self,
        points: Sequence[Point],
        width: float,
        end: float | None = None,
        *,
        paint: Paint,
        volume: float = 0.0,
        opacity: float = 1.0,
        curved: bool = True,
        lit: bool = True,
    ) -> None:
        """Draw a line that may taper from `width` to `end`."""
        body = stroke(points, width, end, curved=curved)
        self.fill(body, paint=paint, volume=volume, opacity=opacity, lit=lit)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Let light shine about a place of the subject."""
        surface = self.surface
        px, py = self.x + x * self.scale * self.flip, self.y + y * self.scale
        surface.glow(px / surface.width, py / surface.height, radius * self.scale / surface.unit, colour, strength)

    def shadow(self, width: float = 0.4, y: float = 0.0, strength: float = 0.38) -> None:
        """Lay the soft shadow that sets a subject on its ground."""
        line = oval(0, y, width, width * 0.16)
        shade = under((40, 38, 70), self.mood.light)
        self.fill(line, paint=shade, opacity=strength, blur=0.035, lit=False)
