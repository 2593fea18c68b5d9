"""What a replay does with one batch of deliveries, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..inbox import may_have_runs
from ..registry import Lane
from ..store import Row, Transaction
from .cancel import is_cancelled, skip
from .routes import Routes
from .selection import Selection

FAILED = ("dead", "skipped", "retrying")
NOT_BEGUN = ("pending", "queued")
MOVED = "sent to the URL that is set now"


@dataclass(frozen=True)
class Tally:
    """How many runs: those that are due now, and those that nobody would work on and so stayed as they were."""

    opened: Counter[tuple[Lane, str]] = field(default_factory=Counter)  # by lane and what was done
    left: Counter[tuple[Lane, str]] = field(default_factory=Counter)  # by lane and state

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.opened + other.opened, self.left + other.left)


@dataclass(frozen=True)
class Reopening:
    selection: Selection
    states: Sequence[str]
    routes: Routes
    batch: Sequence[Row]
    now_us: int
    dry: bool

    def __call__(self, tx: Transaction) -> Tally:
        tally = Tally()
        lanes = self.routes.lanes()
        for delivery in self.batch:
            if not (self.dry or may_have_runs(tx, delivery["id"])):  # erased since the batch was read
                continue
            runs = tx.execute("SELECT * FROM runs WHERE delivery_id = ? ORDER BY id", (delivery["id"],)).fetchall()
            lanes_with_run = {lane_of(delivery, run) for run in runs}
            for run in runs:
                lane = lane_of(delivery, run)
                if lane not in lanes:
                    self.replace(tx, delivery, run, lanes_with_run, tally)
                elif self.is_selected(run) and self.open_again(tx, run):
                    tally.opened[lane, f"{run['state']}, opened again"] += 1
            kept_away = {lane_of(delivery, run).handler for run in runs if self.stays(run)
                         and lane_of(delivery, run) not in lanes}  # fmt: skip
            for lane in self.missing(delivery, lanes_with_run, kept_away):
                self.open_new(tx, delivery, lane)
                tally.opened[lane, "new, opened"] += 1
        return tally

    def replace(self, tx: Transaction, delivery: Row, run: Row, lanes_with_run: set[Lane], tally: Tally) -> None:
        """Nobody works on this run any more: let others take its place, or count that it stays."""
        if not self.is_selected(run, NOT_BEGUN):
            return
        routes = self.routes.lanes_for(delivery["source"], delivery["event"])
        present = [lane for lane in routes if lane.handler == run["handler"] and lane not in lanes_with_run]
        if present and self.end(tx, run):
            for lane in present:
                self.open_new(tx, delivery, lane)
                tally.opened[lane, f"{run['state']} at another URL, opened"] += 1
            lanes_with_run.update(present)
        elif run["state"] != "skipped" or is_cancelled(run):
            tally.left[lane_of(delivery, run), run["state"]] += 1

    def is_selected(self, run: Row, more: Sequence[str] = ()) -> bool:
        selection = self.selection
        return (
            run["state"] in (*self.states, *more)
            and not self.stays(run)
            and selection.state in ("", run["state"])
            and selection.handler in ("", run["handler"])
            and selection.target in (None, run["target"])
        )

    def stays(self, run: Row) -> bool:
        """Somebody cancelled it, and nobody asks for just that."""
        return is_cancelled(run) and not (self.selection.ids or self.selection.state)

    def open_again(self, tx: Transaction, run: Row) -> bool:
        """Whether the run was still in the state in which it was read, and so was opened (or would have been)."""
        if self.dry:
            return True
        opened = tx.execute(
            "UPDATE runs SET state = 'pending', failures = 0, next_attempt_us = ?, queued_us = NULL "
            "WHERE id = ? AND state = ?",
            (self.now_us, run["id"], run["state"]),
        )
        return bool(opened.rowcount)

    def end(self, tx: Transaction, run: Row) -> bool:
        """Whether others may take its place. What succeeded stays, as the record of what was done."""
        return run["state"] == "succeeded" or self.dry or skip(tx, run, MOVED)

    def missing(self, delivery: Row, lanes_with_run: set[Lane], kept_away: set[str]) -> list[Lane]:
        """Lanes without a run of this delivery; `kept_away` are handlers at whose former URL it was cancelled."""
        if self.selection.state:  # what has no run has no state
            return []
        return [
            lane
            for lane in self.routes.lanes_for(delivery["source"], delivery["event"])
            if lane not in lanes_with_run
            and lane.handler not in kept_away
            and self.selection.handler in ("", lane.handler)
            and self.selection.target in (None, lane.target)
        ]

    def open_new(self, tx: Transaction, delivery: Row, lane: Lane) -> None:
        if not self.dry:
            tx.execute(
                "INSERT INTO runs (source, delivery_id, handler, target, call_id, next_attempt_us) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (lane.source, delivery["id"], lane.handler, lane.target, delivery["call_id"], self.now_us),
            )


def lane_of(delivery: Row, run: Row) -> Lane:
    """A run is of the source of its delivery."""
    return Lane(delivery["source"], run["handler"], run["target"])
