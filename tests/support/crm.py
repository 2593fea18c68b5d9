"""One call at a CRM: its events, carried there in any order, and what is there afterwards."""

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime

from handlers.hubspot import keep_contact
from handlers.salesforce import keep_lead
from mock_sender import payloads
from receiver.errors import RetryLater
from receiver.events import Delivery, read_event
from receiver.registry import Earlier
from tests.support.tools import a_run

AT = datetime(2026, 2, 24, 10, 30, tzinfo=UTC)


def hubspot_env(world):
    return {"HUBSPOT_ACCESS_TOKEN": "pat-demo", "HUBSPOT_API_URL": f"{world.url}/hubspot"}


def hubspot_things(world):
    """The objects by kind, without the ids, which depend on the order of the events."""
    objects = {kind: list(records.values()) for kind, records in world.hubspot.objects.items()}
    return objects | {"on a contact": sorted(kind for kind, _, _ in world.hubspot.associations)}


def salesforce_things(world):
    leads = list(world.salesforce.records["Lead"])
    return {
        kind: sorted(
            (
                record | ({"WhoId": leads.index(record["WhoId"])} if "WhoId" in record else {})
                for record in records.values()
            ),
            key=lambda record: record["InboundFlow_Key__c"],
        )
        for kind, records in world.salesforce.records.items()
    }


@dataclass(frozen=True)
class Place:
    handler: str
    function: object
    env: object
    things: object

    @property
    def name(self):
        return self.handler.partition(".")[0]


HUBSPOT = Place("hubspot.keep_contact", keep_contact, hubspot_env, hubspot_things)
SALESFORCE = Place("salesforce.keep_lead", keep_lead, lambda world: world.salesforce_env, salesforce_things)
PLACES = [HUBSPOT, SALESFORCE]


def a_call():
    """The four events of one call, as the mock sender sends them."""
    return [
        read_event(Delivery(key=sent.delivery_id, event=sent.event, body=sent.body, received_us=1))
        for sent in payloads.call(random.Random(7), AT)
    ]


def carry(world, place, events, *, twice=False):
    """Bring the events there, one after the other, as the worker does; each again where its end is unknown."""
    done = []
    for event in events:
        outcome = attempts(world, place, event, done)
        if twice:
            outcome = run(world, place, event, done, attempt=2)
        done.append(Earlier(event=event, outcome=outcome))
    return [earlier.outcome for earlier in done]


def attempts(world, place, event, done):
    for attempt in itertools.count(1):
        try:
            return run(world, place, event, done, attempt=attempt)
        except RetryLater:
            assert attempt < 3


def run(world, place, event, done=(), *, env=None, **changes):
    """One attempt; `env` are variables besides those that lead there."""
    settings = place.env(world) | (env or {})
    return place.function(event, a_run(place.handler, settings, event, earlier=tuple(done), **changes))


def drop_answer(world, name, number):
    """Let the answer to the numbered request be lost, after its work is done."""
    count = itertools.count(1)

    def watch(destination, path, stage):
        if destination == name and stage == "done" and next(count) == number:
            world.fail(name, mode="drop")

    world.watch = watch
    if number == 0:
        world.fail(name, mode="drop")
