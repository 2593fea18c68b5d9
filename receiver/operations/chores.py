"""How the chores went last: what the worker that leads does now and then."""

from __future__ import annotations

from dataclasses import dataclass

from ..store import Database

FAILED = "it failed"  # so begins the problem of a chore that could not be done


@dataclass(frozen=True, kw_only=True)
class ChoreRecord:
    """The last turn of a chore. `ended_us` is None while it lasts, or where it never ended."""

    name: str
    started_us: int  # microseconds since 1970
    ended_us: int | None
    problem: str  # "" when all was well, else what is wrong, in a sentence


def chore_records(db: Database) -> list[ChoreRecord]:
    """In the order of their names; none where no worker has run yet. Raises StoreError."""
    rows = db.read("SELECT name, started_us, ended_us, problem FROM chores ORDER BY name")
    return [ChoreRecord(**dict(row)) for row in rows]
