"""Does what a sequence says, to the receiver and to the model, and lets it all run to quiet at the end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from .databases import Databases
from .hands import Hands
from .model import Difference
from .plan import HANDLERS, Action
from .scene import ALL_ON
from .working import Working

LADDER_S = (1, 1, 1, 2, 5, 10, 30, 120, 600, 3600, 21_600, 65_000, 65_000)  # how long it waits where nothing happens
ROUNDS = 400


class System(Working, Hands):
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
