"""What is wrong though deliveries are kept: /readyz shows it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from .. import inbox
from ..errors import StoreError
from ..store import Database
from .clock import KEEP_TIME, clock_was_ahead
from .integrity import damage

CLOCK_SHOWN_S = 3600


def degraded(db: Database, check_redis: Callable[[], str]) -> dict[str, str]:
    """A sentence for each part that is not as it should be. `check_redis` says what is wrong there, or ""."""
    problems = {
        "inbox": damage(db),
        "queue": redis_problem(check_redis()) or worker_redis_problem(db),
        "worker": worker_problem(db),
        "clock": clock_problem(db),
    }
    return {part: problem for part, problem in problems.items() if problem}


def worker_problem(db: Database) -> str:
    with contextlib.suppress(StoreError):  # the probe reports it
        if waiting := inbox.undispatched_count(db):
            return f"No worker runs: {waiting} deliveries are kept, and wait for one."
        if ends := inbox.troubles(db).get(inbox.PROCESSES):
            return f"The worker: {ends}. What that is for waits; the worker's log says more."
    return ""


def clock_problem(db: Database) -> str:
    ahead = clock_was_ahead(db, within_s=CLOCK_SHOWN_S)
    return f"The clock: {ahead}. What waited for that time was brought back; {KEEP_TIME}." if ahead else ""


def worker_redis_problem(db: Database) -> str:
    """What this process does not see: the worker may have another address, or another way to it."""
    with contextlib.suppress(StoreError):
        if problem := inbox.troubles(db).get(inbox.REDIS):
            return f"The worker says: {problem}. Deliveries are kept, and wait until it is fixed."
    return ""


def redis_problem(problem: str) -> str:
    return f"{problem}. Deliveries are kept, and handled in time." if problem else ""
