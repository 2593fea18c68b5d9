"""The deliveries of one source in the order in which they were stored, for those who pull them. Reading marks nothing.

A place in that order is the key of a delivery. Rows are never deleted, so a place stays good: of what was erased or
pruned a tombstone is left there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import NotFound, StoreUnavailable
from ..store import Database, Row
from .selection import joined, marks

PAGE_BYTES = 1024 * 1024  # of bodies; a larger one comes alone
WINDOW = 10_000  # deliveries that one page looks at, where a filter leaves most of them out
# `received_us` is by the clock of the machine that received, and not quite in the order of storing: a filter by time
# looks at what was stored this much earlier and later too.
CLOCKS_US = 3_600_000_000
SETTLE_S, LOOK_EVERY_S = 1.0, 0.005

PLACE = """
SELECT (SELECT id FROM deliveries WHERE source = ? AND key = ?) AS place,
       (SELECT id FROM deliveries WHERE source = ? ORDER BY id DESC LIMIT 1) AS newest
"""
# Whoever is inserting has this lock since before the new row had its number.
WRITERS = """
SELECT virtualtransaction AS writer FROM pg_locks
WHERE locktype = 'relation' AND relation = to_regclass('deliveries') AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LAST_BEFORE = "SELECT id FROM deliveries WHERE received_us < ? ORDER BY received_us DESC, id DESC LIMIT 1"
FIRST_FROM = "SELECT id FROM deliveries WHERE received_us >= ? ORDER BY received_us, id LIMIT 1"
WINDOW_ENDS = "SELECT id FROM deliveries WHERE source = ? AND id > ? AND id <= ? ORDER BY id LIMIT 1 OFFSET ?"
LAST_KEY = "SELECT key FROM deliveries WHERE source = ? AND id > ? AND id <= ? ORDER BY id DESC LIMIT 1"
NEWEST_KEY = "SELECT key FROM deliveries WHERE source = ? ORDER BY id DESC LIMIT 1"
COLUMNS = "key, source, event, call_id, received_us, erased_us, body"


@dataclass(frozen=True, kw_only=True)
class FeedFilter:
    """What is empty lets everything pass. Times are in UTC microseconds; `until_us` is not in it."""

    events: tuple[str, ...] = ()
    call_id: str = ""
    since_us: int | None = None
    until_us: int | None = None

    @property
    def leaves_out(self) -> bool:
        """Whether many rows may have to be looked at for one that passes."""
        return not self.call_id and bool(self.events or self.since_us is not None or self.until_us is not None)


EVERYTHING = FeedFilter()


@dataclass(frozen=True, kw_only=True)
class FeedDelivery:
    """`body` is empty where it was erased or pruned. It holds callers' personal data."""

    key: str
    source: str
    event: str
    call_id: str | None
    received_us: int
    erased_us: int | None
    body: bytes


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """`place` is where the next page begins, also after the last one: what is stored later comes after it."""

    deliveries: tuple[FeedDelivery, ...]
    place: str
    more: bool


def feed_page(
    db: Database, source: str, *, after: str = "", criteria: FeedFilter = EVERYTHING, limit: int = 50
) -> FeedPage:
    """The next deliveries after a place; "" is the beginning.

    It may have fewer than `limit`, or none, though there are more. Raises NotFound where there is no such place,
    StoreError.
    """
    low, newest = places(db, source, after)
    first, last = narrowed(db, low, newest, criteria)
    end = window_end(db, source, first, last, criteria)
    rows = matching(db, source, first, end, criteria, limit + 1)
    ids = fitting(rows[:limit])
    if len(ids) < len(rows):
        deliveries = read(db, ids)
        return FeedPage(deliveries=deliveries, place=deliveries[-1].key, more=True)
    return FeedPage(deliveries=read(db, ids), place=last_key(db, source, low, end) or after, more=end < last)


def places(db: Database, source: str, after: str) -> tuple[int, int]:
    """The number of the place, and the newest up to which nothing can be added any more."""
    [row] = db.read(PLACE, (source, after, source))
    if after and row["place"] is None:
        raise NotFound("This cursor is none of a page of yours.")
    low, newest = row["place"] or 0, row["newest"] or 0
    if newest > low and db.shared:
        settle(db)
    return low, newest


def settle(db: Database) -> None:
    """Wait until every transaction has ended that may hold a lower number than one that was committed already.

    Numbers are given before the commit, and on Postgres transactions end in any order: a reader that had gone past a
    number whose delivery was not there yet would never see it. A file has one writer at a time. Raises
    StoreUnavailable.
    """
    deadline = time.monotonic() + SETTLE_S
    writers = writers_of(db)
    while writers:
        if time.monotonic() > deadline:
            raise StoreUnavailable(f"a transaction did not end within {SETTLE_S:g} s")
        time.sleep(LOOK_EVERY_S)
        writers &= writers_of(db)


def writers_of(db: Database) -> set[str]:
    return {row["writer"] for row in db.read(WRITERS)}


def narrowed(db: Database, low: int, newest: int, criteria: FeedFilter) -> tuple[int, int]:
    """The numbers after which, and up to which, there can be anything of these times."""
    if criteria.since_us is not None:
        rows = db.read(LAST_BEFORE, (criteria.since_us - CLOCKS_US,))
        low = max(low, rows[0]["id"] if rows else 0)
    if criteria.until_us is not None:
        rows = db.read(FIRST_FROM, (criteria.until_us + CLOCKS_US,))
        newest = min(newest, rows[0]["id"] - 1 if rows else newest)
    return low, newest


def window_end(db: Database, source: str, low: int, high: int, criteria: FeedFilter) -> int:
    """Up to which number this page looks."""
    if low >= high or not criteria.leaves_out:
        return high
    rows = db.read(WINDOW_ENDS, (source, low, high, WINDOW - 1))
    return int(rows[0]["id"]) if rows else high


def matching(db: Database, source: str, low: int, high: int, criteria: FeedFilter, limit: int) -> Sequence[Row]:
    if low >= high:
        return ()
    of_call = bool(criteria.call_id)
    condition, values = joined(
        ("d.source || '' = ?" if of_call else "d.source = ?", source),  # the few of a call are found by their index
        ("d.call_id = ?", criteria.call_id or None),
        (f"d.event IN ({marks(criteria.events)})", criteria.events or None),
        ("d.received_us >= ?", criteria.since_us),
        ("d.received_us < ?", criteria.until_us),
        ("d.id > ?", low),
        ("d.id <= ?", high),
    )
    order = "d.id + 0" if of_call else "d.id"
    sql = f"SELECT d.id, length(d.body) AS size FROM deliveries AS d WHERE {condition} ORDER BY {order} LIMIT ?"
    return db.read(sql, [*values, limit])


def fitting(rows: Sequence[Row]) -> list[int]:
    """The numbers of as many as fit one page by their bodies, at least of one."""
    ids: list[int] = []
    size = 0
    for row in rows:
        size += row["size"]
        if ids and size > PAGE_BYTES:
            break
        ids.append(row["id"])
    return ids


def read(db: Database, ids: Sequence[int]) -> tuple[FeedDelivery, ...]:
    if not ids:
        return ()
    rows = db.read(f"SELECT {COLUMNS} FROM deliveries WHERE id IN ({marks(ids)}) ORDER BY id", ids)
    return tuple(map(delivery, rows))


def delivery(row: Row) -> FeedDelivery:
    """One that is being erased has its content still."""
    columns = {name: row[name] for name in ("key", "source", "event", "received_us", "erased_us")}
    call_id, body = (None, b"") if row["erased_us"] else (row["call_id"], bytes(row["body"]))
    return FeedDelivery(**columns, call_id=call_id, body=body)


def last_key(db: Database, source: str, low: int, high: int) -> str:
    """Of the last that was looked at; "" where there was none."""
    rows = db.read(LAST_KEY, (source, low, high)) if low < high else ()
    return rows[0]["key"] if rows else ""


def feed_delivery(db: Database, source: str, key: str) -> FeedDelivery:
    """Raises NotFound, StoreError."""
    rows = db.read(f"SELECT {COLUMNS} FROM deliveries WHERE source = ? AND key = ?", (source, key))
    if not rows:
        raise NotFound("There is no delivery of this id.")
    return delivery(rows[0])


def newest_place(db: Database, source: str) -> str:
    """The place after which only what is stored from now on comes. Raises StoreError."""
    rows = db.read(NEWEST_KEY, (source,))
    return rows[0]["key"] if rows else ""
