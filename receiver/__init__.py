"""The names that a handler may use."""

from .errors import ConfigurationError, GiveUp, Pause, RetryLater
from .events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated, UnknownEvent
from .registry import Run, all_of, ambient, handles, one_of

__all__ = [
    "AppointmentBooked",
    "CallCompleted",
    "CallTransferred",
    "ConfigurationError",
    "Event",
    "GiveUp",
    "LeadCreated",
    "Pause",
    "RetryLater",
    "Run",
    "UnknownEvent",
    "all_of",
    "ambient",
    "handles",
    "one_of",
]
