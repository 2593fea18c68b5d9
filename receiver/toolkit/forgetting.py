"""Deleting at a CRM what `keep_in_crm` brought there of somebody who is erased; the person themselves stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from ..errors import GiveUp
from ..events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated
from ..registry import Run
from .crm import booking_key, crm_key

MADE = re.compile(r"(?:another )?(call|booking|note) ([^\s,]+)")
AS_NOTE = re.compile(r" as a note(,|$)")
HIDDEN = "…"  # what stands in an erased delivery's outcome for a name, a number, an address or a call's id
PERSON = re.compile(r"\bperson ([^\s,]+)")


class Made(NamedTuple):
    """A call, a booking or a note, with its id in the CRM and its key; "" for what is not known of the two."""

    kind: str
    id: str
    key: str


class CrmForgets(Protocol):
    """What a class of yours does for `forget_in_crm`."""

    def delete(self, kind: str, id: str, key: str) -> None:
        """Delete a `call`, a `booking` or a `note`, by its id, or by its key where the id is "". One that is gone is
        no error. GiveUp says that it is not ours (any more): look for a key of ours on it first.
        """


def forget_in_crm(crm: CrmForgets, event: Event, run: Run, outcome: str) -> str:
    """For `forget` in @handles: delete the call, the booking or the note that `keep_in_crm` made of this event.

    The person is never deleted, as they may have been there before: who they are is returned, for people to decide.
    Raises what the verb raises.
    """
    for made in named(outcome, event, run) if outcome else possible(event, run):
        crm.delete(*made)
    person = PERSON.search(outcome)
    return f"person {person[1]}" if person else ""


def named(outcome: str, event: Event, run: Run) -> list[Made]:
    """What an outcome names, if anything."""
    match = MADE.match(outcome)
    if not match:
        return []
    if match[2] == HIDDEN:
        raise GiveUp("its id there is hidden, as it is the call's id too: look for it by its time")
    kind = "note" if AS_NOTE.search(outcome) else match[1]
    return [Made(kind, match[2], next((made.key for made in possible(event, run) if made.kind == kind), ""))]


def possible(event: Event, run: Run) -> Iterator[Made]:
    """What may have been made of an event, by its keys. Of an erased one nobody knows them."""
    if not event.data:
        return
    key = crm_key(event.call_id or event.delivery_id)
    if isinstance(event, CallCompleted | CallTransferred):
        yield Made("call", "", key)
    elif isinstance(event, AppointmentBooked):
        others = [other for other in run.earlier() if other.event.delivery_id != event.delivery_id]
        own = booking_key(key, event, others)[1]
        yield Made("booking", "", own)
        yield Made("note", "", crm_key(f"booking:{own}"))
    elif isinstance(event, LeadCreated):
        yield Made("note", "", crm_key(f"lead:{key}"))
