"""Where the deliveries that have just come are to go, and how far each is. Nothing of what they say is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..store import Database, Row
from .selection import marks

MOST = 500  # runs in one look
LOOK = (
    "SELECT r.id AS run, r.handler, r.state, d.id AS delivery, d.source, d.call_id, d.event, d.received_us "
    "FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id WHERE"
)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One run of a delivery."""

    run: int
    handler: str
    state: str
    delivery: int
    source: str
    call_id: str | None
    event: str
    received_us: int


def newest_run(db: Database) -> int:
    """Its number; 0 where there is none. Raises StoreError."""
    return int(db.read("SELECT max(id) AS newest FROM runs")[0]["newest"] or 0)


def arrivals_after(db: Database, run: int) -> list[Arrival]:
    """The runs that were opened after this one, oldest first, at most 500. Raises StoreError."""
    return [read(row) for row in db.read(f"{LOOK} r.id > ? ORDER BY r.id LIMIT ?", (run, MOST))]


def arrivals_of(db: Database, runs: Collection[int]) -> list[Arrival]:
    """These runs as they are now, without those that are gone. Raises StoreError."""
    rows = db.read(f"{LOOK} r.id IN ({marks([*runs])}) ORDER BY r.id", [*runs]) if runs else ()
    return [read(row) for row in rows]


def read(row: Row) -> Arrival:
    return Arrival(**dict(row))
