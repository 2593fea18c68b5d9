"""Which of the people in a CRM a caller is: how a number may be spelled there, and the choice among those found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from .calls import Person
from .words import say

SEVERAL_HERE = "{number} people here have this number or address; this is kept on the one that was changed last."
SEVERAL = re.compile(r"the last changed of ([0-9]+) who match")


@dataclass(frozen=True, kw_only=True)
class Match:
    """Somebody whom the CRM has already."""

    id: str
    phones: tuple[str, ...] = ()  # as they are spelled there
    email: str = ""
    standing: int = 0  # of two who match as well, the higher goes first: a customer before a lead
    changed: str = ""  # when, as an ISO text in UTC
    fields: Mapping[str, Any] = field(default_factory=dict)  # what else you need of the record


class Found(NamedTuple):
    """Whom `find_person` found, None for nobody, and what to say about it."""

    match: Match | None
    remark: str = ""


class Placed(NamedTuple):
    """What a verb of a CRM may return in place of an id: the id, and what the outcome is to say about it."""

    id: str
    remarks: tuple[str, ...] = ()


class People(Protocol):
    """What `find_person` asks of a CRM."""

    def with_key(self, person: Person) -> Match | None:
        """Who has our key: asked of the database, not of a search that lags."""

    def alike(self, person: Person) -> Sequence[Match]:
        """Who may have this number (`spellings`) or this e-mail address; too many are no harm."""


def find_person(people: People, person: Person) -> Found:
    """Who has our key; where nobody has it, who has the number and the address, the number, or the address.

    Among several who match as well, the one that was changed last, and the remark says how many they were.
    """
    if match := people.with_key(person):
        return Found(match)
    ranked = [((rank, match.standing), match) for match in people.alike(person) if (rank := likeness(match, person))]
    best = max((rank for rank, _ in ranked), default=(0, 0))
    same = {match.id: match for rank, match in ranked if rank == best}
    if not same:
        return Found(None)
    chosen = max(same.values(), key=lambda match: (match.changed, match.id))
    return Found(chosen, several(len(same)) if len(same) > 1 else "")


def likeness(match: Match, person: Person) -> int:
    """0 for somebody else, 1 with the e-mail address, 2 with the number, 3 with both."""
    has_phone = bool(person.phone) and any(same_phone(phone, person.phone) for phone in match.phones)
    return 2 * has_phone + (bool(person.email) and match.email.lower() == person.email)


def several(number: int) -> str:
    return f"the last changed of {number} who match"


def several_in(outcomes: Sequence[str], language: str = "en") -> str:
    """For the people who read a call: that several match, as one of these outcomes says; else ""."""
    numbers = (SEVERAL.search(said) for said in outcomes)
    number = next((match[1] for match in numbers if match), "")
    return say(SEVERAL_HERE, language, number=number) if number else ""


def same_phone(stored: str, phone: str) -> bool:
    """Whether a number as somebody typed it is this one in E.164; without a country code, it is of the same country."""
    import phonenumbers  # as large as it is, only where a number is compared

    try:
        ours = phonenumbers.parse(phone)
        theirs = phonenumbers.parse(
            re.sub(r"^\s*00", "+", stored), phonenumbers.region_code_for_country_code(ours.country_code or 0)
        )
    except phonenumbers.NumberParseException:
        return False
    e164 = phonenumbers.PhoneNumberFormat.E164
    return bool(phonenumbers.format_number(ours, e164) == phonenumbers.format_number(theirs, e164))


def phone_digits(phone: str) -> tuple[str, str]:
    """The digits of a number in E.164: the national ones, and all of them. Both "" where it is none."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return "", ""
    return phonenumbers.national_significant_number(parsed), re.sub(r"\D", "", phone)


def spellings(phone: str) -> tuple[str, ...]:
    """How people write a number in E.164: with and without its country code, spaced, with hyphens, as digits."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return (phone,)
    formats = phonenumbers.PhoneNumberFormat
    national = phonenumbers.format_number(parsed, formats.NATIONAL)
    international = phonenumbers.format_number(parsed, formats.INTERNATIONAL)
    local = international.partition(" ")[2]  # without a prefix that is dialled within the country
    own, every = phone_digits(phone)
    grouped = " ".join(re.findall(r"\d{3}(?=\d{2})|\d+", own))
    bases = national, international, grouped, f"+{parsed.country_code} {grouped}", f"{parsed.country_code} {local}"
    written = [phone, every, f"00{every}", own, re.sub(r"\D", "", national), local, *bases]
    written += [re.sub(r"[ ()-]+", mark, text).strip(mark) for text in bases for mark in " -."]
    return tuple(dict.fromkeys(written))
