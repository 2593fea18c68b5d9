"""Keeps callers as contacts in HubSpot, with their calls, bookings and leads. Recipe: recipes/hubspot.md.

Once: every step is an upsert on a unique property of ours, or sets what is set already, so that a repeat changes
nothing, and nothing has to be asked first.
"""

from __future__ import annotations

import hashlib
import html
import logging
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from receiver import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated, RetryLater, Run, handles
from receiver.toolkit import Booking, Call, Note, Person, keep_in_crm

from .client import Client, accepted, read
from .properties import CALL_KEY, DELIVERY, NOTE_KEY, PHONE_KEY, check, setup
from .refusals import STAGE, StageRefused

log = logging.getLogger("handlers.hubspot")
_without_stage: set[tuple[str, str]] = set()  # accounts, as they are reached

BODY_CHARS = 60_000  # HubSpot takes 65,536
# https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines: 100 requests in 10 s, and an event
# needs up to 6: contact, e-mail, a note that it belongs to another, that note's contact, the call, the call's contact.
PACE_S = 0.6


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    needs="HUBSPOT_ACCESS_TOKEN",
    optional={"HUBSPOT_API_URL": "https://api.hubapi.com"},
    pace_s=PACE_S,
    setup=setup,
    check=check,
)
def keep_contact(event: Event, run: Run) -> str:
    """Upsert the caller, and the call or booking on that contact; the outcome names their ids."""
    return keep_in_crm(HubSpot(run), event, run)


class HubSpot:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.client = Client(run.settings)

    def upsert_person(self, person: Person) -> str:
        """By phone; the e-mail is set afterwards, as it may belong to another contact. By e-mail without a phone."""
        first, _, last = person.name.partition(" ")
        properties: dict[str, Any] = {"phone": person.phone, "firstname": first, "lastname": last}
        if person.is_lead and not self.lacks_stage:
            properties[STAGE] = "lead"  # HubSpot moves a stage forward only: a customer stays one
        if not person.phone:
            return self.upsert("contacts", "email", person.email, properties)
        contact = self.upsert("contacts", PHONE_KEY, person.phone, properties | {PHONE_KEY: person.phone})
        if person.email:
            self.set_email(contact, person)
        return contact

    def set_email(self, contact: str, person: Person) -> None:
        """Where HubSpot will not have it, as another contact's or as none, a note on the contact says so."""
        path, body = f"crm/v3/objects/contacts/{quote(contact)}", {"properties": {"email": person.email}}
        self.run.check_lease()
        answer = self.client.send("PATCH", path, body)
        if answer.status_code not in (400, 409):
            accepted(answer)
            return
        why = "It belongs to another contact." if answer.status_code == 409 else "HubSpot does not accept it."
        text = f"The caller gave the e-mail address {person.email}, which is not set here. {why}"
        key = f"email:{contact}:{hashlib.sha256(person.email.encode()).hexdigest()[:16]}"
        self.note(key, {"hs_timestamp": stamp(person.time), "hs_note_body": markup(text)}, contact)

    def log_call(self, key: str, call: Call, person: str) -> str:
        properties = {
            CALL_KEY: key,
            "hs_timestamp": stamp(call.time),
            "hs_call_title": call.title,
            "hs_call_body": markup(call.text),
            "hs_call_direction": "INBOUND",
            "hs_call_status": "COMPLETED",
            "hs_call_from_number": call.phone,
            "hs_call_duration": str(call.seconds * 1000) if call.seconds is not None else None,  # in milliseconds
            "hs_call_recording_url": call.recording_url,
            DELIVERY: " ".join(call.deliveries),
        }
        return self.attach(person, "calls", self.upsert("calls", CALL_KEY, key, properties))

    def log_booking(self, key: str, booking: Booking, person: str) -> str:
        properties = {
            CALL_KEY: key,
            "hs_timestamp": stamp(booking.time),
            "hs_meeting_title": booking.title,
            "hs_meeting_body": markup(booking.text),
            "hs_meeting_start_time": stamp(booking.start),
            "hs_meeting_end_time": stamp(booking.end),
            "hs_meeting_external_url": booking.link,
            DELIVERY: " ".join(booking.deliveries),
        }
        return self.attach(person, "meetings", self.upsert("meetings", CALL_KEY, key, properties))

    def add_note(self, key: str, note: Note, person: str) -> str:
        body = markup(f"{note.title}\n\n{note.text}".strip())
        properties = {"hs_timestamp": stamp(note.time), "hs_note_body": body, DELIVERY: " ".join(note.deliveries)}
        return self.note(key, properties, person)

    def note(self, key: str, properties: dict[str, Any], contact: str) -> str:
        return self.attach(contact, "notes", self.upsert("notes", NOTE_KEY, key, properties | {NOTE_KEY: key}))

    def upsert(self, kind: str, key: str, value: str, properties: dict[str, Any]) -> str:
        """The id of the one object whose unique property `key` is `value`, made or updated.

        In an account that has no such lifecycle stage it is written without one.
        """
        try:
            return self.write(kind, key, value, properties)
        except StageRefused:
            self.note_lacking_stage()
            return self.write(kind, key, value, {name: text for name, text in properties.items() if name != STAGE})

    @property
    def lacks_stage(self) -> bool:
        return (self.client.base, self.client.token) in _without_stage

    def note_lacking_stage(self) -> None:
        """Say it once: until the process ends no stage is sent to this account any more."""
        if not self.lacks_stage:
            log.warning("HubSpot has no lifecycle stage called lead: leads are kept without a stage")
        _without_stage.add((self.client.base, self.client.token))

    def write(self, kind: str, key: str, value: str, properties: dict[str, Any]) -> str:
        filled = {name: text for name, text in properties.items() if text not in (None, "")}  # empties would erase
        body = {"inputs": [{"idProperty": key, "id": value, "properties": filled}]}
        self.run.check_lease()
        answer = self.client.send("POST", f"crm/v3/objects/{kind}/batch/upsert", body)
        if answer.status_code == 409 and (other := existing(read(answer))):
            self.run.check_lease()
            self.client.ask("PATCH", f"crm/v3/objects/{kind}/{other}", {"properties": filled})
            return other
        body = accepted(answer, key=key)
        if not isinstance(body, dict) or not body.get("results"):
            raise RetryLater("HubSpot's answer to an upsert names no object")
        return str(body["results"][0]["id"])

    def attach(self, contact: str, kind: str, made: str) -> str:
        """`made`, which now hangs on the contact, if there is one."""
        if contact:
            self.run.check_lease()
            path = f"crm/v4/objects/{kind}/{quote(made)}/associations/default/contacts/{quote(contact)}"
            self.client.ask("PUT", path)
        return made


def existing(body: Any) -> str:
    """The id in `Contact already exists. Existing ID: 1001`, else ""."""
    message = str(body.get("message", "")) if isinstance(body, dict) else ""
    match = re.search(r"Existing ID: ([0-9]{1,20})", message)
    return match[1] if match else ""


def markup(text: str) -> str:
    """Text as HubSpot's pages show it: what looks like markup is text, and no entity or tag is cut in two."""
    escaped = html.escape(text).replace("\n", "<br>")
    return escaped if len(escaped) <= BODY_CHARS else re.sub(r"[&<][^;>]*$", "", escaped[:BODY_CHARS]) + "…"


def stamp(moment: datetime | None) -> str:
    """In UTC with milliseconds, as HubSpot shows its own."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else ""
