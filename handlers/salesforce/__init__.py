"""Keeps callers as leads in Salesforce, with their calls and bookings. Recipe: recipes/salesforce.md.

Once: every step is an upsert by an external id of ours, so that a repeat changes nothing. Each asks for the record
first: not to decide whether to write, but what may be written only when it is new, whether a lead was converted, and
whether the caller is somebody who is there already. What people wrote stays.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
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
    BUSINESS,
    Booking,
    Call,
    Match,
    Note,
    Person,
    Placed,
    business_zone,
    find_person,
    forget_in_crm,
    keep_in_crm,
    person_key,
    without_refused,
)

from .client import KEY, NOBODY, Client
from .fields import filled, known, lacking, stamp, text
from .forgetting import Forgetting
from .people import Book, path
from .refusals import OPTIONAL, Duplicate, FieldsMissing, NotEditable

USER_ID = "005([A-Za-z0-9]{12}|[A-Za-z0-9]{15})"
SOURCE = "Phone Inquiry"  # among the sources that every org begins with
_with_company: set[str] = set()  # orgs that take no lead without a company
BOOKED_MINUTES = 30  # how long an appointment is that names no end


def checked(settings: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """The one target. Raises ConfigurationError where the secret would cross a network in the clear."""
    parts = urlsplit(settings["SALESFORCE_INSTANCE_URL"])
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise ConfigurationError("SALESFORCE_INSTANCE_URL should be like https://your-domain.my.salesforce.com")
    if settings["SALESFORCE_OWNER_ID"] and not re.fullmatch(USER_ID, settings["SALESFORCE_OWNER_ID"]):
        raise ConfigurationError("SALESFORCE_OWNER_ID should be a user's id: 15 or 18 characters, which begin with 005")
    return {"": settings}


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Whether a token is given out, and our fields can be seen; asks for records that nobody has."""
    client = Client(settings)
    client.token()
    yield "Salesforce gives out a token"
    for kind in ("Lead", "Task", "Event"):
        client.ask("GET", f"{path(kind, NOBODY)}?fields=Id", may_be_missing=True)
        yield f"{kind}: {KEY} is there"
    if owner := settings.get("SALESFORCE_OWNER_ID"):
        user = client.ask("GET", f"User/{owner}?fields=IsActive", may_be_missing=True)
        if not (isinstance(user, dict) and user.get("IsActive")):
            raise GiveUp(
                "Salesforce has no active user with the id in SALESFORCE_OWNER_ID: what is new goes without one"
            )
        yield "SALESFORCE_OWNER_ID is an active user"


def forget(event: Event, run: Run, outcome: str) -> str:
    """Delete the task or the event that was made; the lead or the contact stays, and is named."""
    return forget_in_crm(Forgetting(run), event, run, outcome)


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    needs=all_of("SALESFORCE_INSTANCE_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"),
    optional={"SALESFORCE_OWNER_ID": "", "SALESFORCE_COMPANY": "", **BUSINESS},
    targets=checked,
    check=check,
    forget=forget,
    timeout_s=60,  # up to ten requests and a token
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
        self.owner = ""  # of the person, where that is somebody of flesh and blood

    def upsert_person(self, person: Person) -> Placed:
        """A contact or an open lead who is there already, by our key, the number or the address; else a new lead."""
        found = find_person(self.book, person)
        if not found.match:
            return self.make(person)
        self.note_owner(found.match.fields)
        remarks = (found.remark,) if found.remark else ()
        try:
            more = self.fill(found.match, person)
        except GiveUp as refused:  # whatever is refused, the person is there
            more = (f"which stays as it is: {refused}",)
        return Placed(found.match.id, remarks + more)

    def note_owner(self, fields: Mapping[str, Any]) -> None:
        """A user of flesh and blood: neither a queue nor the one that the app runs as."""
        owner = str(fields.get("OwnerId") or "")
        self.owner = owner if owner.startswith("005") and owner[:15] != self.client.user[:15] else ""

    def make(self, person: Person) -> Placed:
        key, last = person_key(person), person.phone or person.email or "Unknown"
        fields = {"LastName": last, "LeadSource": SOURCE, "OwnerId": self.run.settings["SALESFORCE_OWNER_ID"]}
        fields = filled(fields | known(person))
        try:
            made, remarks = without_refused(fields, lambda some: self.write_lead(key, {"LastName": last} | some))
        except GiveUp as refused:
            if meanwhile := self.find("Lead", key):  # made by another call of the same person at the same moment
                return Placed(str(meanwhile["Id"]))
            return self.use(refused, person)
        written = self.book.by_key("Lead", key, "Id,OwnerId") or {}  # the org's rules may have given it to somebody
        self.note_owner(written)
        return Placed(made or str(written.get("Id", "")), remarks)

    def write_lead(self, key: str, fields: dict[str, str]) -> str:
        """A company that is none only where the org wants one: where Person Accounts are on, a lead without a company
        becomes a person.
        """
        company, record = self.run.settings["SALESFORCE_COMPANY"], path("Lead", key)
        if not company and self.client.base not in _with_company:
            try:
                return self.write(record, fields)
            except FieldsMissing as refused:
                if "Company" not in refused.fields:
                    raise
                _with_company.add(self.client.base)
        return self.write(record, {"Company": company or "Unknown"} | fields)

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
        return without_refused(fields, lambda some: self.write(f"Lead/{match.id}", some), needed=[KEY]).remarks

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

    @property
    def owned(self) -> dict[str, str]:
        """What is for somebody to do is the person's owner's, else theirs whom SALESFORCE_OWNER_ID names."""
        return filled({"OwnerId": self.owner or self.run.settings["SALESFORCE_OWNER_ID"]})

    def log_call(self, key: str, call: Call, person: str) -> Placed:
        fields = {
            "Subject": call.title,
            "Description": text(call.text, deliveries=call.deliveries),
            "Status": "Completed",
            "ActivityDate": self.day(call.time),
            "CallType": "Inbound",
            "CallDurationInSeconds": call.seconds,
            "WhoId": person,
        }
        return self.upsert("Task", key, fields, when_new={"TaskSubtype": "Call"})

    def log_booking(self, key: str, booking: Booking, person: str) -> Placed:
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
        return self.upsert("Event", key, fields, when_new=self.owned)

    def add_note(self, key: str, note: Note, person: str) -> Placed:
        """A task for somebody to follow up; once it exists, its status is theirs."""
        fields = {"Subject": note.title, "Description": text(note.text, deliveries=note.deliveries), "WhoId": person}
        day = {"ActivityDate": self.day(note.time), "Status": "Not Started"}
        return self.upsert("Task", key, fields, when_new=day | self.owned)

    def find(self, kind: str, key: str) -> dict[str, Any] | None:
        return self.book.by_key(kind, key, "Id")

    def upsert(
        self,
        kind: str,
        key: str,
        fields: Mapping[str, Any],
        *,
        when_new: Mapping[str, Any] | None = None,
    ) -> Placed:
        """The one record with this key, made or updated; `when_new` fills what nobody has filled yet."""
        record_id = str((self.find(kind, key) or {}).get("Id", ""))
        wanted = filled(fields if record_id else {**(when_new or {}), **fields})
        try:
            made = without_refused(
                wanted, lambda some: self.write(path(kind, key), some), needed=wanted.keys() - OPTIONAL
            )
        except NotEditable as refused:
            if not record_id:
                raise
            return Placed(record_id, (f"which its owner alone may change: {refused.args[0].partition(':')[0]}",))
        if not (record_id or made.id):
            raise RetryLater("Salesforce's answer to an upsert names no record")
        return Placed(record_id or made.id, made.remarks)


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
