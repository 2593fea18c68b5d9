"""What a message shows of a call: its fields, what was said, and links, each as text that is safe in no place yet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from receiver import Event
from receiver.toolkit import (
    business_zone,
    first_text,
    is_email,
    known_number,
    say,
    shown_fields,
    shown_value,
)

E164 = re.compile(r"\+[0-9]{6,15}")
LINKS = (("Listen to the recording", "recording_url"), ("Open in the calendar", "calendar_event_link"))
WHO = ("Name", "Phone")
VALUE_CHARS, URL_CHARS = 300, 1000


@dataclass(frozen=True, kw_only=True)
class Field:
    """`url` is ours: a number to call, an address to write to."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Details:
    who: str
    fields: tuple[Field, ...]
    summary: str = ""
    links: tuple[tuple[str, str], ...] = ()  # (label, https address)


def details(events: Sequence[Event], settings: Mapping[str, str], told: Sequence[Event] = ()) -> Details:
    """Of these events, without what was `told` already; who called is said each time."""
    language = settings["BUSINESS_LANGUAGE"]
    people = [*events, *told]
    known = dict(shown_fields(people, settings))
    who = {label: known[label] for label in WHO if label in known}
    before = {pair for event in told for pair in shown_fields([event], settings)}
    pairs = who | dict(pair for pair in shown_fields(events, settings) if pair[0] not in WHO and pair not in before)
    summary, links = summary_of(events), links_of(events)
    return Details(
        who=shown_value(people, ["caller_name", "caller_phone"], settings) or say("Unknown caller", language),
        fields=tuple(field(label, text, people, language) for label, text in pairs.items()),
        summary=summary if summary not in [summary_of([event]) for event in told] else "",
        links=tuple((say(label, language), url) for label, url in links if (label, url) not in links_of(told)),
    )


def summary_of(events: Sequence[Event]) -> str:
    return first_text(events, "summary", "call_summary")[0]


def links_of(events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(label, url) for label, name in LINKS if (url := https(events, name))]


def field(label: str, text: str, events: Sequence[Event], language: str) -> Field:
    text = text if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…"
    number = known_number(events, "caller_phone")
    url = ""
    if label == "Phone" and E164.fullmatch(number):
        url = f"tel:{number}"
    if label == "E-mail" and is_email(text) and text.isascii() and not re.search(r"[?&%/\\]", text):
        url = f"mailto:{text}"
    return Field(label=say(label, language), text=text, url=url)


def https(events: Sequence[Event], name: str) -> str:
    url = first_text(events, name)[0]
    fits = url.startswith("https://") and url.isprintable() and " " not in url and len(url) <= URL_CHARS
    return url if fits else ""


def clock(time: datetime, settings: Mapping[str, str]) -> str:
    """The time of day at the business."""
    zone = business_zone(settings)
    return f"{time.astimezone(zone):%H:%M}{' UTC' if zone.key == 'UTC' else ''}"
