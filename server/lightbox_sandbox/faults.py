"""Faults on demand: what can go wrong with a service goes wrong here when a test asks for it.

A fault is asked for in one of four places, the first one found counts:

    the header `x-sandbox-fault: FAULT`                any request to the sandbox
    the model `sandbox-fault/FAULT` or `sandbox-fault/FAULT@MODEL`   any client, without touching its headers
    the same as the `model` of the `image_generation` tool
    `PUT /sandbox/fault` with `{"fault": "FAULT"}`   every request from then on, until `DELETE` of it

FAULT is a list of options, `name=value` or just `name`, separated by `;`. Several faults separated by `,` follow one
another: `status=503;times=1,status=429;times=2` fails once with 503, twice with 429, and then all is well. `times`
counts per text of the whole list (add `id=anything` to have a count of your own) until `DELETE /sandbox/requests`,
which takes back `PUT /sandbox/fault` too.
Values may be percent-encoded.

    status=NNN            answer with this HTTP status and an error body
    code=…  message=…     the code and the text of that error
    shape=openai|dashscope|openrouter|html|empty   the body's form; the request's own dialect if not given
    retry_after=SECONDS   send `Retry-After`
    throttled             HTTP 200 with `status: failed`, as DashScope throttles
    refusal=http|sse|failed|item|empty   moderation: HTTP 400, an SSE `error`, `response.failed`, the error of the
                          picture's item, or 200 without a picture
    delay=SECONDS         wait before the answer begins (in the background: before the work begins)
    gap=SECONDS           wait before each event
    drop=N                break the connection after N events
    end=N                 end the stream in good order after N events, without a terminal one
    truncate=N            break the connection in the middle of the event after N events
    oversize=BYTES        make the second event this large
    endless               never come to an end: the same progress again and again, each after `gap` (0.05 s)
    calls=none            answer in words although a tool was to be called
    outputs=text          turn down a function's output that is a list, as some servers do, in LM Studio's words
    picture=generating|broken|missing|expired    leave the finished picture's item marked `generating`, make its base64
                          undecodable, leave the picture out of it, or name it by an address that has expired
    form=base64|address|data|result    how OpenRouter's tool gives a picture: its own field of base64, an address, a
                          data URI, or OpenAI's field
    cost=AMOUNT           what OpenRouter says that it charged, in USD
    hits=empty|dead|mislabelled|not_an_image|redirected|private|huge|bomb|slow|tiny   what a search finds: nothing;
                          404; another type than declared; a page in place of a picture; a redirect to the picture;
                          a redirect to a private address; 200 MB; a small file of 30000x30000 px; a byte a second;
                          1x1 px
    unknown=NAME|NAME…    refuse a request that has such a field, or whose tools do, as strict servers do: HTTP 400
    strict=openai|serde|go|zod|pydantic|printed   in whose words: OpenAI's, those of servers in Rust, in Go or in
                          TypeScript, FastAPI's (HTTP 422), or Pydantic's as some servers print them
    whole                 answer as one JSON although a stream was asked for
    azure=named|opaque    refuse a picture to be made without the header that names Azure's deployment, by its name or
                          in the words that name nothing
    usage=missing         leave usage out
    content_type=TYPE     send another Content-Type, e.g. `text/html`
    times=N               only for the first N requests
    id=TEXT               nothing but another text
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .dialects import Dialect, Json, Rejected, tool_type

HEADER: Final = "x-sandbox-fault"
MODEL_PREFIX: Final = "sandbox-fault/"

HitFault = Literal[
    "empty", "dead", "mislabelled", "not_an_image", "redirected", "private", "huge", "bomb", "slow", "tiny"
]
Shape = Literal["openai", "dashscope", "openrouter", "html", "empty"]
Refusal = Literal["http", "sse", "failed", "item", "empty"]
Strictness = Literal["openai", "serde", "go", "zod", "pydantic", "printed"]
Seconds = Annotated[float, Field(ge=0, le=3_600)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]

REFUSAL_MESSAGE: Final = "Your request was rejected by the safety system."


class Fault(BaseModel):
    """What is to go wrong with one request; the module's text says what each option does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    code: str | None = None
    message: str | None = None
    shape: Shape | None = None
    retry_after: Seconds | None = None
    throttled: bool = False
    refusal: Refusal | None = None
    delay: Seconds = 0
    gap: Seconds = 0
    drop: Count | None = None
    end: Count | None = None
    truncate: Count | None = None
    oversize: Count | None = None
    endless: bool = False
    calls: Literal["none"] | None = None
    outputs: Literal["text"] | None = None
    picture: Literal["generating", "broken", "missing", "expired"] | None = None
    form: Literal["base64", "address", "data", "result"] | None = None
    cost: float | None = None
    hits: HitFault | None = None
    unknown: str | None = None
    strict: Strictness = "openai"
    whole: bool = False
    azure: Literal["named", "opaque"] | None = None
    usage: Literal["missing"] | None = None
    content_type: str | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    id: str = ""

    @property
    def told(self) -> str | None:
        """What is noted of it; nothing where nothing goes wrong."""
        return None if self is NO_FAULT else self.model_dump_json(exclude_defaults=True)

    def rejection(self) -> Rejected | None:
        """Give the error that answers the whole request, if this fault is one."""
        headers = {} if self.retry_after is None else {"retry-after": f"{self.retry_after:g}"}
        if self.status is not None:
            message = self.message or f"The sandbox was asked to answer {self.status}."
            code = self.code or ("rate_limit_exceeded" if self.status == 429 else None)  # noqa: PLR2004 - HTTP's own
            return Rejected(message, status=self.status, code=code, dashscope_code=self.code, headers=headers)
        return refused() if self.refusal == "http" else None


NO_FAULT: Final = Fault()


class Faults:
    """Which fault a request meets; remembers how often each has struck."""

    def __init__(self) -> None:
        self._struck: Counter[tuple[str, int]] = Counter()
        self._injected = ""

    def find(self, header: str | None, body: Json) -> Fault:
        """Give the fault that a request asks for. Raises `Rejected` (400) where its text says nothing known."""
        text = header or _from_models(body) or self._injected
        for position, fault in enumerate(read_faults(text) if text else []):
            if fault.times is None or self._struck[text, position] < fault.times:
                self._struck[text, position] += 1
                return fault
        return NO_FAULT

    def inject(self, text: str) -> None:
        """Have every request meet a fault that asks for none; "" for none. Raises `Rejected` (400) as above."""
        read_faults(text)
        self._injected = text
        for key in [key for key in self._struck if key[0] == text]:
            del self._struck[key]

    def reset(self) -> None:
        """Forget how often each fault has struck, and the one that was injected."""
        self._struck.clear()
        self._injected = ""


def read_faults(text: str) -> list[Fault]:
    """Read a list of faults. Raises `Rejected` (400) naming the option that is wrong."""
    return [_read_fault(part) for part in text.split(",") if part.strip()]


def refused(stage: str = "input") -> Rejected:
    """Give the error of a refusal by moderation."""
    return Rejected(
        REFUSAL_MESSAGE,
        code="moderation_blocked",
        kind="image_generation_user_error",
        dashscope_code="DataInspectionFailed",
        details={"moderation_details": {"moderation_stage": stage, "categories": ["violence"]}},
    )


def throttled_body(model: str, response_id: str, created_at: int) -> Json:
    """Give the body with which DashScope throttles: HTTP 200, `status: failed`."""
    return {
        "created_at": created_at,
        "error": {
            "code": "server_error",
            "message": "Operation model request rate limit exceeded, please try again later.",
        },
        "id": response_id,
        "model": model,
        "object": "response",
        "output": [],
        "parallel_tool_calls": False,
        "status": "failed",
        "tool_choice": "auto",
        "tools": [],
    }


def shape_of(fault: Fault, dialect: Dialect) -> Shape:
    """Tell in which form an error is answered."""
    return fault.shape or dialect


def _read_fault(text: str) -> Fault:
    options: dict[str, Any] = {}
    for option in filter(None, (part.strip() for part in text.split(";"))):
        name, separator, value = option.partition("=")
        options[name.strip()] = unquote(value.strip()) if separator else True
    try:
        return Fault.model_validate(options)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Rejected(
            f"{HEADER}: '{text}': {where}: {first['msg']}. Options: {', '.join(Fault.model_fields)}.",
            code="invalid_value",
            param=HEADER,
        ) from error


def _options_of(tool: Json) -> Json:
    """Give where a tool's options stand: in it, or in its `parameters` as OpenRouter has it."""
    parameters: object = tool.get("parameters")
    return cast("Json", parameters) if isinstance(parameters, dict) else tool


def _from_models(body: Json) -> str:
    tools: object = body.get("tools")
    names: list[object] = [body.get("model")]
    if isinstance(tools, list):
        painters = [tool for tool in cast("list[Json]", tools) if tool_type(tool).endswith("image_generation")]
        names += [_options_of(tool).get("model") for tool in painters]
    for name in names:
        if isinstance(name, str) and name.startswith(MODEL_PREFIX):
            return name.removeprefix(MODEL_PREFIX).partition("@")[0]
    return ""
