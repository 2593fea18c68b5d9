"""One attempt: call the handler, and turn what it returned or raised into a verdict."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable

from ..errors import GiveUp, LeaseLost, Pause, RetryLater
from ..events import read_event
from ..inbox import Claim, Verdict
from ..registry import Run

# About a day in all; then a person must look.
BACKOFF_S = (5, 30, 120, 600, 1_800, 7_200, 21_600, 54_000)
JITTER = 0.2  # so that what failed together does not come back together
DETAIL_CHARS = 500


def attempt(function: Callable[..., str], claim: Claim, run: Run, failures: int) -> Verdict:
    """Call the handler once. Never raises."""
    try:
        outcome = function(read_event(claim.delivery), run)
    except RetryLater as error:
        return retry(str(error) or "asked to be tried later", failures, result="retry", at_least_s=error.delay_s or 0)
    except Pause as error:
        return Verdict(state="retrying", result="pause", detail=cut(str(error)), pause=True)
    except GiveUp as error:
        return Verdict(state="dead", result="gave-up", detail=cut(str(error)), failed=True)
    except LeaseLost:
        return Verdict(state="retrying", result="lost", detail="another worker has the run")
    except Exception as error:
        return retry(unexpected(error), failures, result="failed")
    return Verdict(state="succeeded", result="succeeded", detail=cut(str(outcome)))


def retry(detail: str, failures: int, *, result: str, at_least_s: float = 0) -> Verdict:
    """The next step of the schedule, no sooner than the destination asked for; dead after the last."""
    if failures >= len(BACKOFF_S):
        return Verdict(state="dead", result=result, detail=cut(detail), failed=True)
    delay_s = max(BACKOFF_S[failures] * random.uniform(1 - JITTER, 1 + JITTER), at_least_s)  # noqa: S311 (no secret)
    return Verdict(state="retrying", result=result, detail=cut(detail), delay_us=int(delay_s * 1e6), failed=True)


def unexpected(error: BaseException) -> str:
    """What went wrong and where, without the message: it may hold what the caller said."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def cut(text: str) -> str:
    return text[:DETAIL_CHARS]
