"""Where calls went: of each destination how it stands, and of a day what is the matter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ..registry import Lane
from ..store import Database
from .selection import marks
from .standing import ARRIVED, DEAD, HALF_SET, ON_HOLD, RETRYING, STANDINGS, WAITING, lanes_now

LOOKED_AT = 5000  # runs of a day, the newest: beyond that a day is told by these
LATE_US = 120_000_000  # before that a call is just on its way

RUNS_OF_DAY = f"""
SELECT r.source, r.handler, r.target, r.state, coalesce(r.call_id, cast(r.delivery_id AS TEXT)) AS call, d.received_us
FROM deliveries AS d JOIN runs AS r ON r.delivery_id = d.id
WHERE d.received_us >= ? AND d.received_us < ? AND d.source = ? AND d.erased_us IS NULL
ORDER BY d.received_us DESC, d.id DESC LIMIT {LOOKED_AT}
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A destination, as far as some calls are concerned."""

    lane: Lane
    calls: Counter[str]  # by how each stands (standing.py)


@dataclass(frozen=True, kw_only=True)
class DayState:
    """How the calls of a day arrived. `kind` names the sentence; `lane` is the place it is about."""

    kind: str  # need_you, on_hold, half_set, trying, on_the_way, all_good, nowhere, no_calls
    number: int = 0
    lane: Lane | None = None
    places: tuple[Lane, ...] = ()  # that got calls, by name


def day_state(db: Database, start_us: int, end_us: int, now_us: int, calls: int, *, source: str = "") -> DayState:
    """What one sentence says of a day, the worst first. Raises StoreError."""
    now = lanes_now(db)
    states: dict[Lane, dict[str, str]] = defaultdict(dict)
    for row in db.read(RUNS_OF_DAY, (start_us, end_us, source)):
        lane = Lane(row["source"], row["handler"], row["target"])
        state = now.standing(lane, row["state"])
        if state == WAITING and now_us - row["received_us"] < LATE_US:
            continue
        known = states[lane].setdefault(row["call"], state)
        states[lane][row["call"]] = min(known, state, key=STANDINGS.index)
    places = [Place(lane=lane, calls=Counter(by_call.values())) for lane, by_call in states.items()]
    for state, kind in ((DEAD, "need_you"), (ON_HOLD, "on_hold"), (HALF_SET, "half_set")):
        worst = max(places, key=lambda place: place.calls[state], default=None)
        if worst and worst.calls[state]:
            return DayState(kind=kind, number=worst.calls[state], lane=worst.lane)
    for state, kind in ((RETRYING, "trying"), (WAITING, "on_the_way")):
        number = len({call for by_call in states.values() for call, each in by_call.items() if each == state})
        if number:
            return DayState(kind=kind, number=number)
    if not calls:
        return DayState(kind="no_calls")
    reached = sorted(place.lane for place in places if place.calls[ARRIVED])
    return DayState(kind="all_good" if reached else "nowhere", number=calls, places=tuple(reached))


RUNS_OF_CALLS = """
SELECT d.source, d.call_id, r.handler, r.target, r.state FROM deliveries AS d
JOIN runs AS r ON r.delivery_id = d.id WHERE d.call_id IN ({calls}) AND d.source = ? LIMIT 5000
"""


def places_of(db: Database, call_ids: Sequence[str], *, source: str = "") -> dict[str, dict[Lane, str]]:
    """How each call stands at each place, the worst of its reports. Raises StoreError."""
    now = lanes_now(db)
    found: dict[str, dict[Lane, str]] = {call_id: {} for call_id in call_ids}
    sql = RUNS_OF_CALLS.format(calls=marks(call_ids))
    for row in db.read(sql, (*call_ids, source)) if call_ids else ():
        lane = Lane(source, row["handler"], row["target"])
        state = now.standing(lane, row["state"])
        states = found[row["call_id"]]
        states[lane] = min(states.get(lane, state), state, key=STANDINGS.index)
    return found


def undispatched(db: Database, call_ids: Sequence[str], *, source: str = "") -> set[str]:
    """Those of which no worker has seen a delivery yet."""
    sql = (
        f"SELECT DISTINCT call_id FROM deliveries WHERE call_id IN ({marks(call_ids)}) AND source = ? "
        "AND dispatched_us IS NULL"
    )
    return {row["call_id"] for row in db.read(sql, (*call_ids, source))} if call_ids else set()
