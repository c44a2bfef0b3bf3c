"""What the sandbox can say about a picture: what can be measured in it."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageFilter, ImageStat

from .colours import main_colours
from .embedded import EmbeddedText, embedded_text
from .encoding import SOFTWARE, flatten
from .likeness import COPY, Looks, signature
from .pixels import resized

_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
BRIGHTNESS: Final = (0.15, 0.35, 0.6, 0.82)
CONTRAST: Final = (0.2, 0.45)
DETAIL: Final = (0.06, 0.2)
_NINTHS: Final = (
    (
        "the upper left",
        "the top",
        "the upper right",
        "the left",
        "the middle",
        "the right",
        "the lower left",
        "the bottom",
        "the lower right",
    ),
    ("左上方", "上方", "右上方", "左侧", "中央", "右侧", "左下方", "下方", "右下方"),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured in a picture.

    Attributes:
        width: In px.
        height: In px.
        type: The file format, `?` where the bytes tell none.
        brightness: Mean lightness from 0 to 1.
        contrast: Spread of lightness, from 0 to about 1.
        detail: Share of the picture that lies on edges.
        clear: Share that is transparent.
        brightest: Which ninth is brightest, row by row.
        frames: More than 1 for an animation.
        said: Caption and keywords in the file.
    """

    width: int
    height: int
    type: str
    brightness: float
    contrast: float
    detail: float
    clear: float
    brightest: int
    frames: int
    said: EmbeddedText


def measure(image: Image.Image, data: bytes) -> Measured:
    """Measure a decoded picture and its file."""
    kind, frames, said = "?", 1, EmbeddedText()
    try:
        with Image.open(io.BytesIO(data)) as file:
            kind, frames, said = file.format or "?", getattr(file, "n_frames", 1), embedded_text(file)
    except (OSError, SyntaxError, ValueError):
        pass
    clear = 0.0
    if image.has_transparency_data:
        clear = sum(image.convert("RGBA").getchannel("A").histogram()[:128]) / (image.width * image.height)
    grey = resized(flatten(image), (192, 192), Image.Resampling.BOX).convert("L")
    stat = ImageStat.Stat(grey)
    edges = grey.filter(ImageFilter.FIND_EDGES).crop((2, 2, 190, 190))
    ninths = resized(grey, (3, 3), Image.Resampling.BOX).tobytes()
    return Measured(
        width=image.width,
        height=image.height,
        type=kind,
        brightness=stat.mean[0] / 255,
        contrast=stat.stddev[0] / 128,
        detail=sum(edges.histogram()[40:]) / (188 * 188),
        clear=clear,
        brightest=ninths.index(max(ninths)),
        frames=frames,
        said=said,
    )


def describe(images: Sequence[tuple[Image.Image, bytes]], question: str) -> str:
    """Describe decoded pictures, each with its file's bytes, in measured terms; says that the sandbox speaks.

    Answers in Chinese where the question is Chinese; several pictures are compared.
    """
    chinese = bool(_CHINESE.search(question))
    if not images:
        return (
            "这里是 Lightbox 沙盒：没有收到图片。" if chinese else "This is the Lightbox sandbox: no picture was given."
        )
    measured = [measure(image, data) for image, data in images]
    tell = _chinese if chinese else _english
    lines = [
        "这里是 Lightbox 沙盒：它只测量图片，并不理解内容。"
        if chinese
        else "This is the Lightbox sandbox: it measures pictures and understands none of them."
    ]
    for number, ((image, _), facts) in enumerate(zip(images, measured, strict=True), 1):
        start = "" if len(images) == 1 else (f"图片 {number}：" if chinese else f"Picture {number}: ")
        lines.append(start + tell(facts, main_colours(flatten(image), chinese=chinese)))
    if len(images) > 1:
        lines.append(_compared([image for image, _ in images], measured, chinese=chinese))
    return "\n".join(lines)


def _level(value: float, bounds: Sequence[float], words: Sequence[str]) -> str:
    return words[sum(value >= bound for bound in bounds)]


def _english(facts: Measured, colours: Sequence[tuple[str, float]]) -> str:
    orientation = "square" if facts.width == facts.height else "landscape" if facts.width > facts.height else "portrait"
    kind = f" {facts.type}" if facts.type != "?" else ""
    brightness = _level(
        facts.brightness, BRIGHTNESS, ("Very dark", "Dark", "Of medium brightness", "Bright", "Very bright")
    )
    contrast, detail = (
        _level(facts.contrast, CONTRAST, ("low", "medium", "high")),
        _level(facts.detail, DETAIL, ("little", "some", "much")),
    )
    parts = [
        f"{facts.width} x {facts.height} px{kind}, {orientation} ({_ratio(facts)}).",
        "Main colours: " + ", ".join(f"{name} {share:.0%}" for name, share in colours) + ".",
        f"{brightness} (mean {facts.brightness:.0%}), with {contrast} contrast and {detail} detail;",
        f"brightest in {_NINTHS[0][facts.brightest]}.",
    ]
    if facts.clear:
        parts.append(f"{facts.clear:.0%} of it is transparent.")
    if facts.frames > 1:
        parts.append(f"It is animated, {facts.frames} frames.")
    parts += [f"Its file says: “{caption}”." for caption in facts.said.captions if caption != SOFTWARE]
    if facts.said.keywords:
        parts.append("Its keywords: " + ", ".join(facts.said.keywords) + ".")
    return " ".join(parts)


def _chinese(facts: Measured, colours: Sequence[tuple[str, float]]) -> str:
    orientation = "方形" if facts.width == facts.height else "横向" if facts.width > facts.height else "纵向"
    brightness = _level(facts.brightness, BRIGHTNESS, ("很暗", "偏暗", "亮度适中", "明亮", "很亮"))
    contrast = _level(facts.contrast, CONTRAST, ("低", "中等", "高"))
    parts = [
        f"{facts.width} x {facts.height} 像素，{orientation}（{_ratio(facts)}）。",
        "主要颜色：" + "、".join(f"{name} {share:.0%}" for name, share in colours) + "。",
        f"{brightness}（平均 {facts.brightness:.0%}），对比度{contrast}；",
        f"最亮处在{_NINTHS[1][facts.brightest]}。",
    ]
    if facts.clear:
        parts.append(f"其中 {facts.clear:.0%} 是透明的。")
    parts += [f"文件说明：“{caption}”。" for caption in facts.said.captions if caption != SOFTWARE]
    if facts.said.keywords:
        parts.append("关键词：" + "、".join(facts.said.keywords) + "。")
    return "".join(parts)


def _ratio(facts: Measured) -> str:
    shared = math.gcd(facts.width, facts.height)
    width, height = facts.width // shared, facts.height // shared
    return f"{width}:{height}" if max(width, height) <= 32 else f"{facts.width / facts.height:.2f}:1"  # noqa: PLR2004 - ratios that people use


def _compared(images: Sequence[Image.Image], measured: Sequence[Measured], *, chinese: bool) -> str:
    brightest = max(range(len(measured)), key=lambda i: measured[i].brightness) + 1
    largest = max(range(len(measured)), key=lambda i: measured[i].width * measured[i].height) + 1
    alike = _likeness(images[0], images[1])
    if chinese:
        verdict = "几乎相同" if alike >= COPY else "有些相似" if alike >= 0.6 else "不同"  # noqa: PLR2004 - half-way to a copy
        return f"比较：图片 {brightest} 最亮，图片 {largest} 最大；图片 1 与图片 2 {verdict}（相似度 {alike:.0%}）。"
    verdict = "nearly the same" if alike >= COPY else "somewhat alike" if alike >= 0.6 else "different"  # noqa: PLR2004 - half-way to a copy
    best = f"picture {brightest} is the brightest, picture {largest} the largest"
    return f"Compared: {best}; pictures 1 and 2 are {verdict} (likeness {alike:.0%})."


def _likeness(first: Image.Image, second: Image.Image) -> float:
    look = signature(second)
    return min(1.0, Looks(first, [look.shape], [look.tint]).nearest(lambda _: [look.grid])[0][0])
