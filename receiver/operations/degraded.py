"""What is wrong though deliveries are kept: /readyz shows it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from .. import inbox
from ..errors import StoreError
from ..store import Database
from .clock import KEEP_TIME, clock_oddities
from .concerns import dead_by_lane
from .documents import moment
from .held import Held, held_now
from .integrity import damage
from .lanes import public_label
from .lives import lives_problem
from .pauses import Paused, paused

CLOCK_SHOWN_S = 3600
# Which businesses there are is nobody's to know here, nor what is the matter with one of them.
OTHERS = "Destinations of other businesses that are paused or do not answer: {n}; `receiver doctor` names them."


def degraded(db: Database, check_redis: Callable[[], str]) -> dict[str, str]:
    """A sentence for each part that is not as it should be. `check_redis` says what is wrong there, or ""."""
    problems = {"inbox": damage(db), "queue": redis_problem(check_redis())}
    with contextlib.suppress(StoreError):  # the probe reports it; tables a version older know of no holds
        for part, problem in of_the_worker(db):
            problems[part] = problems.get(part) or problem
    return {part: problem for part, problem in problems.items() if problem}


def of_the_worker(db: Database) -> Iterator[tuple[str, str]]:
    """What the database knows of it. Raises StoreError."""
    troubles = inbox.troubles(db)
    yield "queue", worker_redis_problem(troubles.get(inbox.REDIS, ""))
    yield "worker", worker_problem(inbox.undispatched_count(db), troubles.get(inbox.PROCESSES, ""))
    yield "clock", clock_problem(clock_oddities(db, within_s=CLOCK_SHOWN_S))
    yield "destinations", on_hold(db)
    yield "dead letters", dead_letters(db)
    yield "lives", lives_problem(db)


def on_hold(db: Database) -> str:
    """Those that are paused, without the reason that somebody may have typed, and those that are held."""
    pauses: Sequence[Paused] = paused(db)
    holds: Sequence[Held] = held_now(db)
    own = [f"{public_label(p.lane)} is paused since {moment(p.since_us)} UTC." for p in pauses if not p.source]
    own += [f"{public_label(each.lane)} {each.sentence}." for each in holds if not each.source]
    others = len({lane for lane in (*(p.lane for p in pauses), *(each.lane for each in holds)) if lane.source})
    return " ".join([*own, OTHERS.format(n=others)] if others else own)


def dead_letters(db: Database) -> str:
    """Of the handlers that are on, as far as that is known."""
    numbers = dict(dead_by_lane(db))
    shown = [f"{public_label(lane)} {number}" for lane, number in numbers.items() if not lane.source]
    if others := sum(number for lane, number in numbers.items() if lane.source):
        shown.append(f"{others} of other businesses")
    return f"Not delivered, and not tried again by themselves: {', '.join(shown)}." if shown else ""


def worker_problem(waiting: int, ends: str) -> str:
    if waiting:
        return f"No worker runs: {waiting} deliveries are kept, and wait for one."
    return f"The worker: {ends}. What that is for waits; the worker's log says more." if ends else ""


def clock_problem(odd: str) -> str:
    return f"The clock: {odd}. What to do: {KEEP_TIME}." if odd else ""


def worker_redis_problem(problem: str) -> str:
    """What this process does not see: the worker may have another address, or another way to it."""
    return f"The worker says: {problem}. Deliveries are kept, and wait until it is fixed." if problem else ""


def redis_problem(problem: str) -> str:
    return f"{problem}. Deliveries are kept, and handled in time." if problem else ""
