"""What a CRM must be able to do, and the one function that carries an event through it.

The events of a call come in any order, and each may come again. So whatever is written is made from all events of
the call that are known by then, under a key that does not change: whichever is last leaves the same behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from ..errors import GiveUp
from ..events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated
from ..registry import Earlier, Run
from .calls import (
    Activity,
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
from .people import Placed, several_in
from .readable import business_language, business_zone
from .words import say

KEY_CHARS = 200
FILES = (".inc", ".json", ".xml")
Written = TypeVar("Written", bound=Activity)
ANOTHER = "another "  # how the outcome of a call's second booking begins


class Crm(Protocol):
    """What a class of yours does for `keep_in_crm`: four verbs, each safe to repeat, as one key is one object.

    `person` is the id that `upsert_person` returned, "" where nobody is known. Each returns the id of what it wrote, or
    `Placed` where the outcome is to say more.
    """

    def upsert_person(self, person: Person) -> str | Placed:
        """The id of the one person with this phone, or with this e-mail where there is no phone; with `find_person`,
        of one who is there already. GiveUp says that the CRM refuses this person: what was said is kept without one.
        """

    def log_call(self, key: str, call: Call, person: str) -> str | Placed:
        """The id of the one call with this key."""

    def log_booking(self, key: str, booking: Booking, person: str) -> str | Placed:
        """The id of the one appointment with this key."""

    def add_note(self, key: str, note: Note, person: str) -> str | Placed:
        """The id of the one note with this key."""


def keep_in_crm(crm: Crm, event: Event, run: Run) -> str:
    """Upsert the caller, and the call, the booking or a lead's note on them; the outcome names their ids.

    It merges what all events of the call say, this run's and those of `run.earlier()`. Raises what the verbs raise.
    """
    before = run.earlier()
    earlier = [other for other in before if other.event.delivery_id != event.delivery_id]
    events = believed([*(other.event for other in earlier), event])
    received = datetime.fromtimestamp(run.delivery.received_us / 1e6, UTC)
    who = caller(events, received)
    placed = place(crm, who)
    language = business_language(run.settings)
    told = several_in([*placed.remarks, *(other.outcome for other in before)], language)
    key, made = crm_key(event.call_id or event.delivery_id), ""
    if isinstance(event, CallCompleted | CallTransferred):
        call = with_text(call_of(events, received, language), told)
        made = f"call {shown(crm.log_call(key, call, placed.id))}"
    elif isinstance(event, AppointmentBooked):
        word, own = booking_key(key, event, earlier)
        same = [other for other in events if booking_id(other) == booking_id(event)]
        booking = with_text(booking_of(same, received, business_zone(run.settings), language), told)
        made = f"{word}booking {keep_booking(crm, own, booking, placed.id, language)}"
    elif isinstance(event, LeadCreated) and (placed.id or placed.remarks):
        note = with_text(note_of(events, received, language), told if placed.id else contact_lines(who, language))
        made = f"note {shown(crm.add_note(crm_key(f'lead:{key}'), note, placed.id))}"
    return said(made, placed)


def first_received(run: Run) -> datetime:
    """When the first delivery of the run's call was received that this handler has had, in UTC.

    What it wrote about the call was written later: where a CRM has no upsert, that is how far back to look for it. A
    booking's own time is no help, as that is when the appointment begins.
    """
    times_us = [run.delivery.received_us, *(other.received_us for other in run.earlier() if other.received_us)]
    return datetime.fromtimestamp(min(times_us) / 1e6, UTC)


def place(crm: Crm, who: Person) -> Placed:
    """The person, if the CRM takes them; a refusal that is about them alone does not lose what they said."""
    if not (who.phone or who.email):
        return Placed("")
    try:
        placed = crm.upsert_person(who)
    except GiveUp as refused:
        return Placed("", (f"on no person: {refused}",))
    return Placed(placed) if isinstance(placed, str) else placed


def shown(written: str | Placed) -> str:
    """Its id, and what there is to say about it."""
    return written if isinstance(written, str) else " ".join([written.id, *written.remarks])


def keep_booking(crm: Crm, key: str, booking: Booking, person: str, language: str) -> str:
    """An appointment; where it names no day that can be read, a note, as on any day it would mislead."""
    if booking.start or booking.day:
        return shown(crm.log_booking(key, booking, person))
    title = f"{say('Booked, time not understood', language)}: {booking.title}"
    note = Note(title=title, time=booking.time, text=booking.text, deliveries=booking.deliveries)
    return f"{shown(crm.add_note(crm_key(f'booking:{key}'), note, person))} as a note"


def said(made: str, placed: Placed) -> str:
    if placed.id:
        return ", ".join(filter(None, [made, f"person {placed.id}", *placed.remarks]))
    if placed.remarks:
        return ", ".join(filter(None, [made, *placed.remarks]))
    return f"{made or 'nothing kept'}, on no person: the caller's number and e-mail are withheld"


def with_text(activity: Written, more: str) -> Written:
    return replace(activity, text="\n\n".join(filter(None, [activity.text, more])))


def contact_lines(person: Person, language: str) -> str:
    """How to reach somebody whom the CRM does not take."""
    lines = ("Name", person.name), ("Phone", person.phone), ("E-mail", person.email)
    return "\n".join(f"{say(label, language)}: {value}" for label, value in lines if value)


def booking_key(key: str, event: AppointmentBooked, earlier: Sequence[Earlier]) -> tuple[str, str]:
    """The first booking of a call has the call's own key; another one, recognised by its outcome, a key of its own."""
    others = [other for other in earlier if isinstance(other.event, AppointmentBooked)]
    same = [other for other in others if booking_id(other.event) == booking_id(event)]
    if same:
        is_another = any(other.outcome.startswith(ANOTHER) for other in same)
    else:
        is_another = any(not other.outcome.startswith(ANOTHER) for other in others)
    return (ANOTHER, crm_key(f"{key}#{booking_id(event)}")) if is_another else ("", key)


def person_key(person: Person) -> str:
    """A key for the person: the number, or what stands for the address and can be in a path without giving it away.

    At Salesforce an address that ends as a file does (`.inc`, `.xml`) is answered with 404.
    """
    return person.phone or f"mail-{hashlib.sha256(person.email.encode()).hexdigest()}"


def crm_key(key: str) -> str:
    """A key that every CRM takes: short enough, printable, and no file's name, which Salesforce answers with 404.

    What is changed for that still tells two apart.
    """
    cleaned = " ".join(printable(key).split())
    if cleaned == key and len(key) <= KEY_CHARS and not key.lower().endswith(FILES):
        return key
    return f"{cleaned[:100]}~{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:32]}"
