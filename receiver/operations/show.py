"""One delivery with everything that became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..registry import Lane
from ..store import Database
from .documents import columns_to_json
from .held import held
from .pages import COLUMNS, KeptDelivery, KeptRun, runs_of
from .pauses import paused


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """`result` is None while it is running."""

    number: int
    started_us: int
    ended_us: int | None
    result: str | None
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class ShownRun(KeptRun):
    """`due`: it waits, and its time has come. `held` says why it is not attempted all the same, or is ""."""

    attempts: tuple[Attempt, ...]
    paused: bool
    due: bool
    held: str


@dataclass(frozen=True, kw_only=True)
class ShownDelivery(KeptDelivery):
    """`conflicts` counts those with the same key and other signed bytes. The body holds callers' personal data."""

    body: bytes
    conflicts: int
    runs: tuple[ShownRun, ...]

    @property
    def text(self) -> str:
        """The body, for reading."""
        return self.body.decode(errors="replace")

    def to_json(self, *, body: bool) -> dict[str, Any]:
        document = columns_to_json(asdict(self))
        del document["body"]
        return document | {"body": self.text} if body else document


def show(db: Database, delivery: int) -> ShownDelivery:
    """The delivery of this number, its body too. Raises StoreError."""
    [row] = db.read(f"SELECT {COLUMNS}, d.body FROM deliveries AS d WHERE d.id = ?", (delivery,))
    conflicts = db.read("SELECT count(*) AS n FROM conflicts WHERE delivery_id = ?", (delivery,))[0]["n"]
    runs = runs_of(db, [delivery]).get(delivery, [])
    columns = dict(row) | {"body": bytes(row["body"])}
    return ShownDelivery(**columns, conflicts=conflicts, runs=tuple(with_attempts(db, row["source"], delivery, runs)))


def with_attempts(db: Database, source: str, delivery: int, runs: Sequence[KeptRun]) -> list[ShownRun]:
    pauses = {pause.lane for pause in paused(db)}
    holds = {each.lane: each.sentence for each in held(db)}
    now_us = db.now_us()
    attempts: dict[int, list[Attempt]] = {}
    sql = (
        "SELECT run_id, number, started_us, ended_us, result, detail FROM attempts "
        "WHERE run_id IN (SELECT id FROM runs WHERE delivery_id = ?) ORDER BY run_id, number"
    )
    for row in db.read(sql, (delivery,)):
        columns = dict(row)
        attempts.setdefault(columns.pop("run_id"), []).append(Attempt(**columns))
    return [
        ShownRun(
            **asdict(run),
            attempts=tuple(attempts.get(run.id, ())),
            paused=Lane(source, run.handler, run.target) in pauses,
            due=run.state in ("pending", "retrying") and run.next_attempt_us <= now_us,
            held=holds.get(Lane(source, run.handler, run.target), "") if run.state in ("pending", "retrying") else "",
        )
        for run in runs
    ]
