"""What is written into a record's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from receiver.toolkit import Match, Person

from .client import KEY

FIRST_CHARS, LAST_CHARS, TEXT_CHARS = 40, 80, 30_000  # Salesforce takes 40, 80 and 32,000


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, which would erase."""
    return {name: value for name, value in fields.items() if value not in (None, "")}


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
