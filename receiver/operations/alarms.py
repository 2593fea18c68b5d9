"""What is wrong just now and who is to know of it, the worst first: one line above every page."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import inbox
from ..errors import NotStored, StoreError
from ..inbox import LIVES
from ..registry import Lane
from ..store import Database
from .lives import DEGRADED_FROM
from .pauses import paused
from .unstored import why_unstored

COUNTED = 1000  # calls; of more it is enough to know that
LOOKED_AT = 5000  # runs, in the search for so many calls

WAITING = f"""
SELECT count(*) AS n FROM (SELECT DISTINCT coalesce(call_id, cast(delivery_id AS TEXT)) AS call FROM (
    SELECT call_id, delivery_id FROM runs WHERE source = ? AND handler = ? AND target = ? AND {inbox.OPEN} LIMIT ?
) AS runs_of_them) AS named
"""
DEAD = """
SELECT count(*) AS n FROM (SELECT DISTINCT coalesce(call_id, cast(delivery_id AS TEXT)) AS call FROM (
    SELECT call_id, delivery_id FROM runs WHERE state = 'dead' AND source = ? LIMIT ?
) AS runs_of_them) AS named
"""
UNSEEN = """
SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE dispatched_us IS NULL AND source || '' = ? LIMIT ?) AS unseen
"""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`kind` names the text; `number` is of calls, or of lives lost."""

    kind: str  # no_store, off, lives, no_worker, on_hold, half_set, dead, redis
    lane: Lane | None = None
    number: int = 0
    why: str = ""


Check = Callable[[Database, str], Iterator[Alarm]]


def alarms(db: Database, *, source: str = "") -> list[Alarm]:
    """Those of this source, and of the receiver as a whole. Raises StoreError."""
    return [alarm for check in CHECKS for alarm in check(db, source)]


def store_alarm(db: Database, source: str) -> Iterator[Alarm]:
    try:
        inbox.Inbox(db).probe()
    except NotStored as error:
        yield Alarm(kind="no_store", why=why_unstored(error.__cause__))


def lives_alarm(db: Database, source: str) -> Iterator[Alarm]:
    with contextlib.suppress(StoreError):  # the tables come with the next migration
        lost = inbox.lost_lives(db, source).lost
        if lost >= DEGRADED_FROM:
            yield Alarm(kind="off" if lost >= LIVES else "lives", number=lost)


def worker_alarm(db: Database, source: str) -> Iterator[Alarm]:
    if inbox.undispatched_count(db) and (waiting := db.read(UNSEEN, (source, LOOKED_AT))[0]["n"]):
        yield Alarm(kind="no_worker", number=waiting)


def hold_alarms(db: Database, source: str) -> Iterator[Alarm]:
    for pause in [pause for pause in paused(db) if pause.source == source]:
        waiting = db.read(WAITING, (*pause.lane, LOOKED_AT))[0]["n"]
        yield Alarm(kind="on_hold", lane=pause.lane, number=waiting, why=pause.reason)


def half_set_alarms(db: Database, source: str) -> Iterator[Alarm]:
    states: dict[str, str] = json.loads(inbox.handlers_on(db) or "{}")
    for name, state in states.items():
        of, _, handler = name.rpartition("/")
        if state == "misconfigured" and of == source:
            yield Alarm(kind="half_set", lane=Lane(source, handler, ""))


def dead_alarm(db: Database, source: str) -> Iterator[Alarm]:
    if dead := db.read(DEAD, (source, LOOKED_AT))[0]["n"]:
        yield Alarm(kind="dead", number=min(dead, COUNTED))


def redis_alarm(db: Database, source: str) -> Iterator[Alarm]:
    if problem := inbox.troubles(db).get(inbox.REDIS, ""):
        yield Alarm(kind="redis", why=problem)


CHECKS: tuple[Check, ...] = (
    store_alarm,
    lives_alarm,
    worker_alarm,
    hold_alarms,
    half_set_alarms,
    dead_alarm,
    redis_alarm,
)
