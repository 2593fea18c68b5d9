"""The dispatcher's side of the inbox: deliveries become runs, and runs that are due are handed out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..registry import Lane
from ..store import Database, Row, Transaction, place_holders
from .probing import PROBE_ORDER, UNTOUCHED
from .states import OPEN, WAITING, of_same_call

OPEN_RUN = """
INSERT INTO runs (delivery_id, source, handler, target, call_id, next_attempt_us)
SELECT id, ?, ?, ?, call_id, ? FROM deliveries WHERE id = ? AND erased_us IS NULL
ON CONFLICT DO NOTHING
"""

# Of one call, one run at a time, oldest first. A run is left out where another of its call and lane is handed out
# already (it would be claimed beside it), or is due as well and older (it would be overtaken). One that waits for a
# retry, or is dead, holds nobody up. Without the first condition two events of a call would be written at once, and
# without the second the transfer could stand in the CRM before the call.
MAY_START = f"""
FROM runs AS r
WHERE source = ? AND handler = ? AND target = ? AND {OPEN} AND {WAITING} AND next_attempt_us <= ?
  AND NOT EXISTS (
    SELECT 1 FROM runs AS o
    WHERE {of_same_call("r")}
      AND (o.state IN ('queued', 'running') OR (o.{WAITING} AND o.next_attempt_us <= ? AND o.id < r.id)))
"""
# Read in the order of the index, and no further than the limit: to sort a backlog of 50,000 took 50 ms in each round.
# What failed before is a little, and is first; of the others whatever has waited longest. Among those that have waited
# equally long any will do: with the ids in the order, Postgres reads all and sorts them.
DUE = f"""
SELECT id, attempts FROM (
  SELECT * FROM (SELECT id, attempts, 0 AS us {MAY_START} AND state = 'retrying' ORDER BY id LIMIT ?) AS again
  UNION ALL
  SELECT * FROM (SELECT id, attempts, next_attempt_us AS us {MAY_START} AND state = 'pending'
                 ORDER BY next_attempt_us LIMIT ?) AS fresh
) AS due ORDER BY us, id LIMIT ?
"""
PROBE = f"SELECT id, attempts {MAY_START} ORDER BY {PROBE_ORDER} LIMIT 1"
EARLY_PROBE = f"""
SELECT id, attempts FROM runs AS r
WHERE source = ? AND handler = ? AND target = ? AND {OPEN} AND state = 'retrying' AND {UNTOUCHED}
  AND NOT EXISTS (
    SELECT 1 FROM runs AS o
    WHERE {of_same_call("r")} AND o.state IN ('queued', 'running'))
ORDER BY next_attempt_us LIMIT 1
"""

# Each row is found from the one before by one step along the index, so a lane costs the same however many runs wait in
# it. Without `|| ''`, by which it forgets that these are columns, SQLite would bound the step by the source alone, and
# read all that the lanes before hold.
LANE_STATE = "source, handler, target, state, next_attempt_us"
OPEN_LANES = f"""
WITH RECURSIVE steps AS (
  SELECT * FROM (SELECT {LANE_STATE} FROM runs WHERE {OPEN} ORDER BY {LANE_STATE} LIMIT 1) AS first
  UNION ALL
  SELECT r.source, r.handler, r.target, r.state, r.next_attempt_us FROM steps AS s JOIN runs AS r ON r.id = (
    SELECT id FROM runs
    WHERE {OPEN} AND (source, handler, target, state)
                   > (s.source || '', s.handler || '', s.target || '', s.state || '')
    ORDER BY {LANE_STATE} LIMIT 1)
)
SELECT {LANE_STATE} FROM steps
"""
LANES_AT_ONCE = 200  # in one statement
OF_LANES = "WITH lanes (source, handler, target) AS (VALUES {lanes}) "
QUEUED = f"""
SELECT r.id, r.source, r.handler, r.target, r.queued_us FROM lanes AS l
JOIN runs AS r ON r.source = l.source AND r.handler = l.handler AND r.target = l.target
WHERE r.state = 'queued' AND r.{OPEN}
"""

# Runs opened while a handler's targets could not be read (misconfigured): they stand at the target ''.
UNASSIGNED = f"source = ? AND handler = ? AND target = '' AND attempts = 0 AND state = 'pending' AND {OPEN}"


class Backlog:
    """What waits for the dispatcher, and what it has handed out. Every method raises StoreError."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def undispatched(self, limit: int) -> Sequence[Row]:
        return self.db.read(
            "SELECT id, source, event, call_id FROM deliveries WHERE dispatched_us IS NULL ORDER BY id LIMIT ?",
            (limit,),
        )

    def open(self, runs: Iterable[tuple[Row, Lane]], dispatched: Sequence[int], now_us: int) -> None:
        """Open a run for each delivery and lane, and mark the deliveries dispatched.

        A delivery that was erased since it was read gets no run. The mark comes first, as on Postgres it locks the row.
        """
        rows = [(*lane, now_us, delivery["id"]) for delivery, lane in runs]

        def write(tx: Transaction) -> None:
            tx.executemany("UPDATE deliveries SET dispatched_us = ? WHERE id = ?", [(now_us, d) for d in dispatched])
            tx.executemany(OPEN_RUN, rows)

        self.db.commit(write)

    def open_lanes(self) -> dict[Lane, dict[str, int]]:
        return open_lanes(self.db)

    def assign_targets(self, lanes: Sequence[Lane]) -> None:
        """Give the unassigned runs of a handler one run in each of its lanes, now that its targets are known."""
        source, handler, _ = lanes[0]
        if not self.db.read(f"SELECT 1 FROM runs WHERE {UNASSIGNED} LIMIT 1", (source, handler)):
            return

        def write(tx: Transaction) -> None:
            for lane in lanes:
                tx.execute(
                    "INSERT INTO runs (delivery_id, source, handler, target, call_id, next_attempt_us) "
                    f"SELECT delivery_id, source, handler, ?, call_id, next_attempt_us FROM runs WHERE {UNASSIGNED} "
                    "ON CONFLICT DO NOTHING",
                    (lane.target, source, handler),
                )
            tx.execute(f"DELETE FROM runs WHERE {UNASSIGNED}", (source, handler))

        self.db.commit(write)

    def due(self, limits: Mapping[Lane, int], now_us: int) -> dict[Lane, dict[int, int]]:
        """Runs that may start, longest waiting first, and never two of one call; so many of each lane.

        With each comes how often it was attempted so far, for `mark_queued`.
        """
        may_start = [(*lane, now_us, now_us, limit) for lane, limit in limits.items()]
        found = self.db.read_each(DUE, [(*values, *values, values[-1]) for values in may_start]) if limits else []
        return {lane: attempts_of(rows) for lane, rows in zip(limits, found, strict=True)}

    def probe(self, lane: Lane, now_us: int, *, early: bool) -> tuple[dict[int, int], bool]:
        """The run that is to try a lane that is held, as `due` tells it, if there is one; and whether it is due.

        `early` says whether one will do that is not due.
        """
        if rows := self.db.read(PROBE, (*lane, now_us, now_us)):
            return attempts_of(rows), True
        return attempts_of(self.db.read(EARLY_PROBE, lane) if early else []), False

    def by_event(self, ids: Sequence[int]) -> list[list[int]]:
        """These runs in groups: those whose deliveries are of the same event together."""
        marks, values = place_holders(ids)
        sql = (
            "SELECT r.id, d.event FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id "
            f"WHERE r.id IN ({marks}) ORDER BY r.id"
        )
        groups: dict[str, list[int]] = {}
        for row in self.db.read(sql, values):
            groups.setdefault(row["event"], []).append(row["id"])
        return list(groups.values())

    def mark_queued(self, attempts: Mapping[int, int], now_us: int) -> None:
        """These runs, which had been attempted so often when they were found due, are in Redis.

        A worker may have attempted one since: then it has ended, or waits again, and is in Redis no more.
        """
        sql = f"UPDATE runs SET state = 'queued', queued_us = ? WHERE id = ? AND attempts = ? AND {WAITING}"
        values = [(now_us, run, before) for run, before in attempts.items()]
        self.db.commit(lambda tx: tx.executemany(sql, values))

    def queued(self, lanes: Sequence[Lane]) -> dict[Lane, dict[int, int]]:
        """The queued runs of each of these lanes, each with the time it was queued at, in microseconds."""
        queued: dict[Lane, dict[int, int]] = {lane: {} for lane in lanes}
        for row in read_of_lanes(self.db, QUEUED, lanes):
            queued[lane_of(row)][row["id"]] = row["queued_us"]
        return queued

    def unqueue(self, ids: Sequence[int] | None = None) -> None:
        """These queued runs wait again (all of them by default): their jobs are gone."""
        sql = f"UPDATE runs SET state = 'pending', queued_us = NULL WHERE state = 'queued' AND {OPEN}"
        if ids is None:
            self.db.commit(lambda tx: tx.execute(sql))
        else:
            self.db.commit(lambda tx: tx.executemany(f"{sql} AND id = ?", [(run,) for run in ids]))

    def paused(self) -> set[Lane]:
        rows = self.db.read("SELECT source, handler, target FROM pauses")
        return {lane_of(row) for row in rows}


def open_lanes(db: Database) -> dict[Lane, dict[str, int]]:
    """Those that have open runs, whether they are on or not: in which states, and when the first run of each is due.

    Raises StoreError.
    """
    lanes: dict[Lane, dict[str, int]] = {}
    for row in db.read(OPEN_LANES):
        lanes.setdefault(lane_of(row), {})[row["state"]] = row["next_attempt_us"]
    return lanes


def read_of_lanes(db: Database, sql: str, lanes: Sequence[Lane], *values: object) -> Iterator[Row]:
    """The rows of a statement about `lanes`, a few statements for however many. Raises StoreError."""
    for start in range(0, len(lanes), LANES_AT_ONCE):
        batch = lanes[start : start + LANES_AT_ONCE]
        names = [name for lane in batch for name in lane]
        yield from db.read(OF_LANES.format(lanes=", ".join(["(?, ?, ?)"] * len(batch))) + sql, (*names, *values))


def attempts_of(rows: Sequence[Row]) -> dict[int, int]:
    return {row["id"]: row["attempts"] for row in rows}


def lane_of(row: Row) -> Lane:
    return Lane(row["source"], row["handler"], row["target"])
