"""What is in the database at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from receiver.inbox import CANCELLED
from receiver.operations.reopen import MOVED
from receiver.registry import Lane
from receiver.store import Row

from .destination import Place

RUNS = """
SELECT r.id, d.key, r.handler, r.target, r.state, r.failures, r.attempts, r.last_error, r.lease_owner
FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id ORDER BY r.id
"""


@dataclass(frozen=True, kw_only=True)
class SeenRun:
    id: int
    place: Place
    state: str
    failures: int
    attempts: int
    error: str
    owner: str

    @property
    def is_now(self) -> str:
        """In the model's words."""
        if self.state == "skipped":
            return "cancelled" if self.error.startswith(CANCELLED) else "moved" if self.error == MOVED else "skipped"
        return "waiting" if self.state in ("pending", "queued", "retrying") else self.state

    @property
    def lane(self) -> Lane:
        return Lane("", self.place[1], self.place[2])


@dataclass(frozen=True, kw_only=True)
class Seen:
    deliveries: frozenset[str]
    dispatched: frozenset[str]
    runs: dict[Place, SeenRun]
    pauses: frozenset[Lane]


def look(read: Callable[[str], Sequence[Row]]) -> Seen:
    deliveries = read("SELECT key, dispatched_us FROM deliveries")
    pauses = read("SELECT source, handler, target FROM pauses")
    return Seen(
        deliveries=frozenset(row["key"] for row in deliveries),
        dispatched=frozenset(row["key"] for row in deliveries if row["dispatched_us"] is not None),
        runs={run.place: run for run in map(seen_run, read(RUNS))},
        pauses=frozenset(Lane(row["source"], row["handler"], row["target"]) for row in pauses),
    )


def seen_run(row: Row) -> SeenRun:
    return SeenRun(
        id=row["id"], place=(row["key"], row["handler"], row["target"]), state=row["state"], failures=row["failures"],
        attempts=row["attempts"], error=row["last_error"] or "", owner=row["lease_owner"] or "",
    )  # fmt: skip
