"""Keeps callers as contacts in HubSpot, with their calls, bookings and leads. Recipe: recipes/hubspot.md.

Once: every step is an upsert on a unique property of ours, or sets what is set already, so that a repeat changes
nothing. Who has our property is asked first, and who else has the number: what people wrote on a contact stays.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

from receiver import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    Event,
    GiveUp,
    LeadCreated,
    Run,
    handles,
)
from receiver.toolkit import (
    BUSINESS,
    Booking,
    Call,
    Match,
    Note,
    Person,
    Placed,
    business_language,
    find_person,
    keep_in_crm,
    without_refused,
)

from .activities import Activities
from .client import OBJECTS, Client, accepted, body_of, existing, id_of, read
from .fields import email_note_key, filled, markup, stamp
from .people import Contacts, lacking
from .properties import DELIVERY, PHONE_KEY, check, setup
from .refusals import STAGE, StageRefused, codes
from .words import say

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("handlers.hubspot")
_without_stage: set[tuple[str, str]] = set()  # accounts, as they are reached

# https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines: 100 requests in 10 s, and an event
# needs up to 9: who has our key, who has the number, the contact, its e-mail, a note that it belongs to another, that
# note's contact, whether the call is there, the call, the call's contact. Of searches it may make 5 in a second.
PACE_S = 0.9
CONTACT = "0-1"  # HubSpot's id of this kind of object


def forget(event: Event, run: Run, outcome: str) -> str:
    """Delete the call, the meeting or the note that was made; the contact stays, and is named."""
    from .forgetting import forget_objects

    return forget_objects(event, run, outcome)


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    needs="HUBSPOT_ACCESS_TOKEN",
    optional={
        "HUBSPOT_OWNER_ID": "",
        "HUBSPOT_LEAD_STAGE": "lead",
        "HUBSPOT_API_URL": "https://api.hubapi.com",
        **BUSINESS,
    },
    pace_s=PACE_S,
    setup=setup,
    check=check,
    label="HubSpot",
    forget=forget,
)
def keep_contact(event: Event, run: Run) -> str:
    """Upsert the caller, and the call or booking on that contact; the outcome names their ids."""
    return keep_in_crm(HubSpot(run), event, run)


class HubSpot:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.client = Client(run.settings)
        self.contacts = Contacts(self.client)
        self.activities = Activities(self.client, run)

    def upsert_person(self, person: Person) -> Placed:
        """Who is there already gets our key, and what nobody has filled; nobody there: made, by phone or by e-mail."""
        found = find_person(self.contacts, person)
        placed = self.fill(found.match, found.remark, person) if found.match else self.make(person)
        if person.phone and person.email and not (found.match and found.match.email):
            return Placed(placed.id, (*placed.remarks, *self.set_email(placed.id, person)))
        return placed

    def wanted(self, person: Person) -> dict[str, str]:
        first, _, last = person.name.partition(" ")
        stage = self.run.settings["HUBSPOT_LEAD_STAGE"] if person.is_lead and not self.lacks_stage else ""
        own = {PHONE_KEY: person.phone} if person.phone else {}
        return {"phone": person.phone, "firstname": first, "lastname": last, STAGE: stage} | self.owned | own

    def make(self, person: Person) -> Placed:
        key, value = (PHONE_KEY, person.phone) if person.phone else ("email", person.email)
        wanted = self.wanted(person)
        return without_refused(wanted, lambda some: self.upsert(key, value, some), needed=[PHONE_KEY])

    def fill(self, match: Match, remark: str, person: Person) -> Placed:
        """Whatever HubSpot refuses here, the contact is there, and what was said hangs on it."""
        remarks = (remark,) if remark else ()
        properties = lacking(self.wanted(person), match)
        if match.phones:
            properties.pop("phone", None)  # it has the number in another field, or another number: not ours to say
        if not properties:
            return Placed(match.id, remarks)
        try:
            placed = without_refused(properties, lambda some: self.change(match.id, some), needed=[PHONE_KEY])
        except GiveUp as refused:
            return Placed(match.id, (*remarks, f"which stays as it is: {refused}"))
        return Placed(placed.id, (*remarks, *placed.remarks))

    def change(self, contact: str, properties: dict[str, str]) -> str:
        """Who has our key meanwhile is the one that is meant."""
        if not properties:
            return contact
        self.run.check_lease()
        try:
            answer = self.patch(contact, properties)
        except StageRefused:
            self.note_lacking_stage()
            answer = self.patch(contact, {name: text for name, text in properties.items() if name != STAGE})
        if answer.status_code == 409 and (other := existing(read(answer))):
            return other
        accepted(answer, key=PHONE_KEY)
        return contact

    def patch(self, contact: str, properties: dict[str, str]) -> httpx.Response:
        answer = self.client.send("PATCH", f"{OBJECTS}/contacts/{quote(contact)}", {"properties": properties})
        if answer.status_code == 400:
            accepted(answer, key=PHONE_KEY)
        return answer

    def set_email(self, contact: str, person: Person) -> tuple[str, ...]:
        """Where HubSpot will not have it, as another contact's or as none, a note on the contact says so, too."""
        path, body = f"{OBJECTS}/contacts/{quote(contact)}", {"properties": {"email": person.email}}
        self.run.check_lease()
        answer = self.client.send("PATCH", path, body)
        if answer.status_code not in (400, 409):
            accepted(answer)
            return ()
        why = "It belongs to another contact." if answer.status_code == 409 else "HubSpot does not accept it."
        language = business_language(self.run.settings)
        gave = say("The caller gave the e-mail address {email}, which is not set here.", language)
        text = f"{gave.format(email=person.email)} {say(why, language)}"
        properties = {"hs_timestamp": stamp(person.time), "hs_note_body": markup(text)}
        self.activities.keep("notes", email_note_key(contact, person.email), properties, contact)
        return (f"without email ({', '.join(sorted(codes(body_of(answer))))})",)

    def log_call(self, key: str, call: Call, person: str) -> Placed:
        properties = {
            "hs_timestamp": stamp(call.time),
            "hs_call_title": call.title,
            "hs_call_body": markup(call.text),
            "hs_call_direction": "INBOUND",
            "hs_call_status": "COMPLETED",
            "hs_call_source": "INTEGRATIONS_PLATFORM",
            "hs_call_from_number": call.phone,
            "hs_call_callee_object_id": person,  # of an inbound call, who dialled
            "hs_call_callee_object_type_id": CONTACT if person else "",
            "hs_call_duration": str(call.seconds * 1000) if call.seconds is not None else None,  # in milliseconds
            "hs_call_recording_url": call.recording_url,
            DELIVERY: " ".join(call.deliveries),
        }
        when_new = self.owned | {"hs_call_disposition": self.activities.outcome()}
        return self.activities.keep("calls", key, properties, person, when_new=when_new)

    def log_booking(self, key: str, booking: Booking, person: str) -> Placed:
        properties = {
            "hs_timestamp": stamp(booking.time),
            "hs_meeting_title": booking.title,
            "hs_meeting_body": markup(booking.text),
            "hs_meeting_start_time": stamp(booking.start),
            "hs_meeting_end_time": stamp(booking.end),
            "hs_meeting_external_url": booking.link,
            DELIVERY: " ".join(booking.deliveries),
        }
        when_new = self.owned | {"hs_meeting_outcome": "SCHEDULED"}
        return self.activities.keep("meetings", key, properties, person, when_new=when_new)

    def add_note(self, key: str, note: Note, person: str) -> Placed:
        body = markup(f"{note.title}\n\n{note.text}".strip())
        properties = {"hs_timestamp": stamp(note.time), "hs_note_body": body, DELIVERY: " ".join(note.deliveries)}
        return self.activities.keep("notes", key, properties, person, when_new=self.owned)

    @property
    def owned(self) -> dict[str, str]:
        """What gives a new object to the person whom HUBSPOT_OWNER_ID names, if it does."""
        owner = self.run.settings["HUBSPOT_OWNER_ID"]
        return {"hubspot_owner_id": owner} if owner else {}

    def upsert(self, key: str, value: str, properties: dict[str, str]) -> str:
        """The id of the one contact whose unique property `key` is `value`, made or updated.

        In an account that has no such lifecycle stage it is written without one.
        """
        try:
            return self.write(key, value, filled(properties))
        except StageRefused:
            self.note_lacking_stage()
            return self.write(key, value, filled({**properties, STAGE: ""}))

    @property
    def lacks_stage(self) -> bool:
        return self.client.account in _without_stage

    def note_lacking_stage(self) -> None:
        """Say it once: until the process ends no stage is sent to this account any more."""
        if not self.lacks_stage:
            stage = self.run.settings["HUBSPOT_LEAD_STAGE"]
            log.warning("HubSpot has no lifecycle stage called %s: leads are kept without a stage", stage)
        _without_stage.add(self.client.account)

    def write(self, key: str, value: str, properties: dict[str, str]) -> str:
        self.run.check_lease()
        answer = self.client.upsert("contacts", key, value, properties)
        if answer.status_code == 409 and (other := existing(read(answer))):
            return self.use(other, properties)
        return id_of(answer, key)

    def use(self, other: str, properties: dict[str, str]) -> str:
        """The contact that HubSpot names instead keeps what people wrote."""
        if fields := lacking(properties, self.contacts.by_id(other)):
            self.run.check_lease()
            self.client.ask("PATCH", f"{OBJECTS}/contacts/{quote(other)}", {"properties": fields})
        return other
