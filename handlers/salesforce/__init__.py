"""Keeps callers as leads in Salesforce, with their calls and bookings. Recipe: recipes/salesforce.md.

Once: every step is an upsert by an external id of ours, so that a repeat changes nothing. Each asks for the record
first: not to decide whether to write, but what may be written only when it is new, whether a lead was converted, and
whether the caller is somebody who is there already. What people wrote stays.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

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
from receiver.toolkit import (
    Booking,
    Call,
    Match,
    Note,
    Person,
    Placed,
    business_zone,
    check_business,
    find_person,
    keep_in_crm,
    person_key,
)

from .client import Client
from .people import KEY, Book, path
from .refusals import Duplicate, FieldsRefused

FIRST_CHARS, LAST_CHARS, TEXT_CHARS = 40, 80, 30_000  # Salesforce takes 40, 80 and 32,000
BOOKED_MINUTES = 30  # how long an appointment is that names no end


def checked(settings: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """The one target. Raises ConfigurationError where the secret would cross a network in the clear."""
    parts = urlsplit(settings["SALESFORCE_INSTANCE_URL"])
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise ConfigurationError("SALESFORCE_INSTANCE_URL should be like https://your-domain.my.salesforce.com")
    check_business({**settings, "BUSINESS_LANGUAGE": "en"})
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
    optional={"BUSINESS_TIMEZONE": "UTC"},
    targets=checked,
    check=check,
    timeout_s=60,  # up to eight requests and a token
    parallel=4,  # Salesforce locks what is written, and what belongs to it, and refuses whoever comes meanwhile
)
def keep_lead(event: Event, run: Run) -> str:
    """Keep the call or booking on the caller's contact or lead; the outcome names their ids."""
    return keep_in_crm(Salesforce(run), event, run)


class Salesforce:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.client = Client(run.settings)
        self.book = Book(self.client)

    def upsert_person(self, person: Person) -> Placed:
        """A contact or an open lead who is there already, by our key, the number or the address; else a new lead."""
        found = find_person(self.book, person)
        if not found.match:
            return self.make(person)
        remarks = (found.remark,) if found.remark else ()
        try:
            more = self.fill(found.match, person)
        except GiveUp as refused:  # whatever is refused, the person is there
            more = (f"which stays as it is: {refused}",)
        return Placed(found.match.id, remarks + more)

    def make(self, person: Person) -> Placed:
        key, fields = person_key(person), known(person)
        required = {"LastName": person.phone or person.email or "Unknown", "Company": "Unknown"}
        try:
            made, remarks = self.without_refused(fields, lambda some: self.write(path("Lead", key), required | some))
        except GiveUp as refused:
            if meanwhile := self.find("Lead", key):  # made by another call of the same person at the same moment
                return Placed(str(meanwhile["Id"]))
            return self.use(refused, person)
        return Placed(made or str((self.find("Lead", key) or {}).get("Id", "")), remarks)

    def use(self, refused: GiveUp, person: Person) -> Placed:
        """The record that a duplicate rule names in place of a new lead; a customer before a lead."""
        if not isinstance(refused, Duplicate) or not refused.records:
            raise refused
        kind, record_id = min(refused.records)
        self.adopt(kind, record_id, person)
        return Placed(record_id)

    def adopt(self, kind: str, record_id: str, person: Person) -> None:
        """Our key onto it, so that it is found by it from now on; where that is refused, it is searched for again."""
        if kind == "Lead" or (kind == "Contact" and self.book.contacts_have_key):
            with suppress(GiveUp):
                self.write(f"{kind}/{record_id}", {KEY: person_key(person)})

    def fill(self, match: Match, person: Person) -> tuple[str, ...]:
        """A contact gets our key and nothing else; a lead also what nobody has filled."""
        kind, is_ours = match.fields["kind"], bool(match.fields.get(KEY))
        if kind != "Lead":
            if not is_ours:
                self.adopt(kind, match.id, person)
            return ()
        fields = lacking(known(person), match) | ({} if is_ours else {KEY: person_key(person)})
        if not fields:
            return ()
        return self.without_refused(fields, lambda some: self.write(f"Lead/{match.id}", some))[1]

    def without_refused(
        self, fields: dict[str, str], write: Callable[[dict[str, str]], str]
    ) -> tuple[str, tuple[str, ...]]:
        """What `write` returns, without the fields that are refused, and what to say of them."""
        try:
            return write(fields), ()
        except FieldsRefused as refused:
            kept = {name: text for name, text in fields.items() if name not in refused.fields or name == KEY}
            if kept == fields:
                raise
            left_out = ", ".join(sorted(fields.keys() - kept.keys()))
            return write(kept), (f"without {left_out} ({refused.codes})",)

    def write(self, record: str, fields: Mapping[str, str]) -> str:
        """The id, where the answer names it."""
        if not fields:
            return ""
        self.run.check_lease()
        made = self.client.ask("PATCH", record, fields)
        return str(made.get("id") or "") if isinstance(made, dict) else ""

    def day(self, moment: datetime) -> str:
        """The day at the business: to Salesforce a date has no zone."""
        return moment.astimezone(business_zone(self.run.settings)).date().isoformat()

    def log_call(self, key: str, call: Call, person: str) -> str:
        recording = f"Recording: {call.recording_url}" if call.recording_url else ""
        fields = {
            "Subject": call.title,
            "Description": text(call.text, recording, deliveries=call.deliveries),
            "Status": "Completed",
            "ActivityDate": self.day(call.time),
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
            fields |= {"IsAllDayEvent": True, "ActivityDate": str(booking.day or self.day(booking.time))}
        else:
            minutes = int((booking.end - booking.start).total_seconds()) // 60 if booking.end else BOOKED_MINUTES
            fields |= {"IsAllDayEvent": False, "StartDateTime": stamp(booking.start)}
            fields |= {"DurationInMinutes": max(1, minutes)}
        return self.upsert("Event", key, fields)

    def add_note(self, key: str, note: Note, person: str) -> str:
        """A task for somebody to follow up; once it exists, its status is theirs."""
        fields = {"Subject": note.title, "Description": text(note.text, deliveries=note.deliveries), "WhoId": person}
        day = {"ActivityDate": self.day(note.time), "Status": "Not Started"}
        return self.upsert("Task", key, fields, when_new=day)

    def find(self, kind: str, key: str) -> dict[str, Any] | None:
        return self.book.by_key(kind, key, "Id")

    def upsert(
        self,
        kind: str,
        key: str,
        fields: Mapping[str, Any],
        *,
        when_new: Mapping[str, Any] | None = None,
    ) -> str:
        """The id of the one record with this key, made or updated; `when_new` fills what nobody has filled yet."""
        record = self.find(kind, key)
        fields = {name: value for name, value in fields.items() if value not in (None, "")}  # empties would erase
        self.run.check_lease()
        made = self.client.ask("PATCH", path(kind, key), fields if record else {**(when_new or {}), **fields})
        record_id = (record or {}).get("Id") or (made.get("id") if isinstance(made, dict) else None)
        if not record_id:
            raise RetryLater("Salesforce's answer to an upsert names no record")
        return str(record_id)


def known(person: Person) -> dict[str, str]:
    """The fields of a lead that the call filled."""
    first, _, last = person.name.rpartition(" ")
    email = person.email if len(person.email) <= 80 else ""
    fields = {"FirstName": first[:FIRST_CHARS], "LastName": last[:LAST_CHARS], "Phone": person.phone, "Email": email}
    return {name: text for name, text in fields.items() if text}


def lacking(fields: Mapping[str, str], match: Match) -> dict[str, str]:
    """What nobody has filled yet; a name is filled whole, where there is none but the one that stands in for it."""
    last = str(match.fields.get("LastName") or "")
    named = bool(match.fields.get("FirstName")) or last not in ("", "Unknown", match.fields.get(KEY), match.email)
    has = {"FirstName": named, "LastName": named, "Phone": bool(match.phones), "Email": bool(match.email)}
    return {name: text for name, text in fields.items() if not has[name]}


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
