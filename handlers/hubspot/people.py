"""Who is in HubSpot already: by our own property, and by the numbers and addresses that people typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from receiver.toolkit import Match, Person, phone_digits, spellings

from .client import OBJECTS, Client, accepted, read
from .properties import PHONE_KEY

if TYPE_CHECKING:
    import httpx

NAMES = ("firstname", "lastname")
SHOWN = ["email", "phone", "mobilephone", *NAMES, "lifecyclestage", "hubspot_owner_id", PHONE_KEY]
SEARCHABLE = "hs_searchable_calculated_{}_number"
FOUND = 100


class Contacts:
    def __init__(self, client: Client) -> None:
        self.client = client

    def with_key(self, person: Person) -> Match | None:
        """By the unique property, in the body and not in the path, where proxies would keep an address."""
        name, value = (PHONE_KEY, person.phone) if person.phone else ("email", person.email)
        asked = {"idProperty": name, "inputs": [{"id": value}], "properties": SHOWN, "propertiesWithHistory": []}
        answer = self.client.send("POST", f"{OBJECTS}/contacts/batch/read", asked)
        if is_missing(answer.status_code, read(answer)):
            return None
        return first(accepted(answer, key=name))

    def alike(self, person: Person) -> Sequence[Match]:
        """HubSpot's calculated numbers are digits, some with the country code and some without. An account that does
        not know them is searched by what people typed alone.
        """
        wanted = sought(person)
        answer = self.search(wanted)
        if answer.status_code == 400:
            answer = self.search({name: values for name, values in wanted.items() if not name.startswith("hs_")})
        return [as_match(record) for record in records(accepted(answer))]

    def search(self, wanted: Mapping[str, Sequence[str]]) -> httpx.Response:
        groups = [one_of(name, values) for name, values in wanted.items()]
        asked = {"filterGroups": groups, "properties": SHOWN, "limit": FOUND, "sorts": ["-lastmodifieddate"]}
        return self.client.send("POST", f"{OBJECTS}/contacts/search", asked)

    def by_id(self, contact: str) -> Match:
        return as_match(self.client.ask("GET", f"{OBJECTS}/contacts/{contact}?properties={','.join(SHOWN)}"))


def sought(person: Person) -> dict[str, Sequence[str]]:
    """What to search for in which property; HubSpot takes five of them."""
    wanted: dict[str, Sequence[str]] = {}
    if person.phone:
        wanted = {SEARCHABLE.format(name): phone_digits(person.phone) for name in ("phone", "mobile")}
        wanted |= dict.fromkeys(("phone", "mobilephone"), spellings(person.phone))
    return wanted | ({"email": [person.email]} if person.email else {})


def one_of(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"filters": [{"propertyName": name, "operator": "IN", "values": sorted({*values} - {""})}]}


def is_missing(status: int, body: Any) -> bool:
    """Whether the answer to a batch/read says that there is no such object, and nothing worse."""
    errors = body.get("errors") if status == 207 and isinstance(body, dict) else None
    return isinstance(errors, list) and all(
        isinstance(error, dict) and error.get("category") == "OBJECT_NOT_FOUND" for error in errors
    )


def first(body: Any) -> Match | None:
    return next((as_match(record) for record in records(body)), None)


def records(body: Any) -> list[dict[str, Any]]:
    results = body.get("results") if isinstance(body, dict) else None
    return [record for record in results or [] if isinstance(record, dict) and record.get("id")]


def as_match(record: Mapping[str, Any]) -> Match:
    known = {name: str(text) for name, text in (record.get("properties") or {}).items() if text}
    return Match(
        id=str(record["id"]),
        phones=tuple(known[name] for name in ("phone", "mobilephone", PHONE_KEY) if name in known),
        email=known.get("email", ""),
        changed=str(record.get("updatedAt", "")),
        fields=known,
    )


def lacking(wanted: Mapping[str, str], match: Match) -> dict[str, str]:
    """What nobody has filled yet; a name is filled whole, or not at all."""
    named = any(match.fields.get(name) for name in NAMES)
    return {
        name: text
        for name, text in wanted.items()
        if text and not match.fields.get(name) and not (named and name in NAMES)
    }
