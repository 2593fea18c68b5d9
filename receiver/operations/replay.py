"""Opening runs again: what failed, what was never tried, and on request what succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from ..store import Database, Row, Transaction
from .cancel import cancelled, skip
from .find import Selection

AT_ONCE = 200  # deliveries in one transaction: while it lasts, no acknowledgement is committed
FAILED = ("dead", "skipped", "retrying")
NOT_BEGUN = ("pending", "queued")
MOVED = "sent to the URL that is set now"

# (handler, event) → the targets at which this handler, being on, would work on such an event
Wanted = Callable[[str], Sequence[tuple[str, str]]]
Places = Collection[tuple[str, str]]


@dataclass(frozen=True)
class Replayed:
    """How many runs: those that are due now, and those that nobody would work on and so stayed as they were."""

    opened: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by (handler, target, what was done)
    left: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by (handler, target, state)

    def __add__(self, other: Replayed) -> Replayed:
        return Replayed(self.opened + other.opened, self.left + other.left)


def replay(
    db: Database,
    selection: Selection,
    wanted: Wanted,
    places: Places,
    *,
    again: bool = False,
    dry_run: bool = False,
    limit: int = 0,
) -> Replayed:
    """Make runs due now. `places` are every (handler, target) that is on; `limit` is in deliveries, 0 is all.

    Dead, skipped and retrying runs are opened again, with the whole schedule of retries before them; their attempts
    stay, so that the handler asks its destination first. Runs that succeeded only with `again`. A delivery that came
    before its handler was on gets its run. What waits or runs already is left alone, and so is what somebody
    cancelled, unless the selection names its delivery or the state `skipped`.

    A run at a URL that is no longer set ends as skipped, unless it succeeded, and one at each present URL of its
    handler takes its place where there is none yet, also where it waited. What belongs to a handler that is not on
    stays. Raises StoreError.
    """
    states = (*FAILED, "succeeded") if again else FAILED
    done = Replayed()
    last, seen = 0, 0
    while True:
        room = min(AT_ONCE, limit - seen) if limit else AT_ONCE
        page = deliveries_after(db, selection, last, room) if room > 0 else []
        if not page:
            return done
        done += db.commit(Work(selection, states, wanted, places, page, db.now_us(), dry_run))
        last, seen = page[-1]["id"], seen + len(page)


def deliveries_after(db: Database, selection: Selection, last: int, limit: int) -> Sequence[Row]:
    condition, values = selection.deliveries()
    return db.read(
        f"SELECT d.id, d.event, d.call_id FROM deliveries AS d WHERE {condition} AND d.id > ? "
        "AND d.dispatched_us IS NOT NULL ORDER BY d.id LIMIT ?",
        [*values, last, limit],
    )


@dataclass(frozen=True)
class Work:
    """What is done with one page of deliveries, in one transaction."""

    selection: Selection
    states: Sequence[str]
    wanted: Wanted
    places: Places
    page: Sequence[Row]
    now_us: int
    dry: bool

    def __call__(self, tx: Transaction) -> Replayed:
        done = Replayed()
        for delivery in self.page:
            runs = tx.execute("SELECT * FROM runs WHERE delivery_id = ?", (delivery["id"],)).fetchall()
            there = {(run["handler"], run["target"]) for run in runs}
            for run in runs:
                place = (run["handler"], run["target"])
                if place not in self.places:
                    self.leave(tx, delivery, run, there, done)
                elif self.is_meant(run) and self.open_again(tx, run):
                    done.opened[*place, f"{run['state']}, opened again"] += 1
            for handler, target in self.missing(delivery, there, self.kept_away(runs)):
                self.open_new(tx, delivery, handler, target)
                done.opened[handler, target, "new, opened"] += 1
        return done

    def leave(self, tx: Transaction, delivery: Row, run: Row, there: set[tuple[str, str]], done: Replayed) -> None:
        """Nobody works on this run any more: let others take its place, or say that it stays."""
        if not self.is_meant(run, NOT_BEGUN):
            return
        present = [one for one in self.wanted(delivery["event"]) if one[0] == run["handler"] and one not in there]
        if present and self.end(tx, run):
            for handler, target in present:
                self.open_new(tx, delivery, handler, target)
                done.opened[handler, target, f"{run['state']} at another URL, opened"] += 1
            there.update(present)
        elif run["state"] != "skipped" or cancelled(run):
            done.left[run["handler"], run["target"], run["state"]] += 1

    def is_meant(self, run: Row, more: Sequence[str] = ()) -> bool:
        wish = self.selection
        return (
            run["state"] in (*self.states, *more)
            and not self.stays(run)
            and wish.state in ("", run["state"])
            and wish.handler in ("", run["handler"])
            and wish.target in (None, run["target"])
        )

    def stays(self, run: Row) -> bool:
        """Somebody cancelled it, and nobody asks for just that."""
        return cancelled(run) and not (self.selection.keys or self.selection.state)

    def open_again(self, tx: Transaction, run: Row) -> bool:
        """Whether the run was still in the state in which it was read, and so was opened (or would have been)."""
        if self.dry:
            return True
        done = tx.execute(
            "UPDATE runs SET state = 'pending', failures = 0, next_attempt_us = ?, queued_us = NULL "
            "WHERE id = ? AND state = ?",
            (self.now_us, run["id"], run["state"]),
        )
        return bool(done.rowcount)

    def end(self, tx: Transaction, run: Row) -> bool:
        """Whether others may take its place. What succeeded stays, as the record of what was done."""
        return run["state"] == "succeeded" or self.dry or skip(tx, run, MOVED)

    def kept_away(self, runs: Sequence[Row]) -> set[str]:
        """Handlers whose present URLs do not get this delivery, as it was cancelled at one that they replaced."""
        places = {(run["handler"], run["target"]) for run in runs if self.stays(run)}
        return {handler for handler, target in places if (handler, target) not in self.places}

    def missing(self, delivery: Row, there: set[tuple[str, str]], kept_away: set[str]) -> list[tuple[str, str]]:
        if self.selection.state:  # what has no run has no state
            return []
        return [
            (handler, target)
            for handler, target in self.wanted(delivery["event"])
            if (handler, target) not in there
            and handler not in kept_away
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
