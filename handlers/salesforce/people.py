"""Who is in Salesforce already: leads and contacts by our key, by the numbers people typed, by e-mail address."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from receiver import GiveUp
from receiver.toolkit import FieldsRefused, Match, Person, person_key, phone_digits

from .client import KEY, Client
from .refusals import meaning

log = logging.getLogger("handlers.salesforce")
FOUND = 200
PHONES = ("Phone", "MobilePhone", "HomePhone", "PersonMobilePhone", "PersonHomePhone")
NAMED = ("Id", "FirstName", "LastName", "Email", "OwnerId", "LastModifiedDate")
COMMON = ",".join((*NAMED, "Phone", "MobilePhone"))


class Query(NamedTuple):
    """What to read of an object, of which records, and where a number and an address may stand."""

    columns: tuple[str, ...]
    of: str
    phones: tuple[str, ...]
    email: str = "Email"


# A query reads the database: it does not lag, as a search (SOSL) does.
QUERIES = {
    "Contact": Query(NAMED, "", PHONES[:3]),
    "Lead": Query((*NAMED, KEY), "IsConverted = false AND ", PHONES[:2]),
    "Account": Query(  # refused where Person Accounts are off
        ("PersonContactId", "OwnerId", "LastModifiedDate"),
        "IsPersonAccount = true AND ",
        ("Phone", *PHONES[3:]),
        "PersonEmail",
    ),
}
# Of these the app's user need not see all: who is there is found by the others.
SPARED = {*PHONES, "Email", "PersonEmail", "OwnerId", "FirstName"}
ROUNDS = 6
HIDDEN = ("INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS")
_said: set[str] = set()
_hidden: dict[tuple[str, str], set[str]] = defaultdict(set)  # columns of an object that an org hides from us
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
        """By the index of the external id, and without the fields that are hidden from the app's user."""
        hidden = _hidden[self.client.base, kind]
        shown = ",".join(name for name in fields.split(",") if name not in hidden)
        try:
            record = self.client.ask("GET", f"{path(kind, key)}?fields={shown}", may_be_missing=True)
        except FieldsRefused as refused:
            if refused.fields <= hidden:
                raise
            hidden |= refused.fields
            return self.by_key(kind, key, fields)
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
        """All in one request, in whose body number and address are, and not in a path; once more without the columns
        that are hidden from the app's user.
        """
        answers: dict[str, tuple[int, Any]] = {}
        for _ in range(ROUNDS):
            waiting = {kind: self.soql(kind, person) for kind in QUERIES if kind not in answers}
            if not (asked := {kind: text for kind, text in waiting.items() if text}):
                break
            for kind, answer in self.client.query(asked).items():
                if not self.is_hidden(kind, *answer):
                    answers[kind] = answer
        return [match for kind, answer in answers.items() for match in matches(kind, *answer)]

    def is_hidden(self, kind: str, status: int, body: Any) -> bool:
        """Whether the query was refused for a column that can be spared: it is left out from now on."""
        column = re.search(r"No such column '(\w+)'", str(body)) if status == 400 else None
        if not column or column[1] not in SPARED:
            return False
        _hidden[self.client.base, kind].add(column[1])
        log.warning("Salesforce hides %s.%s from the app's user: nobody is found by it", kind, column[1])
        return True

    def soql(self, kind: str, person: Person) -> str:
        """Digits with anything between them, as people group them as they like; the numbers are compared afterwards.

        "" where there is nothing to go by.
        """
        query, hidden = QUERIES[kind], _hidden[self.client.base, kind]
        own = phone_digits(person.phone)[0]
        phones, email = [name for name in query.phones if name not in hidden], query.email not in hidden
        alike = [f"{name} LIKE '%{'%'.join(own)}%'" for name in phones] if own else []
        alike += [f"{query.email} = '{quoted(person.email)}'"] if email and person.email else []
        columns = dict.fromkeys((*query.columns, *query.phones, query.email))
        shown = ",".join(name for name in columns if name not in hidden)
        where = f"{query.of}({' OR '.join(alike)})"
        return f"SELECT {shown} FROM {kind} WHERE {where} ORDER BY LastModifiedDate DESC LIMIT {FOUND}" if alike else ""


def matches(kind: str, status: int, body: Any) -> Iterator[Match]:
    if status == 200 and isinstance(body, dict):
        yield from (as_match(kind, record) for record in body.get("records") or [])
    elif not any(str(error.get("errorCode")).startswith(HIDDEN) for error in body if isinstance(error, dict)):
        raise meaning(status, body, {})
    elif kind not in _said and kind != "Account":
        _said.add(kind)
        log.warning("Salesforce hides %s records, or fields of them, from the app's user: nobody is found there", kind)


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
