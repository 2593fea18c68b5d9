"""One attempt: call the handler, and turn what it returned or raised into a verdict on each run."""

from __future__ import annotations

import math
import re
import traceback
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
from dataclasses import replace

from ..errors import GiveUp, LeaseLost, Pause, RetryLater
from ..inbox import Claim, Verdict, backoff_s

COOLDOWN_S = 30  # for a whole target that says "too often", and not for how long
LONGEST_DELAY_S = 30 * 86_400  # more than any destination means, and a time that both databases can hold
DETAIL_CHARS = 500
FAILURE_CHARS = 60
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what json.loads lets through, and a database refuses in text


def attempt(call: Callable[[], Sequence[object]], claims: Sequence[Claim]) -> list[Verdict]:
    """Make the one call that is for all these runs; a verdict for each. Never raises."""
    try:
        outcomes = call()
        if len(outcomes) != len(claims):
            raise ValueError("a handler returns an outcome for each run")
    except BaseException as error:  # SystemExit and CancelledError too: what is not recorded is repeated for ever
        outcomes = [error] * len(claims)
    return [
        verdict(outcome, claim.failures, claim.failed_with) for outcome, claim in zip(outcomes, claims, strict=True)
    ]


def verdict(outcome: object, failures: int, failed_with: Sequence[str] = ()) -> Verdict:
    """What the outcome, or the exception in its place, makes of a run that has failed so many times before, and how.

    Never raises: an outcome that cannot be read is a failed attempt.
    """
    try:
        return verdict_on(outcome, failures, failed_with)
    except BaseException as error:  # out of a handler's own __str__, for example
        return failed(unexpected(error), failures)


def verdict_on(outcome: object, failures: int, failed_with: Sequence[str]) -> Verdict:
    match outcome:
        case RetryLater():
            return retry(outcome, str(outcome) or "asked to be tried later", failures, failed_with)
        case Pause():
            failure = slug(outcome, "paused")
            return Verdict(state="retrying", result="pause", detail=cut(str(outcome)), failure=failure, pause=True)
        case GiveUp():
            failure = slug(outcome, "gave-up")
            return Verdict(state="dead", result="gave-up", detail=cut(str(outcome)), failure=failure, failed=True)
        case LeaseLost():
            return Verdict(state="retrying", result="lost", detail="another worker has the run", failure="lease-lost")
        case BaseException():
            return failed(unexpected(outcome), failures)
        case type() if issubclass(outcome, BaseException):  # in a batch: `GiveUp`, where `raise` would make one of it
            return verdict_on(outcome(), failures, failed_with)
        case Generator() | Coroutine() | AsyncGenerator():
            return failed(f"the handler returned a {type(outcome).__name__}, and nothing in it was done", failures)
        case _:
            return Verdict(state="succeeded", result="succeeded", detail=cut(str(outcome)))


def failed(detail: str, failures: int, failure: str = "raised") -> Verdict:
    """A failed attempt, on the schedule."""
    return replace(retry(RetryLater(failure=failure), detail, failures), result="failed")


def retry(error: RetryLater, detail: str, failures: int, failed_with: Sequence[str] = ()) -> Verdict:
    """The next step of the schedule, no sooner than the destination asked for; dead after the last."""
    failure = slug(error, "retry-later")
    usual_s = backoff_s(failures)
    alike = failed_with.count(failure) if getattr(error, "failure", "") else failures
    if usual_s is None or alike + 1 >= tries(error):
        return Verdict(state="dead", result="retry", detail=cut(detail), failure=failure, failed=True)
    at_least_s = asked_s(error)
    delay_s = max(usual_s, at_least_s)
    return Verdict(
        state="retrying",
        result="retry",
        detail=cut(detail),
        failure=failure,
        delay_us=int(delay_s * 1e6),
        failed=True,
        cooldown_us=int((at_least_s or min(delay_s, COOLDOWN_S)) * 1e6) if getattr(error, "cooldown", False) else 0,
    )


def asked_s(error: RetryLater) -> float:
    """The seconds that were asked for; 0 where that is no number of seconds: a header's text, inf, nan, below zero."""
    delay_s = getattr(error, "delay_s", None)  # a subclass may not have called __init__
    if isinstance(delay_s, int | float) and 0 <= delay_s < math.inf:
        return min(delay_s, LONGEST_DELAY_S)
    return 0


def tries(error: RetryLater) -> float:
    number = getattr(error, "tries", None)
    return number if isinstance(number, int) and not isinstance(number, bool) else math.inf


def slug(error: RetryLater | Pause | GiveUp, usual: str) -> str:
    failure = getattr(error, "failure", "")
    return cut(failure, FAILURE_CHARS) if failure and isinstance(failure, str) else usual


def unexpected(error: BaseException) -> str:
    """What went wrong and where, without the message: it may hold what the caller said."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def cut(text: str, chars: int = DETAIL_CHARS) -> str:
    """As both databases take it: without NUL and halves of characters, and not endless."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text[:chars])
