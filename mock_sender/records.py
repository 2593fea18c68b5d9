"""A connection and a delivery as they are told, and how they are read from the sender's database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from .book import LIVES, Row
from .wire import Answer

DELIVERIES = """
SELECT d.*, a.number, a.status, a.answer, a.latency_s, a.failure
FROM deliveries AS d LEFT JOIN attempts AS a ON a.delivery = d.id AND a.number = d.attempts"""


class Refused(ValueError):
    """InboundFlow's panel would not take this; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One webhook as it is set up. `failures` are consecutive; ten of them disable it until someone reconnects it."""

    id: int
    kind: str
    name: str
    url: str
    secret: str = field(repr=False)
    events: tuple[str, ...]
    retries: str
    resign: bool
    state: str  # active, disabled
    failures: int

    @property
    def lives(self) -> int:
        """How many more failures in a row it stands."""
        return max(0, LIVES - self.failures)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event for one connection, and how it went so far."""

    id: int
    connection_id: int
    event: str
    delivery_id: str
    body: bytes
    at: float  # unix seconds at which it happened
    test: bool  # by the test button
    state: str  # waiting, delivered, failed; missed: it happened while the connection was disabled
    attempts: int
    next_at: float | None
    answer: Answer | None = None  # to the last attempt; None where there was none yet

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver answered 2xx in time."""
        return self.state == "delivered"


def first_row(rows: list[Row], what: str, id: int) -> Row:
    if not rows:
        raise Refused(f"There is no {what} {id}.")
    return rows[0]


def as_connection(row: Row) -> Connection:
    return Connection(**row | {"events": tuple(json.loads(row["events"])), "resign": bool(row["resign"])})


def as_delivery(row: Row) -> Delivery:
    """From a row that has its last attempt too, as `DELIVERIES` joins them."""
    values = {name: value for name, value in row.items() if name in Delivery.__dataclass_fields__}
    return Delivery(**values | {"test": bool(row["test"]), "answer": as_answer(row) if row["number"] else None})


def as_answer(row: Row) -> Answer:
    return Answer(status=row["status"], body=row["answer"], latency_s=row["latency_s"], failure=row["failure"])
