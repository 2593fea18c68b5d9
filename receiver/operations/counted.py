"""How much is not finished, in numbers that cost little however long the backlog is: for what looks every few seconds.

Each is counted up to LIMIT, by the partial indexes of what is open or dead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..inbox import OPEN
from ..registry import Lane
from ..store import Database

LIMIT = 5_000  # rows of a lane and state: some 5 ms
LANES = 300  # a look takes no more of them
READ_S = 1.0

# The next lane with such a run: a step in the index, however many runs each has.
NEXT_LANE = """
SELECT source, handler, target FROM runs WHERE {condition} AND (source, handler, target) > (?, ?, ?)
ORDER BY source, handler, target LIMIT 1
"""
OPEN_STATES = ("pending", "queued", "running", "retrying")
COUNT = """
SELECT '{state}' AS state, failure, count(*) AS n, min(delivery_id) AS oldest
FROM (SELECT failure, delivery_id FROM runs
      WHERE source = ? AND handler = ? AND target = ? AND {condition} ORDER BY next_attempt_us LIMIT ?) AS r
GROUP BY failure
"""
COUNT_OPEN = " UNION ALL ".join(
    COUNT.format(state=state, condition=f"{OPEN} AND state = '{state}'") for state in OPEN_STATES
)
IS_DEAD = "state = 'dead'"
COUNT_DEAD = COUNT.format(state="dead", condition=IS_DEAD).replace("ORDER BY next_attempt_us ", "")
UNDISPATCHED = "SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE dispatched_us IS NULL LIMIT ?) AS d"


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Runs of a lane in one state that met the same. `oldest` is the id of their oldest delivery."""

    lane: Lane
    state: str
    failure: str
    runs: int
    oldest: int


def backlogs(db: Database) -> list[Backlog]:
    """Of each lane with open or dead runs. Raises StoreError."""
    return [
        Backlog(lane=lane, state=row["state"], failure=row["failure"], runs=row["n"], oldest=row["oldest"])
        for condition, sql in ((OPEN, COUNT_OPEN), (IS_DEAD, COUNT_DEAD))
        for lane in lanes(db, condition)
        for row in db.read(sql, (*lane, LIMIT) * sql.count("LIMIT"), timeout_s=READ_S)
    ]


def lanes(db: Database, condition: str) -> Iterator[Lane]:
    """Those with runs of this condition, one by one."""
    lane = Lane("", "", "")
    for _ in range(LANES):
        rows = db.read(NEXT_LANE.format(condition=condition), lane, timeout_s=READ_S)
        if not rows:
            return
        lane = Lane(rows[0]["source"], rows[0]["handler"], rows[0]["target"])
        yield lane


def received(db: Database, deliveries: set[int]) -> dict[int, int]:
    """When each of these was received, by its id. Raises StoreError."""
    marks = ", ".join("?" * len(deliveries))
    rows = db.read(f"SELECT id, received_us FROM deliveries WHERE id IN ({marks})", [*deliveries], timeout_s=READ_S)
    return {row["id"]: row["received_us"] for row in rows}


def undispatched_deliveries(db: Database) -> int:
    """Deliveries for which no run was opened yet. Raises StoreError."""
    return int(db.read(UNDISPATCHED, (LIMIT,), timeout_s=READ_S)[0]["n"])
