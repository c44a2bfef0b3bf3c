"""An edit's prompt as a list of instructions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .painting.brief import PAINTS, meanings, read


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing to do.

    Attributes:
        verb: `retouch`, `style`, `recolour`, `remove`, `background`, `frame`, `write`, `sky` or `add`.
        value: What with: a retouch, a style, a colour's name, words to paint or to write.
        source: The name of the colour that is replaced, where one is named.
        area: `sky` or `background`, where only that is meant.
    """

    verb: str
    value: str = ""
    source: str | None = None
    area: str | None = None


_RETOUCHES: Final = {
    "grey": r"gr[ae]y ?scale|black[- ]and[- ]white|b&w|desaturat|monochrome|灰度|黑白|去色",
    "sepia": r"sepia|vintage|old photo|nostalgic|复古|怀旧|泛黄",
    "blur": r"\bblur|out of focus|soften|模糊|虚化|柔化",
    "sharpen": r"sharpen|sharper|crisp|锐化|清晰",
    "brighten": r"bright(?:en|er)|lighten|lighter|more light|exposure|变亮|调亮|更亮|提亮|亮一点",
    "darken": r"dark(?:en|er)|dim(?:mer)?\b|变暗|调暗|更暗|暗一点",
    "contrast": r"contrast|对比度",
    "saturate": r"saturat|more colou?r|vivid|vibrant|鲜艳|饱和",
    "invert": r"invert|negative|反相|反色",
    "pixelate": r"pixel|mosaic|像素|马赛克",
    "warm": r"warm(?:er)?\b|暖色|暖一点|温暖",
    "cool": r"cool(?:er)?\b|cold(?:er)?\b|冷色|冷一点",
    "mirror": r"mirror|flip(?! ?side)|horizontally|镜像|翻转",
    "turn": r"rotate|turn (?:it )?upside|旋转",
    "vignette": r"vignette|暗角",
    "night": r"\b(?:at|to|into|make it) (?:the )?night|nighttime|night scene|夜晚|夜景|变成夜",
    "sunset": r"\bsunset|golden hour|dusk|夕阳|日落|黄昏",
    "fog": r"\bfog|\bmist|haze|雾",
}
_SKIES: Final = {
    "sun": r"\bsun\b|太阳",
    "moon": r"\bmoon\b|月亮",
    "stars": r"\bstars\b|starry|星星|星空",
    "clouds": r"\bclouds?\b|云",
    "rainbow": r"rainbow|彩虹",
    "snow": r"\bsnow(?:fall|ing|flakes|y)?\b|下雪|雪花|飘雪",
    "rain": r"\brain(?:ing|y)?\b|下雨|雨",
    "fireworks": r"fireworks?|烟花",
    "aurora": r"aurora|northern lights|极光",
    "lightning": r"lightning|闪电",
}
_STYLES: Final = {
    "watercolour": r"watercolou?r|水彩",
    "oil": r"oil paint|impressionis|van gogh|油画",
    "sketch": r"sketch|pencil|line drawing|素描|铅笔",
    "ink": r"ink[- ]wash|sumi|水墨",
    "poster": r"poster|pop art|cartoon|海报|卡通",
    "pastel": r"pastel|柔和",
}
SHORT: Final = 10
"""A bare word for the weather asks for it; in a longer text it describes a picture."""

_ADD: Final = re.compile(
    r"\b(?:add|put|place|insert|draw|paint|include|give|wear(?:ing)?|with an?|hang|plant)\b|加|添|放|画|戴|插入"
)
_REMOVE: Final = re.compile(
    r"\b(?:remove|erase|delete|take (?:away|out)|get rid of|without|clean up)\b|去掉|删除|移除|擦除|去除|消除"
)
_RECOLOUR: Final = re.compile(
    r"\b(?:make|turn|change|colou?r|recolou?r|paint|tint|dye|replace|into)\b|变成|改成|换成|染成|涂成|变为|改为"
)
_BACKGROUND: Final = re.compile(r"background|backdrop|背景")
_FRAME: Final = re.compile(r"\bframe|\bborder|边框|相框|画框")
_TEXT: Final = re.compile(r"\b(?:text|caption|words?|title|write|letter|label|says?|saying)\b|文字|标题|写|字")
_SPLIT: Final = re.compile(r"[.;。；，,]|\bthen\b|\band\b|然后|并且|再")


def instructions(prompt: str) -> list[Instruction]:
    """Read what a prompt asks to be done, in its order; a description of a picture asks for nothing."""
    orders: list[Instruction] = []
    words = read(prompt).text
    text = re.sub(r"black[- ]and[- ]white|b&w", "greyscale", _unquoted(prompt).lower())
    clauses = [clause.strip() for clause in _SPLIT.split(text) if clause.strip()]
    adding = False
    for clause in clauses:
        adding = bool(_ADD.search(clause)) or (adding and not _names_a_change(clause))
        for order in _clause(clause, adding=adding):
            if order not in orders:
                orders.append(order)
    if words and (_TEXT.search(prompt.lower()) or adding or not orders):
        orders.append(Instruction("write", words))
    return orders


def _unquoted(prompt: str) -> str:
    return re.sub(r"[\"“「『][^\"”」』]*[\"”」』]", " ", prompt)


def _names_a_change(clause: str) -> bool:
    return bool(
        _RECOLOUR.search(clause) or _REMOVE.search(clause) or any(re.search(p, clause) for p in _RETOUCHES.values())
    )


def _clause(clause: str, *, adding: bool) -> list[Instruction]:
    if _BACKGROUND.search(clause):
        return [_background(clause)]
    if _REMOVE.search(clause):
        return [Instruction("remove")]
    if _FRAME.search(clause):
        return [Instruction("frame", next(iter(_colours(clause)), ""))]
    if adding:
        return _additions(clause)
    orders = [Instruction("style", name) for name, pattern in _STYLES.items() if re.search(pattern, clause)]
    orders += [Instruction("retouch", name) for name, pattern in _RETOUCHES.items() if re.search(pattern, clause)]
    if not orders:
        orders = [
            Instruction("sky", name)
            for name, pattern in _SKIES.items()
            if re.search(pattern, clause) and (_RECOLOUR.search(clause) or len(clause) <= SHORT)
        ]
    colours = _colours(clause)
    if (
        colours
        and not any(order.value in ("grey", "sepia") for order in orders)
        and (_RECOLOUR.search(clause) or re.search(r"\bit\b", clause))
    ):
        area = "sky" if re.search(r"\bsky\b|天空", clause) else None
        orders = [Instruction("recolour", colours[-1], colours[0] if len(colours) > 1 else None, area)]
    return orders


def _additions(clause: str) -> list[Instruction]:
    orders = [Instruction("sky", name) for name, pattern in _SKIES.items() if re.search(pattern, clause)]
    if read(clause).subjects and not {"stars"} & {order.value for order in orders}:
        orders.append(Instruction("add", clause))
    orders += [
        Instruction("retouch", name)
        for name in ("vignette", "blur", "fog", "contrast", "saturate")
        if re.search(_RETOUCHES[name], clause)
    ]
    return orders


def _background(clause: str) -> Instruction:
    if re.search(_RETOUCHES["blur"], clause):
        return Instruction("retouch", "blur background")
    if _REMOVE.search(clause) or re.search(r"transparent|透明", clause):
        return Instruction("background")
    colours = _colours(clause)
    if colours and not read(clause).setting:
        return Instruction("recolour", colours[-1], None, "background")
    return Instruction("background", _BACKGROUND.sub(" ", clause))


def _colours(clause: str) -> list[str]:
    return [value for _, known in meanings(clause) for kind, value in known if kind == "colour" and value in PAINTS]
