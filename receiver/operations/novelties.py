"""What an event holds that this version does not know: new events, new fields, and other types than before.

Nothing of what a caller said is kept: of a value its kind, and of a name only what a programmer would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from ..events import ENVELOPE, EVENTS, Event, parse_object

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,59}", re.ASCII)
DIGITS_IN_A_NAME = re.compile(r"[0-9]{5}", re.ASCII)  # more of them may be somebody's number
UNNAMED = "…"  # in the place of a name that may be anything
PROMISED = {"transcript"}  # InboundFlow's page speaks of it, and its samples have none: it is told when it comes
FIELDS_READ = 200  # of one body: what is documented has a dozen
TYPES = ((bool, "boolean"), (str, "text"), (int, "whole number"), (float, "number"), (list, "list"), (dict, "object"))
DOCUMENTED_TYPES = {"str": "text", "int": "whole number"}
KINDS = (
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9:]+)?"), "a time, 2026-…"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a day, 2026-…"),
    (re.compile(r"https?://\S+"), "a link, https://…"),
    (re.compile(r"[^@\s]+@[^@\s]+"), "an e-mail address, …@…"),
    (re.compile(r"\+?[0-9 ().-]{7,20}"), "a number as text, +…"),
    (re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}"), "an id, …-…"),
)
LENGTHS = (10, 30, 100, 300, 1000, 3000, 10_000)


class Novelty(NamedTuple):
    """A field of an event ("": the event itself), with the type that is new, and what a value of it looks like."""

    event: str
    field: str
    type: str
    example: str


def novelties(event: str, body: bytes) -> Iterator[Novelty]:
    """Never raises."""
    document = parse_object(body)
    if document is None:
        return
    name = shown_name(event)
    if event not in EVENTS:
        yield Novelty(name, "", "event", "")
    data = document.get("data")
    known = documented(event)
    yield from new_fields(name, "envelope.", without(document, "data"), dict.fromkeys(ENVELOPE, "text"))
    yield from new_fields(name, "", data if isinstance(data, dict) else {}, known)


def new_fields(event: str, prefix: str, values: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[Novelty]:
    for _, (field, value) in zip(range(FIELDS_READ), values.items(), strict=False):
        kind = type_of(value)
        if kind and known.get(field) != kind:
            yield Novelty(event, prefix + shown_name(field), kind, example_of(value, kind))


def documented(event: str) -> dict[str, str]:
    """The type of each field that InboundFlow's page shows for this event."""
    kind = EVENTS.get(event, Event)
    own = {each.name: str(each.type).partition(" ")[0] for each in fields(kind)}
    return {name: DOCUMENTED_TYPES[own[name]] for name in own.keys() - ENVELOPE - PROMISED}


def without(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {field: value for field, value in document.items() if field != name}


def shown_name(name: str) -> str:
    """A name as it may be kept; people's names and numbers have been seen as names of fields elsewhere."""
    return name if NAME.fullmatch(name) and not DIGITS_IN_A_NAME.search(name) else UNNAMED


def type_of(value: object) -> str:
    """ "" for null, which says nothing."""
    return next((name for kind, name in TYPES if isinstance(value, kind)), "")


def example_of(value: Any, kind: str) -> str:
    """What a value looks like, with nothing of what it says."""
    if kind == "text":
        return masked_text(value)
    if kind in ("list", "object"):
        return f"{len(value)} in it" if len(value) < 1000 else "1,000 or more in it"
    if kind == "whole number":
        digits = len(str(abs(value))) if abs(value) < 10**15 else 16
        return f"{digits} digit{'s' * (digits > 1)}"
    return {"boolean": "true or false", "number": "with a decimal point"}[kind]


def masked_text(text: str) -> str:
    kind = next((kind for pattern, kind in KINDS if pattern.fullmatch(text[:2000])), "")
    if kind or not text:
        return kind or "empty"
    limit = next((limit for limit in LENGTHS if len(text) <= limit), 0)
    return f"up to {limit:,} characters" if limit else "over 10,000 characters"
