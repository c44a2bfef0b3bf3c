"""The log of calls: one line for each at INFO, who and what, how long, what it cost, the job, and how it ended."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

from lightbox.untrusted import tame

if TYPE_CHECKING:
    from lightbox.telemetry.observer import ObservedCall

logger = logging.getLogger("lightbox.calls")

FIELDS = "call"
"""Under which name a log record holds the line's parts, for formats that keep them apart."""

_BARE = re.compile(r"[\w.:/@+-]+", re.ASCII)


def write_call(call: ObservedCall) -> None:
    """Write the line of a call. It holds no prompt: only what is counted, and names."""
    fields = call_fields(call)
    logger.info("%s", " ".join(f"{name}={_bare(value)}" for name, value in fields.items()), extra={FIELDS: fields})


def call_fields(call: ObservedCall) -> dict[str, Any]:
    """Give what is told of a call, without what is not known."""
    job, billed = call.job, call.billed
    fields: dict[str, Any] = {
        "tool": call.tool,
        "owner": tame(call.owner),
        "outcome": call.outcome,
        "seconds": round(call.seconds, 3),
    }
    if job is not None:
        fields |= {"job": job.job_id, "how": call.how, "provider": job.provider, "model": tame(job.model)}
        fields["billed"] = str(billed) if billed is not None else None
        fields["reserved"] = str(job.high) if billed is None and job.high is not None else None
    fields["trace_id"] = call.trace_id
    return {name: value for name, value in fields.items() if value is not None}


def _bare(value: object) -> str:
    text = str(value)
    return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
