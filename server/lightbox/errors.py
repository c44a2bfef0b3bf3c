"""The errors that a caller can do something about.

    LightboxError
    ├── SettingsError            the person who configured the server
    ├── BadInput                 the arguments of a call
    │   ├── BadReference         an image reference that names no picture
    │   ├── BadPicture           bytes that are not a picture, or too much of one
    │   └── UnknownJob           a job id that names no job
    ├── FetchFailed              a picture on the web that could not be fetched
    │   └── Forbidden            an address or a file that the guard does not let through
    ├── NoProvider               no configured service has the ability
    ├── OverBudget               the cap that the server keeps
    ├── IssuerUnreachable        whose access tokens nobody can check for now
    ├── StorageFailed            the picture folder or the state folder
    └── UpstreamError            what a service answered, in our words
        ├── KeyRejected          the key, its region, or its rights
        ├── Refused              moderation: never sent again
        ├── QuotaExhausted       the account has no room: never sent again as it is
        ├── Throttled            too many requests: may be sent again later
        ├── UnknownModel         the model's name
        ├── RequestRejected      the service did not accept the request
        │   └── NotStored        the stored response that a call goes on from is gone
        ├── NotDone              the service answered without doing what was asked
        ├── Unavailable          the service or the way to it is down; nothing was accepted
        └── Interrupted          the answer broke off; the call may have been billed

A message names the thing, the value and the fix. `tools/failure.py` is the one place that turns one into a tool error.
Anything that is not a LightboxError is a crash and stays one.
"""

from __future__ import annotations


class LightboxError(Exception):
    """A failure that was foreseen; its text is written for the model and the person behind it."""


class SettingsError(LightboxError):
    """Raised while settings are read or folders checked; the person sees it on stderr and corrects the setting."""


class BadInput(LightboxError):
    """Raised before anything is sent; the model reads which argument is wrong and what would be right."""


class BadReference(BadInput):
    """Raised by `images` for an image reference in no known form, or one that names nothing that is known."""


class BadPicture(BadInput):
    """Raised by `images` for bytes that are no picture, or a picture above the bounds in bytes or px."""


class UnknownJob(BadInput):
    """Raised by `jobs` for an id that the caller's journal does not hold."""


class FetchFailed(LightboxError):
    """Raised by `images.fetch` when the web does not give a picture; the model reads the address and why."""


class Forbidden(FetchFailed):
    """Raised by the guard for private addresses, other schemes and files outside the allowed folders."""


class NoProvider(LightboxError):
    """Raised when no configured service can do what is asked; the text names the key that would bring it."""


class OverBudget(LightboxError):
    """Raised by `costs.budget` before anything is sent; the text holds cap, spent, reserved, needed, and when."""


class IssuerUnreachable(LightboxError):
    """Raised by `http` while the issuer's keys were never had; the client gets a 503, the log says why."""


class StorageFailed(LightboxError):
    """Raised when a picture or the journal can't be written; the text names the folder."""


class UpstreamError(LightboxError):
    """Raised by `providers` for what a service answered; never holds the service's raw body or a key.

    Attributes:
        provider: The service, as users name it.
        code: The service's own code, where it gave one.
        retry_after: Seconds after which the service wants to be asked again, where it said so.
        accepted: Whether the service may have begun, and billed, the work.
        unknown_field: The field of the request that the service turned away at the door because it does not know it.
    """

    unknown_field: str | None = None

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        code: str | None = None,
        retry_after: float | None = None,
        accepted: bool = False,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.code = code
        self.retry_after = retry_after
        self.accepted = accepted


class KeyRejected(UpstreamError):
    """The key is wrong, of another region, or lacks a right; the text names the base URL in use."""


class Refused(UpstreamError):
    """Moderation refused the prompt, a picture or the result; the person words it otherwise."""


class QuotaExhausted(UpstreamError):
    """The account is overdue or out of quota; the person tops it up."""


class Throttled(UpstreamError):
    """The service wants fewer requests; the same call may be made again later."""


class UnknownModel(UpstreamError):
    """The service does not know the model, or the key may not use it."""


class RequestRejected(UpstreamError):
    """The service found fault with the request; the text says with what, as far as it told."""


class NotDone(UpstreamError):
    """The service answered, and billed, without searching, painting or saying anything; the text holds why, if told."""


class NotStored(RequestRejected):
    """The service no longer holds the response to go on from; the pictures are sent again instead."""


class Unavailable(UpstreamError):
    """The service could not be reached, or said that it is down; nothing was accepted."""


class Interrupted(UpstreamError):
    """The answer broke off after the request was accepted; it is not sent again, for it may have been billed."""

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        code: str | None = None,
        retry_after: float | None = None,
        accepted: bool = True,
    ) -> None:
        super().__init__(message, provider=provider, code=code, retry_after=retry_after, accepted=accepted)
