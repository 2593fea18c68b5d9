"""Does what a sequence says, to the receiver and to the model, and compares the two after each step."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

from receiver import operations, queue
from receiver.errors import HandlerNotOn, NotStored, UnknownTarget
from receiver.events import Delivery, Event
from receiver.inbox import Inbox
from receiver.registry import Activation, Lane, Run, activate

from .by_hand import Expected, Replaying, to_cancel
from .clock import Clock
from .databases import Databases
from .destination import Destination, handlers, said
from .machine import Machine, Process
from .model import Difference, Model, ModelRun
from .plan import HANDLERS, Action
from .reach import Killed, Reach
from .seen import Seen, SeenRun, look

VARIABLES = {"ask.write": "ASK", "many.write": "MANY", "paced.write": "PACED", "urls.post": "URLS"}
ALL_ON = {"ASK": "1", "MANY": "1", "PACED": "1", "URLS": "x,y"}
FREEZE_S = 40  # longer than a lease and an attempt
LADDER_S = (1, 1, 1, 2, 5, 10, 30, 120, 600, 3600, 21_600, 65_000, 65_000)  # how long it waits where nothing happens
ROUNDS = 400


@dataclass
class Attempting:
    """What one process is doing, and what is to happen meanwhile."""

    machine: Machine
    process: Process
    says: Sequence[str]
    meanwhile: Sequence[Action]
    number: int = 0

    def next_says(self) -> str:
        self.number += 1
        return self.says[(self.number - 1) % len(self.says)]


class System:
    def __init__(self, databases: Databases) -> None:
        databases.empty()
        self.databases = databases
        self.redis = queue.connect(databases.settings, timeout_s=5)
        self.redis.flushall()
        self.clock = Clock(self.renew_all)
        self.destination = Destination()
        self.model = Model(self.destination)
        self.handlers = handlers(self.call)
        self.env = dict(ALL_ON)
        self.attempting: list[Attempting] = []
        self.looking = ExitStack()
        self.eye = self.looking.enter_context(databases.looking())
        self.web_db = databases.open(reads_apart=True)
        self.web: Any = Reach(self.web_db, self.clock)
        self.desk: Any = Reach(self.web_db, self.clock)
        self.machines = [
            Machine(number, databases.settings, self.redis, self.clock, databases.open) for number in range(2)
        ]
        for machine in self.machines:
            machine.start(self.activations())

    def close(self) -> None:
        for machine in self.machines:
            machine.kill()
        self.looking.close()
        self.web_db.close()
        self.redis.close()

    def activations(self) -> list[Activation]:
        return activate(self.handlers, self.env)

    def lanes(self) -> list[Lane]:
        return [lane for each in self.activations() if each.state == "on" for lane in each.lanes()]

    def look(self) -> Seen:
        return look(self.eye)

    def do(self, action: Action) -> None:
        """Raises Difference."""
        self.model.happened[action["do"]] += 1
        getattr(self, "do_" + action["do"])(action)
        self.model.compare(self.look())

    # The sender, and time

    def do_deliver(self, action: Action) -> None:
        known = sorted(self.model.sent)
        if action["again"] and known:
            key = known[action["which"] % len(known)]
        else:
            key = f"d{len(known):03}"
            self.model.calls[key], self.model.events[key] = f"call-{action['call']}", action["event"]
        self.web.expect(action["trouble"])
        self.model.answered(key, self.send(key))
        self.web.expect(None)

    def send(self, key: str) -> str:
        event, call = self.model.events[key], self.model.calls[key]
        body = json.dumps({"delivery_id": key, "event": event, "data": {"call_id": call}}).encode()
        delivery = Delivery(key=key, event=event, call_id=call, body=body, received_us=self.clock.now_us())
        try:
            return Inbox(self.web).keep(delivery)
        except NotStored:
            return ""
        except Killed:
            self.web = Reach(self.web_db, self.clock)
            return ""

    def do_pass(self, action: Action) -> None:
        self.clock.pass_s(action["s"])

    def do_step(self, action: Action) -> None:
        """The chore that takes runs over looks each second, leases are renewed every two."""
        self.clock.set(action["s"])
        if self.attempting:
            for machine in self.machines:
                machine.do_chores()
            self.renew_all(0.001)

    def renew_all(self, seconds: float) -> bool:
        for each in self.attempting if seconds else ():
            each.process.age(seconds)
        return bool(self.attempting)

    def do_flush(self, action: Action) -> None:
        self.redis.flushall()

    def do_cut(self, action: Action) -> None:
        """What was cut is opened again, and nobody notices; while a file is away nothing is acknowledged."""
        self.databases.cut()
        if self.databases.kind == "sqlite":
            with self.databases.away():
                key = f"away{len(self.model.sent):03}"
                self.model.calls[key], self.model.events[key] = "call-away", "call.completed"
                self.model.require(self.send(key) == "", "acknowledged without a file")
                self.model.sent[key] = "unsure"
                for machine in self.machines:
                    machine.tick()
                    machine.do_chores()

    def do_outage(self, action: Action) -> None:
        self.destination.outages[HANDLERS[action["handler"]]] = action["attempts"]

    # The machines

    def do_tick(self, action: Action) -> None:
        machine, trouble = self.machines[action["machine"]], action["trouble"]
        at_chores = bool(trouble) and trouble["at"] % 3 == 0
        machine.dispatching.expect(None if at_chores else trouble)
        machine.tick()
        machine.dispatching.expect(None)
        self.see_opened(machine)
        machine.choring.expect(trouble if at_chores else None)
        machine.do_chores()
        machine.choring.expect(None)
        self.model.follow(self.look())

    def see_opened(self, machine: Machine) -> None:
        seen = self.look()
        open_to = [each for each in machine.activations if each.state in ("on", "misconfigured")]
        takes = {each.handler.name: set(each.events()) for each in open_to}
        self.model.open(seen, [lane for each in open_to for lane in each.lanes()], takes)
        self.model.assign(seen, machine.lanes())

    def do_round(self, action: Action, *, tick: bool = True) -> None:
        for handler in range(len(HANDLERS)):
            self.do_work({**action, "handler": handler, "jobs": 9, "tick": tick and not handler, "says": ["ok"],
                          "trouble": None, "meanwhile": []})  # fmt: skip

    def do_work(self, action: Action) -> None:
        machine = self.machines[action["machine"]]
        if machine.busy:
            machine = self.machines[1 - machine.number]
        if action["tick"]:
            self.do_tick({"machine": machine.number, "trouble": None})
        process = machine.process(HANDLERS[action["handler"]])
        if process is None or machine.busy:
            return
        process.take(self.redis, action["jobs"])
        process.reach.expect(action["trouble"])
        machine.busy += 1
        self.attempting.append(Attempting(machine, process, action["says"], action["meanwhile"]))
        self.perform(machine, process)
        self.attempting.pop()
        machine.busy -= 1
        process.reach.expect(None)
        process.frozen = False
        if machine.outdated:
            self.restart(machine, killed=False)

    def perform(self, machine: Machine, process: Process) -> None:
        try:
            while process.line.waiting:
                process.line.waiting.pop(0)()
                self.settle(process)
        except Killed:
            self.settle(process)
            machine.forget(process)

    def settle(self, process: Process) -> None:
        """How the attempts of a process have ended: written down, or not as it was killed."""
        seen = self.look()
        for place, run in self.model.runs.items():
            there = seen.runs.get(place)
            if there and run.state == "waiting" and there.owner == process.owner:
                self.model.begin(run, process, self.lanes_of(process))
                run.holder = process if process.reach.killed else None
            elif there and run.holder is process and there.is_now != "running":
                self.model.end(run, there)
            elif run.holder is process:
                self.model.require(process.reach.killed, f"{place}: how its attempt ended was not written down")

    def lanes_of(self, process: Process) -> list[Lane]:
        return [lane for activation in process.activations.values() for lane in activation.lanes()]

    # In an attempt

    def call(self, events: Sequence[Event], runs: Sequence[Run]) -> list[object]:
        """What the handlers do. A difference found here would be taken for a handler's failure: it is kept."""
        attempting = self.attempting[-1]
        try:
            for run in runs:
                place = (run.delivery.key, run.handler, run.target)
                self.model.require(place in self.model.runs, f"{place}: an attempt of what is not to be there")
                self.model.begin(self.model.runs[place], attempting.process, self.lanes_of(attempting.process))
            return [self.attempt(attempting, run) for run in runs]
        except Difference as difference:
            self.difference = self.difference or difference
            attempting.process.reach.kill()
            raise

    difference: Difference | None = None

    def attempt(self, attempting: Attempting, run: Run) -> object:
        process, says = attempting.process, attempting.next_says()
        kept = self.model.runs[run.delivery.key, run.handler, run.target]
        self.happen_meanwhile(attempting)
        if says.endswith("before"):
            self.interrupt(process, says)
        process.reach.look()
        effects = self.destination.effects[kept.place]
        try:
            outcome: object = self.destination.answer(kept.place, run, says)
        except Exception as error:
            outcome = error
        if kept.holder is process:
            kept.said, kept.acted = said(outcome), self.destination.effects[kept.place] > effects
        if says.endswith("after"):
            self.interrupt(process, says)
        return outcome

    def happen_meanwhile(self, attempting: Attempting) -> None:
        actions, attempting.meanwhile = attempting.meanwhile, ()
        for action in actions:
            self.do(action)
        attempting.process.reach.look()

    def interrupt(self, process: Process, says: str) -> None:
        """Its process is killed; or it is frozen, while others go on."""
        if says.startswith("dies"):
            process.reach.kill()
        process.frozen = True
        self.clock.pass_s(FREEZE_S)
        for machine in self.machines:
            self.do_tick({"machine": machine.number, "trouble": None})
        handler = HANDLERS.index(process.handler.name)
        self.do_work({"machine": 0, "handler": handler, "jobs": 2, "tick": True, "says": ["ok"], "trouble": None,
                      "meanwhile": []})  # fmt: skip

    # By hand

    def do_kill(self, action: Action) -> None:
        self.restart(self.machines[action["machine"]], killed=True)

    def do_stop(self, action: Action) -> None:
        self.restart(self.machines[action["machine"]], killed=False)

    def restart(self, machine: Machine, *, killed: bool) -> None:
        machine.kill() if killed else machine.stop()
        machine.start(self.activations())

    def do_switch(self, action: Action) -> None:
        name = HANDLERS[action["handler"]]
        variable = VARIABLES[name]
        value = action["urls"] if variable == "URLS" else "" if variable in self.env else "1"
        self.env = {each: text for each, text in {**self.env, variable: value}.items() if text}
        for machine in self.machines:
            machine.outdated = True
            if not machine.busy:
                self.restart(machine, killed=action["killed"])

    def do_pause(self, action: Action) -> None:
        name = HANDLERS[action["handler"]]
        target = action["target"] if name == "urls.post" else None
        lanes = [Lane("", name, target)] if target else [lane for lane in self.lanes() if lane.handler == name]
        try:
            made = operations.pause(self.desk, self.activations(), name, target, reason="by hand")
        except HandlerNotOn:
            self.model.require(not lanes, f"{name} is on, and cannot be paused")
            return
        expected = set(lanes) - self.model.pauses
        self.model.require(made == len(expected), f"paused {made} lanes, not {len(expected)}")
        self.model.pauses |= expected

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
        before, self.between = self.look(), None
        if between := action["between"]:
            self.desk.between = lambda: self.do_between(between)
        done = operations.cancel(self.desk, selection, "by hand", at_once=action["at_once"])
        self.desk.between = None
        waited = [run for run in to_cancel(before, selection, keys) if self.is_as_it_was(run, before)]
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

    def is_as_it_was(self, run: SeenRun, before: Seen) -> bool:
        """Whether nobody took it between the look and the commit."""
        seen = self.between or before
        return run.place in seen.runs and seen.runs[run.place].state == run.state

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

    # The end

    def do_end(self, action: Action) -> None:
        """Everything is resumed, the destinations are well, and time passes until nothing happens any more."""
        if action["all_on"]:
            self.env = dict(ALL_ON)
            for machine in self.machines:
                self.restart(machine, killed=False)
        for key in sorted(set(self.model.sent) - self.model.acknowledged):
            self.model.answered(key, self.send(key))
        quiet = 0
        for number in range(ROUNDS):
            before = self.look()
            self.play_round(number)
            unfinished = self.unfinished()
            if not unfinished:
                return
            quiet = 0 if self.look() != before else quiet + 1
            self.model.require(quiet < len(LADDER_S), f"nothing moves {unfinished[:3]}", "stuck")
            self.clock.pass_s(LADDER_S[quiet])
        raise Difference(f"after {ROUNDS} rounds: {unfinished[:3]}", "stuck")

    def play_round(self, number: int) -> None:
        for name in sorted({lane.handler for lane in self.model.pauses}):
            self.do_resume({"handler": HANDLERS.index(name), "target": None})
        for machine in self.machines:
            self.do_tick({"machine": machine.number, "trouble": None})
        self.do_round({"machine": number % 2}, tick=False)
        self.model.compare(self.look())

    def unfinished(self) -> list[str]:
        """What is to go on: all but what waits for a handler, or a target, that is not on."""
        lanes = set(self.lanes())
        waiting = [
            f"{run.place}: {run.state}"
            for run in self.model.runs.values()
            if run.state == "running" or (run.state == "waiting" and run.lane in lanes)
        ]
        return waiting + [f"{key}: not dispatched" for key in self.model.acknowledged - self.model.dispatched]

    def happened(self) -> Counter[str]:
        """What was done, and how the runs have ended."""
        return self.model.happened + self.clock.troubles + Counter(run.state for run in self.model.runs.values())

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


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one sequence went; `difference` is empty where the receiver and the model agree to the end."""

    actions: int = 0
    deliveries: int = 0
    runs: int = 0
    effects: int = 0
    difference: str = ""
    kind: str = ""
    step: int = 0
    happened: Mapping[str, int] = field(default_factory=dict)  # by action, and by what became of runs


def play(databases: Databases, actions: Sequence[Action], seed: int = 0) -> Outcome:
    """Do these actions; `seed` decides the jitter of the schedule."""
    random.seed(seed)
    with closing(System(databases)) as system:
        difference, number = None, 0
        try:
            for number, action in enumerate(actions):
                system.do(action)
                if system.difference:
                    raise system.difference
                if number % 5 == 0 or action["do"] == "end":
                    system.check_answers()
        except Difference as found:
            difference = system.difference or found
        return Outcome(
            actions=number + 1, deliveries=len(system.model.acknowledged), runs=len(system.model.runs),
            effects=system.destination.effects.total(), difference=str(difference or ""),
            kind=difference.kind if difference else "", step=number, happened=system.happened(),
        )  # fmt: skip
