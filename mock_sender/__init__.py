"""Plays everything outside the receiver: InboundFlow before it, and the destinations behind it.

For a project of your own:

    from mock_sender import InboundFlow, call

    flow = InboundFlow()
    webhook = flow.connect("http://127.0.0.1:8000/webhook", secret="whsec_test")
    for payload in call(random.Random(1)):
        flow.report(payload)
    assert flow.connection(webhook.id).failures == 0

Everything is typed. `mock_sender.pytest_plugin` has it as fixtures, `mock_sender.conformance` checks a receiver.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .book import LIVES, Book
    from .clock import Clock, VirtualClock, WallClock
    from .inboundflow import InboundFlow
    from .payloads import EVENTS, Payload, call, sample
    from .records import Connection, Delivery, Refused
    from .schedule import SCHEDULES, Schedule
    from .sender import UnusableURL, deliver
    from .trouble import TROUBLES, Trouble
    from .wire import Answer, Request

__version__ = "0.1.0"
__all__ = [
    "EVENTS",
    "LIVES",
    "SCHEDULES",
    "TROUBLES",
    "Answer",
    "Book",
    "Clock",
    "Connection",
    "Delivery",
    "InboundFlow",
    "Payload",
    "Refused",
    "Request",
    "Schedule",
    "Trouble",
    "UnusableURL",
    "VirtualClock",
    "WallClock",
    "call",
    "deliver",
    "sample",
]

# Each name is fetched when it is asked for: the played destinations and the signature need none of the rest.
HOMES = {
    "book": ("LIVES", "Book"),
    "clock": ("Clock", "VirtualClock", "WallClock"),
    "inboundflow": ("InboundFlow",),
    "payloads": ("EVENTS", "Payload", "call", "sample"),
    "records": ("Connection", "Delivery", "Refused"),
    "schedule": ("SCHEDULES", "Schedule"),
    "sender": ("UnusableURL", "deliver"),
    "trouble": ("TROUBLES", "Trouble"),
    "wire": ("Answer", "Request"),
}


def __getattr__(name: str) -> Any:
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
