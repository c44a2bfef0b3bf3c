"""DashScope's own endpoint for pictures: one message in, one JSON out, with the addresses of what was made.

Source: Model Studio, Qwen-Image, Z-Image and Wan image API references, 2026.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any, Final, cast

from starlette.responses import Response

from .delivery import answer
from .dialects import Json, Rejected
from .faults import MODEL_PREFIX, REFUSAL_MESSAGE, Fault
from .image_options import ImageOptions
from .made import MadePictures
from .pictures import GivenPicture, Painting, load_picture
from .studio import Studio
from .uploads import FileStore

PATH: Final = "/api/v1/services/aigc/multimodal-generation/generation"
MIN_AREA: Final = 512 * 512
MAX_AREA: Final = 2048 * 2048
MAX_RATIO: Final = 8
LARGE_AREA: Final = 2_250_000
MOST_MADE: Final = 6
FIXED_SIZES: Final = ("1664*928", "1472*1104", "1328*1328", "1104*1472", "928*1664")

_FIXED: Final = ("qwen-image-max", "qwen-image-plus")
_PAINTS_ONLY: Final = ("z-image", *_FIXED)
_EDITS_ONLY: Final = "qwen-image-edit"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for; `size` is None where the model is to choose, sides in px."""

    model: str
    prompt: str
    pictures: tuple[str, ...]
    size: tuple[int, int] | None
    count: int


class Multimodal:
    """The endpoint; the pictures that it makes lie where `made` keeps them."""

    def __init__(self, studio: Studio, files: FileStore, made: MadePictures) -> None:
        self._studio = studio
        self._files = files
        self._made = made

    async def generate(self, body: Json, fault: Fault) -> Response:
        """Answer a request for pictures. Raises `Rejected` for what is not asked as documented."""
        asked = _read(body)
        if fault.throttled:
            return answer(_flat("Throttling.RateQuota", "Requests rate limit exceeded, please try again later."), fault)
        if fault.refusal in {"failed", "sse"}:
            return answer(_flat("DataInspectionFailed", REFUSAL_MESSAGE), fault)
        if fault.calls == "none" or fault.refusal or fault.picture == "missing":
            return answer(_body([[{"text": "I can't make that picture."}]], None), fault)
        given = [await load_picture({"image_url": url}, self._files) for url in asked.pictures]
        paintings = [await self._paint(asked, given) for _ in range(asked.count)]
        contents = [[{"image": self._made.address(painting.result, fault)}] for painting in paintings]
        usage = None if fault.usage == "missing" else _usage(asked, paintings[0])
        return answer(_body(contents, usage), fault)

    async def _paint(self, asked: _Asked, given: list[GivenPicture]) -> Painting:
        options = ImageOptions(
            model=asked.model,
            action="edit" if given else "generate",
            size=asked.size,
            quality="auto",
            format="png",
            compression=None,
            background="opaque",
            partial_images=0,
            fidelity=None,
            mask=None,
        )
        return await self._studio.make(asked.prompt, options, given, None)


def _read(body: Json) -> _Asked:
    model = str(body.get("model") or "")
    if not model:
        raise _invalid('Required parameter "model" missing or invalid.')
    messages = _list(_table(body.get("input")).get("messages"))
    if len(messages) != 1:
        raise _invalid("The messages must contain exactly one user message.")
    parts = [_table(part) for part in _list(_table(messages[0]).get("content"))]
    texts = [str(part["text"]) for part in parts if part.get("text")]
    if len(texts) != 1:
        raise _invalid("The content must contain exactly one text.")
    parameters = _table(body.get("parameters"))
    asked = _Asked(
        model=_named(model),
        prompt=texts[0],
        pictures=tuple(str(part["image"]) for part in parts if part.get("image")),
        size=_size(parameters.get("size"), _named(model)),
        count=_count(parameters.get("n", 1)),
    )
    _check_pictures(asked)
    return asked


def _named(model: str) -> str:
    return model.removeprefix(MODEL_PREFIX).partition("@")[2] if model.startswith(MODEL_PREFIX) else model


def _check_pictures(asked: _Asked) -> None:
    if asked.pictures and asked.model.startswith(_PAINTS_ONLY):
        raise _invalid(f"The model {asked.model} does not support image input.")
    if not asked.pictures and asked.model.startswith(_EDITS_ONLY):
        raise _invalid("The content must contain at least one image.")
    most = 9 if asked.model.startswith("wan") else 10 if asked.model.startswith("qwen-image-2.1") else 3
    if len(asked.pictures) > most:
        raise _invalid(f"The number of images must be at most {most}.")


def _size(value: Any, model: str) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,5})\*(\d{1,5})", str(value))
    if not match:
        raise _invalid(f"The size {value} does not match the required format width*height.")
    if model.startswith(_FIXED) and value not in FIXED_SIZES:
        raise _invalid(f"The size must be one of {', '.join(FIXED_SIZES)}.")
    width, height = int(match[1]), int(match[2])
    if not MIN_AREA <= width * height <= MAX_AREA:
        raise _invalid("The total pixels must be between 512*512 and 2048*2048.")
    if max(width, height) > MAX_RATIO * min(width, height):
        raise _invalid("The aspect ratio must be between 1:8 and 8:1.")
    return width, height


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_MADE:
        raise _invalid(f"n must be between 1 and {MOST_MADE}.")
    return value


def _usage(asked: _Asked, painting: Painting) -> Json:
    """Count as the newer models do, or as the older ones."""
    width, height = painting.size
    if not asked.model.startswith("qwen-image-3"):
        return {"width": width, "height": height, "image_count": asked.count}
    return {
        "input_image_count": len(asked.pictures),
        "output_image_count": asked.count,
        "output_image_type": "qima_output_1k" if width * height <= LARGE_AREA else "qima_output_2k",
        "output_width": width,
        "output_height": height,
    }


def _body(contents: list[list[Json]], usage: Json | None) -> Json:
    choices = [{"finish_reason": "stop", "message": {"role": "assistant", "content": each}} for each in contents]
    return {
        "output": {"choices": choices},
        **({"usage": usage} if usage is not None else {}),
        "request_id": str(uuid.uuid4()),
    }


def _flat(code: str, message: str) -> Json:
    return {"request_id": str(uuid.uuid4()), "code": code, "message": message}


def _invalid(message: str) -> Rejected:
    return Rejected(message, dashscope_code="InvalidParameter")


def _table(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
