"""The one table of what is measured: each figure beside its floor of the same run and its aim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MEASURED = "measured"
_HEAD = ("", "measured", "floor", "ratio", "aim", "reached")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure.

    Attributes:
        what: What was measured.
        value: The figure; `None` where it could not be measured.
        unit: Of the figure and its floor, e.g. `ms`.
        floor: What the least that can do such work took, in the same run.
        aim: The most that the ratio to the floor should be; where there is no floor, the figure itself.
        at_least: The aim is the least instead of the most.
        why: Why there is no figure.
    """

    what: str
    value: float | None
    unit: str
    floor: float | None = None
    aim: float | None = None
    at_least: bool = False
    why: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure in floors."""
        return self.value / self.floor if self.value is not None and self.floor else None

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; `None` where there is none, or no figure."""
        judged = self.value if self.floor is None else self.ratio
        if judged is None or self.aim is None:
            return None
        return judged >= self.aim if self.at_least else judged <= self.aim

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        aim = ""
        if self.aim is not None:
            figure = f"{self.aim:g} ×" if self.floor is not None else f"{self.aim:,g} {self.unit}"
            aim = f"{'≥' if self.at_least else '≤'} {figure}"
        return (
            self.what,
            self._told(self.value) if self.value is not None else "-",
            self._told(self.floor) if self.floor is not None else "",
            f"{self.ratio:.2f} ×" if self.ratio is not None else "",
            aim,
            self.why or {True: "yes", False: "no", None: ""}[self.reached],
        )

    def _told(self, figure: float) -> str:
        return f"{figure:,.{0 if figure >= 100 or figure == round(figure) else 1}f} {self.unit}"


def table(rows: Sequence[Row]) -> str:
    """Set rows as one table: words at the left, figures at the right."""
    cells = [_HEAD, *(row.cells for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if column in (0, len(_HEAD) - 1) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines)
