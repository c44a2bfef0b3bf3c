"""Whether an answer that has ended did what was asked."""

from __future__ import annotations

from lightbox.errors import Interrupted, NotDone, UpstreamError
from lightbox.providers.failures import Sent, clean, error_for
from lightbox.providers.reading import Reading
from lightbox.wire.failure import Failure
from lightbox.wire.items import SearchItem
from lightbox.wire.response import Response


def verdict(reading: Reading, sent: Sent) -> UpstreamError | None:
    """Give the error that an ended answer amounts to, None if it is good.

    A refusal comes in five shapes; two of them look like success: a picture call with an `error`, and a message that
    declines.
    """
    response = reading.response
    if response.failure is not None:
        return error_for(response.failure, sent)
    if response.status == "cancelled":
        return Interrupted(
            f"{sent.endpoint.provider} says that the call was cancelled.", provider=sent.endpoint.provider
        )
    if response.status == "failed":
        return error_for(Failure(code="server_error"), sent)
    if _done(reading, response):
        return None
    return _why_not(reading, response, sent)


def _done(reading: Reading, response: Response) -> bool:
    match reading.ability:
        case "search" | "similar":
            return any(_searched(search) for search in response.searches)
        case "generate" | "edit":
            return reading.made
        case "describe":
            return bool(response.text.strip())


def _searched(search: SearchItem) -> bool:
    """A call that is done and tells no results has found nothing; one that failed has not searched."""
    return search.hits is not None or (search.failure is None and search.status not in ("failed", "incomplete"))


def _why_not(reading: Reading, response: Response, sent: Sent) -> UpstreamError:
    for item in (*response.pictures, *response.searches):
        if item.failure is not None:
            return error_for(item.failure, sent)
    refusal = response.message.refusal if response.message else None
    if refusal or response.incomplete_reason == "content_filter":
        return error_for(Failure(code="content_filter", message=refusal), sent)
    return _not_done(reading, response, sent)


def _not_done(reading: Reading, response: Response, sent: Sent) -> NotDone:
    provider = sent.endpoint.provider
    missing = {
        "search": "without searching: ask again, in one plain sentence",
        "similar": "without searching: ask again, or say in `about` what to look for",
        "generate": "without a picture: word the prompt as an order",
        "edit": "without a picture: word the prompt as an order",
        "describe": "with no text: ask again",
    }[reading.ability]
    early = f" It stopped early ({clean(r, sent.endpoint, longest=60)})." if (r := response.incomplete_reason) else ""
    said = f" It wrote: “{clean(response.text, sent.endpoint)}”" if response.text.strip() else ""
    return NotDone(f"{provider} answered {missing}.{early}{said}", provider=provider, accepted=True)
