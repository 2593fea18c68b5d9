"""Jobs: what somebody has many runs done with. They see first what would be done, and the set stays as they saw it.

    counting ──▶ ready ──▶ running ──▶ done
                             │ ▲
                   stopping ◀┘ └─ stopped

A job is made (planning.py), begun, stopped and continued (steering.py), and worked on, by whoever has the time
(working.py). `job_runs` has a row for each run it is about:

    planned ──▶ opened ──▶ arrived | failed | waits (for another attempt)
       ├─────▶ ended (cancelled)
       └─────▶ left (it is not as it was any more), as is from the beginning what nobody would work on
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import NotFound
from ..registry import Activation, Lane
from ..store import Database, Row
from .documents import columns_to_json, lane_to_json
from .reopen import STAYS
from .selection import Selection

REPLAY, CANCEL, RESUME = "replay", "cancel", "resume"
COUNTING, READY, RUNNING, STOPPING, STOPPED, DONE = "counting", "ready", "running", "stopping", "stopped", "done"
AT_WORK = "state IN ('counting', 'running', 'stopping')"  # word for word as the index has it
PLANNED, OPENED, ARRIVED, FAILED, WAITS, ENDED, LEFT = (
    "planned", "opened", "arrived", "failed", "waits", "ended", "left",
)  # fmt: skip

COUNTS = """
SELECT source, handler, target, state, how, was, twice, why, count(*) AS n FROM job_runs
WHERE job_id = ? GROUP BY source, handler, target, state, how, was, twice, why
ORDER BY source, handler, target, state, how, was, twice, why
"""


@dataclass(frozen=True, kw_only=True)
class JobCount:
    """So many runs of a lane with which the same is, or was, to be done, and how far that is."""

    lane: Lane
    state: str
    how: str
    was: str
    twice: bool  # it may be there already, and the destination cannot be asked
    why: str
    runs: int

    @property
    def is_meant(self) -> bool:
        """Whether something was to be done with them, or they were left alone from the beginning."""
        return self.how != STAYS

    def to_json(self) -> dict[str, Any]:
        return lane_to_json(self.lane) | {
            "was": self.was, "how": self.how, "state": self.state, "may_arrive_twice": self.twice,
            "why": self.why, "runs": self.runs,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Job:
    id: int
    kind: str
    state: str
    selection: Selection
    repeats: bool  # of what succeeded too
    reason: str
    who: str
    place: int  # up to which it was counted
    made_us: int
    started_us: int | None
    ended_us: int | None
    counts: tuple[JobCount, ...] = ()

    def runs(self, *states: str, meant: bool = True) -> int:
        """How many runs are in these states; all that something was to be done with where none is named."""
        return sum(count.runs for count in self.counts if count.is_meant == meant and count.state in (states or ALL))

    @property
    def total(self) -> int:
        """What it is about, as it was shown: the sums of all that became of it agree with this."""
        return self.runs()

    @property
    def settled(self) -> int:
        return self.runs(ARRIVED, FAILED, WAITS, ENDED, LEFT)

    def is_of(self, source: str) -> bool:
        """Whether it is about this source and no other."""
        about = {count.lane.source for count in self.counts} or {self.selection.source or ""}
        return about == {source} and self.selection.source in (None, source)

    def of_lane(self, lane: Lane, *states: str) -> int:
        return sum(c.runs for c in self.counts if c.lane == lane and c.is_meant and c.state in (states or ALL))

    def lanes(self, states: Collection[str] = ()) -> list[Lane]:
        return sorted({c.lane for c in self.counts if c.is_meant and c.state in (states or ALL)})

    def to_json(self) -> dict[str, Any]:
        columns = {name: value for name, value in asdict(self).items() if name not in ("selection", "counts", "place")}
        sums = {state: self.runs(state) for state in ALL}
        return (
            columns_to_json(columns)
            | {"selection": self.selection.criteria(), "total": self.total, "sums": sums}
            | {"runs": [count.to_json() for count in self.counts]}
        )


LOOKS = 10  # at so many jobs at a time, for those of one source
ALL = (PLANNED, OPENED, ARRIVED, FAILED, WAITS, ENDED, LEFT)
COLUMNS = "id, kind, state, selection, repeats, reason, who, place, made_us, started_us, ended_us"


def job(db: Database, number: int, *, source: str | None = None) -> Job:
    """With its counts. With `source`, none but one that is about this one alone. Raises NotFound, StoreError."""
    rows = db.read(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", (number,))
    found = job_in(rows[0], counts(db, number)) if rows else None
    if found is None or not (source is None or found.is_of(source)):
        raise NotFound(f"There is no job {number}.")
    return found


def jobs(db: Database, *, source: str | None = None, limit: int = 20) -> list[Job]:
    """Those that were begun and had something to do, newest first; of one source, or all. Raises StoreError."""
    had = f"(kind = '{RESUME}' OR EXISTS (SELECT 1 FROM job_runs WHERE job_id = jobs.id))"
    sql = f"SELECT {COLUMNS} FROM jobs WHERE started_us IS NOT NULL AND {had} AND id < ? ORDER BY id DESC LIMIT ?"
    found: list[Job] = []
    last = 2**63 - 1
    for _ in range(LOOKS):
        rows = db.read(sql, (last, limit))
        made = (job_in(row, counts(db, row["id"])) for row in rows)
        found += [each for each in made if source is None or each.is_of(source)]
        if len(found) >= limit or len(rows) < limit:
            break
        last = rows[-1]["id"]
    return found[:limit]


def seconds_at_pace(of: Job, activations: Sequence[Activation]) -> float:
    """How long it takes at the pace of the slowest of its destinations, where nothing else is sent meanwhile."""
    paces = {lane: each.handler.pace_s / each.handler.batch for each in activations for lane in each.lanes()}
    return max((of.of_lane(lane, PLANNED, OPENED) * paces.get(lane, 0) for lane in of.lanes()), default=0)


def the_running_job(db: Database) -> int:
    """The number of the one that is under way. Raises NotFound where there is none, or several; StoreError."""
    rows = db.read(f"SELECT id FROM jobs WHERE {AT_WORK} AND state <> 'counting' ORDER BY id")
    if len(rows) == 1:
        return int(rows[0]["id"])
    several = ", ".join(str(row["id"]) for row in rows)
    raise NotFound(f"Several jobs are under way: {several}. Say which." if rows else "No job is under way.")


def counts(db: Database, number: int) -> tuple[JobCount, ...]:
    return tuple(
        JobCount(
            lane=Lane(row["source"], row["handler"], row["target"]),
            state=row["state"],
            how=row["how"],
            was=row["was"],
            twice=bool(row["twice"]),
            why=row["why"],
            runs=row["n"],
        )
        for row in db.read(COUNTS, (number,))
    )


def job_in(row: Row, of_it: tuple[JobCount, ...] = ()) -> Job:
    columns = dict(row) | {"selection": Selection.from_json(row["selection"]), "repeats": bool(row["repeats"])}
    return Job(**columns, counts=of_it)
