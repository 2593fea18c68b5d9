"""What must be so: what was acknowledged, the runs that have to be there, what each may do next, and how it went.

The model is told what happens to the receiver, never what the receiver makes of it; it looks at the database only to
compare, and where the product may choose (when to take a run over, whether a refusal is the lane's or the run's).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from receiver.inbox.schedule import BACKOFF_S
from receiver.registry import Lane

from .destination import Destination, Place
from .machine import Process
from .seen import Seen, SeenRun


class Difference(Exception):
    """The receiver does not do what the model says. `kind` is lost, doubled, stuck, or "" for any other."""

    def __init__(self, what: str, kind: str = "") -> None:
        super().__init__(what)
        self.kind = kind


@dataclass
class ModelRun:
    place: Place
    state: str = "waiting"  # waiting, running, succeeded, dead, cancelled, moved
    failures: int = 0
    attempts: int = 0
    lost_before: bool = False  # its last attempt was lost with its process, which nobody had told to stop
    holder: Process | None = None  # of a running one; None: nobody's any more
    said: str = ""  # what its destination said in the attempt under way
    acted: bool = False  # and whether it acted
    allowed: int = 1  # effects, at a destination that cannot be asked

    @property
    def lane(self) -> Lane:
        return Lane("", self.place[1], self.place[2])


@dataclass
class Model:
    destination: Destination
    sent: dict[str, str] = field(default_factory=dict)  # by key: unsure, kept; unsure is what got no answer
    acknowledged: set[str] = field(default_factory=set)
    dispatched: set[str] = field(default_factory=set)
    calls: dict[str, str] = field(default_factory=dict)  # by key
    events: dict[str, str] = field(default_factory=dict)
    runs: dict[Place, ModelRun] = field(default_factory=dict)
    pauses: set[Lane] = field(default_factory=set)
    happened: Counter[str] = field(default_factory=Counter)  # what was done to the receiver, for the report

    def require(self, truth: object, what: str, kind: str = "") -> None:
        if not truth:
            raise Difference(what, kind)

    # Deliveries

    def answered(self, key: str, status: str) -> None:
        """`stored`, `duplicate`, or "" where the sender got no answer, or a 503."""
        was = self.sent.get(key, "")
        wrong = (status == "stored" and was == "kept") or (status == "duplicate" and was == "")
        self.require(not wrong, f"{key} was {was or 'new'}, and the answer is {status}")
        if status:
            self.acknowledged.add(key)
        self.sent[key] = "kept" if status else was or "unsure"

    def open(self, seen: Seen, lanes: Collection[Lane], takes: dict[str, set[str]]) -> None:
        """A dispatcher with these lanes has had its turn. `takes` says which events a handler takes."""
        for key in seen.dispatched - self.dispatched:
            self.dispatched.add(key)
            for lane in lanes:
                if self.events[key] in takes[lane.handler]:
                    place = (key, lane.handler, lane.target)
                    self.runs.setdefault(place, ModelRun(place))

    def assign(self, seen: Seen, lanes: Iterable[Lane]) -> None:
        """Runs that were opened while the targets could not be read may have been given to the targets."""
        lanes = [lane for lane in lanes if lane.handler == "urls.post"]
        for place, run in list(self.runs.items()):
            if place[1:] == ("urls.post", "") and run.state == "waiting" and place not in seen.runs and lanes:
                del self.runs[place]
                for lane in lanes:
                    target = (place[0], lane.handler, lane.target)
                    self.runs.setdefault(target, ModelRun(target))

    # Attempts

    def begin(self, run: ModelRun, holder: Process | None, lanes: Collection[Lane]) -> None:
        """A process has claimed it."""
        where = f"{run.place}: an attempt begins"
        self.require(run.state == "waiting", f"{where}, and it is {run.state}")
        self.require(run.lane in lanes, f"{where}, and its handler is not on")
        self.require(run.lane not in self.pauses, f"{where}, and its lane is paused")
        for other in self.runs.values():
            beside = other.state == "running" and other.lane == run.lane and other is not run
            call = self.calls[other.place[0]] == self.calls[run.place[0]]
            self.require(not (beside and call and not together(other, holder)),
                         f"{where} beside one of its call, {other.place}")  # fmt: skip
        run.state, run.holder, run.said, run.acted = "running", holder, "", False
        run.attempts += 1

    def end(self, run: ModelRun, seen: SeenRun) -> None:
        """Its attempt has ended, and that was written down."""
        found = (seen.is_now, seen.failures)
        self.require(found in self.expected(run), f"{run.place}: said {run.said}, and became {found}")
        if run.said == "pause" and found == ("waiting", run.failures):
            self.pauses.add(run.lane)
        self.leave(run, *found)
        run.lost_before = False

    def expected(self, run: ModelRun) -> list[tuple[str, int]]:
        """The states, with the failures counted, that the end of its attempt may lead to."""
        failed = ("dead" if run.failures >= len(BACKOFF_S) else "waiting", run.failures + 1)
        others = [other for other in self.runs.values() if other.lane == run.lane and other is not run]
        alone = any(other.state == "succeeded" or self.destination.effects[other.place] for other in others)
        return {
            "ok": [("succeeded", run.failures)],
            "fail": [failed],
            "give-up": [("dead", run.failures + 1)],
            "lost": [("waiting", run.failures)],
            "pause": [("waiting", run.failures), *([failed, ("dead", run.failures + 1)] if alone else [])],
            "": [],
        }[run.said]

    def lose(self, run: ModelRun, seen: SeenRun) -> None:
        """It was taken over from a process that is gone."""
        self.happened["taken over"] += 1
        holder = run.holder
        self.require(holder is None or holder.is_gone, f"{run.place}: taken over from a process that lives")
        lost = not (holder and holder.stopped)
        counts = lost and run.lost_before
        dead = counts and run.failures >= len(BACKOFF_S)
        expected = ("dead" if dead else "waiting", run.failures + counts)
        found = (seen.is_now, seen.failures)
        self.require(found == expected, f"{run.place}: taken over, and became {found}, not {expected}")
        self.leave(run, *found)
        run.lost_before = lost

    def leave(self, run: ModelRun, state: str, failures: int) -> None:
        if run.acted and state != "succeeded":
            run.allowed += 1
        run.state, run.failures, run.holder, run.acted = state, failures, None, False

    def reopen(self, run: ModelRun) -> None:
        """By hand: with the whole schedule before it. What cannot be asked is done again."""
        self.happened["replayed"] += 1
        if self.destination.effects[run.place]:
            run.allowed += 1
        run.state, run.failures = "waiting", 0

    # Comparing

    def compare(self, seen: Seen) -> None:
        """Raises Difference."""
        self.follow(seen)
        kept = {key for key, state in self.sent.items() if state == "kept"}
        self.require(kept <= seen.deliveries, f"not in the inbox: {sorted(kept - seen.deliveries)}", "lost")
        self.require(seen.deliveries <= set(self.sent), "the inbox has what nobody sent")
        self.require(seen.dispatched == self.dispatched, "dispatched without a dispatcher's turn")
        self.require(seen.pauses == self.pauses, f"paused are {seen.pauses}, not {self.pauses}")
        mine = {place: (run.state, run.failures, run.attempts) for place, run in self.runs.items()}
        theirs = {place: (run.is_now, run.failures, run.attempts) for place, run in seen.runs.items()}
        self.require(mine == theirs, f"runs: {differing(theirs, mine)}")
        for place, run in self.runs.items():
            limit = run.allowed if place[1] == "urls.post" else 1
            effects = self.destination.effects[place]
            self.require(effects <= limit, f"{place} has its effect {effects} times", "doubled")
            self.require(effects or run.state != "succeeded", f"{place} succeeded without its effect", "lost")

    def follow(self, seen: Seen) -> None:
        """Where a run was taken over from a process that is gone: the model cannot know when."""
        for place, run in self.runs.items():
            there = seen.runs.get(place)
            if run.state == "running" and there and there.is_now != "running":
                self.lose(run, there)

    def counts(self) -> Counter[tuple[Lane, str]]:
        """How many runs of a lane are unfinished, by state."""
        return Counter(
            (run.lane, run.state) for run in self.runs.values() if run.state in ("waiting", "running", "dead")
        )


def together(run: ModelRun, holder: Process | None) -> bool:
    """What one process has claimed in one batch is one call of its handler."""
    return holder is not None and run.holder is holder and holder.handler.batch > 1


def differing(theirs: dict[Place, tuple[str, int, int]], mine: dict[Place, tuple[str, int, int]]) -> str:
    places = [place for place in sorted({*theirs, *mine}) if theirs.get(place) != mine.get(place)]
    return "; ".join(f"{place} is {theirs.get(place)}, not {mine.get(place)}" for place in places)
