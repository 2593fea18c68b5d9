"""The worker: whether what is kept also reaches its destinations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import inbox
from ..inbox import UNATTENDED_US
from ..operations import (
    FAILED,
    KEEP_TIME,
    OK,
    Finding,
    advice,
    chore_records,
    clock_oddities,
    command,
    fine,
    problem,
    worker_differences,
)
from ..registry import Activation
from ..store import Database, was_moved

CLOCK_SHOWN_S = 24 * 3600
UNENDED_US = 2 * 3600 * 1_000_000  # no chore may take longer than an hour
WAITS_FOR_REDIS = "deliveries are kept, and wait until it is fixed"
SET_REDIS = "do that where Redis is set up; it is the worker's own REDIS_URL that counts"
WAITS = "what is received waits until one does, or nothing is received at all"


def check_worker(db: Database, platform: str, activations: Sequence[Activation]) -> Iterator[Finding]:
    """Raises StoreError."""
    troubles = inbox.troubles(db)
    worker = leading(db, start(platform))
    yield worker if worker.severity != OK or inbox.PROCESSES not in troubles else dying(troubles[inbox.PROCESSES])
    if redis := troubles.get(inbox.REDIS):
        yield problem("Redis", f"the worker that runs says: {redis}", why=WAITS_FOR_REDIS, do=SET_REDIS)
    yield from compared(db, activations)
    yield from chores(db)
    yield from clock(db)


def dying(processes: str) -> Finding:
    return problem(
        "worker",
        f"one runs, but {processes}",
        why="each is started again after a second, and what it is for waits",
        do="the worker's log says what each met: see to that, and start the receiver again",
    )


def start(platform: str) -> str:
    """How one is started, in the words of the platform."""
    if platform == "Heroku":
        return "start it: heroku ps:scale worker=1:basic, or set WEB_COMMAND=up"
    return f"start it: {command('up')}, or {command('worker')} beside {command('web')}"


def compared(db: Database, activations: Sequence[Activation]) -> Iterator[Finding]:
    """A second terminal without the receiver's variables sees another receiver than the one that runs."""
    if differing := worker_differences(db, activations):
        yield problem(
            "variables",
            f"the worker that runs has others than this command: {'; '.join(differing)}",
            why="what is said of destinations holds for this command's variables alone, and replay goes by them too",
            do="give this command those of the receiver (in this terminal too: export …); "
            "or, where they were changed, start the receiver again",
        )


def chores(db: Database) -> Iterator[Finding]:
    """Those that failed, or never ended. What they found is reported by the checks of what they look after."""
    for record in chore_records(db):
        if record.problem.startswith(FAILED):
            yield advice(
                "worker",
                f"the chore '{record.name}' did not succeed: {record.problem}",
                why="it is tried again by itself",
                do="see the worker's log, if it goes on",
            )
        elif record.ended_us is None and abs(db.now_us() - record.started_us) > UNENDED_US:
            yield advice(
                "worker",
                f"the chore '{record.name}' was begun and has not ended",
                why="it took longer than its limit, or its worker ended",
                do="see the worker's log, if it goes on",
            )


def clock(db: Database) -> Iterator[Finding]:
    if odd := clock_oddities(db, within_s=CLOCK_SHOWN_S):
        yield advice(
            "clock",
            odd,
            why="while it is wrong, deliveries are refused",
            do=KEEP_TIME,
        )


def leading(db: Database, start: str) -> Finding:
    """By the lease that whichever worker leads renews every second or so; runs have leases of their own."""
    led_us = inbox.last_led(db)
    if db.commit(was_moved):
        return problem(
            "worker",
            "this inbox was moved to another database, and is closed",
            why="nothing is kept here or brought anywhere any more",
            do="set DATABASE_URL to the Postgres it was moved to; "
            f"or, where no receiver has run on that, go back: {command('copy --to … --undo-cutover')}",
        )
    if inbox.is_led(db):
        return fine("worker", "one runs")
    if waiting := inbox.undispatched_count(db):
        return problem(
            "worker",
            f"none runs, and {waiting} deliveries wait for it",
            why="InboundFlow was told that they arrived, and nobody has seen them",
            do=start,
        )
    if led_us and db.now_us() - led_us > UNATTENDED_US:
        minutes = (db.now_us() - led_us) // 60_000_000
        gone = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
        return problem("worker", f"none has run for {gone}", why=WAITS, do=start)
    return advice("worker", "none runs at the moment", why=WAITS, do=start)
