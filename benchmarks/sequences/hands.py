"""What people do: pause, resume, cancel, replay, and look; what they are told is held against the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from receiver import operations
from receiver.errors import HandlerNotOn, NotFound, UnknownTarget
from receiver.registry import Lane

from .by_hand import ENDABLE, Expected, Replaying, to_cancel
from .model import ModelRun
from .plan import HANDLERS, Action
from .scene import Scene
from .seen import Seen, SeenRun


class Hands(Scene):
    def do_pause(self, action: Action) -> None:
        name = HANDLERS[action["handler"]]
        target = action["target"] if name == "urls.post" else None
        lanes = [Lane("", name, target)] if target else [lane for lane in self.lanes() if lane.handler == name]
        try:
            made = operations.pause(self.desk, self.activations(), name, target, reason="by hand")
        except HandlerNotOn:
            self.model.require(not lanes, f"{name} is on, and cannot be paused")
            return
        except NotFound:
            self.model.require(not any(map(self.is_there, lanes)), f"{target} is there, and cannot be paused")
            return
        self.model.require(not target or self.is_there(lanes[0]), f"paused {target}, which is not there")
        expected = set(lanes) - self.model.pauses
        self.model.require(made == len(expected), f"paused {made} lanes, not {len(expected)}")
        self.model.pauses |= expected

    def is_there(self, lane: Lane) -> bool:
        """Whether it is set, or something waits for it still."""
        waits = any(run.lane == lane and run.is_now in ("waiting", "running") for run in self.look().runs.values())
        return waits or any(lane in each.lanes() for each in self.activations())

    def do_resume(self, action: Action) -> None:
        name = HANDLERS[action["handler"]]
        target = action["target"] if name == "urls.post" else None
        expected = {lane for lane in self.model.pauses if lane.handler == name and target in (None, lane.target)}
        resumed = operations.resume(self.desk, name, target)
        self.model.require(set(resumed) == expected, f"resumed {resumed}, not {expected}")
        self.model.pauses -= expected

    def selection(self, action: Action) -> tuple[operations.Selection, set[str]] | None:
        """What is meant, and the keys of the deliveries where it is by name; None where there are none."""
        name, state, target = HANDLERS[action["handler"]], action["state"], action["target"]
        if action["by"] == "name":
            keys = sorted(self.look().deliveries)
            if not keys:
                return None
            key = keys[action["which"] % len(keys)]
            return operations.select(self.desk, names=[key]), {key}
        criteria: Mapping[str, Mapping[str, Any]] = {
            "handler": {"handler": name},
            "target": {"handler": "urls.post", "target": target},
            "state": {"state": state},
            "state of handler": {"handler": name, "state": state},
        }
        return operations.Selection(**criteria[action["by"]]), set()

    def do_cancel(self, action: Action) -> None:
        meant = self.selection(action)
        if meant is None or meant[0].state in ("running", "succeeded", "skipped"):
            return
        selection, keys = meant
        before, self.between, at_once = self.look(), None, action["at_once"]
        job = operations.make_cancel(self.desk, selection, "by hand", at_most=operations.EVERYTHING, at_once=at_once)
        if between := action["between"]:
            self.desk.between = lambda: self.do_between(between)
        done = operations.cancelled(self.desk, operations.carry_out(self.desk, job, at_once), selection)
        self.desk.between = None
        waited = self.ended_by_cancel(before, self.between or before, selection, keys)
        found = {(each.lane, each.state): each.runs for each in done.runs}
        expected = Counter((run.lane, run.state) for run in waited)
        self.model.require(found == expected, f"cancelled {found}, not {dict(expected)}")
        for run in waited:
            self.model.happened["cancelled"] += 1
            self.model.runs[run.place].state = "cancelled"

    between: Seen | None = None

    def do_between(self, action: Action) -> None:
        self.do(action)
        self.between = self.look()

    def ended_by_cancel(
        self, before: Seen, after: Seen, selection: operations.Selection, keys: set[str]
    ) -> list[SeenRun]:
        """What nobody took between the look and the commit."""
        return [
            run for run in to_cancel(before, selection, keys)
            if run.place in after.runs and after.runs[run.place].state in ENDABLE
        ]  # fmt: skip

    def do_replay(self, action: Action) -> None:
        meant = self.selection(action)
        if meant is None or (meant[0].state == "succeeded" and not action["again"]):
            return
        selection, keys = meant
        replaying = Replaying(selection=selection, keys=keys, again=action["again"], lanes=self.lanes(),
                              takes=self.takes)  # fmt: skip
        expected = replaying.expect(self.look())
        for dry in (True, False):
            done = self.replay(selection, action, dry=dry)
            if done is None:
                return
            opened = {(each.lane, each.was): each.runs for each in done.runs}
            left = {(each.lane, each.state): each.runs for each in done.left}
            self.model.require(opened == expected.opened, f"replayed {opened}, not {dict(expected.opened)}")
            self.model.require(left == expected.left, f"left {left}, not {dict(expected.left)}")
        self.note_replayed(expected)

    def takes(self, lane: Lane, key: str) -> bool:
        return self.handlers[lane.handler].takes(self.model.events[key])

    def replay(self, selection: operations.Selection, action: Action, *, dry: bool) -> operations.Replayed | None:
        try:
            return operations.replay(self.desk, self.activations(), selection, again=action["again"], dry_run=dry,
                                     at_once=action["at_once"])  # fmt: skip
        except HandlerNotOn:
            on = {lane.handler for lane in self.lanes()}
            self.model.require(selection.handler not in on, f"{selection.handler} is on, and cannot be replayed")
        except UnknownTarget:
            there = {place[2] for place in self.model.runs} | {lane.target for lane in self.lanes()}
            self.model.require(selection.target not in there, f"{selection.target} is said to be unknown")
        return None

    def note_replayed(self, expected: Expected) -> None:
        for place in expected.again:
            self.model.reopen(self.model.runs[place])
        for place in expected.moved:
            self.model.runs[place].state = "moved"
        for place in expected.new:
            self.model.runs[place] = ModelRun(place)

    def check_answers(self) -> None:
        """What people are told of it all, against the model."""
        health = operations.health(self.desk)
        counts: Counter[tuple[Lane, str]] = Counter()
        for row in health.unfinished:
            counts[row.lane, row.state if row.state in ("running", "dead") else "waiting"] += row.runs
        self.model.require(counts == self.model.counts(), f"unfinished are said to be {counts}")
        self.model.require({each.lane for each in health.pauses} == self.model.pauses, "pauses are not as said")
        page = operations.page(self.desk, operations.Selection(), limit=200)
        seen = self.look()
        self.model.require(page.total == len(seen.deliveries), f"{page.total} deliveries are said to be there")
        states = Counter(run.state for delivery in page.deliveries for run in delivery.runs)
        self.model.require(states == Counter(run.state for run in seen.runs.values()), f"runs are said to be {states}")
