"""The table of calls, made from the deliveries: one row for each call, whatever came of it and in which order.

A row is made again from all deliveries of its call, so that it may be made twice, and by two at once. The fact
`calls` says how far all are in the table. A delivery's number is given before it is committed, so the mark keeps
`SETTLES_US` behind the newest; what lies beyond is made again each time, and only what has changed is written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .. import inbox
from ..events import Delivery, named_call
from ..store import NOTE, Database, Transaction
from .heard import Heard, hear, words_of
from .selection import marks
from .source_settings import SourceSettings, business_zone
from .subject import data_of

FACT = "calls"
PAGE = 500  # deliveries at once: some 20 ms
DELIVERIES = 5000  # of the calls of a page, all together; what more a call has changes nothing about its row
SETTLES_US = 30_000_000  # a commit takes 8 s at most
CHORE_S = 20  # a year of calls is counted in several turns, and each turn may be the last
COUNTED = 10_000

COLUMNS = (
    "source, call_id, at_us, day, hour, phone_back, caller_name, completed, booked, transferred, lead, urgency, "
    "seconds, wants, ended_us"
)
# A join, as SQLite reads the whole table for a list of pairs.
KNOWN = f"""
WITH known (of_source, of_call) AS (VALUES {{calls}})
SELECT {COLUMNS} FROM known CROSS JOIN calls WHERE source = of_source AND call_id = of_call
"""
UPSERT = f"""
INSERT INTO calls ({COLUMNS}) VALUES ({", ".join("?" * 15)})
ON CONFLICT (source, call_id) DO UPDATE SET at_us = excluded.at_us, day = excluded.day, hour = excluded.hour,
    phone_back = excluded.phone_back, caller_name = excluded.caller_name, completed = excluded.completed,
    booked = excluded.booked, transferred = excluded.transferred, lead = excluded.lead, urgency = excluded.urgency,
    seconds = excluded.seconds, wants = excluded.wants, ended_us = excluded.ended_us
RETURNING id
"""
OF_CALLS = """
SELECT id, source, key, event, organization_id, call_id, caller_phone, received_us, body, received_body, headers,
    problems
FROM deliveries WHERE call_id IN ({calls}) AND erased_us IS NULL AND length(body) > 0 ORDER BY id LIMIT ?
"""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """All deliveries up to `up_to` are in the table. `newest` was the newest there was at `since_us`."""

    zone: str
    zones: Mapping[str, str] = field(default_factory=dict)  # of the sources that have another
    up_to: int = 0
    settled: int = 0  # no delivery with a smaller number comes any more
    newest: int = 0
    since_us: int = 0
    turn: int = 0  # counts what was written, so that of two at once only one writes

    def zone_of(self, source: str) -> str:
        return self.zones.get(source, self.zone)

    def to_json(self) -> str:
        """An older version knows of no `zones`."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "zones" or value})


@dataclass(frozen=True, kw_only=True)
class Folded:
    """`more`: not all are in the table yet."""

    up_to: int
    more: bool


def fold_chore(db: Database, zones: SourceSettings) -> str:
    """The chore: all that is beyond the mark, for a while. Raises StoreError."""
    began_us, place = db.now_us(), 0
    while True:
        result = fold(db, zones, after=place)
        place = result.up_to
        if not result.more or db.now_us() - began_us > CHORE_S * 1_000_000:
            return ""


def fold(db: Database, zones: SourceSettings, *, after: int = 0) -> Folded:
    """Bring the next page of deliveries into the table: those beyond the mark, or `after`. Raises StoreError."""
    before = read_mark(db, zones)
    mark = rotated(db, before)
    place = max(mark.up_to, after)
    rows = db.read("SELECT id, source, call_id FROM deliveries WHERE id > ? ORDER BY id LIMIT ?", (place, PAGE + 1))
    page, more = rows[:PAGE], len(rows) > PAGE
    last = page[-1]["id"] if page else place
    heard = heard_of(db, {(row["source"], row["call_id"]) for row in page if row["call_id"]})
    rows_of_calls = {call: values(call, each, ZoneInfo(mark.zone_of(call[0]))) for call, (each, _) in heard.items()}
    known = known_rows(db, rows_of_calls)
    changed = {call: row for call, row in rows_of_calls.items() if known.get(call) != row}
    if place == mark.up_to:  # another page follows on this one, and not on the mark
        mark = replace(mark, up_to=max(mark.up_to, min(last, mark.settled)))
    if changed or mark != before:
        ids = [number for call in changed for number in heard[call][1]]
        if not db.commit(lambda tx: write(tx, db.now_us(), before, mark, changed, ids)):
            return Folded(up_to=place, more=False)  # another was first, or somebody is being erased: next time
    return Folded(up_to=last, more=more)


@dataclass(frozen=True, kw_only=True)
class Behind:
    """How many deliveries are still being counted, as far as that is known, and until when all are."""

    number: int
    until_us: int | None


def behind(db: Database, up_to: int, *, source: str = "") -> Behind:
    """Of this source. Raises StoreError."""
    sql = "SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE id > ? AND source || '' = ? LIMIT ?) AS beyond"
    last = db.read("SELECT received_us FROM deliveries WHERE id <= ? ORDER BY id DESC LIMIT 1", (up_to,))
    number = db.read(sql, (up_to, source, COUNTED))[0]["n"]
    return Behind(number=number, until_us=last[0]["received_us"] if last else None)


def read_mark(db: Database, zones: SourceSettings) -> Mark:
    """From the beginning where a zone is another than it was: it has other days and hours."""
    zone = zones.zone("").key
    rows = db.read("SELECT value FROM facts WHERE name = ?", (FACT,))
    mark = Mark(**json.loads(rows[0]["value"] or "{}") or {"zone": zone}) if rows else Mark(zone=zone)
    wanted = {source: business_zone(own).key for source, own in zones.named().items()}
    others = {**mark.zones, **wanted}
    others = {source: name for source, name in others.items() if name != zone}
    moved = [source for source, name in wanted.items() if mark.zone_of(source) != name]
    if mark.zone != zone or (moved and have_calls(db, moved)):
        return Mark(zone=zone, zones=others, turn=mark.turn)
    return replace(mark, zones=others)


def have_calls(db: Database, sources: Sequence[str]) -> bool:
    return bool(db.read(f"SELECT 1 FROM calls WHERE source IN ({marks(sources)}) LIMIT 1", sources))


def rotated(db: Database, mark: Mark) -> Mark:
    """With what has settled since the last time; the same where there is nothing new."""
    now_us = db.now_us()
    if 0 <= now_us - mark.since_us < SETTLES_US:
        return mark
    newest = db.read("SELECT max(id) AS id FROM deliveries")[0]["id"] or 0
    if newest == mark.newest == mark.settled:
        return mark
    return replace(mark, settled=mark.newest, newest=newest, since_us=now_us)


Values = tuple[Any, ...]
Call = tuple[str, str]  # source and id


def write(
    tx: Transaction, now_us: int, before: Mark, after: Mark, changed: Mapping[Call, Values], deliveries: Sequence[int]
) -> bool:
    """Whether it was written: not where somebody else has written meanwhile, or one of the deliveries is erased."""
    if turn_of(tx) != before.turn or any_erased(tx, deliveries):
        return False
    tx.execute(NOTE, (FACT, replace(after, turn=before.turn + 1).to_json(), now_us))
    for row in changed.values():
        number = tx.execute(UPSERT, row).fetchone()["id"]
        tx.execute("DELETE FROM call_words WHERE call = ?", (number,))
        words = [(word, number) for word in words_of(row[6])]
        tx.executemany("INSERT INTO call_words (word, call) VALUES (?, ?)", words)
    return True


def turn_of(tx: Transaction) -> int:
    """Until this transaction ends, nobody else writes the table."""
    tx.execute("INSERT INTO facts (name, value, noted_us) VALUES (?, '', 0) ON CONFLICT (name) DO NOTHING", (FACT,))
    tx.execute("UPDATE facts SET noted_us = noted_us WHERE name = ?", (FACT,))
    value = tx.execute("SELECT value FROM facts WHERE name = ?", (FACT,)).fetchone()["value"]
    return int(json.loads(value)["turn"]) if value else 0


def any_erased(tx: Transaction, deliveries: Sequence[int]) -> bool:
    for batch in (deliveries[start : start + PAGE] for start in range(0, len(deliveries), PAGE)):
        sql = f"SELECT 1 FROM deliveries WHERE id IN ({marks(batch)}) AND erased_us IS NOT NULL LIMIT 1"
        if tx.execute(sql, batch).fetchone():
            return True
    return False


def heard_of(db: Database, calls: set[Call]) -> dict[Call, tuple[Heard, list[int]]]:
    """What each of these calls says, with the numbers of its deliveries."""
    grouped: dict[Call, list[tuple[int, Delivery]]] = defaultdict(list)
    ids = sorted({call_id for _, call_id in calls})
    for row in db.read(OF_CALLS.format(calls=marks(ids)), (*ids, DELIVERIES)) if ids else ():
        delivery = inbox.from_row({**dict(row), "body": bytes(row["body"])})
        if (delivery.source, row["call_id"]) in calls and named_call(data_of(delivery.body)):
            grouped[delivery.source, row["call_id"]].append((row["id"], delivery))
    return {call: (hear([d for _, d in pairs]), [number for number, _ in pairs]) for call, pairs in grouped.items()}


def values(call: Call, heard: Heard, zone: ZoneInfo) -> Values:
    local = datetime.fromtimestamp(heard.at_us / 1e6, zone)
    flags = (heard.completed, heard.booked, heard.transferred, heard.lead)
    return (
        *call, heard.at_us, local.date().isoformat(), local.hour, heard.phone[::-1], heard.name,
        *map(int, flags), heard.urgency, heard.seconds, int(heard.wants), heard.ended_us,
    )  # fmt: skip


def known_rows(db: Database, calls: Collection[Call]) -> dict[Call, Values]:
    """Of these calls, as they stand in the table."""
    found: dict[Call, Values] = {}
    sql = KNOWN.format(calls=", ".join(["(?, ?)"] * len(calls)))
    for row in db.read(sql, [part for call in calls for part in call]) if calls else ():
        found[row["source"], row["call_id"]] = tuple(dict(row).values())
    return found


def forget_calls(tx: Transaction, now_us: int, calls: Sequence[tuple[str | None, str]]) -> int:
    """Remove these calls with all that was noted of them; a source that is None means every one. How many rows went.

    The mark is locked first, so that nobody is writing one of them from what was read before.
    """
    turn_of(tx)
    gone = 0
    for source, call_id in calls:
        of_source, more = ("AND source = ?", (source,)) if source is not None else ("", ())
        rows = tx.execute(f"SELECT id FROM calls WHERE call_id = ? {of_source}", (call_id, *more)).fetchall()
        for row in rows:
            tx.execute("DELETE FROM call_words WHERE call = ?", (row["id"],))
            gone += tx.execute("DELETE FROM calls WHERE id = ?", (row["id"],)).rowcount
        gone += tx.execute(f"DELETE FROM callbacks WHERE call_id = ? {of_source}", (call_id, *more)).rowcount
    return gone
