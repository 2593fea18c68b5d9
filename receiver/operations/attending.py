"""When somebody is told of what needs attention: once when it starts, when it grows worse, and when it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from ..store import NOTE, Database, Row, Transaction
from .alert_texts import TEXTS
from .businesses import source_names
from .concerns import Concern
from .outbox import last_made_us, put
from .telling import NEWS, Item, Known, notice

LOCK = "attended"  # a fact: whoever tells of something takes its row first, so that only one does
SPACED_US = 300_000_000  # between two messages, but for what is grave: what comes in between goes together
AGAIN_US = 3_600_000_000  # until the same is told again that was over meanwhile, unless it is worse than it was
QUIET_US = 600_000_000  # what is only new waits so long for company
REMEMBERED_US = 86_400_000_000
OF_THE_WORKER = {"redis", "processes"}  # only a worker can say that they are over


class Patience(NamedTuple):
    """How long it has to last, and then to be gone, before that is told, in seconds."""

    lasts_s: float = 0
    gone_s: float = 0


PATIENCE = {
    "worker": Patience(60, 30),
    "processes": Patience(120, 300),
    "paused": Patience(3600, 0),  # whoever did it knows; the others learn of one that was forgotten
    "half_set": Patience(60, 0),
    "down": Patience(0, 120),
    "dead": Patience(0, 60),
    "redis": Patience(120, 120),
    "disk": Patience(60, 600),
    "chore": Patience(600, 600),
    "fields": Patience(QUIET_US / 1e6, 0),
    "event": Patience(QUIET_US / 1e6, 0),
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    known: Mapping[tuple[str, str, str], Known]
    items: Sequence[Item]


def attend(db: Database, current: Sequence[Concern], channels: Sequence[str], language: str) -> bool:
    """Put what is to be told into the outbox of each channel; whether there was anything to write. Raises StoreError.

    Where there is no channel, nothing counts as told.
    """
    now_us = db.now_us()
    before = read(db.read(READ))
    if plan(before, current, now_us, last_made_us(db.read), bool(channels)).known == before:
        return False
    several = bool(source_names(db))
    db.commit(partial(write, current=current, channels=channels, language=language, now_us=now_us, several=several))
    return True


READ = "SELECT * FROM concerns"
KEEP = """
INSERT INTO concerns (source, kind, place, details, since_us, gone_us, told_level, last_level, told_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source, kind, place) DO UPDATE SET details = excluded.details, since_us = excluded.since_us,
    gone_us = excluded.gone_us, told_level = excluded.told_level, last_level = excluded.last_level,
    told_us = excluded.told_us
"""


def write(
    tx: Transaction,
    *,
    current: Sequence[Concern],
    channels: Sequence[str],
    language: str,
    now_us: int,
    several: bool,
) -> None:
    tx.execute(NOTE, (LOCK, "", now_us))
    before = read(tx.execute(READ).fetchall())
    made_us = last_made_us(lambda sql: tx.execute(sql).fetchall())
    planned = plan(before, current, now_us, made_us, bool(channels))
    for key, known in planned.known.items():
        if known != before.get(key):
            values = known.since_us, known.gone_us, known.told_level, known.last_level, known.told_us
            tx.execute(KEEP, (*key, json.dumps(dict(known.details)), *values))
    gone = before.keys() - planned.known.keys()
    tx.executemany("DELETE FROM concerns WHERE source = ? AND kind = ? AND place = ?", sorted(gone))
    if planned.items:
        put(tx, notice(planned.items, language, now_us, several=several), channels, now_us)


def read(rows: Sequence[Row]) -> dict[tuple[str, str, str], Known]:
    """Without those of a kind that only another version knows."""
    known = [Known(**{**dict(row), "details": json.loads(row["details"])}) for row in rows if row["kind"] in TEXTS]
    return {each.key: each for each in known}


def plan(
    before: Mapping[tuple[str, str, str], Known],
    current: Sequence[Concern],
    now_us: int,
    last_us: int,
    can_tell: bool,
) -> Plan:
    """What is known from now on, and what is to be told of it, in the order of `current`."""
    known = {concern.key: there(concern, before.get(concern.key), now_us) for concern in current}
    levels = {concern.key: concern.level for concern in current}
    without_worker = any(concern.kind == "worker" for concern in current)
    for key, old in before.items():
        if key not in known and (left := gone(old, now_us, without_worker)):
            known[key] = left
    if not can_tell:
        return Plan(known=known, items=())
    items = [item for each in known.values() if (item := to_tell(each, levels.get(each.key, 0), now_us))]
    if not any(item.is_grave for item in items) and 0 <= now_us - last_us < SPACED_US:
        items = []
    for item in items:
        known[item.known.key] = told(item, now_us)
    return Plan(known=known, items=items)


def there(concern: Concern, old: Known | None, now_us: int) -> Known:
    source, kind, place = concern.key
    if old is None:
        return Known(source=source, kind=kind, place=place, details=concern.details, since_us=now_us)
    if old.gone_us and not old.told_level:  # it was over
        old = replace(old, since_us=now_us)
    is_told = old.told_level >= concern.level
    return replace(old, gone_us=0, details=old.details if is_told else concern.details)


def gone(old: Known, now_us: int, without_worker: bool) -> Known | None:
    """None is forgotten: what was never told, or was over long ago."""
    if old.kind in NEWS:
        return old
    if without_worker and old.kind in OF_THE_WORKER:
        return old
    if not old.told_us or (not old.told_level and now_us - old.told_us > REMEMBERED_US):
        return None
    return old if old.gone_us else replace(old, gone_us=now_us)


def to_tell(known: Known, level: int, now_us: int) -> Item | None:
    patience = PATIENCE.get(known.kind, Patience())
    if known.gone_us:
        is_over = known.told_level and now_us - known.gone_us >= patience.gone_s * 1e6
        return Item(known=known, level=known.told_level, is_over=True) if is_over else None
    if level <= known.told_level or now_us - known.since_us < patience.lasts_s * 1e6:
        return None
    is_again = not known.told_level and level <= known.last_level and 0 <= now_us - known.told_us < AGAIN_US
    return None if is_again else Item(known=known, level=level)


def told(item: Item, now_us: int) -> Known:
    if item.is_over:
        return replace(item.known, told_level=0, last_level=item.level, told_us=now_us)
    return replace(item.known, told_level=item.level, told_us=now_us)
