"""A CRM's people as its users see them, each with their calls, meetings and notes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import plain
from .texts import say

if TYPE_CHECKING:
    from ..server import Destinations

SHOWN = 30  # people, those first who have called
TEXT_CHARS = 4000
# kind, and the fields that hold its title, text and time
HUBSPOT = {
    "calls": ("call", "hs_call_title", "hs_call_body", "hs_timestamp"),
    "meetings": ("meeting", "hs_meeting_title", "hs_meeting_body", "hs_meeting_start_time"),
    "notes": ("note", "", "hs_note_body", "hs_timestamp"),
}
DETAILS = ("phone", "mobilephone", "email", "lifecyclestage")
IN_SALESFORCE = ("Phone", "MobilePhone", "Email", "Company")
SALESFORCE = {"Lead": "lead", "Contact": "contact"}
BREAK, TAG = re.compile(r"<br\s*/?>|</p>", re.IGNORECASE), re.compile(r"<[^>]*>")


@dataclass(frozen=True, kw_only=True)
class Entry:
    kind: str  # call, meeting, note or task
    title: str
    when: str
    took: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """`kind` is contact or lead; "": what belongs to nobody."""

    kind: str
    name: str
    details: tuple[str, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class People:
    people: tuple[Person, ...]
    more: int  # that are not shown


def in_hubspot(world: Destinations) -> list[People]:
    hubspot = world.hubspot
    with hubspot.mutex:
        objects = {kind: {made: dict(record) for made, record in of.items()} for kind, of in hubspot.objects.items()}
        owners = {(kind, made): contact for kind, made, contact in hubspot.associations}
    entries: dict[str, list[Entry]] = {}
    for kind in HUBSPOT:
        for made, record in objects[kind].items():
            entries.setdefault(owners.get((kind, made), ""), []).append(hubspot_entry(kind, record))
    people = [
        Person(
            kind="contact",
            name=" ".join(filter(None, (record.get("firstname"), record.get("lastname")))),
            details=filled(record, DETAILS),
            entries=tuple(entries.get(made, ())),
        )
        for made, record in objects["contacts"].items()
    ]
    return shown(people, entries.get("", []))


def hubspot_entry(kind: str, record: Mapping[str, str]) -> Entry:
    name, title, text, when = HUBSPOT[kind]
    took_ms = record.get("hs_call_duration", "")
    body = as_text(record.get(text, ""))
    return Entry(
        kind=name,
        title=record.get(title, "") or body.partition("\n")[0],
        when=local(record.get(when, "")),
        took=minutes(int(took_ms) // 1000) if took_ms.isdecimal() else "",
        text=body if title else body.partition("\n")[2].strip(),
    )


def in_salesforce(world: Destinations) -> list[People]:
    salesforce = world.salesforce
    with salesforce.mutex:
        records = {kind: {made: dict(r) for made, r in of.items()} for kind, of in salesforce.records.items()}
    entries: dict[str, list[Entry]] = {}
    for kind in ("Task", "Event"):
        for record in records[kind].values():
            entries.setdefault(record.get("WhoId") or "", []).append(salesforce_entry(kind, record))
    people = [
        Person(
            kind=called,
            name=" ".join(filter(None, (record.get("FirstName"), record.get("LastName")))),
            details=filled(record, IN_SALESFORCE),
            entries=tuple(entries.get(made, ())),
        )
        for kind, called in SALESFORCE.items()
        for made, record in records[kind].items()
    ]
    return shown(people, entries.get("", []))


def salesforce_entry(kind: str, record: Mapping[str, Any]) -> Entry:
    called = "call" if record.get("TaskSubtype") == "Call" else "task"
    took_s = record.get("CallDurationInSeconds")
    return Entry(
        kind="meeting" if kind == "Event" else called,
        title=str(record.get("Subject") or ""),
        when=local(str(record.get("StartDateTime") or record.get("ActivityDate") or "")),
        took=minutes(took_s) if isinstance(took_s, int) else "",
        text=str(record.get("Description") or "")[:TEXT_CHARS],
    )


def shown(people: Sequence[Person], of_nobody: Iterable[Entry]) -> list[People]:
    """The newest first, and before them those who have called. Empty where there is nobody and nothing."""
    loose = [Person(kind="", name="", details=(), entries=tuple(of_nobody))] if of_nobody else []
    ordered = loose + sorted(reversed(people), key=lambda person: not person.entries)
    return [People(people=tuple(ordered[:SHOWN]), more=max(0, len(ordered) - SHOWN))] if ordered else []


def filled(record: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(record[name]) for name in names if record.get(name))


def as_text(body: str) -> str:
    """A note's HTML as the text that it shows."""
    return html.unescape(TAG.sub("", BREAK.sub("\n", body[:TEXT_CHARS]))).strip()


def local(moment: str) -> str:
    """In this machine's zone, to the minute; a date by itself, and what is no time, as it is."""
    try:
        return moment if "T" not in moment else datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return moment


def minutes(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d} min"


def lines(seen: Sequence[People], lang: str, width: int) -> list[str]:
    [people] = seen
    told = [line for person in people.people for line in of_person(person, lang, width)]
    return told + ([say("more", lang, n=people.more)] if people.more else [])


def of_person(person: Person, lang: str, width: int) -> list[str]:
    name = (person.name or say("unnamed", lang)) if person.kind else say("nobody", lang)
    head = " · ".join([name, *person.details])
    entries = [f"  {plain.padded(say(entry.kind, lang), 9)} {facts(entry)}" for entry in person.entries]
    return [f"│ {plain.cut(plain.one_line(head), width - 2)}", *(f"│ {plain.cut(line, width - 2)}" for line in entries)]


def facts(entry: Entry) -> str:
    return " · ".join(filter(None, map(plain.one_line, (entry.when, entry.title, entry.took))))
