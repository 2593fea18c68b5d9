"""Who is in Salesforce already: leads and contacts by our key, by the numbers people typed, by e-mail address."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from receiver import GiveUp
from receiver.toolkit import Match, Person, person_key, phone_digits

from .client import KEY, Client
from .refusals import meaning

log = logging.getLogger("handlers.salesforce")
FOUND = 200
COMMON = "Id,FirstName,LastName,Phone,MobilePhone,Email,OwnerId,LastModifiedDate"
PHONES = ("Phone", "MobilePhone", "HomePhone", "PersonMobilePhone", "PersonHomePhone")
# A query reads the database: it does not lag, as a search (SOSL) does.
QUERIES = {
    "Contact": (f"SELECT {COMMON},HomePhone FROM Contact WHERE ", ("Phone", "MobilePhone", "HomePhone"), "Email"),
    "Lead": (f"SELECT {COMMON},{KEY} FROM Lead WHERE IsConverted = false AND ", ("Phone", "MobilePhone"), "Email"),
    "Account": (  # refused where Person Accounts are off
        "SELECT PersonContactId,Phone,PersonMobilePhone,PersonHomePhone,PersonEmail,OwnerId,LastModifiedDate "
        "FROM Account WHERE IsPersonAccount = true AND ",
        ("Phone", "PersonMobilePhone", "PersonHomePhone"),
        "PersonEmail",
    ),
}
HIDDEN = ("INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS")
_said: set[str] = set()
_without_key: set[str] = set()  # orgs whose contacts do not have our field


class Book:
    def __init__(self, client: Client) -> None:
        self.client = client

    def with_key(self, person: Person) -> Match | None:
        key = person_key(person)
        if lead := self.by_key("Lead", key, f"{COMMON},IsConverted,ConvertedContactId"):
            return converted(lead) if lead.get("IsConverted") else as_match("Lead", lead | {KEY: key})
        contact = self.contact_with_key(key)
        return as_match("Contact", contact | {KEY: key}) if contact else None

    def by_key(self, kind: str, key: str, fields: str) -> dict[str, Any] | None:
        """By the index of the external id."""
        record = self.client.ask("GET", f"{path(kind, key)}?fields={fields}", may_be_missing=True)
        return record if isinstance(record, dict) else None

    def contact_with_key(self, key: str) -> dict[str, Any] | None:
        """None in an org whose contacts do not have our field: there each call is searched for anew."""
        if not self.contacts_have_key:
            return None
        record = self.client.ask(
            "GET", f"{path('Contact', key)}?fields=Id,OwnerId", may_be_missing=True, may_lack_field=True
        )
        if record is False:
            _without_key.add(self.client.base)
        return record if isinstance(record, dict) else None

    @property
    def contacts_have_key(self) -> bool:
        return self.client.base not in _without_key

    def alike(self, person: Person) -> Sequence[Match]:
        """All in one request, in whose body number and address are, and not in a path."""
        answers = self.client.query({kind: soql(*parts, person) for kind, parts in QUERIES.items()})
        return [match for kind, answer in answers.items() for match in matches(kind, *answer)]


def matches(kind: str, status: int, body: Any) -> Iterator[Match]:
    if status == 200 and isinstance(body, dict):
        yield from (as_match(kind, record) for record in body.get("records") or [])
    elif not any(str(error.get("errorCode")).startswith(HIDDEN) for error in body if isinstance(error, dict)):
        raise meaning(status, body, {})
    elif kind not in _said and kind != "Account":
        _said.add(kind)
        log.warning("Salesforce hides %s records, or fields of them, from the app's user: nobody is found there", kind)


def soql(start: str, phones: Sequence[str], email: str, person: Person) -> str:
    """Digits with anything between them, as people group them as they like; the numbers are compared afterwards."""
    own = phone_digits(person.phone)[0]
    alike = [f"{name} LIKE '%{'%'.join(own)}%'" for name in phones] if own else []
    alike += [f"{email} = '{quoted(person.email)}'"] if person.email else []
    return f"{start}({' OR '.join(alike)}) ORDER BY LastModifiedDate DESC LIMIT {FOUND}"


def quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def as_match(kind: str, record: Mapping[str, Any]) -> Match:
    """A customer goes before a lead; a person account is its contact."""
    return Match(
        id=str(record.get("PersonContactId") or record["Id"]),
        phones=tuple(str(record[name]) for name in PHONES if record.get(name)),
        email=str(record.get("Email") or record.get("PersonEmail") or ""),
        changed=str(record.get("LastModifiedDate") or ""),
        standing=0 if kind == "Lead" else 1,
        fields={**record, "kind": kind},
    )


def converted(lead: Mapping[str, Any]) -> Match:
    if not lead.get("ConvertedContactId"):
        raise GiveUp("Salesforce: the lead was converted to a contact that is gone, or hidden from the app's user")
    return Match(id=str(lead["ConvertedContactId"]), fields={"kind": "Account"})


def path(kind: str, key: str) -> str:
    return f"{kind}/{KEY}/{quote(key, safe='')}"
