"""Erasing a person, in steps: what would go is looked for and shown, and the worker does it once somebody says so.

    looking ──▶ ready ──▶ erasing ──▶ clearing ──▶ done

Whom it is about is written down until it is done, and no longer. What was found is kept as the receipt for 30 days.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from ..errors import CannotErase, NotFound
from ..registry import Activation, Lane
from ..settings import Settings
from ..store import Database, Row, Transaction
from .aging import DAY_US, Aging
from .audit import NOBODY, Actor
from .erase import TABLES, erase
from .receipts import Erased, ErasedDelivery, Place
from .subject import Subject

Found = TypeVar("Found", ErasedDelivery, Place)

LOOKING, READY, ERASING, CLEARING, DONE = "looking", "ready", "erasing", "clearing", "done"
AT_WORK = "state IN ('looking', 'erasing', 'clearing')"  # word for word as the index has it
UNDER_WAY = "under way"  # why it takes longer: an attempt of theirs has not ended
FORGOTTEN_US = 3_600_000_000  # of what nobody has said yes to
KEPT_US = 30 * DAY_US  # a receipt
COLUMNS = "id, source, state, receipt, problem, made_us, ended_us"
INSERT = """
INSERT INTO erasures (source, state, subject, who, made_us) VALUES (?, 'looking', ?, ?, ?) RETURNING id
"""
BEGIN = f"""
UPDATE erasures SET state = '{ERASING}', at_destinations = ?, who = ? WHERE id = ? AND source = ? AND state = '{READY}'
"""
FORGET = f"DELETE FROM erasures WHERE (state = '{READY}' AND made_us < ?) OR (state = '{DONE}' AND ended_us < ?)"


@dataclass(frozen=True, kw_only=True)
class Erasure:
    id: int
    source: str
    state: str
    problem: str  # why it is not done yet: UNDER_WAY or ""
    made_us: int
    ended_us: int | None
    receipt: Erased | None  # None until it was looked for

    @property
    def is_at_work(self) -> bool:
        """Whether the worker has something to do for it."""
        return self.state in (LOOKING, ERASING, CLEARING)


def make_erasure(db: Database, who: Subject, *, by: Actor = NOBODY) -> int:
    """Have the worker look for a person; the number of that. Nothing is erased yet. Raises StoreError."""
    values = (who.source or "", json.dumps(asdict(who), ensure_ascii=False), by.who, db.now_us())
    number = int(db.commit(lambda tx: tx.execute(INSERT, values).fetchone()["id"]))
    db.nudge()
    return number


def erasure(db: Database, number: int, source: str) -> Erasure:
    """Raises NotFound, StoreError."""
    rows = db.read(f"SELECT {COLUMNS} FROM erasures WHERE id = ? AND source = ?", (number, source))
    if not rows:
        raise NotFound(f"There is no erasure {number} any more.")
    return erasure_in(rows[0])


def erasures(db: Database, source: str, limit: int = 20) -> list[Erasure]:
    """Those that were begun, newest first. Raises StoreError."""
    sql = f"SELECT {COLUMNS} FROM erasures WHERE source = ? AND state IN (?, ?, ?) ORDER BY id DESC LIMIT ?"
    return [erasure_in(row) for row in db.read(sql, (source, ERASING, CLEARING, DONE, limit))]


def begin_erasure(
    db: Database, number: int, source: str, *, at_destinations: bool = False, by: Actor = NOBODY
) -> Erasure:
    """Have it done, where it is `ready`; as often as somebody likes. Raises NotFound, StoreError."""
    values = (int(at_destinations), by.who, number, source)
    db.commit(lambda tx: tx.execute(BEGIN, values))
    db.nudge()
    return erasure(db, number, source)


def drop_erasure(db: Database, number: int, source: str) -> None:
    """Forget what was looked for and not begun, or a receipt. Raises StoreError."""
    sql = f"DELETE FROM erasures WHERE id = ? AND source = ? AND state IN ('{READY}', '{DONE}')"
    db.commit(lambda tx: tx.execute(sql, (number, source)))


def work_on_erasures(db: Database, settings: Settings, activations: Sequence[Activation]) -> str:
    """A chore: each is brought a step further. Raises StoreError."""
    for row in db.read(f"SELECT * FROM erasures WHERE {AT_WORK} ORDER BY id"):
        STEPS[row["state"]](db, settings, activations, row)
    return ""


def forget_erasures(db: Database, aging: Aging) -> str:
    """A chore: what nobody has said yes to, and old receipts. Raises StoreError."""
    if aging.is_believed():
        now_us = db.now_us()
        db.commit(lambda tx: tx.execute(FORGET, (now_us - FORGOTTEN_US, now_us - KEPT_US)))
    return ""


def look(db: Database, settings: Settings, activations: Sequence[Activation], row: Row) -> None:
    found = erase(db, settings, activations, subject_of(row), dry_run=True)
    # Of whom nothing is kept, nothing is written down.
    write(db, row, READY, found, subject="" if found.is_empty else row["subject"])


def carry_out(db: Database, settings: Settings, activations: Sequence[Activation], row: Row) -> None:
    """What was found before stays in the receipt: after a stop half-way it is not found again."""
    receipts = [receipt_of(row)]

    def found(erased: Erased) -> None:
        receipts.append(merged(receipts[-1], erased))
        write(db, row, ERASING, receipts[-1], subject=row["subject"])

    there, by = bool(row["at_destinations"]), Actor(who=row["who"])
    try:
        done = erase(db, settings, activations, subject_of(row), at_destinations=there, found=found, by=by)
    except CannotErase:
        return write(db, row, ERASING, receipts[-1], subject=row["subject"], problem=UNDER_WAY)
    write(db, row, CLEARING, without_calls(merged(receipts[-1], done)), subject="")


def clear(db: Database, settings: Settings, activations: Sequence[Activation], row: Row) -> None:
    """Once nobody reads the old content any more, free space and logs hold nothing of it either."""
    if db.purge(TABLES):
        now_us = db.now_us()
        sql = f"UPDATE erasures SET state = '{DONE}', ended_us = ? WHERE id = ?"
        db.commit(lambda tx: tx.execute(sql, (now_us, row["id"])))


STEPS = {LOOKING: look, ERASING: carry_out, CLEARING: clear}


def write(db: Database, row: Row, state: str, receipt: Erased, *, subject: str, problem: str = "") -> None:
    values = (state, subject, json.dumps(asdict(receipt), ensure_ascii=False), problem, row["id"], row["state"])

    def work(tx: Transaction) -> None:
        sql = "UPDATE erasures SET state = ?, subject = ?, receipt = ?, problem = ? WHERE id = ? AND state = ?"
        tx.execute(sql, values)

    db.commit(work)


def subject_of(row: Row) -> Subject:
    kept = json.loads(row["subject"])
    lists = {name: tuple(kept[name]) for name in ("phones", "emails", "calls")}
    return Subject(**lists, source=kept["source"])


def erasure_in(row: Row) -> Erasure:
    columns = {name: row[name] for name in ("id", "source", "state", "problem", "made_us", "ended_us")}
    return Erasure(**columns, receipt=receipt_of(row) if row["receipt"] else None)


def receipt_of(row: Row) -> Erased:
    kept: dict[str, Any] = json.loads(row["receipt"])
    return Erased(**kept | {
        "deliveries": tuple(ErasedDelivery(**each) for each in kept["deliveries"]),
        "places": tuple(Place(**each | {"lane": Lane(*each["lane"])}) for each in kept["places"]),
        "mentions": tuple(kept["mentions"]),
        "copies": tuple(kept["copies"]),
    })  # fmt: skip


def merged(before: Erased, now: Erased) -> Erased:
    return replace(
        now,
        deliveries=united(before.deliveries, now.deliveries),
        places=united(before.places, now.places),
        ended=max(before.ended, now.ended),
        conflicts=max(before.conflicts, now.conflicts),
        texts=max(before.texts, now.texts),
    )


def united(before: Iterable[Found], now: Iterable[Found]) -> tuple[Found, ...]:
    """As it stands now; what is not found any more as it was."""
    by_what = {what(each): each for each in before} | {what(each): each for each in now}
    return tuple(by_what.values())


def what(found: ErasedDelivery | Place) -> tuple[object, str]:
    return (found.lane if isinstance(found, Place) else found.source, found.key)


def without_calls(found: Erased) -> Erased:
    """As it may be kept: ids of deliveries stay in the inbox anyhow, those of calls do not."""
    return replace(found, deliveries=tuple(replace(each, call_id=None) for each in found.deliveries))
