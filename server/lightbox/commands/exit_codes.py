"""How a command ends, for scripts. Imports nothing, for the server's start waits for it."""

from __future__ import annotations

DONE = 0
FAILED = 1
"""Something that was foreseen went wrong; stderr says what, and what to do."""
USAGE = 2
"""The line can't be understood. Nothing was done."""
REFUSED = 3
"""The budget has no room for the call, or nobody confirmed its price. Nothing was sent."""
INTERRUPTED = 130
"""Ctrl-C. A job that was sent goes on; stderr says how to get its result."""
BROKEN_PIPE = 141
"""Whoever read the output was gone, as after `| head`; what was asked for may be done all the same."""

TOLD = (
    f"Exit codes: {DONE} done, {FAILED} failed, {USAGE} wrong usage, {REFUSED} refused (over the budget, or the price "
    f"was not confirmed), {INTERRUPTED} Ctrl-C, {BROKEN_PIPE} the output was not read to its end."
)
"""The same for people, in `--help`."""
