"""Each fault, by the name that a person can act on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from lightbox.errors import (
    Interrupted,
    KeyRejected,
    NotStored,
    QuotaExhausted,
    Refused,
    RequestRejected,
    Throttled,
    Unavailable,
    UnknownModel,
    UpstreamError,
)
from lightbox.providers import dashscope, openai
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.failures import Sent, clean, error_for
from lightbox.providers.reading import Reading, verdict
from lightbox.wire.response import Failure, read_failure

OPENAI = Sent(
    endpoint=openai.openai_endpoint(SecretStr("sk-a")), dialect=openai.DIALECT, models=("gpt-6.1-sol", "gpt-image-2")
)
AZURE = Sent(
    endpoint=openai.openai_endpoint(SecretStr("a1"), base_url="https://me.openai.azure.com"),
    dialect=openai.DIALECT,
    models=("gpt-6.1-sol", "gpt-image-2"),
)
GATEWAY = Sent(
    endpoint=dashscope.dashscope_endpoint(SecretStr("sk-b"), base_url="https://gateway.example.com/v1"),
    dialect=dashscope.DIALECT,
)
DASHSCOPE = Sent(
    endpoint=dashscope.dashscope_endpoint(SecretStr("sk-b")), dialect=dashscope.DIALECT, models=("qwen3.7-plus",)
)

FAULTS: list[tuple[Sent, int | None, str | None, str | None, type[UpstreamError], str]] = [
    # who, HTTP status, code, message, what it is, a telling part of the text
    (DASHSCOPE, 401, "InvalidApiKey", "Invalid API-key.", KeyRejected, "https://dashscope-intl.aliyuncs.com"),
    (DASHSCOPE, 401, "InvalidApiKey", "Invalid API-key.", KeyRejected, "Keys belong to one region"),
    (OPENAI, 401, "invalid_api_key", "Incorrect API key.", KeyRejected, "check OPENAI_API_KEY"),
    (OPENAI, 403, None, "Your organization must be verified to use the model.", KeyRejected, "verify yours"),
    (OPENAI, 404, "model_not_found", "Your organization must be verified.", KeyRejected, "gpt-image-2"),
    (DASHSCOPE, 403, "AccessDenied.Unpurchased", "No.", KeyRejected, "may not do that"),
    (DASHSCOPE, 403, "Model.AccessDenied", "No.", UnknownModel, "qwen3.7-plus"),
    (DASHSCOPE, 404, "ModelNotFound", "No.", UnknownModel, "`lightbox doctor` lists"),
    (DASHSCOPE, 404, "model_not_supported", "No.", UnknownModel, "qwen3.7-plus"),
    (OPENAI, 404, "model_not_found", "The model does not exist.", UnknownModel, "gpt-6.1-sol or gpt-image-2"),
    (OPENAI, 404, None, 'model "llava" not found, try pulling it first', UnknownModel, "pulling it first"),
    (OPENAI, 404, "DeploymentNotFound", "No such deployment.", UnknownModel, "gpt-image-2"),
    (
        AZURE,
        404,
        "DeploymentNotFound",
        "No such deployment.",
        UnknownModel,
        "LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT to those",
    ),
    (AZURE, 401, "401", "Access denied due to invalid subscription key.", KeyRejected, "a key of this Azure resource"),
    (AZURE, 400, None, "imagegen deployment must be provided", RequestRejected, "which deployment paints: set LIGHT"),
    (GATEWAY, 401, "InvalidApiKey", "Invalid API-key.", KeyRejected, "A gateway wants a key of its own"),
    (OPENAI, 404, None, "Not Found", RequestRejected, "There is no Responses API at https://api.openai.com/v1"),
    (OPENAI, 400, "moderation_blocked", "No.", Refused, "would be refused again"),
    (OPENAI, None, "moderation_blocked", "No.", Refused, "moderation refused this"),
    (OPENAI, 400, None, "Your request was rejected by our safety system.", Refused, "Change the wording"),
    (OPENAI, 400, "content_policy_violation", "No.", Refused, "Change the wording"),
    (DASHSCOPE, 400, "DataInspectionFailed", "Input data may contain …", Refused, "Change the wording"),
    (
        DASHSCOPE,
        None,
        "InvalidParameter",
        "<400> InternalError.Algo.DataInspectionFailed: Output data may contain …",
        Refused,
        "Change the wording",
    ),
    (OPENAI, 429, "insufficient_quota", "You exceeded your quota.", QuotaExhausted, "top it up"),
    (OPENAI, 400, "billing_hard_limit_reached", "Limit.", QuotaExhausted, "top it up"),
    (DASHSCOPE, 400, "Arrearage", "Overdue.", QuotaExhausted, "an unpaid bill"),
    (DASHSCOPE, 429, None, "Your account is overdue.", QuotaExhausted, "top it up"),
    (DASHSCOPE, 403, "AllocationQuota.FreeTierOnly", "Free tier.", QuotaExhausted, "use free tier only"),
    (DASHSCOPE, 429, "Throttling.RateQuota", "Slow.", Throttled, "try again in a minute"),
    (DASHSCOPE, 429, "Throttling.AllocationQuota", "Slow.", Throttled, "limits requests"),
    (DASHSCOPE, 429, "LimitRequests", "Slow.", Throttled, "limits requests"),
    (DASHSCOPE, 429, "limit_burst_rate", "Slow.", Throttled, "limits requests"),
    (DASHSCOPE, None, "server_error", "Operation model request rate limit exceeded.", Throttled, "limits requests"),
    (OPENAI, 429, "rate_limit_exceeded", "Slow.", Throttled, "limits requests"),
    (OPENAI, 429, None, None, Throttled, "limits requests"),
    (DASHSCOPE, 503, "ModelUnavailable", "Down.", Unavailable, "not available now"),
    (OPENAI, 503, None, "Overloaded.", Unavailable, "not available now"),
    (OPENAI, 400, "invalid_input_fidelity_model", "No.", RequestRejected, "does not take fidelity: leave it out"),
    (OPENAI, 400, "previous_response_not_found", "No.", NotStored, "send the picture again"),
    (OPENAI, 404, None, "Previous response with id 'resp_1' not found.", NotStored, "send the picture again"),
    (OPENAI, 400, "invalid_value", "Size is wrong.", RequestRejected, "(invalid_value). It says: “Size is wrong.”"),
    (
        DASHSCOPE,
        None,
        "InvalidParameter",
        "<400> InternalError.Algo.InvalidParameter: The URL is not valid.",
        RequestRejected,
        "The URL is not valid.",
    ),
    (OPENAI, 500, "server_error", "Oops.", Interrupted, "may have been billed"),
    (OPENAI, None, "server_error", "Oops.", Interrupted, "may have been billed"),
    (OPENAI, 502, None, None, Interrupted, "(HTTP 502)"),
    (DASHSCOPE, 500, "InternalError.Timeout", "Oops.", Interrupted, "failed calls are not charged"),
    (DASHSCOPE, 500, "RequestTimeOut", "Oops.", Interrupted, "failed calls are not charged"),
]


@pytest.mark.parametrize(("sent", "status", "code", "message", "kind", "part"), FAULTS)
def test_a_fault_is_named_with_its_fix(
    sent: Sent, status: int | None, code: str | None, message: str | None, kind: type[UpstreamError], part: str
) -> None:
    error = error_for(Failure(http_status=status, code=code, message=message), sent)
    assert type(error) is kind
    assert part in str(error)
    assert (error.provider, error.code) == (sent.endpoint.provider, code)


@pytest.mark.parametrize(
    ("sent", "status", "code", "accepted"),
    [
        (OPENAI, 400, "invalid_value", False),
        (OPENAI, 429, None, False),
        (OPENAI, 503, "overloaded", False),
        (OPENAI, 503, None, True),
        (OPENAI, 500, "server_error", True),
        (OPENAI, None, "moderation_blocked", True),
        (OPENAI, None, "previous_response_not_found", False),
        (DASHSCOPE, None, "InvalidParameter", False),
        (DASHSCOPE, 500, "InternalError", False),
        (DASHSCOPE, 502, None, True),
    ],
)
def test_what_may_have_been_billed_is_marked(
    sent: Sent, status: int | None, code: str | None, *, accepted: bool
) -> None:
    assert error_for(Failure(http_status=status, code=code), sent).accepted == accepted


def test_a_refusal_says_what_was_refused_and_for_what() -> None:
    failure = Failure(
        code="moderation_blocked", moderation_stage="output", moderation_categories=("violence", "sel\nf-harm")
    )
    assert str(error_for(failure, OPENAI)) == (
        "openai's moderation refused the picture that was made (violence, “sel f-harm”). "
        "Change the wording or use another picture; the same request would be refused again."
    )


def test_a_response_that_failed_without_a_word_is_a_fault_of_the_service() -> None:
    reading = Reading("generate")
    reading.body(bytearray(b'{"id":"r","status":"failed","output":[]}'))
    error = verdict(reading, OPENAI)
    assert isinstance(error, Interrupted)
    assert error.code == "server_error"


def test_a_model_without_a_name_is_told_of_as_such() -> None:
    nameless = replace(OPENAI, models=())
    assert str(error_for(Failure(http_status=400, code="invalid_input_fidelity_model"), nameless)) == (
        "This image model does not take fidelity: leave it out."
    )


def test_a_plan_key_on_a_common_host_is_explained() -> None:
    sent = Sent(endpoint=dashscope.dashscope_endpoint(SecretStr("sk-sp-123")), dialect=dashscope.DIALECT)
    text = str(error_for(Failure(http_status=401, code="InvalidApiKey"), sent))
    assert "Coding or Token Plan" in text
    assert "sk-sp-123" not in text


def test_a_server_that_can_not_store_is_told_how_to_set_up() -> None:
    failure = Failure(http_status=400, param="background", message="Unknown parameter.")
    assert "LIGHTBOX_OPENAI_STORE=false" in str(error_for(failure, OPENAI))
    of_the_picture = Failure(http_status=400, param="tools[0].background", message="Not supported.")
    assert "STORE" not in str(error_for(of_the_picture, OPENAI))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("two\nlines\x1b[31m red\x00", "two lines [31m red"),
        ("Incorrect API key provided: sk-proj-abc*****wxyz.", "Incorrect API key provided: [key]"),
        ("Authorization: Bearer abc.def", "Authorization: [key]"),
        ("the key is hunter2-hunter2, sorry", "the key is [key], sorry"),
        ("reversed \u202etxet", "reversed txet"),
        ("x" * 400, "x" * 299 + "…"),
        ("ask-me task-force disk-1", "ask-me task-force disk-1"),
    ],
)
def test_a_services_words_are_cut_and_cleaned(text: str, cleaned: str) -> None:
    endpoint = Endpoint(provider="openai", base_url="https://e.com/v1", key=SecretStr("hunter2-hunter2"))
    assert clean(text, endpoint) == cleaned


def test_a_body_that_says_nothing_is_still_an_error() -> None:
    error = error_for(read_failure(None, http_status=418), OPENAI)
    assert (type(error), str(error)) == (RequestRejected, "openai did not accept the request.")
