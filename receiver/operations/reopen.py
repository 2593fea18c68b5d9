"""Which runs a replay opens of one batch of deliveries, and how: nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..registry import Lane
from ..store import Database, Row
from .cancel import is_cancelled
from .routes import Routes
from .selection import Selection, marks

FAILED = ("dead", "skipped", "retrying")
NOT_BEGUN = ("pending", "queued")
MOVED = "sent to the URL that is set now"
AGAIN, NEW, MOVES, STAYS = "again", "new", "moves", "stays"  # how a run is opened, or that it is not
CANCELLED_BY_HAND = "cancelled by hand"

# After these nothing was done with the delivery: a repeat is the first that arrives.
UNTOUCHED = """(failure IN ('dns', 'private-address', 'connect', 'paused', 'refused-502', 'refused-503')
  OR substr(failure, 1, 9) = 'refused-4')"""
TOUCHED = (
    "SELECT DISTINCT run_id FROM attempts WHERE run_id IN ({ids}) "
    f"AND coalesce(result, '') <> 'skipped' AND NOT {UNTOUCHED}"
)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A run that is to be opened in a lane, and what it was; with STAYS one that is left alone, and why."""

    delivery: int
    lane: Lane
    how: str
    was: str  # its state; with NEW there is none
    run: int | None = None  # with MOVES the one whose place is taken
    twice: bool = False  # what it did may be there already, and its destination cannot be asked
    why: str = ""


@dataclass(frozen=True)
class Reopening:
    selection: Selection
    states: Sequence[str]
    routes: Routes

    def plan(self, db: Database, batch: Sequence[Row]) -> list[Planned]:
        """For these deliveries, in their order. Raises StoreError."""
        runs = runs_of(db, batch)
        touched = touched_among(db, [run["id"] for of_one in runs.values() for run in of_one])
        return [
            row for delivery in batch for row in self.plan_delivery(delivery, runs.get(delivery["id"], ()), touched)
        ]

    def plan_delivery(self, delivery: Row, runs: Sequence[Row], touched: frozenset[int]) -> list[Planned]:
        lanes = self.routes.lanes()
        planned: list[Planned] = []
        with_run = {lane_of(delivery, run) for run in runs}
        for run in runs:
            lane = lane_of(delivery, run)
            if lane not in lanes:
                planned += self.replacements(delivery, run, with_run)
            elif self.is_selected(run):
                twice = run["id"] in touched and not self.routes.asks(lane)
                planned.append(a_row(delivery, lane, AGAIN, run, twice=twice))
            elif self.would_be_selected(run):
                planned.append(a_row(delivery, lane, STAYS, run, why=CANCELLED_BY_HAND))
        kept_away = {run["handler"] for run in runs if self.stays(run) and lane_of(delivery, run) not in lanes}
        new = self.missing(delivery, with_run, kept_away)
        return planned + [Planned(delivery=delivery["id"], lane=lane, how=NEW, was="") for lane in new]

    def replacements(self, delivery: Row, run: Row, with_run: set[Lane]) -> list[Planned]:
        """Nobody works on this run any more: others take its place, or it stays."""
        if not self.is_selected(run, NOT_BEGUN):
            return []
        routes = self.routes.lanes_for(delivery["source"], delivery["event"])
        present = [lane for lane in routes if lane.handler == run["handler"] and lane not in with_run]
        with_run.update(present)
        if present:
            return [a_row(delivery, lane, MOVES, run) for lane in present]
        if run["state"] == "skipped" and not is_cancelled(run):
            return []
        lane = lane_of(delivery, run)
        return [a_row(delivery, lane, STAYS, run, why=self.routes.why_left(lane))]

    def is_selected(self, run: Row, more: Sequence[str] = ()) -> bool:
        return self.would_be_selected(run, more) and not self.stays(run)

    def would_be_selected(self, run: Row, more: Sequence[str] = ()) -> bool:
        """If nobody had cancelled it."""
        selection = self.selection
        return (
            run["state"] in (*self.states, *more)
            and selection.state in ("", run["state"])
            and selection.handler in ("", run["handler"])
            and selection.target in (None, run["target"])
            and selection.has_met(run)
        )

    def stays(self, run: Row) -> bool:
        """Somebody cancelled it, and nobody asks for just that."""
        return is_cancelled(run) and not (self.selection.ids or self.selection.state)

    def missing(self, delivery: Row, with_run: set[Lane], kept_away: set[str]) -> list[Lane]:
        """Lanes without a run of this delivery; `kept_away` are handlers at whose former URL it was cancelled."""
        if self.selection.state or self.selection.error:  # what has no run has neither
            return []
        return [
            lane
            for lane in self.routes.lanes_for(delivery["source"], delivery["event"])
            if lane not in with_run
            and lane.handler not in kept_away
            and self.selection.handler in ("", lane.handler)
            and self.selection.target in (None, lane.target)
        ]


def a_row(delivery: Row, lane: Lane, how: str, run: Row, *, twice: bool = False, why: str = "") -> Planned:
    return Planned(delivery=delivery["id"], lane=lane, how=how, was=run["state"], run=run["id"], twice=twice, why=why)


def runs_of(db: Database, batch: Sequence[Row]) -> Mapping[int, list[Row]]:
    runs: dict[int, list[Row]] = {}
    ids = [delivery["id"] for delivery in batch]
    for run in db.read(f"SELECT * FROM runs WHERE delivery_id IN ({marks(ids)}) ORDER BY id", ids):
        runs.setdefault(run["delivery_id"], []).append(run)
    return runs


def touched_among(db: Database, runs: Sequence[int]) -> frozenset[int]:
    """Those of these runs that may have done something at their destination."""
    rows = db.read(TOUCHED.format(ids=marks(runs)), runs) if runs else ()
    return frozenset(row["run_id"] for row in rows)


def lane_of(delivery: Row, run: Row) -> Lane:
    """A run is of the source of its delivery."""
    return Lane(delivery["source"], run["handler"], run["target"])
