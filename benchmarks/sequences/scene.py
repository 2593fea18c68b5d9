"""The receiver on two worker machines, its sender, and the time; the model beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from receiver import queue
from receiver.errors import NotStored
from receiver.events import Delivery, Event
from receiver.inbox import Inbox
from receiver.registry import Activation, Lane, Run, activate

from .clock import Clock
from .databases import Databases
from .destination import Destination, handlers
from .machine import Machine, Process
from .model import Model
from .plan import HANDLERS, Action
from .reach import Killed, Reach
from .seen import Seen, look

VARIABLES = {"ask.write": "ASK", "many.write": "MANY", "paced.write": "PACED", "urls.post": "URLS"}
ALL_ON = {"ASK": "1", "MANY": "1", "PACED": "1", "URLS": "x,y"}


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


class Scene:
    """What there is. The actions are the methods `do_…`, here and in the classes below."""

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

    def call(self, events: Sequence[Event], runs: Sequence[Run]) -> list[object]:
        """What the handlers do."""
        raise NotImplementedError

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
