"""Opening runs again: what failed, what was never tried, and on request what succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from .database import Database, Row, Transaction
from .listing import Selection

AT_ONCE = 200  # deliveries in one transaction: while it lasts, no acknowledgement is committed
FAILED = ("dead", "skipped", "retrying")

# (handler, event) → the targets at which this handler, being on, would work on such an event
Wanted = Callable[[str], Sequence[tuple[str, str]]]


def replay(
    db: Database, selection: Selection, wanted: Wanted, *, again: bool = False, dry_run: bool = False, limit: int = 0
) -> Counter[tuple[str, str, str]]:
    """Make runs due now: (handler, target, what was done) → how many. `limit` is in deliveries; 0 is all.

    Dead, skipped and retrying runs are opened again, with the whole schedule of retries before them; their attempts
    stay, so that the handler asks its destination first. Runs that succeeded only with `again`. A delivery that came
    before its handler was on gets its run. What waits or runs already is left alone. Raises StoreError.
    """
    states = (*FAILED, "succeeded") if again else FAILED
    counts: Counter[tuple[str, str, str]] = Counter()
    last, seen = 0, 0
    while True:
        room = min(AT_ONCE, limit - seen) if limit else AT_ONCE
        page = deliveries_after(db, selection, last, room) if room > 0 else []
        if not page:
            return counts
        counts += db.commit(Work(selection, states, wanted, page, db.now_us(), dry_run))
        last, seen = page[-1]["id"], seen + len(page)


def deliveries_after(db: Database, selection: Selection, last: int, limit: int) -> Sequence[Row]:
    condition, values = selection.deliveries()
    return db.read(
        f"SELECT d.id, d.event, d.call_id FROM deliveries AS d WHERE {condition} AND d.id > ? "
        "AND d.dispatched_us IS NOT NULL ORDER BY d.id LIMIT ?",
        [*values, last, limit],
    )


class Work:
    """What is done with one page of deliveries, in one transaction."""

    def __init__(
        self, selection: Selection, states: Sequence[str], wanted: Wanted, page: Sequence[Row], now_us: int, dry: bool
    ) -> None:
        self.selection = selection
        self.states = states
        self.wanted = wanted
        self.page = page
        self.now_us = now_us
        self.dry = dry

    def __call__(self, tx: Transaction) -> Counter[tuple[str, str, str]]:
        counts: Counter[tuple[str, str, str]] = Counter()
        for delivery in self.page:
            runs = tx.execute("SELECT * FROM runs WHERE delivery_id = ?", (delivery["id"],)).fetchall()
            for run in runs:
                if self.is_meant(run) and self.open_again(tx, run):
                    counts[run["handler"], run["target"], f"{run['state']}, opened again"] += 1
            there = {(run["handler"], run["target"]) for run in runs}
            for handler, target in self.missing(delivery, there):
                self.open_new(tx, delivery, handler, target)
                counts[handler, target, "new, opened"] += 1
        return counts

    def is_meant(self, run: Row) -> bool:
        wish = self.selection
        return (
            run["state"] in self.states
            and wish.state in ("", run["state"])
            and wish.handler in ("", run["handler"])
            and wish.target in (None, run["target"])
        )

    def open_again(self, tx: Transaction, run: Row) -> bool:
        if self.dry:
            return True
        done = tx.execute(
            "UPDATE runs SET state = 'pending', failures = 0, next_attempt_us = ?, queued_us = NULL "
            "WHERE id = ? AND state = ?",
            (self.now_us, run["id"], run["state"]),
        )
        return bool(done.rowcount)

    def missing(self, delivery: Row, there: set[tuple[str, str]]) -> list[tuple[str, str]]:
        if self.selection.state:  # what has no run has no state
            return []
        return [
            (handler, target)
            for handler, target in self.wanted(delivery["event"])
            if (handler, target) not in there
            and self.selection.handler in ("", handler)
            and self.selection.target in (None, target)
        ]

    def open_new(self, tx: Transaction, delivery: Row, handler: str, target: str) -> None:
        if not self.dry:
            tx.execute(
                "INSERT INTO runs (delivery_id, handler, target, call_id, next_attempt_us) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (delivery["id"], handler, target, delivery["call_id"], self.now_us),
            )
