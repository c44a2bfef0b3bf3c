"""Figures that are told in files of shapes, and the formulas in them."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.drawings.details import DETAILS
from lightbox_sandbox.painting.formulas import formula
from lightbox_sandbox.painting.moods import MOODS
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import FOLDER, draw
from lightbox_sandbox.painting.subjects import SUBJECTS
from lightbox_sandbox.painting.surface import Surface

TOLD = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.shapes")))
FIGURES = set(re.findall(r"^figure ([\w-]+)", TOLD, re.MULTILINE))
RED = (206, 44, 48)


def test_a_formula_reckons_as_python_does() -> None:
    assert formula("-0.49-half*0.97")({"half": 0.2}) == -0.49 - 0.2 * 0.97
    assert formula("x+0.06,-0.5")({"x": 0.1}) == (0.1 + 0.06, -0.5)
    assert formula("size**0.3")({"size": 1.6}) == 1.6**0.3


def test_a_colour_is_made_lighter_and_darker_and_runs_into_another() -> None:
    assert formula("#ce2c30")({}) == RED
    assert formula("colour+0.14|colour-0.22")({"colour": RED}) == (lighter(RED, 0.14), darker(RED, 0.22))
    assert formula("0.5,tone-0.1")({"tone": RED}) == (0.5, darker(RED, 0.1))


@pytest.mark.parametrize("text", ["1+", "lambda: 1", "[1, 2]", "x.real", "f'{x}'"])
def test_what_is_no_formula_is_an_error(text: str) -> None:
    with pytest.raises(SyntaxError):
        formula(text)({})


def test_no_figure_is_told_twice_and_none_for_nothing() -> None:
    assert len(re.findall(r"^figure ", TOLD, re.MULTILINE)) == len(FIGURES)
    parts = set(re.findall(r"^ +draw ([\w-]+)|^figure [\w-]+ is ([\w-]+)", TOLD, re.MULTILINE))
    used = {name for pair in parts for name in pair if name} | {name.replace(" ", "-") for name in SUBJECTS} | {"palm"}
    assert used >= FIGURES
    assert {name for pair in parts for name in pair if name} - FIGURES == set(DETAILS)


def test_a_figure_that_is_not_told_is_an_error() -> None:
    pen = Pen(Surface(40, 40), MOODS["day"], (0.5, 0.9), 0.8)
    with pytest.raises(KeyError):
        draw("unicorn", pen, random.Random(1))  # noqa: S311 - no secrets


def test_the_files_are_read_when_the_first_picture_is_painted() -> None:
    program = (
        "import sys, lightbox_sandbox.server;"
        "early = [name for name in sys.modules if name.startswith('lightbox_sandbox.paint')];"
        "from lightbox_sandbox.painter import paint; from lightbox_sandbox.painting import shapes;"
        "print(early, shapes._figures.cache_info().misses, paint('an apple', width=40, height=40).size,"
        " shapes._figures.cache_info().misses)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[] 0 (40, 40) 1"
