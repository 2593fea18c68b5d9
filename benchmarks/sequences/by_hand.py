"""What cancel and replay must do and say, worked out from what is there: as their docstrings tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from receiver.operations import Selection
from receiver.registry import Lane

from .destination import Place
from .seen import Seen, SeenRun

ENDABLE = ("pending", "queued", "retrying", "dead")
FAILED = ("dead", "skipped", "retrying")
NOT_BEGUN = ("pending", "queued")


def to_cancel(seen: Seen, selection: Selection, keys: Collection[str]) -> list[SeenRun]:
    return [run for run in seen.runs.values() if run.state in ENDABLE and selects(selection, keys, run)]


def selects(selection: Selection, keys: Collection[str], run: SeenRun) -> bool:
    return (
        (not selection.ids or run.place[0] in keys)
        and selection.handler in ("", run.place[1])
        and selection.target in (None, run.place[2])
        and selection.state in ("", run.state)
    )


@dataclass
class Expected:
    """What a replay is to do, and to say of it."""

    opened: Counter[tuple[Lane, str]] = field(default_factory=Counter)
    left: Counter[tuple[Lane, str]] = field(default_factory=Counter)
    again: list[Place] = field(default_factory=list)
    moved: list[Place] = field(default_factory=list)
    new: list[Place] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Replaying:
    selection: Selection
    keys: Collection[str]
    again: bool
    lanes: Collection[Lane]  # of the handlers that are on
    takes: Callable[[Lane, str], bool]  # whether the delivery of this key is for this lane

    def expect(self, seen: Seen) -> Expected:
        expected = Expected()
        for key in sorted(seen.dispatched):
            if not self.selection.ids or key in self.keys:
                runs = {place: run for place, run in seen.runs.items() if place[0] == key}
                self.expect_of(key, runs, expected)
        return expected

    def expect_of(self, key: str, runs: Mapping[Place, SeenRun], expected: Expected) -> None:
        there = set(runs)
        for place, run in runs.items():
            if run.lane in self.lanes:
                if self.is_meant(run):
                    expected.opened[run.lane, f"{run.state}, opened again"] += 1
                    expected.again.append(place)
            elif self.is_meant(run, NOT_BEGUN):
                self.replace(key, run, there, expected)
        for lane in self.lanes:
            if (key, lane.handler, lane.target) not in there and self.is_missing(key, lane, runs):
                expected.opened[lane, "new, opened"] += 1
                expected.new.append((key, lane.handler, lane.target))

    def is_meant(self, run: SeenRun, more: Collection[str] = ()) -> bool:
        states = (*FAILED, *more, *(("succeeded",) if self.again else ()))
        return run.state in states and not self.stays(run) and selects(self.selection, self.keys, run)

    def stays(self, run: SeenRun) -> bool:
        return run.is_now == "cancelled" and not (self.selection.ids or self.selection.state)

    def replace(self, key: str, run: SeenRun, there: set[Place], expected: Expected) -> None:
        """Its URL is no longer set: those that are set now get it, where they have not had it."""
        present = [
            lane
            for lane in self.lanes
            if lane.handler == run.place[1] and self.takes(lane, key) and (key, lane.handler, lane.target) not in there
        ]
        for lane in present:
            expected.opened[lane, f"{run.state} at another URL, opened"] += 1
            expected.new.append((key, lane.handler, lane.target))
            there.add((key, lane.handler, lane.target))
        if present and run.state != "succeeded":
            expected.moved.append(run.place)
        if not present and (run.state != "skipped" or run.is_now == "cancelled"):
            expected.left[run.lane, run.state] += 1

    def is_missing(self, key: str, lane: Lane, runs: Mapping[Place, SeenRun]) -> bool:
        kept_away = {run.place[1] for run in runs.values() if self.stays(run) and run.lane not in self.lanes}
        return (
            not self.selection.state
            and self.takes(lane, key)
            and lane.handler not in kept_away
            and self.selection.handler in ("", lane.handler)
            and self.selection.target in (None, lane.target)
        )
