"""Titles in the scripts of the world, with the fonts that a system has, or without any."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lightbox.images.fonts import SCRIPTS

TITLES: Mapping[str, str] = {
    "Chinese": "雪中的红狐狸",
    "Japanese": "雪の中のアカギツネ",
    "Korean": "눈 속의 붉은 여우",
    "Cyrillic": "Красная лисица",
    "Arabic": "الثعلب الأحمر",
}
PROGRAM = """
import json, sys
from io import BytesIO
from PIL import Image, ImageFont
if json.loads(sys.argv[2]):
    ImageFont.core.HAVE_RAQM = False  # as where the library that joins letters is not installed
from lightbox.images.lettering import fitting, missing_scripts, undrawable
from PIL import ImageDraw
told = {"missing": [one.name for one in missing_scripts()], "remedies": [one.remedy for one in missing_scripts()]}
for name, title in json.loads(sys.argv[1]).items():
    lettering, lines = fitting(title, 20, 600, 1)
    paper = Image.new("L", (640, 40))
    if lines:
        lettering.draw(ImageDraw.Draw(paper), (4, 30), lines[0], 255, "ls")
    told[name] = {"lines": lines, "left_out": undrawable([title]), "box": paper.getbbox()}
print(json.dumps(told))
"""

# fontTools has no types.
FontBuilder: Any = import_module("fontTools.fontBuilder").FontBuilder
TTGlyphPen: Any = import_module("fontTools.pens.ttGlyphPen").TTGlyphPen

Told = dict[str, Any]
Write = Callable[..., Told]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write titles on a machine that has only these fonts: a process of its own, for fonts are looked for once."""

    def write(titles: Mapping[str, str] = TITLES, *, bare: bool = False) -> Told:
        environment = {
            "HOME": str(tmp_path / "home"),
            "XDG_DATA_HOME": str(tmp_path / "own"),
            "XDG_DATA_DIRS": str(tmp_path / "shared"),
            "PATH": str(tmp_path),  # without fontconfig, which knows of other folders
            "PYTHONPATH": json.dumps(sys.path)[2:-2].replace('", "', ":"),
            "LOCALAPPDATA": str(tmp_path / "own"),
            "WINDIR": str(tmp_path),
        }
        command = [sys.executable, "-c", PROGRAM, json.dumps(titles), json.dumps(bare)]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        return json.loads(done.stdout)

    return write


def make_font(path: Path, letters: Iterable[str], height: int) -> None:
    """Make a small TrueType font in which each letter is a box of this height, and none is missing's."""
    names = {ord(letter): f"u{ord(letter):04x}" for letter in set(letters) | {" "}}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)

    def box(tall: int) -> Any:
        pen = TTGlyphPen(None)
        pen.moveTo((50, 0))
        for point in ((50, tall), (450, tall), (450, 0)):
            pen.lineTo(point)
        pen.closePath()
        return pen.glyph()

    builder.setupGlyf({".notdef": box(100)} | {name: box(height) for name in names.values()})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (500, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)


needs_folders = pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has its own fonts whatever is set")


@needs_folders
def test_without_fonts_titles_leave_the_letters_out_and_each_script_is_named_with_its_remedy(write: Write) -> None:
    told = write()

    missing = set(told["missing"])
    assert {"Chinese", "Japanese", "Korean", "Arabic"} <= missing
    assert all(name in remedy for name, remedy in zip(told["missing"], told["remedies"], strict=True))
    for name in missing:
        assert name in told[name]["left_out"]
        assert told[name]["lines"] == []


@needs_folders
@pytest.mark.parametrize("name", TITLES)
def test_a_font_in_the_persons_own_folder_is_found_and_drawn_from(write: Write, tmp_path: Path, name: str) -> None:
    script = SCRIPTS[name]
    make_font(tmp_path / "own/fonts/of some/kind.ttf", TITLES[name] + script.sample, 700)
    told = write({name: TITLES[name]})

    assert name not in told["missing"]
    assert told[name]["lines"] == [TITLES[name]]
    assert told[name]["left_out"] == []
    assert told[name]["box"] is not None


@needs_folders
def test_one_title_is_drawn_from_several_fonts_and_only_what_no_font_has_is_left_out(
    write: Write, tmp_path: Path
) -> None:
    make_font(tmp_path / "shared/fonts/hangul.ttf", "한글을", 700)
    make_font(tmp_path / "shared/fonts/han.ttf", "的中图：", 300)
    told = write({"mixed": "Fox 한글 中： สุนัข 2024", "half": "中 狐"})

    assert told["mixed"]["lines"] == ["Fox 한글 中： 2024"]
    assert told["mixed"]["left_out"] == ["Thai"]
    assert told["half"]["lines"] == ["中"]
    assert told["half"]["left_out"] == ["Chinese"]


@needs_folders
@pytest.mark.parametrize("bare", [False, True])
def test_arabic_is_drawn_with_and_without_the_library_that_joins_letters(
    write: Write, tmp_path: Path, *, bare: bool
) -> None:
    shapes = "".join(chr(code) for code in range(0xFE80, 0xFEFD))
    make_font(tmp_path / "own/fonts/arabic.ttf", TITLES["Arabic"] + "سلم" + shapes, 700)
    told = write({"Arabic": TITLES["Arabic"], "mixed": "fox الثعلب 2024"}, bare=bare)

    assert told["Arabic"]["lines"] == [TITLES["Arabic"]]
    assert told["Arabic"]["box"] is not None
    assert told["mixed"]["left_out"] == []


@needs_folders
def test_a_broken_font_is_passed_over(write: Write, tmp_path: Path) -> None:
    good = tmp_path / "own/fonts/NanumGothic.ttf"
    make_font(good, TITLES["Korean"] + "한글을", 700)
    (good.parent / "NotoSansCJK-Regular.ttc").write_bytes(good.read_bytes()[:200])
    (good.parent / "UnDotum.ttf").write_bytes(b"no font")

    assert write({"Korean": TITLES["Korean"]})["Korean"]["lines"] == [TITLES["Korean"]]
