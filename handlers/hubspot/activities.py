"""Calls, meetings and notes: each one object by a property of ours, on its contact.

Where an account has that property without unique values, there is no upsert by it: the object is looked for, and made
where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from receiver import Run
from receiver.toolkit import Placed, without_refused

from .client import OBJECTS, PROPERTIES, Client, accepted, existing, id_of, read
from .fields import filled
from .people import is_missing, records
from .properties import DELIVERY, OURS, options
from .refusals import KeyNotUnique

# Without these it would not be the call, the meeting or the note any more; all else may be left out.
TEXTS = ("hs_timestamp", "hs_call_title", "hs_call_body", "hs_meeting_title", "hs_meeting_body", "hs_note_body")
TYPES = {"calls": 194, "meetings": 200, "notes": 202}  # HubSpot's ids of "belongs to this contact"
READ_AT_ONCE = 100
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"  # in every account that has not removed it: docs/api/crm/calls
_not_unique: set[tuple[str, str, str]] = set()  # accounts, and what has no unique values there
_outcomes: dict[tuple[str, str], bool] = {}  # accounts, and whether a call can be "connected" there


class Activities:
    def __init__(self, client: Client, run: Run) -> None:
        self.client, self.run = client, run

    def keep(
        self,
        kind: str,
        value: str,
        properties: Mapping[str, Any],
        contact: str,
        *,
        when_new: Mapping[str, Any] | None = None,
    ) -> Placed:
        """The one object whose property of ours is `value`, on the contact; `when_new` is people's from then on."""
        key = OURS[kind][0]
        wanted, new = {key: value} | filled(properties), filled(when_new or {})
        try:
            placed = self.upserted(kind, key, wanted, new) if self.is_unique(kind) else Placed("")
        except KeyNotUnique:
            if not self.is_plain(kind, key):
                raise
            _not_unique.add((*self.client.account, kind))
            placed = Placed("")
        if not placed.id:
            placed = self.looked_for(kind, key, wanted, new, contact)
        self.attach(contact, kind, placed.id)
        return placed

    def upserted(self, kind: str, key: str, wanted: dict[str, Any], new: dict[str, Any]) -> Placed:
        fields = wanted if new and self.with_key(kind, key, wanted[key]) else new | wanted
        return without_refused(
            fields, lambda some: self.upsert(kind, key, wanted[key], some), needed=(key, DELIVERY, *TEXTS)
        )

    def looked_for(self, kind: str, key: str, wanted: dict[str, Any], new: dict[str, Any], contact: str) -> Placed:
        made = self.look_for(kind, key, wanted[key], contact)
        fields = wanted if made else new | wanted
        return without_refused(
            fields, lambda some: self.write(kind, made, some, contact), needed=(key, DELIVERY, *TEXTS)
        )

    def is_unique(self, kind: str) -> bool:
        return (*self.client.account, kind) not in _not_unique

    def is_plain(self, kind: str, key: str) -> bool:
        """Whether the account has the property as `setup` leaves it where HubSpot takes none that is unique."""
        answer = self.client.send("GET", f"{PROPERTIES}/{kind}/{key}")
        definition = read(answer) if answer.status_code == 200 else None
        return isinstance(definition, dict) and not definition.get("hasUniqueValue")

    def with_key(self, kind: str, key: str, value: str) -> str:
        """The id of the object, "" where there is none yet: read from the database, and never late."""
        asked = {"idProperty": key, "inputs": [{"id": value}], "properties": [key], "propertiesWithHistory": []}
        answer = self.client.send("POST", f"{OBJECTS}/{kind}/batch/read", asked)
        if answer.status_code == 400 or is_missing(answer.status_code, read(answer)):
            return ""  # the upsert says what is wrong
        found = records(accepted(answer))
        return str(found[0]["id"]) if found else ""

    def upsert(self, kind: str, key: str, value: str, properties: dict[str, Any]) -> str:
        self.run.check_lease()
        answer = self.client.upsert(kind, key, value, properties)
        if answer.status_code == 409 and (other := existing(read(answer))):
            return self.write(kind, other, properties, "")
        return id_of(answer, key)

    def find(self, kind: str, value: str) -> str:
        """The id of the object with this key, "" for none. Where the key has no unique values the search knows it."""
        key = OURS[kind][0]
        return self.with_key(kind, key, value) or self.searched(kind, key, value)

    def attach(self, contact: str, kind: str, made: str) -> None:
        if contact:
            self.run.check_lease()
            path = f"{OBJECTS}/{kind}/{quote(made)}/associations/default/contacts/{quote(contact)}"
            self.client.ask("PUT", path)

    def write(self, kind: str, made: str, properties: Mapping[str, Any], contact: str) -> str:
        """An object by its id, or a new one that hangs on the contact from its first moment."""
        self.run.check_lease()
        if made:
            self.client.ask("PATCH", f"{OBJECTS}/{kind}/{quote(made)}", {"properties": properties})
            return made
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TYPES[kind]}
        ends = [{"to": {"id": contact}, "types": [spec]}] if contact else []
        created = self.client.ask("POST", f"{OBJECTS}/{kind}", {"properties": properties, "associations": ends})
        return str(created["id"])

    def look_for(self, kind: str, key: str, value: str, contact: str) -> str:
        """Among those that this call's outcomes name and those on the contact; else by the search, which lags."""
        said = " ".join(earlier.outcome for earlier in self.run.earlier())
        ids = [*re.findall(r"\b(?:call|booking|note) ([0-9]+)", said), *self.on_contact(kind, contact)]
        newest = list(dict.fromkeys(ids))[:READ_AT_ONCE]
        asked = {"inputs": [{"id": one} for one in newest], "properties": [key], "propertiesWithHistory": []}
        answer = self.client.send("POST", f"{OBJECTS}/{kind}/batch/read", asked) if newest else None
        shown = records(read(answer) if answer.status_code == 207 else accepted(answer)) if answer is not None else []
        found = [one for one in shown if (one.get("properties") or {}).get(key) == value]
        return str(found[0]["id"]) if found else self.searched(kind, key, value)

    def on_contact(self, kind: str, contact: str) -> list[str]:
        if not contact:
            return []
        shown = self.client.ask("GET", f"{OBJECTS}/contacts/{quote(contact)}?associations={kind}")
        ends = shown.get("associations", {}).get(kind, {}).get("results", [])
        return sorted((str(end["id"]) for end in ends), key=int, reverse=True)

    def searched(self, kind: str, key: str, value: str) -> str:
        filters = [{"propertyName": key, "operator": "EQ", "value": value}]
        asked = {"filterGroups": [{"filters": filters}], "properties": [key], "limit": 1, "sorts": []}
        found = records(self.client.ask("POST", f"{OBJECTS}/{kind}/search", asked))
        return str(found[0]["id"]) if found else ""

    def outcome(self) -> str:
        """What HubSpot shows as the outcome of a call that was answered; "" in an account that has removed it."""
        account = self.client.account
        if account not in _outcomes:
            answer = self.client.send("GET", f"{PROPERTIES}/calls/hs_call_disposition")
            if answer.status_code == 429 or answer.status_code >= 500:
                return ""  # asked again at the next call
            _outcomes[account] = CONNECTED in options(read(answer))
        return CONNECTED if _outcomes[account] else ""
