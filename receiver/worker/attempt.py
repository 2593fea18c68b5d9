"""One attempt: call the handler, and turn what it returned or raised into a verdict on each run."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..errors import GiveUp, LeaseLost, Pause, RetryLater
from ..inbox import Claim, Verdict

# About a day in all; then a person must look.
BACKOFF_S = (5, 30, 120, 600, 1_800, 7_200, 21_600, 54_000)
COOLDOWN_S = 30  # for a whole target that says "too often", and not for how long
JITTER = 0.2  # so that what failed together does not come back together
DETAIL_CHARS = 500


def attempt(call: Callable[[], Sequence[object]], claims: Sequence[Claim]) -> list[Verdict]:
    """Make the one call that is for all these runs; a verdict for each. Never raises."""
    try:
        outcomes = call()
        if len(outcomes) != len(claims):
            raise ValueError("a handler returns an outcome for each run")
    except Exception as error:
        outcomes = [error] * len(claims)
    return [verdict(outcome, claim.failures) for outcome, claim in zip(outcomes, claims, strict=True)]


def verdict(outcome: object, failures: int) -> Verdict:
    """What the outcome, or the exception in its place, makes of a run that has failed so many times before."""
    match outcome:
        case RetryLater():
            return retry(outcome, str(outcome) or "asked to be tried later", failures)
        case Pause():
            failure = outcome.failure or "paused"
            return Verdict(state="retrying", result="pause", detail=cut(str(outcome)), failure=failure, pause=True)
        case GiveUp():
            failure = outcome.failure or "gave-up"
            return Verdict(state="dead", result="gave-up", detail=cut(str(outcome)), failure=failure, failed=True)
        case LeaseLost():
            return Verdict(state="retrying", result="lost", detail="another worker has the run", failure="lease-lost")
        case Exception():
            verdict = retry(RetryLater(failure="raised"), unexpected(outcome), failures)
            return replace(verdict, result="failed")
        case _:
            return Verdict(state="succeeded", result="succeeded", detail=cut(str(outcome)))


def retry(error: RetryLater, detail: str, failures: int) -> Verdict:
    """The next step of the schedule, no sooner than the destination asked for; dead after the last."""
    failure = error.failure or "retry-later"
    if failures >= len(BACKOFF_S):
        return Verdict(state="dead", result="retry", detail=cut(detail), failure=failure, failed=True)
    at_least_s = error.delay_s or 0
    delay_s = max(BACKOFF_S[failures] * random.uniform(1 - JITTER, 1 + JITTER), at_least_s)  # noqa: S311 (no secret)
    return Verdict(
        state="retrying",
        result="retry",
        detail=cut(detail),
        failure=failure,
        delay_us=int(delay_s * 1e6),
        failed=True,
        cooldown_us=int((at_least_s or min(delay_s, COOLDOWN_S)) * 1e6) if error.cooldown else 0,
    )


def unexpected(error: BaseException) -> str:
    """What went wrong and where, without the message: it may hold what the caller said."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def cut(text: str) -> str:
    return text[:DETAIL_CHARS]
