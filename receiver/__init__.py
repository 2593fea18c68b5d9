"""The first tier of what a handler may use: what it needs to be one. `receiver.toolkit` is the second."""

from .errors import ConfigurationError, GiveUp, Pause, RetryLater
from .events import EVERY_EVENT, AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated, UnknownEvent
from .registry import INTERFACE, Earlier, Notice, Run, all_of, ambient, handles, notifies, one_of

__all__ = [
    "EVERY_EVENT",
    "INTERFACE",
    "AppointmentBooked",
    "CallCompleted",
    "CallTransferred",
    "ConfigurationError",
    "Earlier",
    "Event",
    "GiveUp",
    "LeadCreated",
    "Notice",
    "Pause",
    "RetryLater",
    "Run",
    "UnknownEvent",
    "all_of",
    "ambient",
    "handles",
    "notifies",
    "one_of",
]
