"""How a day went, in numbers: its calls, where they arrived, how many are urgent, and how many wait for a call back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated, read_event
from ..inbox import from_row
from ..registry import Lane
from ..store import Database, Row
from .place_names import place

PAGE = 500  # deliveries in memory at once
ENDED_US = 120_000_000  # after a call's last event: until then its booking may still come
FALLBACK = "console."

PAGES = """
SELECT * FROM deliveries WHERE received_us >= ? AND received_us < ? AND (received_us, id) > (?, ?) AND erased_us IS NULL
ORDER BY received_us, id LIMIT ?
"""
ARRIVED = """
SELECT source, handler, sum(CASE WHEN done > 0 AND left_over = 0 THEN 1 ELSE 0 END) AS calls FROM (
    SELECT d.source AS source, r.handler AS handler, coalesce(d.call_id, d.key) AS call,
        sum(CASE WHEN r.state = 'succeeded' THEN 1 ELSE 0 END) AS done,
        sum(CASE WHEN r.state NOT IN ('succeeded', 'skipped') THEN 1 ELSE 0 END) AS left_over
    FROM deliveries AS d JOIN runs AS r ON r.delivery_id = d.id
    WHERE d.received_us >= ? AND d.received_us < ? AND d.erased_us IS NULL
    GROUP BY d.source, r.handler, coalesce(d.call_id, d.key)) AS by_call
GROUP BY source, handler HAVING sum(done) + sum(left_over) > 0 ORDER BY source, handler
"""


@dataclass(frozen=True, kw_only=True)
class DayCounts:
    """`arrived` are the calls of which all has arrived, by destination."""

    calls: int = 0
    arrived: dict[str, int] = field(default_factory=dict)
    urgent: int = 0
    to_call_back: int = 0


@dataclass(kw_only=True)
class KeptCall:
    """What the events of one call say together."""

    last_us: int = 0
    phone: str = ""  # "" where it was withheld: two such calls are two callers
    is_urgent: bool = False
    is_completed: bool = False
    is_settled: bool = False  # booked or transferred: nobody has to call back
    is_lead: bool = False

    def add(self, event: Event, received_us: int) -> None:
        from ..toolkit import is_urgent, is_withheld  # the core's processes do without it

        self.last_us = max(self.last_us, received_us)
        self.is_urgent |= is_urgent([event])
        self.is_completed |= isinstance(event, CallCompleted)
        self.is_settled |= isinstance(event, AppointmentBooked | CallTransferred)
        self.is_lead |= isinstance(event, LeadCreated)
        phone = event.caller_phone or ""
        if not is_withheld(phone):
            self.phone = self.phone or phone


def day_counts(db: Database, begin_us: int, end_us: int) -> dict[str, DayCounts]:
    """Of what was received between these times, by source. Raises StoreError."""
    arrived: dict[str, dict[str, int]] = {}
    for row in db.read(ARRIVED, (begin_us, end_us)):
        if not row["handler"].startswith(FALLBACK):
            arrived.setdefault(row["source"], {})[place(Lane("", row["handler"], ""))] = int(row["calls"])
    return {
        source: DayCounts(
            calls=len(calls),
            arrived=arrived.get(source, {}),
            urgent=sum(call.is_urgent for call in calls.values()),
            to_call_back=len(callers_to_call_back([*calls.values()], end_us)),
        )
        for source, calls in sorted(calls_between(db, begin_us, end_us).items())
    }


def together(counts: Iterable[DayCounts]) -> DayCounts:
    """The sum of several businesses."""
    rows = list(counts)
    arrived: Counter[str] = Counter()
    for each in rows:
        arrived.update(each.arrived)
    return DayCounts(
        calls=sum(each.calls for each in rows),
        arrived=dict(sorted(arrived.items())),
        urgent=sum(each.urgent for each in rows),
        to_call_back=sum(each.to_call_back for each in rows),
    )


def calls_between(db: Database, begin_us: int, end_us: int, *, page: int = PAGE) -> dict[str, dict[str, KeptCall]]:
    calls: dict[str, dict[str, KeptCall]] = {}
    for row in pages(db, begin_us, end_us, page):
        of_source = calls.setdefault(row["source"], {})
        call = of_source.setdefault(row["call_id"] or f"\0{row['key']}", KeptCall())
        call.add(read_event(from_row(row)), row["received_us"])
    return calls


def pages(db: Database, begin_us: int, end_us: int, page: int) -> Iterator[Row]:
    last = begin_us, 0
    while rows := db.read(PAGES, (begin_us, end_us, *last, page)):
        yield from rows
        last = rows[-1]["received_us"], rows[-1]["id"]


def callers_to_call_back(calls: Sequence[KeptCall], now_us: int) -> list[KeptCall]:
    """The last such call of each caller; one who called again since, and was seen to, needs none."""
    waiting: dict[str, KeptCall] = {}
    for number, call in enumerate(sorted(calls, key=lambda call: call.last_us)):
        caller = call.phone or f"\0{number}"
        if call.is_settled:
            waiting.pop(caller, None)
        elif call.is_completed and not call.is_lead and call.last_us <= now_us - ENDED_US:
            waiting[caller] = call
    return list(waiting.values())
