"""Reading the inbox for people: which deliveries there are, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..inbox import OPEN
from ..store import Database, Row

STATES = ("pending", "queued", "running", "succeeded", "retrying", "dead", "skipped")
FACTS = "d.id, d.key, d.event, d.call_id, d.organization_id, d.received_us, d.dispatched_us, d.problems"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which deliveries, and which of their runs. What is empty selects everything."""

    keys: tuple[str, ...] = ()
    event: str = ""
    call_id: str = ""
    since_us: int | None = None
    until_us: int | None = None
    handler: str = ""
    target: str | None = None
    state: str = ""

    def deliveries(self) -> tuple[str, list[Any]]:
        """A condition on `deliveries AS d`, and its values."""
        marks = ", ".join("?" * len(self.keys))
        return joined(
            (f"d.key IN ({marks})", self.keys or None),
            ("d.event = ?", self.event or None),
            ("d.call_id = ?", self.call_id or None),
            ("d.received_us >= ?", self.since_us),
            ("d.received_us < ?", self.until_us),
        )

    def runs(self) -> tuple[str, list[Any]]:
        """A condition on `runs AS r`, and its values."""
        return joined(
            ("r.handler = ?", self.handler or None), ("r.target = ?", self.target), ("r.state = ?", self.state or None)
        )

    @property
    def narrows_runs(self) -> bool:
        return bool(self.handler or self.state or self.target is not None)


def joined(*parts: tuple[str, Any]) -> tuple[str, list[Any]]:
    wanted = [(sql, value) for sql, value in parts if value is not None]
    values = [one for _, value in wanted for one in (value if isinstance(value, tuple) else (value,))]
    return " AND ".join(sql for sql, _ in wanted) or "1 = 1", values


class Listing:
    """Everything that is read here is bounded by a limit, or belongs to one delivery."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def deliveries(self, selection: Selection, limit: int) -> tuple[list[dict[str, Any]], int]:
        """The newest deliveries with their runs, and how many there are in all."""
        condition, values = self.condition(selection)
        total = self.db.read(f"SELECT count(*) AS n FROM deliveries AS d WHERE {condition}", values)[0]["n"]
        found = self.db.read(
            f"SELECT {FACTS} FROM deliveries AS d WHERE {condition} ORDER BY d.id DESC LIMIT ?", [*values, limit]
        )
        return [dict(row) | {"runs": self.runs_of(row["id"])} for row in found], total

    def condition(self, selection: Selection) -> tuple[str, list[Any]]:
        condition, values = selection.deliveries()
        if selection.narrows_runs:
            of_runs, more = selection.runs()
            condition += f" AND EXISTS (SELECT 1 FROM runs AS r WHERE r.delivery_id = d.id AND {of_runs})"
            values = [*values, *more]
        return condition, values

    def named(self, name: str) -> list[str]:
        """The keys that a person may mean: the key itself, else all of a call, else all that begin so."""
        meanings = (("key = ?", [name]), ("call_id = ?", [name]), ("substr(key, 1, ?) = ?", [len(name), name]))
        for condition, values in meanings:
            if found := self.db.read(f"SELECT key FROM deliveries WHERE {condition} ORDER BY id LIMIT 50", values):
                return [row["key"] for row in found]
        return []

    def delivery(self, key: str) -> dict[str, Any]:
        """Everything about one delivery, its body too."""
        [row] = self.db.read(f"SELECT {FACTS}, d.body FROM deliveries AS d WHERE d.key = ? LIMIT 1", (key,))
        conflicts = self.db.read("SELECT count(*) AS n FROM conflicts WHERE delivery_id = ?", (row["id"],))[0]["n"]
        runs = [run | {"attempts": self.attempts_of(run["id"])} for run in self.runs_of(row["id"])]
        return dict(row) | {"conflicts": conflicts, "runs": runs}

    def runs_of(self, delivery: int) -> list[dict[str, Any]]:
        return dicts(
            self.db.read(
                "SELECT id, handler, target, state, failures, next_attempt_us, outcome, last_error "
                "FROM runs WHERE delivery_id = ? ORDER BY id",
                (delivery,),
            )
        )

    def attempts_of(self, run: int) -> list[dict[str, Any]]:
        sql = "SELECT number, started_us, ended_us, result, detail FROM attempts WHERE run_id = ? ORDER BY number"
        return dicts(self.db.read(sql, (run,)))

    def paused(self) -> list[dict[str, Any]]:
        return dicts(self.db.read("SELECT handler, target, reason, since_us FROM pauses ORDER BY since_us"))

    def has_target(self, handler: str, target: str) -> bool:
        """Whether any run is, or was, at this target; of any handler where none is named."""
        sql = "SELECT 1 FROM runs WHERE target = ? AND (handler = ? OR ? = '') LIMIT 1"
        return bool(self.db.read(sql, (target, handler, handler)))

    def unfinished(self) -> Sequence[Row]:
        """How many runs (`n`) are open or dead, by `handler`, `target` and `state`, with what one of them met."""
        sql = "SELECT handler, target, state, count(*) AS n, max(last_error) AS error FROM runs WHERE"
        conditions = (OPEN, "state = 'dead'")  # as in the partial indexes
        by = "handler, target, state"
        return [row for one in conditions for row in self.db.read(f"{sql} {one} GROUP BY {by} ORDER BY {by}")]


def dicts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]
