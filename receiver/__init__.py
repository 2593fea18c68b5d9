"""The names that a handler may use."""

from typing import TYPE_CHECKING

from .errors import ConfigurationError, GiveUp, Pause, RetryLater
from .events import EVERY_EVENT, AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated, UnknownEvent
from .registry import Earlier, Run, all_of, ambient, handles, one_of

if TYPE_CHECKING:
    from .toolkit import (
        BUSINESS,
        Booking,
        Call,
        Crm,
        Note,
        Person,
        allowed_hosts,
        check_business,
        check_status,
        check_url,
        clean,
        get_json,
        hook_options,
        hook_target,
        keep_in_crm,
        later,
        masked,
        patch_json,
        post_envelope,
        post_json,
        post_signed,
        put_json,
        read_time,
        retry_after_s,
        send,
        send_json,
        settle,
        shown_phone,
        shown_time,
        url_targets,
    )

__all__ = [
    "BUSINESS",
    "EVERY_EVENT",
    "AppointmentBooked",
    "Booking",
    "Call",
    "CallCompleted",
    "CallTransferred",
    "ConfigurationError",
    "Crm",
    "Earlier",
    "Event",
    "GiveUp",
    "LeadCreated",
    "Note",
    "Pause",
    "Person",
    "RetryLater",
    "Run",
    "UnknownEvent",
    "all_of",
    "allowed_hosts",
    "ambient",
    "check_business",
    "check_status",
    "check_url",
    "clean",
    "get_json",
    "handles",
    "hook_options",
    "hook_target",
    "keep_in_crm",
    "later",
    "masked",
    "one_of",
    "patch_json",
    "post_envelope",
    "post_json",
    "post_signed",
    "put_json",
    "read_time",
    "retry_after_s",
    "send",
    "send_json",
    "settle",
    "shown_phone",
    "shown_time",
    "url_targets",
]


def __getattr__(name: str) -> object:
    """What destinations share, once it is asked for: the web process never does, and the libraries are large."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import toolkit

    return getattr(toolkit, name)
