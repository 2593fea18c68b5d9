"""The names that a handler may use."""

from .destinations import (
    BUSINESS,
    check_business,
    check_url,
    clean,
    get_json,
    patch_json,
    post_json,
    put_json,
    read_time,
    retry_after_s,
    send,
    shown_phone,
    shown_time,
)
from .destinations import check as check_status
from .errors import ConfigurationError, GiveUp, Pause, RetryLater
from .events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated, UnknownEvent
from .registry import Earlier, Run, all_of, ambient, handles, one_of

__all__ = [
    "BUSINESS",
    "AppointmentBooked",
    "CallCompleted",
    "CallTransferred",
    "ConfigurationError",
    "Earlier",
    "Event",
    "GiveUp",
    "LeadCreated",
    "Pause",
    "RetryLater",
    "Run",
    "UnknownEvent",
    "all_of",
    "ambient",
    "check_business",
    "check_status",
    "check_url",
    "clean",
    "get_json",
    "handles",
    "one_of",
    "patch_json",
    "post_json",
    "put_json",
    "read_time",
    "retry_after_s",
    "send",
    "shown_phone",
    "shown_time",
]
