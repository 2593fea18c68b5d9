"""What a CRM must be able to do, and the one function that carries an event through it.

The events of a call come in any order, and each may come again. So whatever is written is made from all events of
the call that are known by then, under a key that does not change: whichever is last leaves the same behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from ..events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated
from ..registry import Earlier, Run
from .calls import (
    Booking,
    Call,
    Note,
    Person,
    believed,
    booking_id,
    booking_of,
    call_of,
    caller,
    note_of,
    printable,
)

KEY_CHARS = 200
ANOTHER = "another "  # how the outcome of a call's second booking begins


class Crm(Protocol):
    """What a class of yours does for `keep_in_crm`: four verbs, each safe to repeat, as one key is one object.

    `person` is the id that `upsert_person` returned, "" where nobody is known. Each returns the id of what it wrote.
    """

    def upsert_person(self, person: Person) -> str:
        """The id of the one person with this phone, or with this e-mail where there is no phone."""

    def log_call(self, key: str, call: Call, person: str) -> str:
        """The id of the one call with this key."""

    def log_booking(self, key: str, booking: Booking, person: str) -> str:
        """The id of the one appointment with this key."""

    def add_note(self, key: str, note: Note, person: str) -> str:
        """The id of the one note with this key."""


def keep_in_crm(crm: Crm, event: Event, run: Run) -> str:
    """Upsert the caller, and the call, the booking or a lead's note on them; the outcome names their ids.

    It merges what all events of the call say, this run's and those of `run.earlier()`. Raises what the verbs raise.
    """
    earlier = [other for other in run.earlier() if other.event.delivery_id != event.delivery_id]
    events = believed([*(other.event for other in earlier), event])
    received = datetime.fromtimestamp(run.delivery.received_us / 1e6, UTC)
    who = caller(events, received)
    person = crm.upsert_person(who) if who.phone or who.email else ""
    key, made = crm_key(event.call_id or event.delivery_id), ""
    if isinstance(event, CallCompleted | CallTransferred):
        made = f"call {crm.log_call(key, call_of(events, received), person)}"
    elif isinstance(event, AppointmentBooked):
        word, own = booking_key(key, event, earlier)
        same = [other for other in events if booking_id(other) == booking_id(event)]
        made = f"{word}booking {crm.log_booking(own, booking_of(same, received), person)}"
    elif isinstance(event, LeadCreated) and person:
        made = f"note {crm.add_note(crm_key(f'lead:{key}'), note_of(events, received), person)}"
    if person:
        return f"{made}, person {person}" if made else f"person {person}"
    return f"{made or 'nothing kept'}, on no person: the caller's number and e-mail are withheld"


def booking_key(key: str, event: AppointmentBooked, earlier: Sequence[Earlier]) -> tuple[str, str]:
    """The first booking of a call has the call's own key; another one, recognised by its outcome, a key of its own."""
    others = [other for other in earlier if isinstance(other.event, AppointmentBooked)]
    same = [other for other in others if booking_id(other.event) == booking_id(event)]
    if same:
        is_another = any(other.outcome.startswith(ANOTHER) for other in same)
    else:
        is_another = any(not other.outcome.startswith(ANOTHER) for other in others)
    return (ANOTHER, crm_key(f"{key}#{booking_id(event)}")) if is_another else ("", key)


def crm_key(key: str) -> str:
    """A key that every CRM takes: short enough, and printable; shortened, it still tells two apart."""
    cleaned = " ".join(printable(key).split())
    if cleaned == key and len(key) <= KEY_CHARS:
        return key
    return f"{cleaned[:100]}~{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:32]}"
