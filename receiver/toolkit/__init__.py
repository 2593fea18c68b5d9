"""The second tier of what a handler may use: guarded HTTP, outcomes, CRM verbs, forwarding, text for people."""

from .addresses import allowed_hosts, check_url, is_public, masked, resolve
from .calls import Booking, Call, Note, Person, first_value, is_urgent
from .crm import Crm, keep_in_crm
from .deadline import time_left_s, within
from .forwarding import (
    hook_options,
    hook_target,
    not_there,
    outcome_of,
    post_envelope,
    post_signed,
    retry_later,
    url_targets,
)
from .http import (
    CertificateInvalid,
    NoAnswer,
    connect,
    get_json,
    patch_json,
    post_json,
    put_json,
    send,
    send_json,
)
from .outcomes import Refusal, check_status, refusal, retry_after_s
from .readable import BUSINESS, check_business, for_people, is_withheld, read_time, shown_phone, shown_time

__all__ = [
    "BUSINESS",
    "Booking",
    "Call",
    "CertificateInvalid",
    "Crm",
    "NoAnswer",
    "Note",
    "Person",
    "Refusal",
    "allowed_hosts",
    "check_business",
    "check_status",
    "check_url",
    "connect",
    "first_value",
    "for_people",
    "get_json",
    "hook_options",
    "hook_target",
    "is_public",
    "is_urgent",
    "is_withheld",
    "keep_in_crm",
    "masked",
    "not_there",
    "outcome_of",
    "patch_json",
    "post_envelope",
    "post_json",
    "post_signed",
    "put_json",
    "read_time",
    "refusal",
    "resolve",
    "retry_after_s",
    "retry_later",
    "send",
    "send_json",
    "shown_phone",
    "shown_time",
    "time_left_s",
    "url_targets",
    "within",
]
