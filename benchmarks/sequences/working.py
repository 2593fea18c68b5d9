"""Dispatching, chores and attempts, with what happens in the middle of them."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.events import Event
from receiver.registry import Lane, Run

from .destination import said
from .machine import Machine, Process
from .model import Difference
from .plan import HANDLERS, Action
from .reach import Killed
from .scene import Attempting, Scene

FREEZE_S = 40  # longer than a lease and an attempt


class Working(Scene):
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
