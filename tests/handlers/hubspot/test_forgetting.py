"""What HubSpot holds of a call of somebody who is erased goes, and contacts and what others made stay."""

import copy
import re

import pytest

from handlers.hubspot import forget
from receiver.errors import GiveUp, Pause, RetryLater
from receiver.events import read_event
from receiver.registry import Earlier
from tests.handlers.hubspot.account import keep, records, refusal
from tests.support.crm import HUBSPOT
from tests.support.tools import a_delivery, a_run, booked, completed, lead

CALL = [completed("d-1"), booked("d-2"), lead("d-3")]
NO_DAY = {"appointment_time_start": "soon", "appointment_date": None}
KINDS = ("calls", "meetings", "notes")


class Account:
    """A HubSpot with a customer, her notes and another's call in it before, and then a call of the customer's."""

    def __init__(self, world, events=CALL, **before):
        self.world, self.hubspot = world, world.hubspot
        customer = {
            "phone": "(555) 010-0",
            "firstname": "Ada",
            "email": "ada@clinic.example",
            "lifecyclestage": "customer",
        }
        self.customer = self.hubspot.add_contact(**customer, inboundflow_phone_e164="+15550100")
        for kind, text in (("notes", "hs_note_body"), ("calls", "hs_call_body")):
            self.hubspot.objects[kind]["7"] = {text: "what people wrote"}
        keep(world, completed("d-bea", call_id="call-of-bea", caller_phone="+15550177"))
        self.before = copy.deepcopy(self.hubspot.objects)
        self.done = []
        for event in events:
            self.done.append(Earlier(event=event, outcome=keep(world, event, done=self.done)))

    def run(self, event, bare=False):
        earlier = () if bare else tuple(self.done)
        return a_run(HUBSPOT.handler, HUBSPOT.env(self.world), event, earlier=earlier)

    def forget(self, done, outcome=None):
        return forget(done.event, self.run(done.event), done.outcome if outcome is None else outcome)

    def forget_all(self):
        return [self.forget(done) for done in reversed(self.done)]

    def activities(self):
        return {kind: self.hubspot.objects[kind] for kind in KINDS}

    def before_of_activities(self):
        return {kind: self.before[kind] for kind in KINDS}


@pytest.fixture
def account(world):
    return Account(world)


def sizes(account):
    return [len(records(account.world, kind)) for kind in ("contacts", *KINDS)]


def test_what_was_made_of_a_call_goes_and_the_contact_and_all_else_stay(account):
    assert sizes(account) == [2, 3, 1, 2]

    assert account.forget_all() == [f"person {account.customer}"] * 3
    assert account.activities() == account.before_of_activities()
    assert account.hubspot.objects["contacts"].keys() == account.before["contacts"].keys()


def test_what_is_gone_already_counts_as_deleted(account):
    account.forget_all()

    assert account.forget_all() == [f"person {account.customer}"] * 3
    assert account.activities() == account.before_of_activities()


def test_a_contact_that_was_made_for_the_call_is_named_too_and_stays(world):
    account = Account(world, [completed("d-1", caller_phone="+15550188")])
    assert len(records(world, "contacts")) == 3

    [named] = account.forget_all()

    assert world.hubspot.objects["contacts"][named.removeprefix("person ")]["phone"] == "+15550188"


def test_an_attempt_of_unknown_end_is_found_by_its_key(account):
    assert [account.forget(done, outcome="") for done in account.done] == [""] * 3
    assert account.activities() == account.before_of_activities()


def test_without_unique_values_too(world):
    for kind in KINDS:
        for name in world.hubspot.properties[kind]:
            world.hubspot.properties[kind][name]["hasUniqueValue"] = False
    account = Account(world)

    assert [account.forget(done, outcome="") for done in account.done] == [""] * 3
    assert account.activities() == account.before_of_activities()


def test_an_erased_delivery_is_found_by_its_outcome_alone(account):
    for done in account.done:
        bare = read_event(a_delivery(done.event.event, done.event.delivery_id, call_id=None))
        forget(bare, account.run(bare, bare=True), done.outcome)

    assert account.activities() == account.before_of_activities()


def test_an_id_that_is_the_calls_own_and_so_is_hidden_is_looked_for_by_people(account):
    with pytest.raises(GiveUp, match="is hidden"):
        account.forget(account.done[0], outcome=f"call …, person {account.customer}")


def test_a_booking_that_became_a_note_and_a_second_booking_go(world):
    account = Account(world, [booked("d-1", **NO_DAY), booked("d-2", calendar_event_id="e-2")])
    assert (" as a note" in account.done[0].outcome, "another booking" in account.done[1].outcome) == (True, True)

    account.forget_all()

    assert account.activities() == account.before_of_activities()


def test_the_note_of_an_address_that_the_contact_did_not_get_goes(world):
    account = Account(world, [lead("d-1", caller_email="ada@clinic.c0m", caller_phone="+15550188"), completed("d-2")])
    assert [key[:6] for key in keys_of_notes(world)] == ["email:", "lead:c"]

    account.forget_all()

    assert account.activities() == account.before_of_activities()


def keys_of_notes(world):
    return sorted(note["inboundflow_note_key"] for note in records(world, "notes") if "inboundflow_note_key" in note)


def test_what_has_no_key_of_ours_is_not_deleted(account):
    call = re.search(r"call (\d+)", account.done[0].outcome)[1]
    del account.hubspot.objects["calls"][call]["inboundflow_call_id"]

    with pytest.raises(GiveUp, match=f"calls {call} has no inboundflow_call_id"):
        account.forget(account.done[0])
    with pytest.raises(GiveUp):
        account.forget(account.done[0], outcome="call 7, person 1")

    assert {"7", call} <= account.hubspot.objects["calls"].keys()


REFUSALS = [
    # status  body                             what becomes of it, and why
    (429,     refusal("RATE_LIMITS"),          RetryLater, "429"),
    (503,     refusal("SERVICE_UNAVAILABLE"),  RetryLater, "503"),
    (401,     refusal("INVALID_AUTHENTICATION"), Pause,    "HUBSPOT_ACCESS_TOKEN"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "error", "why"), REFUSALS)
@pytest.mark.parametrize("path", ["batch/read", "/crm/objects/2026-03/calls/"])
def test_a_refusal_says_whether_a_later_attempt_may_succeed(account, status, body, error, why, path):
    account.world.fail("hubspot", status=status, body=body, path=path)

    with pytest.raises(error, match=why):
        account.forget(account.done[0])

    assert sizes(account) == [2, 3, 1, 2]


def test_a_missing_scope_is_named(account):
    account.hubspot.scopes.discard("crm.objects.contacts.write")

    with pytest.raises(Pause, match=r"lacks crm\.objects\.contacts\.write"):
        account.forget(account.done[0])

    assert sizes(account) == [2, 3, 1, 2]


def test_a_deletion_that_finds_nothing_is_none(account):
    account.world.fail("hubspot", status=404, body=refusal("OBJECT_NOT_FOUND"), path="/crm/objects/2026-03/calls/1")

    assert account.forget(account.done[0]) == f"person {account.customer}"


@pytest.mark.parametrize("mode", ["reset", "drop"])
def test_a_lost_answer_is_tried_again(account, mode):
    account.world.fail("hubspot", mode=mode, path="/crm/objects/2026-03/calls/1")

    with pytest.raises(RetryLater):
        account.forget(account.done[0])
    account.forget_all()

    assert account.activities() == account.before_of_activities()
