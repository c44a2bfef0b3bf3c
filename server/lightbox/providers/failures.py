"""What a service's fault means for the person who asked, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

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
from lightbox.providers.dialect import Dialect
from lightbox.providers.endpoint import IMAGE_DEPLOYMENT, Endpoint
from lightbox.providers.key_owners import owner_of
from lightbox.untrusted import STRUCK_OUT, is_secret, named, without_controls, without_marks, without_shapes
from lightbox.wire.response import Failure
from lightbox.wire.unknown_field import unknown_field

LONGEST_MESSAGE = 300
"""How much of a service's own words is passed on, in characters."""

_QUOTES = str.maketrans({"“": '"', "”": '"'})
"""A service's words stand between quotation marks, which they must not close."""
# DashScope hides the telling code in the text: "<400> InternalError.Algo.DataInspectionFailed: …".
_CODE_IN_MESSAGE = re.compile(r"^<\d{3}>\s*([\w.]+)")

# It says there, too, what it did not like: "Output data may contain …".
_STAGE_IN_MESSAGE = re.compile(r"\b(input|output) (?:data|text|image|picture)", re.IGNORECASE)
_OF_A_SIZE = re.compile(r"\baspect|\btotal pixels\b|\bsize (?:must|\S+ (?:does not|is not))", re.IGNORECASE)
_OF_A_PICTURE_GIVEN = re.compile(
    r"\bnot support(?:ed)?\b.*\b(?:image input|input image|edit)|\bedit(?:s|ing)?\b.*\bnot support", re.IGNORECASE
)

_A_DAY = 86_400

_TURNED_AWAY = (503, 529)
"""What a service without room answers; any other fault of its own may come after the work began."""

_REFUSED = (
    "moderation_blocked",
    "moderation",
    "content_policy",
    "content_filter",
    "policy_violation",
    "datainspection",
    "data_inspection",
    "ipinfringementsuspect",
)
_NOT_DOWNLOADED = (
    "inputdownloadfailed",
    "invalidparameter.datainspection",
    "image_download_failed",
    "failed_to_download_image",
)
_QUOTA = (
    "insufficient_quota",
    "billing_",
    "arrearage",
    "allocationquota.freetieronly",
    "commoditynotpurchased",
    "billoverdue",
    "account_deactivated",
    "payment_required",
)
_THROTTLED = ("throttling", "limitrequests", "limit_requests", "limit_burst_rate", "rate_limit", "too_many_requests")
_UNKNOWN_MODEL = (
    "model_not_found",
    "modelnotfound",
    "model_not_supported",
    "model.accessdenied",
    "model_access_denied",
    "deploymentnotfound",
    "invalid_model",
)
_BAD_KEY = ("invalidapikey", "invalid_api_key", "authentication")
_NO_RIGHT = ("accessdenied", "access_denied", "permission_denied")
_DOWN = ("modelunavailable", "model_unavailable", "overloaded", "slow_down", "service_unavailable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent and to whom, as far as an error's text needs it.

    Attributes:
        endpoint: The service.
        dialect: How it is asked.
        models: The models that the call named.
        address: Where it was sent, if not to the service's Responses API; without a query.
    """

    endpoint: Endpoint
    dialect: Dialect
    models: tuple[str, ...] = ()
    address: str | None = None


def error_for(failure: Failure, sent: Sent) -> UpstreamError:
    """Turn a fault into the error that names it and its fix."""
    kind, text = _classify(failure, sent)
    return kind(
        text + _said(failure, sent.endpoint),
        provider=sent.endpoint.provider,
        code=clean(failure.code, sent.endpoint, longest=80) if failure.code else None,
        retry_after=failure.retry_after,
        accepted=_accepted(kind, failure, sent),
    )


def clean(text: str, endpoint: Endpoint, *, longest: int = LONGEST_MESSAGE) -> str:
    """Make a service's words fit to be shown: one line, without keys and control characters, cut."""
    for secret in endpoint.secrets:
        if is_secret(secret):
            text = text.replace(secret, STRUCK_OUT)
    # Cut first to a few times the length: a body of megabytes is not worth a search.
    line = without_shapes(" ".join(without_controls(text[: longest * 8]).split())).translate(_QUOTES)
    return without_marks(line if len(line) <= longest else line[: longest - 1].rstrip() + "…")


def _named(word: str, sent: Sent) -> str:
    """Give a service's word for something: in code type where it is a name, else between quotation marks."""
    shown = named(clean(word, sent.endpoint, longest=60))
    return shown if shown.startswith("“") else f"`{shown}`"


def _classify(failure: Failure, sent: Sent) -> tuple[type[UpstreamError], str]:
    codes = _codes(failure)
    for applies, kind, text in _KINDS:
        if applies(failure, codes):
            return kind, text(failure, sent)
    return RequestRejected, _rejected(failure, sent)


def _codes(failure: Failure) -> str:
    hidden = _CODE_IN_MESSAGE.match(failure.message or "")
    return " ".join(filter(None, (failure.code, failure.type, hidden and hidden[1]))).lower()


def _accepted(kind: type[UpstreamError], failure: Failure, sent: Sent) -> bool:
    """Whether the fault may have cost something: what the service turned away at the door has not."""
    if kind is NotStored:
        return False
    status = failure.http_status
    if sent.dialect.free_failures and (status is None or failure.code is not None):
        return False
    if status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return status == HTTPStatus.REQUEST_TIMEOUT  # by a gateway that has waited for the work
    # A 503 in the service's own terms was not accepted; one by a proxy, also in JSON, may come after the work began.
    told = failure.type is not None or failure.code not in (None, str(status))
    return not (status in _TURNED_AWAY and kind in (Unavailable, Throttled) and told)


def _said(failure: Failure, endpoint: Endpoint) -> str:
    if not failure.message:
        return ""
    return f" It says: “{clean(failure.message, endpoint)}”"


def _refused(failure: Failure, sent: Sent) -> str:
    what = {"input": "the prompt or a picture sent with it", "output": "the picture that was made"}
    told = _STAGE_IN_MESSAGE.search(failure.message or "")
    subject = what.get(failure.moderation_stage or (told[1].lower() if told else ""), "this")
    why = f" ({', '.join(named(clean(c, sent.endpoint, longest=40)) for c in failure.moderation_categories[:8])})"
    return (
        f"{sent.endpoint.provider}'s moderation refused {subject}{why if failure.moderation_categories else ''}. "
        "Change the wording or use another picture; the same request would be refused again."
    )


def _guarded(failure: Failure, sent: Sent) -> str:
    del failure
    return (
        f"A guardrail of this {sent.endpoint.provider} account blocked the request before any model saw it: change the "
        "wording, or the guardrail in the account's settings."
    )


def _no_quota(failure: Failure, sent: Sent) -> str:
    del failure
    return f"The {sent.endpoint.provider} account has no quota left or an unpaid bill: top it up or raise its limit."


def _free_only(failure: Failure, sent: Sent) -> str:
    del failure
    named = " or ".join(sent.models) or "this model"
    return (
        f"The free quota of {named} at {sent.endpoint.provider} is used up, and the account may use nothing else: "
        "turn off “use free tier only” for it in the service's console, or pass another model."
    )


def _unreachable(failure: Failure, sent: Sent) -> str:
    del failure
    return (
        f"{sent.endpoint.provider} could not download a picture from its address: pass it by path, or its handle once "
        "view_images has shown it, so that the picture itself is sent."
    )


def _no_credit(failure: Failure, sent: Sent) -> str:
    provider = sent.endpoint.provider
    whose = "This key has reached its own limit" if "key_limit" in (failure.type or "") else "No credit is left"
    hint = sent.dialect.credit_hint or "Top the account up, or raise its limit."
    return f"{whose} at {provider}, so nothing was done and nothing is billed. {hint}"


def _free_used_up(failure: Failure, sent: Sent) -> str:
    del failure
    return (
        f"The free requests of this {sent.endpoint.provider} account are used up for now: wait until they begin anew, "
        f"or name a model that is paid for. {sent.dialect.credit_hint}"
    ).strip()


def _unserved(failure: Failure, sent: Sent) -> str:
    del failure
    models = " or ".join(sent.models) or "the model"
    return (
        f"{sent.endpoint.provider} has nobody who serves {models} for what was asked: it may not take pictures, not "
        "make them, or be shut out by your account's privacy settings. Name another model."
    )


def _throttled(failure: Failure, sent: Sent) -> str:
    after = "in a minute"
    if failure.retry_after is not None:
        after = f"in {failure.retry_after:.0f} s" if failure.retry_after <= _A_DAY else "later"
    return f"{sent.endpoint.provider} limits requests: try again {after}."


def _unknown_model(failure: Failure, sent: Sent) -> str:
    del failure
    named = " or ".join(sent.models) or "the model"
    where = f"{sent.endpoint.provider} at {sent.endpoint.address}"
    if not sent.endpoint.lists_what_it_serves:
        return (
            f"{where} has no deployment for {named}: at Azure, models go by the names that you gave them. Set "
            "LIGHTBOX_OPENAI_MODEL and LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT to those."
        )
    return f"{where} does not know {named}, or this key may not use it: `lightbox doctor` lists the models that it may."


def _unverified(failure: Failure, sent: Sent) -> str:
    del failure
    return (
        f"{sent.endpoint.provider} gives {' or '.join(sent.models) or 'this model'} to verified organizations only: "
        "verify yours under Settings → Organization → General on the service's site, "
        "wait up to 15 minutes, and make a new key if it still fails."
    )


def _bad_key(failure: Failure, sent: Sent) -> str:
    del failure
    endpoint = sent.endpoint
    setting = f"{endpoint.provider.upper()}_API_KEY"
    return (
        f"{endpoint.provider} does not accept this key at {endpoint.address}: check {setting}."
        f"{_of_another(endpoint, setting) or sent.dialect.key_hint(endpoint)}"
    )


def _of_another(endpoint: Endpoint, setting: str) -> str:
    """Say where a key belongs that is another service's, as far as its beginning tells; nothing where it is not."""
    owner = owner_of(endpoint.key.get_secret_value()) if endpoint.key else None
    if owner is None or owner.setting == setting:
        return ""
    where = f"set it as {owner.setting}, and" if owner.setting else "set"
    return f" It begins with {owner.beginning}, as keys of {owner.name} do: {where} one of {endpoint.provider} here."


def _no_right(failure: Failure, sent: Sent) -> str:
    del failure
    return f"This key may not do that on {sent.endpoint.provider} at {sent.endpoint.address}: give it the permission."


def _down(failure: Failure, sent: Sent) -> str:
    del failure
    return f"{sent.endpoint.provider} is not available now: try again in a minute."


def _no_such_place(failure: Failure, sent: Sent) -> str:
    del failure
    setting = f"{sent.endpoint.provider.upper()}_BASE_URL"
    if sent.address is not None:
        return (
            f"No pictures are made at {sent.address}: check {setting}, which that address comes from. If it is a "
            "gateway, it may pass on the Responses API alone: name another provider, or set LIGHTBOX_GENERATE_PROVIDER."
        )
    return f"There is no Responses API at {sent.endpoint.address}: check {setting} (most end in /v1)."


def _fidelity(failure: Failure, sent: Sent) -> str:
    del failure
    return f"{' or '.join(sent.models) or 'This image model'} does not take fidelity: leave it out."


def _no_deployment(failure: Failure, sent: Sent) -> str:
    del failure
    return (
        f"{sent.endpoint.provider} at {sent.endpoint.address} does not know which deployment paints: set "
        "LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT to the name of the image model's deployment on Azure."
    )


def _opaque(failure: Failure, sent: Sent) -> str:
    del failure
    return (
        f"{sent.endpoint.provider} at {sent.endpoint.address} did not accept the request, and does not say why. Azure "
        "answers so where it does not know a deployment: to make pictures, set LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT to the "
        "name of the image model's, and LIGHTBOX_OPENAI_MODEL to that of the mainline model's."
    )


def _not_stored(failure: Failure, sent: Sent) -> str:
    del failure
    return f"{sent.endpoint.provider} no longer has the response to continue from: send the picture again."


def _rejected(failure: Failure, sent: Sent) -> str:
    about = f" because of {_named(failure.param, sent)}" if failure.param else ""
    hint = ""
    if "background" in (failure.param or "") and "tools" not in (failure.param or ""):
        hint = " This server may not store responses: set LIGHTBOX_OPENAI_STORE=false."
    if _OF_A_PICTURE_GIVEN.search(failure.message or ""):
        hint = " The model may not take pictures: pass another model."
    elif _OF_A_SIZE.search(failure.message or "") or (failure.param or "").endswith(("size", "aspect_ratio")):
        hint = " The model may not make this size or ratio: pass size=auto, and transform_image cuts it for nothing."
    if unknown := unknown_field(failure):
        hint = hint or f" This server does not know {_named(unknown, sent)}, and the call can't do without it."
    code = f" ({named(clean(failure.code, sent.endpoint, longest=60))})" if failure.code else ""
    return f"{sent.endpoint.provider} did not accept the request{about}{code}.{hint}"


def _broke(failure: Failure, sent: Sent) -> str:
    status = f" (HTTP {failure.http_status})" if failure.http_status else ""
    billed = (
        "the call may have been billed" if _accepted(Interrupted, failure, sent) else "failed calls are not charged"
    )
    return f"{sent.endpoint.provider} failed on its side{status}; {billed}. It was not sent again."


_Applies = Callable[[Failure, str], bool]
_Text = Callable[[Failure, Sent], str]


def _coded(*codes: str) -> _Applies:
    return lambda _failure, told: any(code in told for code in codes)


def _answered(*statuses: int) -> _Applies:
    return lambda failure, _told: _status(failure) in statuses


def _status(failure: Failure) -> int | None:
    """Give the HTTP status; of a fault in the middle of a stream, the one that some services write as its code."""
    if failure.http_status is not None or failure.code is None or not failure.code.isdecimal():
        return failure.http_status
    return int(failure.code)


def _flagged(failure: Failure, _told: str) -> bool:
    return bool(failure.moderation_categories)


def _worded(*words: str) -> _Applies:
    return lambda failure, _told: all(word in (failure.message or "").lower() for word in words)


def _failed_inside(failure: Failure, told: str) -> bool:
    status = _status(failure)
    return (
        (status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR)
        or status == HTTPStatus.REQUEST_TIMEOUT
        or "server_error" in told
        or "internalerror" in told
        or "requesttimeout" in told
    )


def _rejected_inside(failure: Failure, told: str) -> bool:
    """DashScope wraps bad requests as internal: `<400> InternalError.Algo.InvalidParameter`."""
    del failure
    return "invalidparameter" in told or "invalid_request" in told


# The first that applies decides; the more telling a sign, the earlier it stands.
_KINDS: tuple[tuple[_Applies, type[UpstreamError], _Text], ...] = (
    (_worded("imagegen deployment"), RequestRejected, _no_deployment),
    (_worded(IMAGE_DEPLOYMENT), RequestRejected, _no_deployment),
    (_worded("there was an issue with your request", "check your inputs"), RequestRejected, _opaque),
    (_coded(*_NOT_DOWNLOADED), RequestRejected, _unreachable),
    (_coded(*_REFUSED), Refused, _refused),
    (_worded("rejected", "safety system"), Refused, _refused),
    (_worded("content policy"), Refused, _refused),
    (_flagged, Refused, _refused),
    (_worded("request blocked"), Refused, _guarded),
    (_worded("organization", "must be verified"), KeyRejected, _unverified),
    (_coded("freetieronly"), QuotaExhausted, _free_only),
    (_worded("free allocated quota"), QuotaExhausted, _free_only),
    (_answered(402), QuotaExhausted, _no_credit),
    (_worded("free-models-per"), QuotaExhausted, _free_used_up),
    (_coded(*_QUOTA), QuotaExhausted, _no_quota),
    (_worded("overdue"), QuotaExhausted, _no_quota),
    (_coded("invalid_input_fidelity"), RequestRejected, _fidelity),
    (_coded("previous_response_not_found"), NotStored, _not_stored),
    (_worded("previous response", "not found"), NotStored, _not_stored),
    # A gateway kept the response, and had the service forget it.
    (_worded("items are not persisted", "store"), NotStored, _not_stored),
    (_coded(*_UNKNOWN_MODEL), UnknownModel, _unknown_model),
    (_worded("model", "not found"), UnknownModel, _unknown_model),
    (_worded("model", "does not exist"), UnknownModel, _unknown_model),
    (_worded("not a valid model"), UnknownModel, _unknown_model),
    (_worded("no endpoints found"), UnknownModel, _unserved),
    (_coded(*_THROTTLED), Throttled, _throttled),
    (_worded("rate limit"), Throttled, _throttled),
    (_answered(429), Throttled, _throttled),
    (_answered(401), KeyRejected, _bad_key),
    (_coded(*_BAD_KEY), KeyRejected, _bad_key),
    (_coded(*_NO_RIGHT), KeyRejected, _no_right),
    (_answered(403), KeyRejected, _no_right),
    (_coded(*_DOWN), Unavailable, _down),
    (_answered(503), Unavailable, _down),
    (_answered(404, 405), RequestRejected, _no_such_place),
    (_rejected_inside, RequestRejected, _rejected),
    (_failed_inside, Interrupted, _broke),
)
