"""What needs somebody's attention just now, by kind and place: counts and reasons, and nothing that a caller said."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import inbox
from ..inbox import LIVES
from ..registry import Lane, is_on
from ..settings import Settings
from ..store import HANDLERS, Database
from .aging import DAY_US
from .brought import LEFT_THERE
from .chores import FAILED, chore_records
from .held import held
from .integrity import damage
from .learning import new_fields
from .lives import DEGRADED_FROM, lives_lost
from .pauses import paused
from .place_names import place
from .silence import silences

COUNTED = 10_000  # runs; of more it is enough to know that
LONG_US = 600_000_000  # ten minutes: longer than a restart or a deploy takes
LEVELS_OF_LIVES = (3, 6, 8, LIVES)
BAD_SIGNATURES = {"signature-mismatch", "signature-missing"}
SEVERAL = 3  # in a row: one or two may be somebody's trial
LEAST_FREE = 200 * 1024 * 1024  # bytes: some 20,000 deliveries of a usual size, days in which to make room
GONE_US = 120_000_000  # without a worker: longer than a deploy
REASON_CHARS = 200
FIELDS_SHOWN = 5
TOLD_US = 7 * DAY_US  # so long what people have to delete at destinations counts as new

WAITING = f"""
SELECT count(*) AS n FROM (SELECT 1 AS one FROM runs WHERE source = ? AND handler = ? AND target = ? AND {inbox.OPEN}
                           LIMIT {COUNTED}) AS few
"""
DEAD = f"""
SELECT source, handler, target, count(*) AS n FROM
    (SELECT source, handler, target FROM runs WHERE state = 'dead' LIMIT {COUNTED}) AS few
GROUP BY source, handler, target ORDER BY source, handler, target
"""
BY_HAND = "SELECT 1 FROM audit WHERE action = 'pause' AND source = ? AND at_us = ?"
LEFT = "SELECT source, count(*) AS n FROM audit WHERE action = ? AND at_us > ? GROUP BY source ORDER BY source"
WORK = f"""
SELECT CASE WHEN EXISTS (SELECT 1 FROM runs WHERE {inbox.OPEN})
              OR EXISTS (SELECT 1 FROM deliveries WHERE dispatched_us IS NULL) THEN 1 ELSE 0 END AS waits
"""


@dataclass(frozen=True, kw_only=True)
class Concern:
    """`level` rises where it grows worse. `details` are what its sentence is filled with."""

    kind: str
    source: str = ""
    place: str = ""
    level: int = 1
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.kind, self.place


Check = Callable[[Database], Iterator[Concern]]


def concerns(db: Database, settings: Settings) -> list[Concern]:
    """The worst first. Raises StoreError."""
    checks: list[Check] = [
        damaged, lives, signatures, worker, processes, on_hold, half_set, down, dead, redis,
        lambda _: disk(settings), silent, chores, left_there, fields,
    ]  # fmt: skip
    return [concern for check in checks for concern in check(db)]


def damaged(db: Database) -> Iterator[Concern]:
    if damage(db):
        yield Concern(kind="damaged")


def lives(db: Database) -> Iterator[Concern]:
    for each in lives_lost(db):
        if each.lost >= DEGRADED_FROM:
            level = max(level for level in LEVELS_OF_LIVES if each.lost >= level)
            yield Concern(kind="lives", source=each.source, level=level, details={"n": each.lost, "lives": LIVES})


def signatures(db: Database) -> Iterator[Concern]:
    """Among the requests whose refusal nothing has ended yet."""
    for each in lives_lost(db):
        bad = sum(number for reason, number in each.reasons.items() if reason in BAD_SIGNATURES)
        if bad >= SEVERAL:
            yield Concern(kind="signatures", source=each.source, details={"n": bad})


def worker(db: Database) -> Iterator[Concern]:
    """The web process looks as well: this is said by whoever is left."""
    waiting, led_us = inbox.undispatched_count(db), inbox.last_led(db)
    is_gone = led_us and not inbox.is_led(db) and db.now_us() - led_us > GONE_US
    if waiting or is_gone:
        yield Concern(kind="worker", details={"n": waiting})


def processes(db: Database) -> Iterator[Concern]:
    if inbox.troubles(db).get(inbox.PROCESSES):
        yield Concern(kind="processes")


def on_hold(db: Database) -> Iterator[Concern]:
    """What somebody typed as the reason of a pause may name a caller: it stays out."""
    for pause in paused(db):
        waiting = db.read(WAITING, pause.lane)[0]["n"]
        if db.read(BY_HAND, (pause.source, pause.since_us)):
            yield of_lane("paused", pause.lane, n=waiting)
        else:
            reason = " ".join(pause.reason.split())[:REASON_CHARS]
            yield of_lane("on_hold", pause.lane, n=waiting, reason=reason)


def noted_handlers(db: Database) -> str:
    """What the worker that led last noted as being on, also where none leads now."""
    rows = db.read("SELECT value FROM facts WHERE name = ?", (HANDLERS,))
    return str(rows[0]["value"]) if rows else ""


def half_set(db: Database) -> Iterator[Concern]:
    states: dict[str, str] = json.loads(noted_handlers(db) or "{}")
    for name, state in states.items():
        source, _, handler = name.rpartition("/")
        if state == "misconfigured":
            yield of_lane("half_set", Lane(source, handler, ""))


def down(db: Database) -> Iterator[Concern]:
    """What goes on by itself, and has not for long."""
    now_us, handlers = db.now_us(), noted_handlers(db)
    for hold in held(db):
        if hold.kind == "down" and now_us - hold.since_us > LONG_US and is_on(handlers, hold.lane):
            yield of_lane("down", hold.lane, n=hold.waiting)


def dead(db: Database) -> Iterator[Concern]:
    """Told again at 10, 100, 1,000."""
    for lane, number in dead_by_lane(db):
        yield of_lane("dead", lane, level=len(str(number)), n=number)


def dead_by_lane(db: Database) -> Iterator[tuple[Lane, int]]:
    """Those of a handler that is off are over, unless it comes back. Raises StoreError."""
    noted = noted_handlers(db)
    handlers = json.loads(noted or "{}")
    for row in db.read(DEAD):
        lane = Lane(row["source"], row["handler"], row["target"])
        if not noted or (f"{lane.source}/{lane.handler}" if lane.source else lane.handler) in handlers:
            yield lane, row["n"]


def redis(db: Database) -> Iterator[Concern]:
    if inbox.troubles(db).get(inbox.REDIS) and db.read(WORK)[0]["waits"]:
        yield Concern(kind="redis")


def disk(settings: Settings, *, least_free: int = LEAST_FREE) -> Iterator[Concern]:
    """Of a file's own; a server's disk cannot be seen from here."""
    if settings.database_url:
        return
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(settings.data_dir).free
        if free < least_free:
            yield Concern(kind="disk", details={"n": free // 1024 // 1024})


def silent(db: Database) -> Iterator[Concern]:
    for each in silences(db):
        yield Concern(kind="silence", source=each.source, details={"since_us": each.since_us, "n": each.usual})


def chores(db: Database) -> Iterator[Concern]:
    for record in chore_records(db):
        if record.problem.startswith(FAILED):
            yield Concern(kind="chore", place=record.name)


def left_there(db: Database) -> Iterator[Concern]:
    for row in db.read(LEFT, (LEFT_THERE, db.now_us() - TOLD_US)):
        yield Concern(kind="left_there", source=row["source"], level=row["n"], details={"n": row["n"]})


def fields(db: Database) -> Iterator[Concern]:
    """One for each event. A new event is told once; what is new in one that is known, again where more is."""
    by_event: dict[tuple[str, str], list[str]] = {}
    for each in new_fields(db):
        by_event.setdefault((each.source, each.event), []).append(each.field)
    for (source, event), names in by_event.items():
        shown = ", ".join(list(dict.fromkeys(names))[:FIELDS_SHOWN])
        if "" in names:
            yield Concern(kind="event", source=source, place=event, details={"event": event})
        else:
            details = {"fields": shown, "event": event}
            yield Concern(kind="fields", source=source, place=event, level=len(names), details=details)


def of_lane(kind: str, lane: Lane, *, level: int = 1, **details: Any) -> Concern:
    return Concern(
        kind=kind,
        source=lane.source,
        place=" ".join(filter(None, (lane.handler, lane.target))),
        level=level,
        details={"place": place(lane._replace(source="")), "handler": lane.handler, **details},
    )
