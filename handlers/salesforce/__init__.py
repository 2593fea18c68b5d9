"""Keeps callers as leads in Salesforce, with their calls and bookings. Recipe: recipes/salesforce.md.

Once: every step is an upsert by an external id of ours, so that a repeat changes nothing. Each asks for the record
first: not to decide whether to write, but what may be written only when it is new, and whether a lead was converted.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from receiver import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    ConfigurationError,
    Event,
    GiveUp,
    LeadCreated,
    RetryLater,
    Run,
    all_of,
    handles,
)
from receiver.toolkit import Booking, Call, Note, Person, keep_in_crm

from .client import Client

KEY = "InboundFlow_Key__c"
FIRST_CHARS, LAST_CHARS, TEXT_CHARS = 40, 80, 30_000  # Salesforce takes 40, 80 and 32,000
BOOKED_MINUTES = 30  # how long an appointment is that names no end


def checked(settings: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """The one target. Raises ConfigurationError where the secret would cross a network in the clear."""
    parts = urlsplit(settings["SALESFORCE_INSTANCE_URL"])
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise ConfigurationError("SALESFORCE_INSTANCE_URL should be like https://your-domain.my.salesforce.com")
    return {"": settings}


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Whether a token is given out, and our fields can be seen; asks for records that nobody has."""
    client = Client(settings)
    client.token()
    yield "Salesforce gives out a token"
    for kind in ("Lead", "Task", "Event"):
        client.ask("GET", f"{path(kind, 'receiver-doctor')}?fields=Id", may_be_missing=True)
        yield f"{kind}: {KEY} is there"


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    needs=all_of("SALESFORCE_INSTANCE_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"),
    targets=checked,
    check=check,
    timeout_s=40,  # up to six requests and a token
)
def keep_lead(event: Event, run: Run) -> str:
    """Upsert the caller as a lead, and the call or booking on it; the outcome names their ids."""
    return keep_in_crm(Salesforce(run), event, run)


class Salesforce:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.client = Client(run.settings)

    def upsert_person(self, person: Person) -> str:
        """The lead with this phone or e-mail; where it was converted, the contact that it became, left as it is."""
        key = person.phone or person.email
        record = self.find("Lead", key, "Id,IsConverted,ConvertedContactId")
        if record and record.get("IsConverted"):
            if not record.get("ConvertedContactId"):
                raise GiveUp(
                    "Salesforce: the lead was converted to a contact that is gone, or hidden from the app's user"
                )
            return str(record["ConvertedContactId"])
        first, _, last = person.name.rpartition(" ")
        fields = {"FirstName": first[:FIRST_CHARS], "LastName": last[:LAST_CHARS], "Phone": person.phone}
        fields["Email"] = person.email if len(person.email) <= 80 else ""
        required = {"LastName": person.phone or person.email or "Unknown", "Company": "Unknown"}
        return self.upsert("Lead", key, fields, when_new=required, record=record)

    def log_call(self, key: str, call: Call, person: str) -> str:
        recording = f"Recording: {call.recording_url}" if call.recording_url else ""
        fields = {
            "Subject": call.title,
            "Description": text(call.text, recording, deliveries=call.deliveries),
            "Status": "Completed",
            "ActivityDate": call.time.date().isoformat(),
            "CallType": "Inbound",
            "CallDurationInSeconds": call.seconds,
            "WhoId": person,
        }
        return self.upsert("Task", key, fields, when_new={"TaskSubtype": "Call"})

    def log_booking(self, key: str, booking: Booking, person: str) -> str:
        fields: dict[str, Any] = {
            "Subject": booking.title,
            "Description": text(booking.text, booking.link, deliveries=booking.deliveries),
            "WhoId": person,
        }
        if booking.start is None:
            fields |= {"IsAllDayEvent": True, "ActivityDate": booking.time.date().isoformat()}
        else:
            minutes = int((booking.end - booking.start).total_seconds()) // 60 if booking.end else BOOKED_MINUTES
            fields |= {"StartDateTime": stamp(booking.start), "DurationInMinutes": max(1, minutes)}
        return self.upsert("Event", key, fields)

    def add_note(self, key: str, note: Note, person: str) -> str:
        """A task for somebody to follow up; once it exists, its status is theirs."""
        fields = {"Subject": note.title, "Description": text(note.text, deliveries=note.deliveries), "WhoId": person}
        day = {"ActivityDate": note.time.date().isoformat(), "Status": "Not Started"}
        return self.upsert("Task", key, fields, when_new=day)

    def find(self, kind: str, key: str, fields: str = "Id") -> dict[str, Any] | None:
        """The record with this key, by the index of its external id, which does not lag as a search does."""
        record = self.client.ask("GET", f"{path(kind, key)}?fields={fields}", may_be_missing=True)
        return record if isinstance(record, dict) else None

    def upsert(
        self,
        kind: str,
        key: str,
        fields: Mapping[str, Any],
        *,
        when_new: Mapping[str, Any] | None = None,
        record: dict[str, Any] | None = None,
    ) -> str:
        """The id of the one record with this key, made or updated; `when_new` fills what nobody has filled yet."""
        record = record or self.find(kind, key)
        fields = {name: value for name, value in fields.items() if value not in (None, "")}  # empties would erase
        self.run.check_lease()
        made = self.client.ask("PATCH", path(kind, key), fields if record else {**(when_new or {}), **fields})
        record_id = (record or {}).get("Id") or (made.get("id") if isinstance(made, dict) else None)
        if not record_id:
            raise RetryLater("Salesforce's answer to an upsert names no record")
        return str(record_id)


def path(kind: str, key: str) -> str:
    return f"{kind}/{KEY}/{quote(key, safe='')}"


def text(*paragraphs: str, deliveries: Sequence[str]) -> str:
    """Paragraphs, and at the end the deliveries that they are made from."""
    end = f"InboundFlow: {' '.join(deliveries)}"[:1000]
    body = "\n".join(filter(None, paragraphs))[:TEXT_CHARS]
    return f"{body}\n\n{end}".strip()


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
