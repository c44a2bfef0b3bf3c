"""Fonts of the system: which file holds the letters of a script. Looks through folders: not for the event loop."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Script:
    """Letters that people write with, and where they are found.

    Attributes:
        name: As people call it.
        sample: Letters that a font for it has.
        language: What fontconfig calls a language that is written with it.
        files: Fonts that hold it, the best first: of Linux, macOS and Windows.
        package: What brings one on Debian and Ubuntu.
    """

    name: str
    sample: str
    language: str
    files: tuple[str, ...]
    package: str


_ALL = ("Arial Unicode.ttf", "arialuni.ttf", "unifont.ttf", "unifont.otf")
_CJK = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-VF.otf.ttc", "NotoSansCJK-Medium.ttc", "SourceHanSans-Regular.ttc")
_PLAIN = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "segoeui.ttf")

SCRIPTS: Mapping[str, Script] = {
    script.name: script
    for script in (
        Script(
            "Chinese",
            "的中图",
            "zh-cn",
            (
                *("NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf", "NotoSansSC-Regular.ttf"),
                *("NotoSansSC-VF.ttf", "SourceHanSansSC-Regular.otf", *_CJK),
                *("wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf"),
                *("PingFang.ttc", "Hiragino Sans GB.ttc", "STHeiti Light.ttc", "msyh.ttc", "simsun.ttc", *_ALL),
            ),
            "fonts-noto-cjk",
        ),
        Script(
            "Japanese",
            "のアを",
            "ja",
            (
                *("NotoSansCJKjp-Regular.otf", "NotoSansJP-Regular.otf", "NotoSansJP-Regular.ttf"),
                *("NotoSansJP-VF.ttf", *_CJK, "ipag.ttf", "ipagp.ttf", "ipaexg.ttf", "VL-Gothic-Regular.ttf"),
                *("DroidSansFallbackFull.ttf", "wqy-microhei.ttc", "ヒラギノ角ゴシック W3.ttc"),
                *("Hiragino Sans GB.ttc", "YuGothM.ttc", "meiryo.ttc", "msgothic.ttc", *_ALL),
            ),
            "fonts-noto-cjk",
        ),
        Script(
            "Korean",
            "한글을",
            "ko",
            (
                *("NotoSansCJKkr-Regular.otf", "NotoSansKR-Regular.otf", "NotoSansKR-Regular.ttf"),
                *("NotoSansKR-VF.ttf", *_CJK, "NanumGothic.ttf", "UnDotum.ttf", "wqy-microhei.ttc"),
                *("AppleSDGothicNeo.ttc", "malgun.ttf", "gulim.ttc", *_ALL),
            ),
            "fonts-noto-cjk",
        ),
        Script("Cyrillic", "Жяб", "ru", (*_PLAIN, "Helvetica.ttc", *_ALL), "fonts-dejavu-core"),
        Script(
            "Arabic",
            "سلم",
            "ar",
            (
                *("NotoSansArabic-Regular.ttf", "NotoSansArabicUI-Regular.ttf", "NotoNaskhArabic-Regular.ttf"),
                *("NotoKufiArabic-Regular.ttf", "DejaVuSans.ttf", "KacstOne.ttf", "GeezaPro.ttc", "SFArabic.ttf"),
                *("segoeui.ttf", "Arial.ttf", "tahoma.ttf", *_ALL),
            ),
            "fonts-noto-core",
        ),
    )
}
"""The scripts that titles are looked after in; letters of others are drawn where a plain font has them."""

_OTHERS = (*_PLAIN, *_ALL)
_NAMES = {"CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}
_MISSING = "\U0010fffe"  # no font has a letter here: it is drawn as the box that stands for missing ones
_ENDINGS = (".ttf", ".ttc", ".otf", ".otc")
_MOST_FILES = 20_000
_TRIED_SECONDS = 2.0  # for opening fonts of unknown names, once
_LIST_SECONDS = 5.0  # for fontconfig, which may first have to read all fonts


@dataclass(frozen=True, slots=True)
class MissingScript:
    """A script of which no font has the letters.

    Attributes:
        name: As people call it.
        remedy: What to do about it, as a sentence without its full stop.
    """

    name: str
    remedy: str


def missing_scripts() -> tuple[MissingScript, ...]:
    """Give the scripts whose letters can't be drawn here, with what to do about it; blocks while it looks."""
    return tuple(
        MissingScript(name, _remedy(name)) for name in SCRIPTS if _file(name) is None and not _built_in_has(name)
    )


def script_of(letter: str) -> str:
    """Name the script of a letter, as people call it; `Latin` for what belongs to none or to many."""
    if letter.isascii():
        return "Latin"
    first = unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
    name = _NAMES.get(first, first.capitalize())
    if name in SCRIPTS:
        return name
    return name if unicodedata.category(letter)[0] == "L" else "Latin"


def fonts_for(script: str, size: int) -> tuple[Font, ...]:
    """Give the fonts in which to look for a letter of a script, in this order; the built-in one is always there."""
    return _fonts(script, size)


@cache
def built_in(size: int) -> Font:
    """Give the font that is always there."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


def holds(font: Font, letter: str) -> bool:
    """Tell whether a font has a letter: what it lacks is all drawn alike."""
    bare = _bare(font)
    return _drawn(bare, letter) != _drawn(bare, _MISSING)


@cache
def _bare(font: Font) -> Font:
    """Give a font without the rules by which letters are put together: signs upon letters are drawn by themselves."""
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def _drawn(font: Font, letter: str) -> bytes:
    side = round(font.size * 2)
    paper = Image.new("L", (side, side))
    ImageDraw.Draw(paper).text((side // 4, side // 4), letter, fill=255, font=font)
    return paper.tobytes()


@cache
def _fonts(script: str, size: int) -> tuple[Font, ...]:
    found = [_file(script)] if script in SCRIPTS else []
    files = dict.fromkeys(file for file in (*found, *map(_named, _OTHERS)) if file is not None)
    opened = [font for file in files if (font := _open(file, size)) is not None]
    return (*opened, built_in(size)) if script in SCRIPTS and found[0] else (built_in(size), *opened)


@cache
def _file(script: str) -> Path | None:
    """Give a font file that holds a script: a known one, else what fontconfig names, else whichever has it."""
    wanted = SCRIPTS[script]
    known = [file for name in wanted.files if (file := _named(name)) is not None]
    return _first_that_holds(known, wanted) or _first_that_holds(_further(wanted.language), wanted)


def _first_that_holds(files: Iterable[Path], script: Script) -> Path | None:
    until = time.monotonic() + _TRIED_SECONDS
    for file in files:
        if _holds_script(file, script):
            return file
        if time.monotonic() > until:
            break
    return None


def _built_in_has(script: str) -> bool:
    return all(holds(built_in(20), letter) for letter in SCRIPTS[script].sample)


def _holds_script(file: Path, script: Script) -> bool:
    font = _open(file, 20)
    return font is not None and all(holds(font, letter) for letter in script.sample)


def _open(file: Path, size: int) -> Font | None:
    try:
        return ImageFont.truetype(str(file), size)
    except (OSError, ValueError):
        return None


def _named(name: str) -> Path | None:
    return _files().get(name.lower())


@cache
def _files() -> dict[str, Path]:
    """Give the font files of this system by their names in small letters."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for root, _, names in os.walk(folder):
            for name in names:
                if name.lower().endswith(_ENDINGS):
                    found.setdefault(unicodedata.normalize("NFC", name.lower()), Path(root, name))
            if len(found) > _MOST_FILES:
                return found
    return found


def _folders() -> Iterator[Path]:
    """Give the folders in which systems keep fonts, the person's own first."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - which gives the tilde back where there is no home
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local", "Microsoft/Windows/Fonts")
        yield Path(os.environ.get("WINDIR") or "C:/Windows", "Fonts")
        return
    if sys.platform == "darwin":
        yield home / "Library/Fonts"
        yield from (Path("/Library/Fonts"), Path("/System/Library/Fonts"))
        yield from sorted(Path("/System/Library/AssetsV2").glob("com_apple_MobileAsset_Font*"))
    yield Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share", "fonts")
    yield home / ".fonts"
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    yield from (Path(folder, "fonts") for folder in shared.split(":") if folder)
    yield Path("/usr/share/X11/fonts")


def _further(language: str) -> list[Path]:
    """Ask fontconfig, which also knows of folders elsewhere; where it is not installed, any font may have it."""
    try:
        told = subprocess.run(  # noqa: S603 - the languages are ours
            ["fc-list", "-f", "%{file}\\n", f":lang={language}"],  # noqa: S607 - the person's own
            capture_output=True,
            check=True,
            timeout=_LIST_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return list(_files().values())
    names = dict.fromkeys(told.stdout.decode(errors="replace").splitlines())
    return [Path(name) for name in names if name.lower().endswith(_ENDINGS)]


def _remedy(script: str) -> str:
    if sys.platform == "win32":
        return f"add the {script} supplemental fonts in Settings, System, Optional features"
    if sys.platform == "darwin":
        return f"install a {script} font with Font Book, such as Noto Sans"
    return f"install a {script} font, on Debian and Ubuntu `apt install {SCRIPTS[script].package}`"
