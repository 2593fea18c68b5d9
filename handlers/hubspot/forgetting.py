"""Deleting the calls, meetings and notes that were made of somebody who is erased.

https://developers.hubspot.com/docs/api-reference/2026-03/crm/activities/calls/delete-call: into the recycling bin, from
which people can restore them for 90 days. What HubSpot deletes for good, it deletes with the contact, and that may have
been there before.
"""

from __future__ import annotations

from urllib.parse import quote

from receiver import Event, GiveUp, Run
from receiver.toolkit import forget_in_crm, is_email

from .activities import Activities
from .client import OBJECTS, Client, accepted, read
from .fields import email_note_key
from .people import is_missing, records
from .properties import OURS

KINDS = {"call": "calls", "booking": "meetings", "note": "notes"}
WITHOUT_EMAIL = "without email ("  # in an outcome: a note on the contact has the address


def forget_objects(event: Event, run: Run, outcome: str) -> str:
    crm = Forgetting(run)
    contact = forget_in_crm(crm, event, run, outcome)
    if contact:
        crm.delete_note_of_email(event, outcome, contact.rpartition(" ")[2])
    return contact


class Forgetting:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.client = Client(run.settings)
        self.activities = Activities(self.client, run)

    def delete(self, kind: str, id: str, key: str) -> None:
        objects = KINDS[kind]
        made = id or self.activities.find(objects, key)
        if made and self.is_ours(objects, made):
            answer = self.client.send("DELETE", f"{OBJECTS}/{objects}/{quote(made)}")
            if answer.status_code != 404:
                accepted(answer)

    def is_ours(self, kind: str, made: str) -> bool:
        """False where it is gone. Raises GiveUp for what has no key of ours."""
        name = OURS[kind][0]
        asked = {"inputs": [{"id": made}], "properties": [name], "propertiesWithHistory": []}
        answer = self.client.send("POST", f"{OBJECTS}/{kind}/batch/read", asked)
        if is_missing(answer.status_code, read(answer)):
            return False
        found = records(accepted(answer))
        if found and not (found[0].get("properties") or {}).get(name):
            raise GiveUp(f"HubSpot's {kind} {made} has no {name}: somebody else made it, or took that away")
        return bool(found)

    def delete_note_of_email(self, event: Event, outcome: str, contact: str) -> None:
        """The one that says which address the contact did not get; of whichever event of the call that was."""
        earlier = self.run.earlier()
        if WITHOUT_EMAIL in " ".join([outcome, *(other.outcome for other in earlier)]):
            events = [event, *(other.event for other in earlier)]
            told = {str(getattr(each, "caller_email", None) or "").strip().lower() for each in events}
            for email in sorted(filter(is_email, told)):
                self.delete("note", "", email_note_key(contact, email))
