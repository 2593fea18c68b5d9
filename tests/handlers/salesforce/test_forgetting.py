"""What Salesforce holds of a call of somebody who is erased goes, and people and what others made stay."""

import copy
import re

import pytest

from handlers.salesforce import forget
from receiver.errors import GiveUp, Pause, RetryLater
from receiver.events import read_event
from receiver.registry import Earlier
from tests.handlers.salesforce.org import errors, keep, records
from tests.support.crm import SALESFORCE
from tests.support.tools import a_delivery, a_run, booked, completed, lead

CALL = [completed("d-1"), booked("d-2"), lead("d-3")]
KINDS = ("Task", "Event")


class Org:
    """A Salesforce with a customer, what people wrote and another's call in it before, then a call of the customer's."""

    def __init__(self, world, events=CALL):
        self.world, self.salesforce = world, world.salesforce
        self.customer = self.salesforce.add("Contact", LastName="Moreno", Phone="+1 555 0100")
        self.task = self.salesforce.add("Task", Subject="what people wrote", WhoId=self.customer)
        keep(world, completed("d-bea", call_id="call-of-bea", caller_phone="+15550177"))
        self.before = copy.deepcopy(self.salesforce.records)
        self.done = []
        for event in events:
            self.done.append(Earlier(event=event, outcome=keep(world, event, done=self.done)))

    def run(self, event, bare=False):
        earlier = () if bare else tuple(self.done)
        return a_run(SALESFORCE.handler, SALESFORCE.env(self.world), event, earlier=earlier)

    def forget(self, done, outcome=None):
        return forget(done.event, self.run(done.event), done.outcome if outcome is None else outcome)

    def forget_all(self):
        return [self.forget(done) for done in reversed(self.done)]

    def activities(self):
        return {kind: self.salesforce.records[kind] for kind in KINDS}

    def before_of_activities(self):
        return {kind: self.before[kind] for kind in KINDS}


@pytest.fixture
def org(world):
    return Org(world)


def sizes(org):
    return [len(records(org.world, kind)) for kind in ("Contact", "Lead", *KINDS)]


def test_what_was_made_of_a_call_goes_and_the_contact_and_all_else_stay(org):
    assert sizes(org) == [1, 1, 4, 1]

    assert org.forget_all() == [f"person {org.customer}"] * 3
    assert org.activities() == org.before_of_activities()
    assert sizes(org) == [1, 1, 2, 0]


def test_what_is_gone_already_counts_as_deleted(org):
    org.forget_all()

    assert org.forget_all() == [f"person {org.customer}"] * 3
    assert org.activities() == org.before_of_activities()


def test_an_attempt_of_unknown_end_is_found_by_its_key(org):
    assert [org.forget(done, outcome="") for done in org.done] == [""] * 3
    assert org.activities() == org.before_of_activities()


def test_an_erased_delivery_is_found_by_its_outcome_alone(org):
    for done in org.done:
        bare = read_event(a_delivery(done.event.event, done.event.delivery_id, call_id=None))
        forget(bare, org.run(bare, bare=True), done.outcome)

    assert org.activities() == org.before_of_activities()


def test_what_has_no_key_of_ours_is_not_deleted(org):
    task = re.search(r"call (\w+)", org.done[0].outcome)[1]
    del org.salesforce.records["Task"][task]["InboundFlow_Key__c"]

    with pytest.raises(GiveUp, match=f"Task {task} has no InboundFlow_Key__c"):
        org.forget(org.done[0])
    with pytest.raises(GiveUp):
        org.forget(org.done[0], outcome=f"call {org.task}, person {org.customer}")

    assert {task, org.task} <= org.salesforce.records["Task"].keys()


def test_what_the_apps_user_may_not_delete_is_for_people(org):
    org.salesforce.may_not_delete = True

    with pytest.raises(GiveUp, match="the app's user may not delete it"):
        org.forget(org.done[0])

    assert sizes(org) == [1, 1, 4, 1]


REFUSALS = [
    # status  body                              what becomes of it, and why
    (403,     errors("REQUEST_LIMIT_EXCEEDED"), RetryLater, "requests of a day"),
    (400,     errors("UNABLE_TO_LOCK_ROW"),     RetryLater, "somebody else"),
    (503,     errors("SERVER_UNAVAILABLE"),     RetryLater, "overloaded"),
    (403,     errors("API_DISABLED_FOR_ORG"),   Pause,      "no API"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "error", "why"), REFUSALS)
def test_a_refusal_says_whether_a_later_attempt_may_succeed(org, status, body, error, why):
    org.world.fail("salesforce", status=status, body=body, path="/sobjects/Task/")

    with pytest.raises(error, match=why):
        org.forget(org.done[0])

    assert sizes(org) == [1, 1, 4, 1]


@pytest.mark.parametrize("mode", ["reset", "drop"])
def test_a_lost_answer_is_tried_again(org, mode):
    org.world.fail("salesforce", mode=mode, path="/sobjects/Task/00T")

    with pytest.raises(RetryLater):
        org.forget(org.done[0])
    org.forget_all()

    assert org.activities() == org.before_of_activities()
