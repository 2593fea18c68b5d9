"""One table: what an answer's status means for the run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from ..errors import GiveUp, Pause, RetryLater

LONGEST_WAIT_S = 3600  # a destination may ask for more; an hour later it can ask again
BUSY_S = 30  # after a 429 that does not say how long

# What a refusal may be: raise it.
Refusal = RetryLater | Pause | GiveUp

# Everything that is not here: 2xx is success, 3xx and the other 4xx are for good, 5xx is tried again.
OUTCOMES: dict[int, type[Refusal]] = {
    401: Pause,  # the token is not valid (any more)
    403: Pause,  # it lacks a permission
    408: RetryLater,
    410: Pause,  # the webhook is gone
    423: RetryLater,
    425: RetryLater,
    429: RetryLater,
}


def check_status(status: int, headers: Mapping[str, str], *, what: str = "the destination") -> None:
    """Nothing for 2xx; raises what `refusal` returns for any other status."""
    if not 200 <= status < 300:
        raise refusal(status, headers, what=what)


def refusal(status: int, headers: Mapping[str, str], *, what: str = "the destination") -> Refusal:
    """What to raise for a status that is not 2xx. The reason names `what` and the status, and nothing of the answer.

    401, 403 and 410 are a Pause; 408, 423, 425, 429 and 5xx a RetryLater, no sooner than Retry-After says, and after a
    429 without one no sooner than in 30 s. A Retry-After cools the whole target down. Everything else is a GiveUp.
    """
    reason, failure = f"{what} answered {status}", f"refused-{status}"
    kind = OUTCOMES.get(status, RetryLater if status >= 500 else GiveUp)
    if kind is RetryLater:
        asked_s = retry_after_s(headers)
        usual_s = BUSY_S if status == 429 else None
        return RetryLater(reason, delay_s=asked_s or usual_s, cooldown=asked_s is not None, failure=failure)
    if 300 <= status < 400:
        return GiveUp(f"{reason}: it has moved, and redirects are not followed", failure=failure)
    return kind(reason, failure=failure)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds, from a number or a date: from a second to an hour; None where there is none."""
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(min(max(1, int(value[:9])), LONGEST_WAIT_S))
    try:
        return min(max(1.0, parsedate_to_datetime(value).timestamp() - time.time()), LONGEST_WAIT_S)
    except (ValueError, TypeError, OverflowError):
        return None
