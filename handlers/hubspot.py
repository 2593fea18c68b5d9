"""Keeps callers as contacts in HubSpot, with their calls and bookings. Recipe: recipes/hubspot.md.

Once: every step is an upsert on a unique property of ours, so that a repeat changes nothing.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from receiver import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    Event,
    LeadCreated,
    Run,
    handles,
    post_json,
    put_json,
)

# Unique properties that the recipe has you make; HubSpot's own phone number is not unique.
PHONE_KEY, CALL_KEY = "inboundflow_phone_e164", "inboundflow_call_id"
DELIVERY = "inboundflow_delivery_id"
BODY_CHARS = 60_000  # HubSpot takes 65,536
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    needs="HUBSPOT_ACCESS_TOKEN",
    optional={"HUBSPOT_API_URL": "https://api.hubapi.com"},
)
def keep_contact(event: Event, run: Run) -> str:
    """Upsert the caller, and the call or booking on that contact; the outcome names their ids."""
    hub = HubSpot(run)
    contact = hub.upsert("contacts", *person(event)) if reachable(event) else None
    activity = activity_of(event)
    if activity is None:
        return f"contact {contact}" if contact else "nothing to keep: the caller's number and e-mail are withheld"
    kind, key, properties = activity
    made = hub.upsert(kind, CALL_KEY, key, properties)
    if contact is None:
        return f"{kind} {made}, on no contact: the caller's number and e-mail are withheld"
    hub.associate(kind, made, contact)
    return f"{kind} {made}, contact {contact}"


class HubSpot:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.base = run.settings["HUBSPOT_API_URL"].rstrip("/")
        self.token = run.settings["HUBSPOT_ACCESS_TOKEN"]

    def upsert(self, kind: str, key: str, value: str, properties: dict[str, Any]) -> str:
        """The id of the one object whose unique property `key` is `value`, made or updated."""
        known = {name: text for name, text in properties.items() if text not in (None, "")}  # empties would erase
        known |= {DELIVERY: self.run.delivery.key} | ({key: value} if key != "email" else {})
        entry = {"idProperty": key, "id": value, "properties": known}
        self.run.hold()
        answer = post_json(f"{self.base}/crm/v3/objects/{kind}/batch/upsert", {"inputs": [entry]}, token=self.token)
        return str(answer["results"][0]["id"])

    def associate(self, kind: str, made: str, contact: str) -> None:
        path = f"crm/v4/objects/{kind}/{quote(made)}/associations/default/contacts/{quote(contact)}"
        self.run.hold()
        put_json(f"{self.base}/{path}", token=self.token)


def phone(event: Event) -> str:
    """The caller's number in E.164; "" where it is withheld or not in that form."""
    number = re.sub(r"[\s().-]", "", event.caller_phone or "")
    return number if E164.fullmatch(number) else ""


def email(event: Event) -> str:
    return (getattr(event, "caller_email", None) or "").strip().lower()


def reachable(event: Event) -> bool:
    return bool(phone(event) or email(event))


def person(event: Event) -> tuple[str, str, dict[str, Any]]:
    """The contact's unique property, its value, and what is known of the caller."""
    first, _, last = (event.caller_name or "").strip().partition(" ")
    known: dict[str, Any] = {"phone": phone(event), "firstname": first, "lastname": last.strip()}
    if isinstance(event, LeadCreated):
        known |= {"lifecyclestage": "lead", "hs_lead_status": "NEW"}
    if phone(event):
        return PHONE_KEY, phone(event), known  # an e-mail may belong to another contact, and would be refused
    return "email", email(event), known


def activity_of(event: Event) -> tuple[str, str, dict[str, Any]] | None:
    """The object, its key and its properties; None for a lead, which is all in the contact."""
    key = event.call_id or event.delivery_id
    if isinstance(event, AppointmentBooked):
        return "meetings", key, meeting(event)
    if isinstance(event, CallCompleted | CallTransferred):
        return "calls", key, call(event)
    return None


def call(event: CallCompleted | CallTransferred) -> dict[str, Any]:
    to = f" → {event.transferred_to_label or 'a colleague'}" if isinstance(event, CallTransferred) else ""
    seconds = event.duration_seconds
    return {
        "hs_timestamp": getattr(event, "started_at", None) or event.timestamp or now(),
        "hs_call_title": f"Call from {event.caller_name or event.caller_phone or 'an unknown caller'}{to}"[:250],
        "hs_call_body": html.escape(event.summary or "")[:BODY_CHARS],
        "hs_call_direction": "INBOUND",
        "hs_call_status": "COMPLETED",
        "hs_call_from_number": event.caller_phone,
        "hs_call_duration": str(seconds * 1000) if seconds is not None else None,  # in milliseconds
        "hs_call_recording_url": getattr(event, "recording_url", None),
    }


def meeting(event: AppointmentBooked) -> dict[str, Any]:
    who = event.caller_name or event.caller_phone or "an unknown caller"
    return {
        "hs_timestamp": event.appointment_time_start or event.timestamp or now(),
        "hs_meeting_title": f"{event.service_type or 'Appointment'}: {who}"[:250],
        "hs_meeting_start_time": event.appointment_time_start,
        "hs_meeting_end_time": event.appointment_time_end,
        "hs_meeting_external_url": event.calendar_event_link,
    }


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
