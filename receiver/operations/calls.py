"""The calls of a day: how each ended, where it arrived, and whom to call back. The one definition of these words.

A call is what its deliveries say together, and belongs to the day on which the first of them came. It is to be called
back where it ended two minutes ago or longer and nothing came of it: no appointment, no transfer, no lead. Calls of one
number are one, and one that booked or was transferred later the same day needs nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any

from ..events import EVENTS, Event, read_event
from ..inbox import from_row
from ..registry import Activation, Lane
from ..store import Database, Row
from .documents import iso
from .select import midnight_us
from .selection import marks
from .standing import SKIPPED, STANDINGS, WAITING, lanes_now

MOST = 20_000  # deliveries of a day: three times what a call center has
AT_ONCE = 500  # numbers in one query
ENDED_US = 120_000_000  # since a call's last event: what it led to has come by then
COLUMNS = "id, source, key, event, call_id, caller_phone, received_us, dispatched_us"
WINDOW = (
    f"SELECT {COLUMNS} FROM deliveries WHERE received_us >= ? AND received_us < ? AND erased_us IS NULL "
    "ORDER BY received_us LIMIT ?"
)
BOOKED, TRANSFERRED, LEAD = "appointment.booked", "call.transferred", "lead.created"


@dataclass(frozen=True, kw_only=True)
class Call:
    """`places` says how it stands at each handler."""

    source: str
    call_id: str
    deliveries: tuple[int, ...]
    events: frozenset[str]
    phone: str  # "" where it is not known or withheld
    first_us: int
    last_us: int
    places: Mapping[str, str]

    @property
    def came_to_something(self) -> bool:
        return bool(self.events & {BOOKED, TRANSFERRED, LEAD})

    @property
    def was_helped(self) -> bool:
        return bool(self.events & {BOOKED, TRANSFERRED})

    @property
    def state(self) -> str:
        return min(self.places.values(), key=STANDINGS.index, default=SKIPPED)

    def to_json(self) -> dict[str, Any]:
        document = {"call_id": self.call_id, "since_us": self.first_us, "since_at": iso(self.first_us)}
        return document | {"source": self.source} if self.source else document


@dataclass(frozen=True, kw_only=True)
class Day:
    """What came on a day of the business, up to now where it is today."""

    day: date
    zone: str
    until_us: int
    is_over: bool
    calls: tuple[Call, ...]
    to_call_back: tuple[Call, ...]

    def number(self, event: str) -> int:
        return sum(event in call.events for call in self.calls)

    def with_state(self, state: str) -> int:
        return sum(call.state == state for call in self.calls)

    def destinations(self) -> dict[str, dict[str, int]]:
        """How many calls stand how at each handler, in order."""
        handlers = sorted({handler for call in self.calls for handler in call.places if handler})
        return {
            handler: {state: sum(call.places.get(handler) == state for call in self.calls) for state in STANDINGS}
            for handler in handlers
        }

    def to_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "zone": self.zone,
            "until_us": self.until_us,
            "until_at": iso(self.until_us),
            "calls": len(self.calls),
            "booked": self.number(BOOKED),
            "transferred": self.number(TRANSFERRED),
            "leads": self.number(LEAD),
            "to_call_back": len(self.to_call_back),
            "destinations": [{"handler": handler} | states for handler, states in self.destinations().items()],
            "call_backs": [call.to_json() for call in self.to_call_back],
        }


def day_of(
    db: Database, activations: Iterable[Activation], day: date, zone: tzinfo, *, source: str | None = None
) -> Day:
    """Raises StoreError."""
    now_us = db.now_us()
    begins, ends = midnight_us(day, zone), midnight_us(day + timedelta(1), zone)
    lanes = {lane for activation in activations for lane in activation.daily_lanes()}  # a summary is of no one call
    calls = sorted(calls_between(db, begins, ends, lanes, source), key=lambda call: (call.first_us, call.deliveries))
    return Day(
        day=day,
        zone=str(zone),
        until_us=min(now_us, ends),
        is_over=ends <= now_us,
        calls=tuple(calls),
        to_call_back=tuple(to_call_back(calls, now_us)),
    )


def calls_between(db: Database, begins: int, ends: int, daily: Collection[Lane], source: str | None) -> Iterator[Call]:
    rows = {row["id"]: row for row in db.read(WINDOW, (begins, ends, MOST)) if source in (None, row["source"])}
    names = sorted({row["call_id"] for row in rows.values() if row["call_id"]})
    for some in batches(names):
        sql = f"SELECT {COLUMNS} FROM deliveries WHERE call_id IN ({marks(some)}) AND erased_us IS NULL"
        rows |= {row["id"]: row for row in db.read(sql, some) if source in (None, row["source"])}
    runs = runs_by_delivery(db, sorted(rows), daily)
    by_call: dict[tuple[str, str], list[Row]] = {}
    for row in rows.values():
        by_call.setdefault((row["source"], row["call_id"] or f"\0{row['key']}"), []).append(row)
    for deliveries in by_call.values():
        is_call = any(row["event"] in EVENTS for row in deliveries)
        if is_call and min(row["received_us"] for row in deliveries) >= begins:
            yield call_of(deliveries, [run for row in deliveries for run in runs.get(row["id"], ())])


def batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def runs_by_delivery(
    db: Database, deliveries: Sequence[int], daily: Collection[Lane]
) -> dict[int, list[tuple[str, str]]]:
    """The handler of each run, and how the run stands."""
    now = lanes_now(db)
    runs: dict[int, list[tuple[str, str]]] = {}
    for some in batches(deliveries):
        sql = f"SELECT delivery_id, source, handler, target, state FROM runs WHERE delivery_id IN ({marks(some)})"
        for row in db.read(sql, some):
            lane = Lane(row["source"], row["handler"], row["target"])
            if lane not in daily:
                standing = now.standing(lane, row["state"])
                runs.setdefault(row["delivery_id"], []).append((lane.handler, standing))
    return runs


def call_of(deliveries: Sequence[Row], runs: Sequence[tuple[str, str]]) -> Call:
    handlers = sorted({handler for handler, _ in runs})
    places = {handler: min((s for h, s in runs if h == handler), key=STANDINGS.index) for handler in handlers}
    if any(row["dispatched_us"] is None for row in deliveries):
        places[""] = WAITING  # for destinations that are not known yet
    ordered = sorted(deliveries, key=lambda row: row["id"])
    return Call(
        source=ordered[0]["source"],
        call_id=ordered[0]["call_id"] or ordered[0]["key"],
        deliveries=tuple(row["id"] for row in ordered),
        events=frozenset(row["event"] for row in ordered),
        phone=next((phone for row in ordered if (phone := known_phone(row["caller_phone"] or ""))), ""),
        first_us=min(row["received_us"] for row in ordered),
        last_us=max(row["received_us"] for row in ordered),
        places=places,
    )


def known_phone(phone: str) -> str:
    from ..toolkit import is_withheld  # it loads an HTTP client, and the web process does not need one

    return "" if is_withheld(phone) else phone.strip()


def to_call_back(calls: Iterable[Call], now_us: int) -> Iterator[Call]:
    """The first call of each number, oldest first. `calls` are in the order in which they came."""
    by_number: dict[tuple[str, str], list[Call]] = {}
    for call in calls:
        by_number.setdefault((call.source, call.phone or f"\0{call.call_id}"), []).append(call)
    for group in by_number.values():
        waiting = [call for call in group if not call.came_to_something and now_us - call.last_us >= ENDED_US]
        if waiting and not any(call.was_helped and call.first_us > waiting[-1].first_us for call in group):
            yield waiting[0]


def events_of(db: Database, call: Call) -> list[Event]:
    """What a call says, callers' personal data with it. Raises StoreError."""
    rows = db.read(f"SELECT * FROM deliveries WHERE id IN ({marks(call.deliveries)}) ORDER BY id", call.deliveries)
    return [read_event(from_row(row)) for row in rows]
