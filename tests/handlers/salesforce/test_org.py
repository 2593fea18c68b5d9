"""What an org of its own kind takes of a lead, a task and an event, and whose they are."""

from contextlib import nullcontext

import pytest

import handlers.salesforce as handler
from mock_sender.destinations.salesforce import APP_USER
from receiver import registry
from receiver.errors import GiveUp
from tests.handlers.salesforce.org import keep, records
from tests.support.crm import SALESFORCE
from tests.support.tools import booked, completed, lead

DESK, DENTIST = "005000000000DSKAAA", "005000000000DENAAA"
OWNED = {"SALESFORCE_OWNER_ID": DESK}
CALLER = {"caller_phone": "+13125550110", "caller_name": "Grace Hopper"}


@pytest.fixture(autouse=True)
def staff(world):
    world.salesforce.users |= {DESK, DENTIST}


def owners(world, *kinds):
    return [record["OwnerId"] for kind in kinds for record in records(world, kind)]


def keep_all(world, **changes):
    for event in (completed("d-1", **CALLER), booked("d-2", **CALLER), lead("d-3", **CALLER)):
        keep(world, event, **changes)


def test_what_is_for_somebody_to_do_belongs_to_the_owner_that_is_named(world):
    keep_all(world, env=OWNED)

    call, follow_up = owners(world, "Task")
    assert (call, follow_up, owners(world, "Event", "Lead")) == (APP_USER, DESK, [DESK, DESK])


@pytest.mark.parametrize("kind", ["Contact", "Lead"])
def test_the_owner_of_who_calls_goes_before_the_one_that_is_named(world, kind):
    company = {"Company": "Navy"} if kind == "Lead" else {}
    world.salesforce.add(kind, LastName="Hopper", Phone="(312) 555-0110", OwnerId=DENTIST, **company)

    keep_all(world, env=OWNED)
    keep(world, lead("d-4", call_id="call-2", **CALLER), env=OWNED)  # found by our key now

    assert (owners(world, "Task")[1:], owners(world, "Event")) == ([DENTIST, DENTIST], [DENTIST])


def test_a_person_of_the_apps_own_user_belongs_to_nobody(world):
    world.salesforce.add("Contact", LastName="Hopper", Phone="(312) 555-0110", OwnerId=APP_USER)

    keep_all(world, env=OWNED)

    assert owners(world, "Event") == [DESK]


def test_the_orgs_rules_assign_a_new_lead_and_no_other(world):
    world.salesforce.assigns_to = DESK
    world.salesforce.add("Lead", LastName="Hopper", Company="Navy", Phone="(312) 555-0110", OwnerId=DENTIST)

    keep(world, lead(caller_email="grace@example.com", **CALLER))
    keep(world, completed("d-2", call_id="c-2", caller_phone="+13125550199"))

    assert owners(world, "Lead") == [DENTIST, DESK]


def test_a_follow_up_goes_to_whom_the_orgs_rules_gave_the_new_lead(world):
    world.salesforce.assigns_to = DENTIST

    keep(world, lead(**CALLER), env=OWNED)

    assert owners(world, "Lead", "Task") == [DENTIST, DENTIST]


def test_a_task_that_somebody_else_took_over_stays_theirs(world):
    keep_all(world, env=OWNED)
    records(world, "Task")[1]["OwnerId"] = DENTIST

    keep_all(world, env=OWNED)

    assert owners(world, "Task")[1] == DENTIST


def test_an_owner_who_left_is_left_out_and_the_outcome_says_so(world):
    outcome = keep(world, booked(**CALLER), env={"SALESFORCE_OWNER_ID": "005000000000OUTAAA"})

    assert outcome.count("without OwnerId (INACTIVE_OWNER_OR_USER)") == 2  # the lead and the event
    assert owners(world, "Event", "Lead") == [APP_USER, APP_USER]


def test_where_only_its_owner_may_change_an_event_it_stays_as_it_is(world):
    world.salesforce.activities_are_private = True
    keep(world, booked(**CALLER), env=OWNED)

    outcome = keep(world, booked(service_type="Moved", **CALLER), env=OWNED)

    assert "which its owner alone may change: Salesforce answered 400 INSUFFICIENT_ACCESS_OR_READONLY" in outcome
    assert [event["Subject"] for event in records(world, "Event")] == ["Check-up: Grace Hopper"]


@pytest.mark.parametrize(("value", "state"), [(DESK, "on"), (DESK[:15], "on"), ("", "on"), ("Ada", "misconfigured")])
def test_an_owner_is_a_user(world, value, state):
    env = SALESFORCE.env(world) | {"SALESFORCE_OWNER_ID": value}

    assert registry.load("handlers")[SALESFORCE.handler].activate(env).state == state


@pytest.mark.parametrize(("owner", "is_there"), [(DESK, True), ("005000000000OUTAAA", False)])
def test_a_check_asks_whether_the_owner_works_there_still(world, owner, is_there):
    lines = handler.check(world.salesforce_env | {"SALESFORCE_OWNER_ID": owner})

    with nullcontext() if is_there else pytest.raises(GiveUp, match="SALESFORCE_OWNER_ID"):
        assert [*lines][-1] == "SALESFORCE_OWNER_ID is an active user"


@pytest.mark.parametrize(
    ("required", "company", "written"), [(True, "", "Unknown"), (False, "", None), (False, "Patient", "Patient")]
)
def test_a_company_is_sent_only_where_the_org_requires_one_or_you_name_one(world, required, company, written):
    world.salesforce.requires_company = required

    for n in (1, 2):
        event = completed(f"d-{n}", call_id=f"c-{n}", caller_phone=f"+1312555011{n}")
        keep(world, event, env={"SALESFORCE_COMPANY": company})

    assert [record.get("Company") for record in records(world, "Lead")] == [written, written]
    assert len([one for one in world.exchanges if one.status == 400]) == required  # it is remembered


def test_a_new_lead_came_by_phone_where_the_org_knows_that_source(world):
    keep(world, completed(**CALLER))
    world.salesforce.hidden["Lead"] = {"LeadSource"}
    outcome = keep(world, completed("d-2", call_id="c-2", caller_phone="+13125550199"))

    assert [record.get("LeadSource") for record in records(world, "Lead")] == ["Phone Inquiry", None]
    assert outcome.endswith("without LeadSource (INVALID_FIELD)")


@pytest.mark.parametrize("hidden", [{"CallType"}, {"CallType", "CallDurationInSeconds"}, {"TaskSubtype"}])
def test_an_org_without_a_call_center_gets_its_calls_without_those_fields(world, hidden):
    world.salesforce.hidden["Task"] = hidden

    outcome = keep(world, completed(**CALLER))

    [task] = records(world, "Task")
    assert (hidden & task.keys(), task["Subject"]) == (set(), "Call from Grace Hopper")
    assert f"without {', '.join(sorted(hidden))} (INVALID_FIELD), person " in outcome


def test_a_lead_that_the_apps_user_may_not_see_loses_no_call(world):
    world.salesforce.rules["Lead"] = ("DUPLICATE_VALUE", [])

    outcome = keep(world, completed(**CALLER))

    assert "on no person: Salesforce answered 400 DUPLICATE_VALUE" in outcome
    assert ("View All" in outcome, len(records(world, "Task"))) == (True, 1)
