"""The played destinations: what each attempt met there, and how often each delivery has its effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from receiver.errors import ConfigurationError, GiveUp, LeaseLost, Pause, RetryLater
from receiver.events import EVERY_EVENT, CallCompleted, Event, LeadCreated
from receiver.registry import Handler, Run, all_of

Place = tuple[str, str, str]  # a delivery's key, the handler, the target
Call = Callable[[Sequence[Event], Sequence[Run]], Sequence[object]]

REFUSALS: Mapping[str, Callable[[], Exception]] = {
    "retry": lambda: RetryLater("busy"),
    "cooldown": lambda: RetryLater("too often", delay_s=40, cooldown=True),
    "pause": lambda: Pause("403"),
    "give-up": lambda: GiveUp("no such thing"),
    "raise": lambda: ValueError("unexpected"),
}


class Destination:
    """All but `urls.post` can be asked whether a delivery is there already."""

    def __init__(self) -> None:
        self.effects: Counter[Place] = Counter()
        self.outages: Counter[str] = Counter()  # by handler: how many more attempts are refused

    def answer(self, place: Place, run: Run, says: str) -> str:
        """Act as it `says`, with the run as the handler has it. Raises what a handler raises."""
        if run.handler != "urls.post" and run.unsure and self.effects[place]:
            return "found"
        run.check_lease()
        if self.outages[run.handler]:
            self.outages[run.handler] -= 1
            raise REFUSALS["retry"]()
        if says in REFUSALS:
            raise REFUSALS[says]()
        self.effects[place] += 1
        if says == "acts-then-fails":
            raise ConnectionError("no answer")
        return "written"


def said(outcome: object) -> str:
    """The model's word for how an attempt ended at the destination."""
    match outcome:
        case LeaseLost():
            return "lost"
        case Pause():
            return "pause"
        case GiveUp():
            return "give-up"
        case BaseException():
            return "fail"
    return "ok"


def handlers(call: Call) -> dict[str, Handler]:
    """One that asks first, one that takes batches, one with a pace, and one with targets that cannot be asked."""

    def single(event: Event, run: Run) -> object:
        [outcome] = call([event], [run])
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    made = [
        Handler(name="ask.write", function=single, events=EVERY_EVENT, needs=all_of("ASK")),
        Handler(name="many.write", function=call, events=(CallCompleted, LeadCreated), needs=all_of("MANY"), batch=3),
        Handler(name="paced.write", function=single, events=(CallCompleted,), needs=all_of("PACED"), pace_s=1),
        Handler(name="urls.post", function=single, events=(CallCompleted, LeadCreated), needs=all_of("URLS"),
                targets=targets),
    ]  # fmt: skip
    return {handler.name: handler for handler in made}


def targets(settings: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    if settings["URLS"] == "?":
        raise ConfigurationError("URLS cannot be read")
    return {name: {} for name in settings["URLS"].split(",")}
