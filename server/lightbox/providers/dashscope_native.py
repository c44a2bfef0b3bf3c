"""DashScope's own endpoint for pictures, which generates and edits; its Responses API has no tool for that.

One request makes one picture, from one message of up to three pictures (some models take more) and words. The answer is
one JSON that names the picture by an address, which lives for 24 hours. Errors may come with HTTP 200.

Source: Model Studio, Qwen-Image, Z-Image and Wan image API references (help.aliyun.com and alibabacloud.com), 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from lightbox.errors import BadInput
from lightbox.providers.calls import EditCall, GenerateCall, SentPicture
from lightbox.providers.dialect import Operation
from lightbox.providers.endpoint import Endpoint
from lightbox.wire.bodies import Body, integer, mapping, name_of, sequence, string, without_none

PATH = "/api/v1/services/aigc/multimodal-generation/generation"
"""Where pictures are made on every one of the service's hosts."""

MOST_MADE = 8
"""The most pictures of one answer that are read; a request asks for one."""

_RESPONSES_PATHS = ("/api/v2/apps/protocols/compatible-mode/v1", "/compatible-mode/v1", "/v1")
_Z_IMAGE, _QWEN_IMAGE = "z-image", "qwen-image"


def native_url(endpoint: Endpoint) -> str:
    """Give the address below which pictures are made, beside that of the Responses API on the same host."""
    parts = urlsplit(endpoint.base_url)
    above = next((path for path in _RESPONSES_PATHS if parts.path.endswith(path)), "")
    return urlunsplit(parts._replace(path=f"{parts.path.removesuffix(above).rstrip('/')}{PATH}"))


def generate(call: GenerateCall) -> Body:
    """Ask for a picture from words."""
    return _asked(call, [{"text": call.prompt}])


def edit(call: EditCall) -> Body:
    """Ask for pictures to be changed; the words come after them, as in the service's own examples.

    Raises:
        BadInput: There is no picture, a mask, or a picture that the service can't reach.
    """
    if not call.pictures:
        raise BadInput("an edit needs a picture: name at least one")
    if call.mask is not None:
        raise BadInput("dashscope takes no mask and no area: say in the prompt what may change")
    return _asked(call, [*map(_picture, call.pictures), {"text": call.prompt}])


def _asked(call: GenerateCall | EditCall, content: list[Body]) -> Body:
    return {
        "model": call.image_model,
        "input": {"messages": [{"role": "user", "content": content}]},
        "parameters": _parameters(call),
    }


def _parameters(call: GenerateCall | EditCall) -> Body:
    """Say how the picture shall come out.

    Thinking about the prompt doubles the price of Z-Image, so it is told not to; Qwen-Image words a prompt anew for
    nothing, as other services do. A model of a family that is not known here may lack the option: it is left out.
    """
    size = None if call.output.size == "auto" else call.output.size.replace("x", "*")
    if call.image_model.startswith(_Z_IMAGE):
        return without_none({"size": size, "prompt_extend": False})
    extend = True if call.ability == "generate" and call.image_model.startswith(_QWEN_IMAGE) else None
    return without_none({"n": 1, "size": size, "prompt_extend": extend, "watermark": False})


def _picture(picture: SentPicture) -> Body:
    if picture.url is None:
        raise BadInput(f"dashscope does not have the file {picture.file_id}: pass the picture by URL, path or handle")
    return {"image": picture.url}


def translate(body: Mapping[str, Any]) -> Body:
    """Put an answer into the shape of a response: pictures by their addresses, words, what was counted, or the fault.

    A code beside a picture is no fault: the picture is there. Tokens are left out, for pictures alone are billed.
    """
    output = mapping(body.get("output"))
    parts = [mapping(part) for part in _contents(output)]
    counted = _counted(mapping(body.get("usage")))
    pictures = [part for part in parts if string(part.get("image"))][:MOST_MADE]
    told = without_none({"id": name_of(body.get("request_id")), "usage": {"pictures": counted} if counted else None})
    fault = next((row for row in (body, output) if string(row.get("code"))), None)
    if fault is not None and not pictures:
        return {**told, "status": "failed", "error": {"code": fault.get("code"), "message": fault.get("message")}}
    size = f"{counted['width']}x{counted['height']}" if {"width", "height"} <= counted.keys() else None
    return {
        **told,
        "status": "completed",
        "output": [*(_made(part, size) for part in pictures), *_written(parts)],
    }


def _contents(output: Mapping[str, Any]) -> list[Any]:
    choices = [mapping(choice) for choice in sequence(output.get("choices"))[:MOST_MADE]]
    return [part for choice in choices for part in sequence(mapping(choice.get("message")).get("content"))]


def _made(part: Mapping[str, Any], size: str | None) -> Body:
    return without_none(
        {
            "type": "image_generation_call",
            "status": "completed",
            "result": part.get("image"),
            "size": size,
            "output_format": "png",
            "revised_prompt": string(part.get("actual_prompt")),
        }
    )


def _written(parts: list[Mapping[str, Any]]) -> list[Body]:
    texts = [text for part in parts if (text := string(part.get("text")))]
    return [{"type": "message", "content": [{"type": "output_text", "text": "\n".join(texts)}]}] if texts else []


def _counted(usage: Mapping[str, Any]) -> Body:
    """Read the counts, in the words of the newer models or of the older ones; what makes no sense is told as it is."""
    across, _, down = (string(usage.get("size")) or "").partition("*")
    return without_none(
        {
            "made": _either(usage, "output_image_count", "image_count"),
            "given": usage.get("input_image_count"),
            "width": _either(usage, "output_width", "width") or _digits(across),
            "height": _either(usage, "output_height", "height") or _digits(down),
            "size_class": _class(usage.get("output_image_type")),
        }
    )


def _either(usage: Mapping[str, Any], new: str, old: str) -> Any:
    return usage.get(new, usage.get(old))


def _digits(text: str) -> int | None:
    return integer(int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else None  # noqa: PLR2004 - px


def _class(told: object) -> str | None:
    """Give the class of size that is billed: `2k` of `qima_output_2k`."""
    name = name_of(told)
    return name.rpartition("_")[2].lower() if name else None


OPERATION = Operation(url=native_url, translate=translate)
