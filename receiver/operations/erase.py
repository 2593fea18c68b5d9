"""Erasing a person: what is kept of their calls goes, and what lies elsewhere is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from typing import Any

from ..errors import CannotErase
from ..inbox import DELETE_CONFLICTS, OPEN, RUN_LEASE_US, close_deliveries, empty_deliveries, end_abandoned, keep_places
from ..locales import Texts
from ..registry import Activation
from ..settings import Settings
from ..store import Database, Row, Transaction
from .audit import NOBODY, Actor, note
from .brought import Brought, brought, owed
from .copies import copies
from .folding import forget_calls
from .forgetting import forget
from .receipts import Erased, ErasedDelivery
from .selection import marks as placeholders
from .sessions import forget_searches
from .subject import Marks, Subject, Traces, marks_of, trace
from .texts import redact, texts_with

AT_ONCE = 100  # deliveries in one transaction: while it lasts, no acknowledgement is committed
# Past a handler's time-out: a worker ends the process of an attempt that overruns 5 s later, and then its lease ends.
GRACE_S = 5 + RUN_LEASE_US / 1e6 + 1
LOOK_EVERY_S = 0.2
# What holds callers' data, and is to leave nothing behind in free space.
TABLES = (
    "deliveries", "conflicts", "runs", "attempts", "pauses", "throttles", "rejection_samples", "pen", "audit", "calls",
    "call_words", "callbacks", "sessions", "jobs", "erasures",
)  # fmt: skip


def erase(
    db: Database,
    settings: Settings,
    activations: Sequence[Activation],
    who: Subject,
    *,
    dry_run: bool = False,
    at_destinations: bool = False,
    sleep: Callable[[float], object] = time.sleep,
    advance: Callable[[int], object] = lambda more: None,
    found: Callable[[Erased], object] = lambda erased: None,
    by: Actor = NOBODY,
) -> Erased:
    """Remove what is kept of a person: of the deliveries of their calls a tombstone stays, so none comes back.

    What waits ends as skipped; what is running is waited for, as long as an attempt can take. A call of theirs that
    comes later is kept. With `at_destinations` what lies there is deleted first, as far as the handlers can; what that
    fails for does not keep the person from being erased here, and is tried by the next erasure, of whomever.
    May be repeated at any time. `advance` is told how many more deliveries were looked at, and `found`, before anything
    is changed, what would be erased.
    Raises CannotErase where a run does not end, StoreError.
    """
    traces = trace(db, who, advance)
    looking = Looking(db, settings, activations, who, traces, at_destinations)
    would = looking.seen(waiting(db, traces.deliveries), looking.places(), dry_run=True)
    if dry_run:
        return would
    found(would)
    ended = end(db, activations, traces.deliveries, sleep)
    places = looking.places()  # what was running then has brought something
    if at_destinations:
        places = forget(db, activations, places, looking.hide, sleep)
    seen = looking.seen(ended, places)
    erased = replace(seen, purged=remove(db, traces, looking.hide, looking.keys, who, places))
    if not erased.is_empty:
        db.commit(lambda tx: note(tx, db.now_us(), "erase", summary(erased, who), source=who.source or "", by=by))
    return erased


class Looking:
    """What is kept of a person whose traces are known: to look at it again takes no look at every delivery."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        activations: Sequence[Activation],
        who: Subject,
        traces: Traces,
        at_destinations: bool,
    ) -> None:
        self.db, self.settings, self.activations, self.who, self.traces = db, settings, activations, who, traces
        self.at_destinations = at_destinations
        self.hide = marks_of(who, bodies_of(db, traces.deliveries))
        self.deliveries = tuple(each for ids in batches(traces.deliveries) for each in kept(db, ids))
        self.keys = {each.key for each in self.deliveries}

    def places(self) -> list[Brought]:
        of_batch = (brought(self.db, self.activations, ids, self.hide) for ids in batches(self.traces.deliveries))
        places = [each for places in of_batch for each in places]
        return places + list(owed(self.db, self.activations, self.who, self.hide) if self.at_destinations else ())

    def seen(self, ended: int, places: Sequence[Brought], *, dry_run: bool = False) -> Erased:
        return Erased(
            deliveries=self.deliveries,
            places=tuple(each.place for each in places),
            ended=ended,
            conflicts=len(self.traces.conflicts) + conflicts_of(self.db, self.traces.deliveries),
            texts=len(texts_with(self.db, self.hide, self.keys)),
            mentions=tuple(each.key for ids in batches(self.traces.mentions) for each in kept(self.db, ids)),
            copies=copies(self.settings),
            purged=dry_run,
            dry_run=dry_run,
            at_destinations=self.at_destinations,
        )


def summary(erased: Erased, who: Subject) -> dict[str, Any]:
    """For the record: that somebody was erased, and not who."""
    by = [name for name, value in (("phone", who.phones), ("email", who.emails), ("call", who.calls)) if value]
    counts = {"deliveries": len(erased.deliveries), "runs": erased.ended, "places": len(erased.places)}
    deleted = {"deleted": sum(place.deleted for place in erased.places)} if erased.at_destinations else {}
    return {"by": by} | counts | deleted


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def of_batches(db: Database, sql: str, ids: Sequence[int]) -> Iterator[Row]:
    for batch in batches(ids):
        yield from db.read(sql.format(ids=placeholders(batch)), batch)


def bodies_of(db: Database, ids: Sequence[int]) -> list[bytes]:
    return [bytes(row["body"]) for row in of_batches(db, "SELECT body FROM deliveries WHERE id IN ({ids})", ids)]


def end(db: Database, activations: Sequence[Activation], ids: Sequence[int], sleep: Callable[[float], object]) -> int:
    """Close the deliveries, and wait until no attempt is made for them. How many runs ended that were not running."""
    limit_s = max((activation.handler.timeout_s for activation in activations), default=0) + GRACE_S
    deadline = time.monotonic() + limit_s
    ended = closed(db, ids)
    while runs := list(of_batches(db, RUNNING, ids)):
        began_before_us = db.now_us() - limit_s * 1e6
        for run in runs:
            if run["started_us"] < began_before_us:
                db.commit(lambda tx, run=run["id"]: end_abandoned(tx, run))  # type: ignore[misc]
        if time.monotonic() > deadline:
            raise CannotErase(STUCK("runs", n=len(runs)))
        sleep(LOOK_EVERY_S)
        ended += closed(db, ids)  # what failed waits for another attempt
    return ended


STUCK = Texts({
    "runs": (
        "{n:run of theirs does|runs of theirs do} not end. Nothing was erased: try again in a minute.",
        "{n:envío suyo no termina|envíos suyos no terminan}. No se borró nada: repítelo en un minuto.",
    )
})  # fmt: skip
RUNNING = f"""
SELECT r.id, a.started_us FROM runs AS r JOIN attempts AS a ON a.run_id = r.id AND a.number = r.attempts
WHERE r.delivery_id IN ({{ids}}) AND r.state = 'running' AND r.{OPEN}
"""


def closed(db: Database, ids: Sequence[int]) -> int:
    now_us = db.now_us()
    return sum(db.commit(lambda tx, batch=batch: close_deliveries(tx, batch, now_us)) for batch in batches(ids))  # type: ignore[misc]


def remove(db: Database, traces: Traces, hide: Marks, keys: Set[str], who: Subject, found: Sequence[Brought]) -> bool:
    """Once no run is open. The texts go first: after a stop half-way they are found by what the bodies hold."""
    now_us = db.now_us()
    redact(db, hide, keys)
    ids = traces.deliveries
    calls = calls_of(db, ids, who)
    for batch in batches(traces.conflicts):
        sql = f"DELETE FROM conflicts WHERE id IN ({placeholders(batch)})"
        db.commit(lambda tx, sql=sql, batch=batch: tx.execute(sql, batch))  # type: ignore[misc]
    for batch in batches(ids):
        db.commit(lambda tx, batch=batch: empty(tx, batch, now_us, found))  # type: ignore[misc]
    own = {*ids}
    db.commit(lambda tx: keep_places(tx, {each.run: owed_place(each) for each in found if each.delivery not in own}))
    db.commit(lambda tx: forget_calls(tx, now_us, calls))
    db.commit(forget_searches)
    for batch in batches(ids):  # a repeat with other bytes that was being kept at that moment, on Postgres
        db.commit(lambda tx, batch=batch: delete_conflicts(tx, batch))  # type: ignore[misc]
    return db.purge(TABLES)


def empty(tx: Transaction, ids: Sequence[int], now_us: int, found: Sequence[Brought]) -> None:
    empty_deliveries(tx, ids, now_us)
    keep_places(tx, {each.run: owed_place(each) for each in found if each.delivery in ids})


def owed_place(each: Brought) -> str | None:
    return each.place.outcome if each.place.owed else None


def calls_of(db: Database, ids: Sequence[int], who: Subject) -> list[tuple[str | None, str]]:
    """Those of these deliveries, and those that were named: their reports may have been pruned long ago."""
    sql = "SELECT DISTINCT source, call_id FROM deliveries WHERE id IN ({ids}) AND call_id IS NOT NULL"
    named: list[tuple[str | None, str]] = [(who.source, call) for call in who.calls]
    return [(row["source"], row["call_id"]) for row in of_batches(db, sql, ids)] + named


def delete_conflicts(tx: Transaction, ids: Sequence[int]) -> None:
    tx.executemany(DELETE_CONFLICTS, [(delivery,) for delivery in ids])


def kept(db: Database, ids: Sequence[int]) -> Iterator[ErasedDelivery]:
    sql = (
        f"SELECT source, key, event, call_id, received_us FROM deliveries WHERE id IN ({placeholders(ids)}) ORDER BY id"
    )
    return (ErasedDelivery(**dict(row)) for row in db.read(sql, ids))


def waiting(db: Database, ids: Sequence[int]) -> int:
    """How many runs would end."""
    sql = (
        "SELECT count(*) AS n FROM runs WHERE delivery_id IN ({ids}) "
        "AND state IN ('pending', 'queued', 'retrying', 'dead')"
    )
    return sum(row["n"] for row in of_batches(db, sql, ids))


def conflicts_of(db: Database, ids: Sequence[int]) -> int:
    sql = "SELECT count(*) AS n FROM conflicts WHERE delivery_id IN ({ids})"
    return sum(row["n"] for row in of_batches(db, sql, ids))
