"""Which deliveries, and which of their runs, a person means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..inbox import OPEN
from ..store import Database, Row
from .standing import DEAD, HALF_SET, ON_HOLD, RETRYING, STANDS, WAITING

# The conditions of the partial indexes on runs, word for word: else SQLite reads every run there ever was.
INDEXED = {"dead": "r.state = 'dead'"} | dict.fromkeys(("pending", "queued", "running", "retrying"), f"r.{OPEN}")
INDEXED_STANDINGS = {DEAD: "r.state = 'dead'"} | dict.fromkeys((ON_HOLD, HALF_SET, RETRYING, WAITING), f"r.{OPEN}")

MET = "(r.failure = ? OR lower(coalesce(r.last_error, '')) LIKE ? ESCAPE '!')"

Condition = tuple[str, list[Any]]  # SQL, and the values for it


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is empty selects everything. Times are in UTC microseconds; `until_us` is not in it."""

    ids: tuple[int, ...] = ()  # of deliveries, as `named` returns them
    source: str | None = None  # None: of every business
    event: str = ""
    call_id: str = ""
    since_us: int | None = None
    until_us: int | None = None
    handler: str = ""
    target: str | None = None
    state: str = ""
    standing: str = ""  # one of standing.STANDINGS: what people are told of the state
    error: str = ""  # a slug of inbox/states.py, or a piece of what was answered
    upper_id: int | None = None  # what came later is not meant

    def deliveries(self) -> Condition:
        """A condition on `deliveries AS d`."""
        return joined(
            (f"d.id IN ({marks(self.ids)})", self.ids or None),
            # Not by the index on source and key: of a single business it holds every delivery, in no useful order.
            ("d.source || '' = ?", self.source),
            ("d.event = ?", self.event or None),
            ("d.call_id = ?", self.call_id or None),
            ("d.received_us >= ?", self.since_us),
            ("d.received_us < ?", self.until_us),
            ("d.id <= ?", self.upper_id),
        )

    def runs(self) -> Condition:
        """A condition on `runs AS r`, which are of the source of their delivery."""
        return joined(
            ("r.handler = ?", self.handler or None),
            ("r.target = ?", self.target),
            ("r.state = ?", self.state or None),
            (STANDS.get(self.standing, "1 = 1"), () if self.standing else None),
            (MET, (self.error, f"%{escaped(self.error.lower())}%") if self.error else None),
        )

    def having_runs(self) -> Condition:
        """A condition on `deliveries AS d`: those with a run that is meant, where a state or an error is."""
        if not (self.state or self.standing or self.error):
            return "1 = 1", []
        of_runs, values = self.runs()
        if self.index:
            return f"d.id IN (SELECT r.delivery_id FROM runs AS r WHERE {self.index} AND {of_runs})", values
        return f"EXISTS (SELECT 1 FROM runs AS r WHERE r.delivery_id = d.id AND {of_runs})", values

    def has_met(self, run: Row) -> bool:
        """The same of a run that was read."""
        return self.error in ("", run["failure"]) or self.error.lower() in (run["last_error"] or "").lower()

    @property
    def index(self) -> str:
        """The condition of the partial index that has all runs that are meant, or ""."""
        return INDEXED.get(self.state) or INDEXED_STANDINGS.get(self.standing, "")

    @property
    def is_empty(self) -> bool:
        """Whether it selects everything there is, or everything of one business."""
        return not (self.ids or any(self.criteria().values()))

    @property
    def narrows_runs(self) -> bool:
        return bool(self.handler or self.state or self.standing or self.error or self.target is not None)

    def to_json(self) -> str:
        """As it is kept with a job."""
        return json.dumps({name: value for name, value in asdict(self).items() if value not in (None, "", ())})

    @classmethod
    def from_json(cls, text: str) -> Selection:
        fields = json.loads(text)
        return cls(**fields | {"ids": tuple(fields.get("ids", ()))})

    def criteria(self) -> dict[str, Any]:
        """What was asked for, by name, for the record."""
        names = ("event", "call_id", "since_us", "until_us", "handler", "target", "state", "standing", "error")
        return {name: value for name in names if (value := getattr(self, name))}


def joined(*parts: tuple[str, Any]) -> Condition:
    conditions = [(sql, value) for sql, value in parts if value is not None]
    values = [item for _, value in conditions for item in (value if isinstance(value, tuple) else (value,))]
    return " AND ".join(sql for sql, _ in conditions) or "1 = 1", values


def escaped(text: str) -> str:
    """As LIKE takes it word for word, with ESCAPE '!'."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def runs_matching(selection: Selection, states: Sequence[str]) -> Condition:
    """From `runs AS r` joined with `deliveries AS d`, those in one of these states."""
    of_deliveries, values = selection.deliveries()
    of_runs, more = selection.runs()
    return (
        "FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id "
        f"WHERE {of_deliveries} AND {of_runs} AND r.state IN ({marks(states)})",
        [*values, *more, *states],
    )


def running_count(db: Database, selection: Selection) -> int:
    """How many of these runs are running. Raises StoreError."""
    condition, values = runs_matching(selection, ("running",))
    return int(db.read(f"SELECT count(*) AS n {condition} AND r.{OPEN}", values)[0]["n"])


def undispatched_count(db: Database, selection: Selection) -> int:
    """How many of these deliveries have no runs yet, as no worker has seen them. Raises StoreError."""
    condition, values = selection.deliveries()
    sql = f"SELECT count(*) AS n FROM deliveries AS d WHERE {condition} AND d.dispatched_us IS NULL"
    return int(db.read(sql, values)[0]["n"])
