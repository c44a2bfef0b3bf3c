"""OpenRouter's wire: its requests put into OpenAI's words, and what comes of them put into its own.

It keeps nothing, makes pictures by a tool of its own or by the image model itself (`modalities`), and tells with its
usage what it charged.

Source: OpenRouter's guides “Image Generation” (server tool; multimodal) and “Responses API”, and the types of its
published library 1.3.84.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, cast

from lightbox.costs.catalogue.rows import ImageModelRow, PicturePriceRow
from lightbox.costs.counting.image_size import parse_size

from .consumption import catalogue
from .dialects import Json, Rejected, tool_type
from .faults import Fault
from .made import MadePictures
from .traffic import pictures_in

PROVIDER: Final = "openrouter"
TOOL: Final = "openrouter:image_generation"
USUAL_MODEL: Final = "openai/gpt-5-image"
USUAL_QUALITY: Final = "medium"
UNKNOWN_PICTURE: Final = Decimal("0.04")
"""What a picture of an unknown model is charged, USD."""
UNKNOWN_TOKENS: Final = (Decimal("0.2"), Decimal("1.2"))
"""What a million tokens of an unknown model are charged, read and written, USD."""

_PASSED: Final = (
    *("model", "input", "instructions", "stream", "tool_choice", "max_tool_calls", "max_output_tokens"),
    *("reasoning", "text", "temperature", "metadata"),
)
_OPTIONS: Final = ("quality", "background", "output_format", "output_compression", "moderation")
_SHAPES: Final = {
    "1:1": "1024x1024",
    "2:3": "832x1248",
    "3:2": "1248x832",
    "3:4": "864x1152",
    "4:3": "1152x864",
    "4:5": "896x1152",
    "5:4": "1152x896",
    "9:16": "768x1344",
    "16:9": "1344x768",
    "21:9": "1536x672",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in OpenAI's words, and what of OpenRouter's has to be known for the answer.

    Attributes:
        body: As OpenAI would be sent it.
        model: The model that was asked.
        painter: The image model, where a picture may be made.
        alone: Whether that was asked by itself.
        shown: How many pictures that was given then.
    """

    body: Json
    model: str
    painter: str | None = None
    alone: bool = False
    shown: int = 0


def read(body: Mapping[str, Any]) -> Asked:
    """Put a request into OpenAI's words. Raises `Rejected` for what the service would turn down."""
    if body.get("store"):
        raise Rejected("store: Invalid input: expected false", param="store")
    if body.get("previous_response_id") is not None:
        raise Rejected("previous_response_id is not supported: send the whole conversation in `input`.")
    inner: Json = {name: body[name] for name in _PASSED if body.get(name) is not None} | {"store": False}
    model = str(body.get("model") or "")
    if "image" in cast("list[Any]", body.get("modalities") or []):
        return _asked_alone(inner, model, body)
    tools = [_tool(one) for one in cast("list[Any]", body.get("tools") or [])]
    painters = [str(tool["model"]) for tool in tools if tool_type(tool) == "image_generation"]
    return Asked(inner | {"tools": tools}, model, painters[0] if painters else None)


def _asked_alone(inner: Json, model: str, body: Mapping[str, Any]) -> Asked:
    known = catalogue().image_model(PROVIDER, model)
    shown = len(tuple(pictures_in(inner.get("input"))))
    if shown and known is not None and "edit" not in known.abilities:
        raise Rejected("No endpoints found that support image input", status=404)
    config = cast("Json", body.get("image_config") or {})
    options = config | ({"size": config["image_size"]} if "image_size" in config else {})
    tool = _options(model, options) | {"action": "edit" if shown else "generate"}
    return Asked(inner | {"tools": [tool], "tool_choice": "required"}, model, model, alone=True, shown=shown)


def _tool(tool: Any) -> Json:
    if tool_type(tool) != TOOL:
        return cast("Json", tool)
    parameters = cast("Json", tool.get("parameters") or {})
    return _options(str(parameters.get("model") or USUAL_MODEL), parameters)


def _options(model: str, given: Json) -> Json:
    known = catalogue().image_model(PROVIDER, model)
    told = {name: given[name] for name in _OPTIONS if name in given}
    if known is not None and not known.qualities:
        told["quality"] = USUAL_QUALITY
    size = _size(known, given)
    return {"type": "image_generation", "model": model, "action": "generate", **told} | ({"size": size} if size else {})


def _size(known: ImageModelRow | None, given: Json) -> str | None:
    ratio, size = given.get("aspect_ratio"), given.get("size")
    if isinstance(size, str) and parse_size(size):
        if ratio is not None:
            raise Rejected("size and aspect_ratio do not agree: an explicit pixel size is authoritative.")
        return size
    if known is None or not known.size_rule.ratios:
        return _SHAPES.get(str(ratio)) if ratio else None
    named = {name: px for px, name in known.size_rule.ratios.items()}
    if ratio is None:
        return known.auto_sizes[0]
    wanted = f"{ratio} {size}" if size and f"{ratio} {size}" in named else str(ratio)
    if wanted not in named:
        raise Rejected(f"aspect_ratio {ratio} is not supported by {known.name}: {', '.join(named)}")
    return named[wanted]


class Answer:
    """Puts what OpenAI would answer to a request into OpenRouter's words."""

    def __init__(self, asked: Asked, fault: Fault, made: MadePictures) -> None:
        self._asked = asked
        self._fault = fault
        self._made = made
        self._told: dict[str, Json] = {}

    async def events(self, events: AsyncIterator[Json]) -> AsyncIterator[Json]:
        """Give the events of the stream."""
        async for event in events:
            told = dict(event)
            if "response" in told:
                told["response"] = self.response(told["response"])
            if "item" in told:
                told["item"] = self._item(told["item"])
            yield told

    def response(self, response: Json) -> Json:
        """Give a whole response."""
        told = {name: value for name, value in response.items() if name != "tool_usage"}
        told["output"] = [self._item(item) for item in response["output"]]
        if response.get("usage"):
            told["usage"] = self._usage(response["usage"], response.get("tool_usage") or {})
        error: Json | None = response.get("error")
        if error and error.get("code") == "moderation_blocked":
            told |= {"error": error | {"code": "server_error"}, "error_type": "content_policy_violation"}
        return told

    def _item(self, item: Json) -> Json:
        if item["type"] != "image_generation_call":
            return item
        done = bool(item.get("result"))
        if done and item["id"] in self._told:
            return self._told[item["id"]]
        plain = {name: item[name] for name in ("id", "status", "result")} | {"type": "image_generation_call"}
        if self._asked.alone or item.get("error"):
            told = plain | ({"error": "Generation failed due to content policy"} if item.get("error") else {})
        else:
            told = {"id": item["id"], "type": TOOL, "status": item["status"].replace("generating", "in_progress")}
        if done:
            told |= self._picture(item["result"]) | {"prompt": item.get("revised_prompt")}
            self._told[item["id"]] = told
        return told

    def _picture(self, result: str) -> Json:
        form = self._fault.form or ("result" if self._asked.alone else "base64")
        if form == "address" or self._fault.picture == "expired":
            return {"result" if self._asked.alone else "imageUrl": self._made.address(result, self._fault)}
        if form == "data":
            return {"result": None, "imageUrl": f"data:image/png;base64,{result}"}
        return {"result": result} if form == "result" or self._asked.alone else {"imageB64": result}

    def _usage(self, usage: Json, tool_usage: Json) -> Json:
        image = cast("Json", tool_usage.get("image_gen") or {})
        pictures = len(self._told)
        if self._asked.alone:
            usage = usage | {name: image.get(name, 0) for name in ("input_tokens", "output_tokens", "total_tokens")}
        cost = self._fault.cost if self._fault.cost is not None else float(self._cost(usage, image, pictures))
        calls = {"tool_calls_requested": pictures, "tool_calls_executed": pictures}
        told = usage | {"cost": cost, "is_byok": False, "cost_details": {"upstream_inference_cost": None}}
        return told if self._asked.alone else told | {"server_tool_use_details": calls}

    def _cost(self, usage: Json, image: Json, pictures: int) -> Decimal:
        return (Decimal(0) if self._asked.alone else _words(self._asked.model, usage)) + self._painted(image, pictures)

    def _painted(self, image: Json, pictures: int) -> Decimal:
        painter = self._asked.painter
        if painter is None or not pictures:
            return Decimal(0)
        rates = catalogue().at(datetime.now(UTC))
        if by_picture := rates.picture_price(PROVIDER, painter, None):
            given = self._asked.shown * by_picture.per_input_picture if by_picture.input_certain else 0
            return pictures * _by_picture(by_picture, cast("list[Json]", self._asked.body["tools"])) + given
        row = rates.image_price(PROVIDER, painter, None)
        if row is None:
            return pictures * UNKNOWN_PICTURE
        details = image["input_tokens_details"]
        micros = (
            details["text_tokens"] * row.text_input_per_million_tokens
            + details["image_tokens"] * row.image_input_per_million_tokens
            + image["output_tokens"] * row.image_output_per_million_tokens
        )
        return micros / 1_000_000


def _words(model: str, usage: Json) -> Decimal:
    """Price the tokens of the model that was asked."""
    tier = catalogue().at(datetime.now(UTC)).tier(PROVIDER, model, None, usage["input_tokens"])
    read, written = (
        (tier.input_per_million_tokens, tier.output_per_million_tokens) if tier is not None else UNKNOWN_TOKENS
    )
    return (usage["input_tokens"] * read + usage["output_tokens"] * written) / 1_000_000


def _by_picture(row: PicturePriceRow, tools: list[Json]) -> Decimal:
    size = next((parse_size(str(tool.get("size"))) for tool in tools if tool_type(tool) == "image_generation"), None)
    found = row.class_of(size[0] * size[1]) if size else None
    return (found or row.classes[0]).per_picture
