"""What a service refuses, in the form of each of the four wires: named with its fix, asked once, and never billed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings

    from conftest import Service

KEYS = {"openai": "sk-proj-of-a-test", "dashscope": "sk-of-a-test", "openrouter": "sk-or-v1-of-a-test"}
PAINT: dict[str, Any] = {"prompt": "a red fox"}


@dataclass(frozen=True)
class Wire:
    """One of the four ways in which services are asked: a call that goes over it."""

    provider: str
    tool: str
    arguments: dict[str, Any]
    path: str

    def error(self, code: Any, message: str, **more: Any) -> dict[str, Any]:
        """Give an error body as this service writes it."""
        if self.provider == "dashscope":
            return {"request_id": "5dc15bba-5586", "code": code, "message": message}
        return {"error": {"code": code, "message": message, **more}}


WIRES = {
    "openai": Wire("openai", "generate_image", PAINT, "/v1/responses"),
    "dashscope": Wire("dashscope", "search_images", {"query": "a red fox"}, "/v1/responses"),
    "native": Wire("dashscope", "generate_image", PAINT, "/api/v1/services/aigc/multimodal-generation/generation"),
    "openrouter": Wire("openrouter", "generate_image", PAINT, "/v1/responses"),
}


@dataclass(frozen=True)
class Refusal:
    """How a service refuses a call over one wire, what is said of it, and what must not be."""

    wire: str
    status: int
    code: Any
    message: str
    says: tuple[str, ...]
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    says_not: tuple[str, ...] = ()
    key: str | None = None

    def __str__(self) -> str:
        return f"{self.wire}, {self.status} {self.code}, {self.key or self.message}"


BAD_KEY = "Incorrect API key provided."
WRONG_KEYS = (
    Refusal(
        "openai",
        401,
        "invalid_api_key",
        BAD_KEY,
        ("check OPENAI_API_KEY", "begins with sk-or-, as keys of OpenRouter do: set it as OPENROUTER_API_KEY"),
        key="sk-or-v1-of-another",
    ),
    Refusal(
        "openai",
        401,
        "invalid_api_key",
        BAD_KEY,
        ("begins with sk-ant-, as keys of Anthropic do: set one of openai here",),
        key="sk-ant-of-another",
    ),
    Refusal("openai", 401, "invalid_api_key", BAD_KEY, ("check OPENAI_API_KEY",), says_not=("begins with",)),
    Refusal(
        "dashscope",
        401,
        "InvalidApiKey",
        "Invalid API-key provided.",
        ("check DASHSCOPE_API_KEY", "keys of OpenAI do: set it as OPENAI_API_KEY, and one of dashscope here"),
        says_not=("region",),
        key="sk-proj-of-another",
    ),
    Refusal(
        "native",
        401,
        "InvalidApiKey",
        "Invalid API-key provided.",
        ("keys of OpenRouter do: set it as OPENROUTER_API_KEY",),
        key="sk-or-v1-of-another",
    ),
    Refusal(
        "native",
        200,
        "InvalidApiKey",
        "Invalid API-key provided.",
        ("check DASHSCOPE_API_KEY", "Keys belong to one region"),
    ),
    Refusal(
        "openrouter",
        401,
        401,
        "User not found.",
        ("check OPENROUTER_API_KEY", "keys of OpenAI do: set it as OPENAI_API_KEY"),
        {"metadata": {"error_type": "authentication"}},
        key="sk-proj-of-another",
    ),
    Refusal(
        "openrouter",
        401,
        401,
        "No auth credentials found",
        ("check OPENROUTER_API_KEY", "settings/keys"),
        says_not=("set it as",),
    ),
)
REFUSED_BY_MODERATION = (
    Refusal(
        "openai",
        400,
        "moderation_blocked",
        "Your request was rejected by the safety system.",
        ("openai's moderation refused the prompt or a picture sent with it (violence)", "Change the wording"),
        {
            "type": "image_generation_user_error",
            "moderation_details": {"moderation_stage": "input", "categories": ["violence"]},
        },
    ),
    Refusal(
        "dashscope",
        400,
        "DataInspectionFailed",
        "Input data may contain inappropriate content.",
        ("dashscope's moderation refused the prompt or a picture sent with it", "Change the wording"),
    ),
    Refusal(
        "native",
        200,
        "DataInspectionFailed",
        "Input data may contain inappropriate content.",
        ("dashscope's moderation refused the prompt or a picture sent with it", "Change the wording"),
    ),
    Refusal(
        "native",
        400,
        "DataInspectionFailed",
        "Output data may contain inappropriate content.",
        ("dashscope's moderation refused the picture that was made", "Change the wording"),
    ),
    Refusal(
        "native",
        400,
        "IPInfringementSuspect",
        "Input data is suspected of being involved in IP infringement.",
        ("dashscope's moderation refused the prompt or a picture sent with it", "Change the wording"),
    ),
    Refusal(
        "openrouter",
        403,
        403,
        "Your chosen model requires moderation and your input was flagged",
        ("openrouter's moderation refused the prompt or a picture sent with it (violence)", "Change the wording"),
        {"metadata": {"reasons": ["violence"], "flagged_input": "a fight", "provider_name": "OpenAI"}},
    ),
)
NO_CREDIT = (
    Refusal(
        "openai",
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
        ("The openai account has no quota left or an unpaid bill", "top it up or raise its limit"),
        {"type": "insufficient_quota"},
    ),
    Refusal(
        "openai",
        400,
        "billing_hard_limit_reached",
        "Billing hard limit has been reached.",
        ("has no quota left or an unpaid bill", "raise its limit"),
    ),
    Refusal(
        "dashscope",
        400,
        "Arrearage",
        "Access denied, please make sure your account is in good standing.",
        ("The dashscope account has no quota left or an unpaid bill", "top it up"),
    ),
    Refusal(
        "native",
        200,
        "Arrearage",
        "Access denied, please make sure your account is in good standing.",
        ("The dashscope account has no quota left or an unpaid bill", "top it up"),
    ),
    Refusal(
        "openrouter",
        402,
        402,
        "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
        ("No credit is left at openrouter", "Add credits at https://openrouter.ai/settings/credits"),
        {"metadata": {"error_type": "payment_required", "limit_source": "openrouter_credits"}},
    ),
    Refusal(
        "openrouter",
        402,
        402,
        "This key has reached its limit.",
        ("This key has reached its own limit at openrouter", "raise the key's own limit"),
        {"metadata": {"error_type": "payment_required", "limit_source": "openrouter_key_limit"}},
    ),
)
FREE_TIER = (
    Refusal(
        "dashscope",
        403,
        "AllocationQuota.FreeTierOnly",
        "The free tier of the model has been exhausted.",
        ("The free quota of qwen", "turn off “use free tier only”"),
    ),
    Refusal(
        "native",
        403,
        "AllocationQuota.FreeTierOnly",
        "The free tier of the model has been exhausted.",
        ("The free quota of qwen-image-2.0 at dashscope is used up", "turn off “use free tier only”"),
    ),
    Refusal(
        "native",
        429,
        "Throttling.AllocationQuota",
        "Free allocated quota exceeded.",
        ("The free quota of qwen-image-2.0 at dashscope is used up", "pass another model"),
    ),
    Refusal(
        "dashscope",
        429,
        "Throttling.AllocationQuota",
        "Free allocated quota exceeded.",
        ("The free quota of qwen", "pass another model"),
    ),
    Refusal(
        "openrouter",
        429,
        429,
        "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
        ("The free requests of this openrouter account are used up", "name a model that is paid for"),
        {"metadata": {"headers": {"X-RateLimit-Remaining": "0"}}},
    ),
    Refusal(
        "openrouter",
        429,
        429,
        "Rate limit exceeded: free-models-per-min.",
        ("The free requests of this openrouter account are used up", "name a model that is paid for"),
    ),
)
LACKS = (
    Refusal(
        "openai",
        400,
        "invalid_value",
        "Invalid value: '1024x1000'. Supported values are: '1024x1024' and 'auto'.",
        ("openai did not accept the request because of `tools[0].size`", "pass size=auto"),
        {"type": "invalid_request_error", "param": "tools[0].size"},
    ),
    Refusal(
        "native",
        400,
        "InvalidParameter",
        "The size must be one of 1664*928, 1472*1104.",
        ("dashscope did not accept the request", "pass size=auto", "1664*928"),
    ),
    Refusal(
        "native",
        200,
        "InvalidParameter",
        "The aspect ratio must be between 1:8 and 8:1.",
        ("dashscope did not accept the request", "pass size=auto"),
    ),
    Refusal(
        "openrouter",
        400,
        400,
        "aspect_ratio 7:3 is not supported by this model",
        ("openrouter did not accept the request", "pass size=auto"),
        {"metadata": {"error_type": "invalid_request"}},
    ),
    Refusal(
        "openrouter",
        404,
        404,
        "No endpoints found that support image input",
        ("has nobody who serves", "Name another model"),
    ),
    Refusal(
        "native",
        400,
        "InvalidParameter",
        "The model z-image-turbo does not support image input.",
        ("dashscope did not accept the request", "may not take pictures: pass another model"),
    ),
    Refusal(
        "openai",
        400,
        "invalid_value",
        "Image editing is not supported with this model.",
        ("openai did not accept the request", "may not take pictures: pass another model"),
    ),
)
NOWHERE = (
    Refusal("openai", 404, None, "Not Found", ("no Responses API at http://127.0.0.1", "check OPENAI_BASE_URL")),
    Refusal("dashscope", 404, None, "Not Found", ("no Responses API at http://127.0.0.1", "check DASHSCOPE_BASE_URL")),
    Refusal(
        "native",
        404,
        None,
        "Not Found",
        ("No pictures are made at http://127.0.0.1", "/multimodal-generation/generation", "check DASHSCOPE_BASE_URL"),
        says_not=("no Responses API at",),
    ),
    Refusal(
        "openrouter", 404, None, "Not Found", ("no Responses API at http://127.0.0.1", "check OPENROUTER_BASE_URL")
    ),
)
EVERY = (*WRONG_KEYS, *REFUSED_BY_MODERATION, *NO_CREDIT, *FREE_TIER, *LACKS, *NOWHERE)


def asked_with_the_same_key() -> dict[str, list[Refusal]]:
    """Put the refusals together that one server meets, one after another."""
    together: dict[str, list[Refusal]] = {}
    for refusal in EVERY:
        together.setdefault(f"{refusal.wire} {refusal.key or ''}".strip(), []).append(refusal)
    return together


TOGETHER = asked_with_the_same_key()


@pytest.mark.parametrize("refusals", TOGETHER.values(), ids=TOGETHER)
async def test_a_refused_call_is_named_with_its_fix_asked_once_and_not_billed(
    service: Service, connect: Connect, settings: MakeSettings, ask: Ask, refusals: list[Refusal]
) -> None:
    wire = WIRES[refusals[0].wire]
    key = refusals[0].key or KEYS[wire.provider]
    own = {f"{wire.provider}_api_key": SecretStr(key), f"{wire.provider}_base_url": service.url}
    wrong: list[str] = []
    async with connect(settings(**own)) as client:
        for refusal in refusals:
            service.answers = [
                [service.body(wire.error(refusal.code, refusal.message, **refusal.more), refusal.status)]
            ]
            service.asked.clear()
            answer = await ask(client, wire.tool, **wire.arguments, provider=wire.provider)
            assert answer.failed, answer.text
            lacks = [words for words in refusal.says if words not in answer.text]
            holds = [words for words in (*refusal.says_not, key, "may have been billed") if words in answer.text]
            sent = [asked.line for asked in service.asked]
            if lacks or holds or sent != [f"POST {wire.path}"]:
                wrong.append(f"{refusal}: lacks {lacks}, holds {holds}, was sent as {sent}: {answer.text}")
        spent = (await ask(client, "get_spending")).listed

    assert wrong == []
    assert sum(Decimal(total["billed"]) for total in spent["totals"]) == 0


def test_each_wire_is_refused_in_each_way_that_it_has() -> None:
    ways = {"keys": WRONG_KEYS, "moderation": REFUSED_BY_MODERATION, "credit": NO_CREDIT, "nowhere": NOWHERE}
    for way, rows in ways.items():
        assert {row.wire for row in rows} == set(WIRES), way
    assert len({str(row) for row in EVERY}) == len(EVERY)
