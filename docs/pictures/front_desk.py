"""The calls of one day that the pictures show: of a workshop in English, and of a dental practice in Spanish."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mock_sender.traffic import BUSINESSES, Business, Planned, day
from receiver import Earlier, Event, Run
from receiver.events import Delivery, read_event
from receiver.registry import load

DAY = date(2026, 11, 24)
CALLS = 14


@dataclass(frozen=True)
class Desk:
    """A business whose callers all speak its language, and the day that was chosen for its pictures."""

    language: str
    business: str
    seed: int

    @property
    def of(self) -> Business:
        return replace(BUSINESSES[self.business], languages={self.language: 100})

    @property
    def suffix(self) -> str:
        return "" if self.language == "en" else f".{self.language}"

    def settings(self, handler: str, env: Mapping[str, str]) -> Mapping[str, str]:
        own = {"BUSINESS_LANGUAGE": self.language, "BUSINESS_TIMEZONE": str(self.of.zone)}
        [settings] = load("handlers")[handler].activate({**env, **own}).targets.values()
        return settings

    def plan(self) -> list[Planned]:
        return day(random.Random(self.seed), self.of, DAY, CALLS)

    def deliveries(self) -> Iterator[tuple[Event, Delivery]]:
        for planned in self.plan():
            payload, us = planned.payload, int(planned.time.timestamp() * 1_000_000)
            delivery = Delivery(key=payload.delivery_id, event=payload.event, body=payload.body, received_us=us)
            yield read_event(delivery), delivery


DESKS = (Desk("en", "garage", seed=37), Desk("es", "dental", seed=29))


def a_run(handler: str, settings: Mapping[str, str], delivery: Delivery, earlier: list[Earlier]) -> Run:
    call = [other for other in earlier if other.event.call_id == read_event(delivery).call_id]
    return Run(id=1, handler=handler, settings=settings, delivery=delivery, earlier=lambda: call)


def longest_call(desk: Desk) -> list[tuple[Event, Delivery]]:
    calls: dict[str, list[tuple[Event, Delivery]]] = {}
    for event, delivery in desk.deliveries():
        calls.setdefault(event.call_id or "", []).append((event, delivery))
    return max(calls.values(), key=len)
