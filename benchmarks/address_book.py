"""Calls of a practice whose CRM is full already. Run: python -m benchmarks.address_book

Its patients stand there as people type them, with the national spellings of their numbers. Some of them call, and some
strangers; the four events of each call come in any order, each twice, mixed with those of all other calls, to four
threads that do what a worker's do: no two work on one call at a time. What is told: whom the CRM has afterwards, on
whom each call and each meeting is, and whose name was changed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from mock_sender.destinations import Destinations
from receiver.errors import RetryLater
from receiver.events import Event
from receiver.registry import Earlier
from tests.support.crm import HUBSPOT, SALESFORCE, Place, run
from tests.support.tools import booked, completed, lead, transferred

WORKERS = 4
CALLS_EACH = 2
ATTEMPTS = 5
SPELLED = ("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{}{}{}", "{} {} {}", "1-{}-{}-{}", "+1 {} {} {}", "001 {} {} {}")
SPELLED_IN_SPAIN = ("{} {} {}", "{}{}{}", "{}-{}-{}", "+34 {} {} {}", "0034 {} {} {}")


@dataclass(frozen=True, kw_only=True)
class Size:
    people: int
    patients: int  # of them, who call
    strangers: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is there afterwards."""

    crm: str
    people_before: int
    calls: int
    runs: int
    new_for_patients: int
    new_for_strangers: int
    calls_on_their_person: int
    meetings_on_their_person: int
    doubled: int  # calls and meetings that are there twice
    changed: int  # people of whom something that was written is another now
    refused: int  # runs that did not succeed
    seconds: float

    def is_right(self, size: Size) -> bool:
        on_people = (self.calls_on_their_person, self.meetings_on_their_person)
        mistakes = (self.new_for_patients, self.doubled, self.changed, self.refused)
        return on_people == (self.calls,) * 2 and not any(mistakes) and self.new_for_strangers == size.strangers


@dataclass(frozen=True, kw_only=True)
class Crm:
    """How to fill a played CRM, and to read back what is in it."""

    place: Place
    fill: Callable[[Destinations, int, str, str], None]  # the number of a person, their name, and how it is spelled
    people: Callable[[Destinations], dict[str, dict[str, Any]]]
    key: str  # of ours, on a person
    owners: Callable[[Destinations, str], list[tuple[str, str]]]  # a call and a person, for each "call" or "meeting"


def number(n: int) -> str:
    """Every third person has a Spanish number."""
    return f"+34600{n:06}" if n % 3 == 2 else f"+1312{5550000 + n}"


def spelled(n: int) -> str:
    own = number(n).removeprefix("+34" if n % 3 == 2 else "+1")
    forms = SPELLED_IN_SPAIN if n % 3 == 2 else SPELLED
    return forms[n % len(forms)].format(own[:3], own[3:6], own[6:])


def fill_hubspot(world: Destinations, n: int, name: str, phone: str) -> None:
    world.hubspot.add_contact(firstname=name, lastname="Own", **{("phone", "mobilephone")[n % 2]: phone})


def fill_salesforce(world: Destinations, n: int, name: str, phone: str) -> None:
    field = ("Phone", "MobilePhone", "HomePhone")[n % 3]
    world.salesforce.add("Contact", FirstName=name, LastName="Own", **{field: phone})


def hubspot_owners(world: Destinations, what: str) -> list[tuple[str, str]]:
    kind = {"call": "calls", "meeting": "meetings"}[what]
    made = world.hubspot.objects[kind]
    ends = [(one, end) for sort, one, end in world.hubspot.associations if sort == kind]
    return [(made[one]["inboundflow_call_id"], end) for one, end in ends]


def salesforce_owners(world: Destinations, what: str) -> list[tuple[str, str]]:
    records = world.salesforce.records[{"call": "Task", "meeting": "Event"}[what]].values()
    key = "InboundFlow_Key__c"
    return [(one[key], one.get("WhoId", "")) for one in records if not one[key].startswith("lead:")]


def salesforce_people(world: Destinations) -> dict[str, dict[str, Any]]:
    return world.salesforce.records["Contact"] | world.salesforce.records["Lead"]


CRMS = {
    "hubspot": Crm(
        place=HUBSPOT, fill=fill_hubspot, people=lambda world: world.hubspot.objects["contacts"],
        key="inboundflow_phone_e164", owners=hubspot_owners,
    ),
    "salesforce": Crm(
        place=SALESFORCE, fill=fill_salesforce, people=salesforce_people, key="InboundFlow_Key__c",
        owners=salesforce_owners,
    ),
}  # fmt: skip


def measure(name: str, size: Size, seed: int = 1) -> Found:
    crm, chosen = CRMS[name], random.Random(seed)
    with Destinations() as world:
        world.hubspot.search_lags = True  # for as long as it takes
        for n in range(size.people):
            crm.fill(world, n, f"Patient {n}", spelled(n))
        before = {one: dict(record) for one, record in crm.people(world).items()}
        callers = {number(n) for n in chosen.sample(range(size.people), size.patients)}
        new = {number(size.people + n) for n in range(size.strangers)}
        calls = {f"call-{n}": phone for n, phone in enumerate(CALLS_EACH * sorted(callers | new))}
        began = time.monotonic()
        ends = [*carry(world, crm.place, calls, chosen)]
        return look(name, world, before, calls, callers, ends, time.monotonic() - began)


def carry(world: Destinations, place: Place, calls: Mapping[str, str], chosen: random.Random) -> Iterator[bool]:
    """Whether each run succeeded."""
    runs = [(call, event) for call, phone in calls.items() for event in 2 * events(call, phone)]
    chosen.shuffle(runs)
    locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
    done: dict[str, list[Earlier]] = defaultdict(list)

    def perform(one: tuple[str, Event]) -> bool:
        call, event = one
        with locks[call]:
            outcome = attempts(world, place, event, done[call])
            done[call].append(Earlier(event=event, outcome=outcome))
        return bool(outcome)

    with ThreadPoolExecutor(WORKERS) as threads:
        yield from threads.map(perform, runs)


def attempts(world: Destinations, place: Place, event: Event, done: Sequence[Earlier]) -> str:
    """The outcome, "" where there is none after a few attempts."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return str(run(world, place, event, done, attempt=attempt))
        except RetryLater as refused:
            print(f"{event.delivery_id}: {refused}", file=sys.stderr)
    return ""


def events(call: str, phone: str) -> list[Event]:
    """The four of one call, in which the name was heard wrong."""
    who = {"call_id": call, "caller_phone": phone, "caller_name": "Heard Wrong"}
    first = [make(f"{call}-{n}", **who) for n, make in enumerate((completed, transferred, booked))]
    return [*first, lead(f"{call}-lead", **who | {"caller_email": f"{phone[1:]}@example.com"})]


def look(
    name: str,
    world: Destinations,
    before: Mapping[str, Mapping[str, Any]],
    calls: Mapping[str, str],
    patients: set[str],
    ends: Sequence[bool],
    seconds: float,
) -> Found:
    crm = CRMS[name]
    people = crm.people(world)
    new = [record[crm.key] for one, record in people.items() if one not in before]
    owner = {record[crm.key]: one for one, record in people.items() if crm.key in record}
    placed = {what: crm.owners(world, what) for what in ("call", "meeting")}
    right = {what: sum(owner[calls[call]] == end for call, end in pairs) for what, pairs in placed.items()}
    return Found(
        crm=name,
        people_before=len(before),
        calls=len(calls),
        runs=len(ends),
        new_for_patients=sum(phone in patients for phone in new),
        new_for_strangers=sum(phone not in patients for phone in new),
        calls_on_their_person=right["call"],
        meetings_on_their_person=right["meeting"],
        doubled=sum(len(pairs) - len({call for call, _ in pairs}) for pairs in placed.values()),
        changed=sum(
            people[one] | dict(record) | changing(people[one]) != people[one] for one, record in before.items()
        ),
        refused=sum(not end for end in ends),
        seconds=round(seconds, 1),
    )


def changing(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a CRM itself writes whenever somebody is filled in."""
    return {name: record[name] for name in ("LastModifiedDate",) if name in record}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.address_book", description=__doc__)
    parser.add_argument("--people", type=int, default=5000, help="who is in the CRM already")
    parser.add_argument("--patients", type=int, default=60, help="of them, who call")
    parser.add_argument("--strangers", type=int, default=40, help="who call, and are not in it")
    parser.add_argument("--crm", choices=sorted(CRMS), action="append", help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    size = Size(people=options.people, patients=options.patients, strangers=options.strangers)
    results = [measure(name, size, options.seed) for name in options.crm or sorted(CRMS)]
    print(json.dumps([asdict(found) for found in results], indent=2))
    return 0 if all(found.is_right(size) for found in results) else 1


if __name__ == "__main__":
    sys.exit(main())
