"""The names that a handler may use."""

from .destinations import check as check_status
from .destinations import get_json, patch_json, post_json, put_json, retry_after_s, send
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
    "check_status",
    "get_json",
    "handles",
    "one_of",
    "patch_json",
    "post_json",
    "put_json",
    "retry_after_s",
    "send",
]
