"""One table: what an answer's status means for the run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from ..errors import GiveUp, HandlerError, Pause, RetryLater

LONGEST_WAIT_S = 3600  # a destination may ask for more; an hour later it can ask again

# Everything that is not here: 2xx is success, 3xx and the other 4xx are for good, 5xx is tried again.
OUTCOMES: dict[int, type[HandlerError]] = {
    401: Pause,  # the token is not valid (any more)
    403: Pause,  # it lacks a permission
    408: RetryLater,
    410: Pause,  # the webhook is gone
    423: RetryLater,
    425: RetryLater,
    429: RetryLater,
}


def check(status: int, headers: Mapping[str, str], *, what: str = "the destination") -> None:
    """Return for 2xx; else raise RetryLater, Pause or GiveUp, naming the status and nothing of the answer."""
    if 200 <= status < 300:
        return
    reason = f"{what} answered {status}"
    kind = OUTCOMES.get(status, RetryLater if status >= 500 else GiveUp)
    if kind is RetryLater:
        wait_s = retry_after_s(headers)
        raise RetryLater(reason, delay_s=wait_s, cooldown=status == 429 or wait_s is not None)
    if 300 <= status < 400:
        raise GiveUp(f"{reason}: it has moved, and redirects are not followed")
    raise kind(reason)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds, from a number or a date: from a second to an hour; None where there is none."""
    value = headers.get("retry-after", headers.get("Retry-After", "")).strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(min(max(1, int(value[:9])), LONGEST_WAIT_S))
    try:
        return min(max(1.0, parsedate_to_datetime(value).timestamp() - time.time()), LONGEST_WAIT_S)
    except (ValueError, TypeError, OverflowError):
        return None
