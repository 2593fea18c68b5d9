"""What needs somebody, by destination and reason: what is on hold, not set up, did not arrive, is tried again.

Nothing here reads more than a bounded number of runs, however many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..inbox import OPEN
from ..registry import Activation, Lane
from ..store import Database
from .held import Held, held
from .pauses import Paused, paused

COUNTED = 10_000  # runs; of more it is enough to know that
REASONS = 2_000  # the newest runs, by which reasons are counted
SHOWN = 5  # reasons of a lane, the most frequent first
BY_TEXT = ("", "gave-up", "raised", "retry-later", "paused")  # what these met only its words tell

OF_LANE = "source = ? AND handler = ? AND target = ?"
LANES = "SELECT DISTINCT source, handler, target FROM (SELECT source, handler, target FROM runs WHERE {0} LIMIT ?) AS s"
DEAD = "state = 'dead'"
RETRIED = f"{OPEN} AND state = 'retrying'"
COUNT = f"SELECT count(*) AS n FROM (SELECT 1 FROM runs WHERE {OF_LANE} AND {{0}} LIMIT ?) AS counted"
CALLS = f"""
SELECT count(DISTINCT coalesce(call_id, cast(delivery_id AS TEXT))) AS n FROM (
    SELECT call_id, delivery_id FROM runs WHERE {OF_LANE} AND {{0}} LIMIT ?) AS counted
"""
MET = f"SELECT delivery_id, failure, last_error FROM runs WHERE {OF_LANE} AND {DEAD} ORDER BY id DESC LIMIT ?"
RECEIVED = "SELECT min(received_us) AS first, max(received_us) AS last FROM deliveries WHERE id IN (?, ?)"
NEXT = f"""
SELECT count(*) AS n, min(next_attempt_us) AS us FROM (
    SELECT next_attempt_us FROM runs WHERE {OF_LANE} AND {OPEN} AND state = 'retrying' LIMIT ?) AS retrying
"""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What so many of the newest runs met: a slug (inbox/states.py), and what was said where only that tells it."""

    slug: str
    said: str
    runs: int

    @property
    def key(self) -> str:
        """By which a job chooses them."""
        return self.said or self.slug


@dataclass(frozen=True, kw_only=True)
class OnHold:
    pause: Paused
    waiting: int
    calls: int


@dataclass(frozen=True, kw_only=True)
class NotSetUp:
    lane: Lane
    why: str
    waiting: int
    calls: int
    has_present: bool = False  # whether its handler is on, with another address


@dataclass(frozen=True, kw_only=True)
class NotArrived:
    """Dead runs of a lane. `is_set` says whether anybody works on it still: else they go to the present address, where
    its handler is on (`has_present`).
    """

    lane: Lane
    runs: int
    calls: int
    first_us: int  # received between these
    last_us: int
    reasons: tuple[Reason, ...]
    is_set: bool
    has_present: bool


@dataclass(frozen=True, kw_only=True)
class TriedAgain:
    lane: Lane
    runs: int
    calls: int
    next_us: int
    held: Held | None


@dataclass(frozen=True, kw_only=True)
class Problems:
    on_hold: tuple[OnHold, ...]
    not_set_up: tuple[NotSetUp, ...]
    not_arrived: tuple[NotArrived, ...]
    stranded: tuple[NotSetUp, ...]  # they wait for an address, or a handler, that is set no more
    tried_again: tuple[TriedAgain, ...]
    now_us: int

    @property
    def number(self) -> int:
        """How many of them need somebody."""
        return len(self.on_hold) + len(self.not_set_up) + len(self.not_arrived) + len(self.stranded)


def problems(db: Database, activations: Sequence[Activation], *, source: str = "") -> Problems:
    """Of this source, as are the activations. Raises StoreError."""
    pauses = {pause.lane: pause for pause in paused(db) if pause.source == source}
    on = {lane for each in activations if each.state == "on" for lane in each.lanes()}
    handlers_on = {lane.handler for lane in on}
    half_set = {Lane(each.source, each.handler.name, ""): each for each in activations if each.state == "misconfigured"}
    waiting, dead = lanes_with(db, OPEN, source) | on, lanes_with(db, DEAD, source) | on
    return Problems(
        on_hold=tuple(
            OnHold(pause=pause, waiting=count(db, OPEN, lane), calls=calls(db, OPEN, lane))
            for lane, pause in pauses.items()
        ),
        not_set_up=tuple(
            NotSetUp(lane=lane, why=each.why, waiting=count(db, OPEN, lane), calls=calls(db, OPEN, lane))
            for lane, each in sorted(half_set.items())
        ),
        not_arrived=tuple(not_arrived(db, dead, on)),
        stranded=tuple(
            NotSetUp(
                lane=lane, why="", waiting=number, calls=calls(db, OPEN, lane), has_present=lane.handler in handlers_on
            )
            for lane in sorted(waiting - on - half_set.keys() - pauses.keys())
            if (number := count(db, OPEN, lane))
        ),
        tried_again=tuple(tried_again(db, sorted(on - pauses.keys()))),
        now_us=db.now_us(),
    )


def lanes_with(db: Database, condition: str, source: str) -> set[Lane]:
    """Those among so many runs; what is on is looked at in any case."""
    rows = db.read(LANES.format(f"{condition} AND source = ?"), (source, COUNTED))
    return {Lane(row["source"], row["handler"], row["target"]) for row in rows}


def count(db: Database, condition: str, lane: Lane) -> int:
    return int(db.read(COUNT.format(condition), (*lane, COUNTED + 1))[0]["n"])


def calls(db: Database, condition: str, lane: Lane) -> int:
    """Of how many calls these runs are: up to four reports belong to one."""
    return int(db.read(CALLS.format(condition), (*lane, COUNTED + 1))[0]["n"])


def not_arrived(db: Database, lanes: set[Lane], on: set[Lane]) -> Iterator[NotArrived]:
    for lane in sorted(lanes):
        met = db.read(MET, (*lane, REASONS))
        if not met:
            continue
        [received] = db.read(RECEIVED, (met[0]["delivery_id"], met[-1]["delivery_id"]))
        reasons: Counter[tuple[str, str]] = Counter()
        for row in met:
            by_text = row["failure"] in BY_TEXT
            reasons[row["failure"], (row["last_error"] or "") if by_text else ""] += 1
        yield NotArrived(
            lane=lane,
            runs=len(met) if len(met) < REASONS else count(db, DEAD, lane),
            calls=calls(db, DEAD, lane),
            first_us=received["first"],
            last_us=received["last"],
            reasons=tuple(Reason(slug=slug, said=said, runs=runs) for (slug, said), runs in reasons.most_common(SHOWN)),
            is_set=lane in on,
            has_present=any(each.handler == lane.handler for each in on),
        )


def tried_again(db: Database, lanes: Sequence[Lane]) -> Iterator[TriedAgain]:
    holds = {each.lane: each for each in held(db)}
    for lane in lanes:
        [row] = db.read(NEXT, (*lane, COUNTED))
        if row["n"] or lane in holds:
            hold = holds.get(lane)
            next_us = hold.next_us if hold else row["us"]
            number = calls(db, OPEN if hold else RETRIED, lane)
            yield TriedAgain(
                lane=lane, runs=hold.waiting if hold else row["n"], calls=number, next_us=next_us, held=hold
            )


def waiting_at(db: Database, lane: Lane) -> int:
    """How many runs wait in a lane; of more than 10,000 it is enough to know that. Raises StoreError."""
    return count(db, OPEN, lane)


def problems_number(db: Database, *, source: str = "") -> int:
    """Those that are seen without the handlers: for a badge. Raises StoreError."""
    return sum(pause.source == source for pause in paused(db)) + len(lanes_with(db, DEAD, source))
