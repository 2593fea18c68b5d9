"""An address book that was there before: HubSpot's contacts as the people at a business entered them."""

import json

import pytest

from receiver.registry import Earlier
from tests.handlers.hubspot.account import keep, records, refusal
from tests.support.tools import booked, completed, lead

GRACE = {"firstname": "Grace", "lastname": "Hopper"}
CALLER = {"caller_phone": "+13125550110", "caller_name": "Grease Hoppa"}
SPELLED = ["1 (312) 555-0110", "(312) 555-0110", "312-555-0110", "312.555.0110", "3125550110", "+1 312 555 0110", "+13125550110",
           "1-312-555-0110", "001 312 555 0110"]  # fmt: skip


@pytest.mark.parametrize("field", ["phone", "mobilephone"])
@pytest.mark.parametrize("number", SPELLED)
def test_a_customer_is_found_however_their_number_is_spelled(world, number, field):
    grace = world.hubspot.add_contact(**GRACE, **{field: number})
    world.hubspot.add_contact(firstname="Somebody", lastname="Else", phone="(312) 555-0111")

    outcomes = [keep(world, completed(f"d-{n}", call_id=f"c-{n}", **CALLER)) for n in (1, 2)]

    contact = world.hubspot.objects["contacts"][grace]
    assert [outcome.endswith(f"person {grace}") for outcome in outcomes] == [True, True]
    assert contact == GRACE | {field: number, "inboundflow_phone_e164": "+13125550110"}
    assert len(records(world, "contacts")) == 2


def test_an_account_without_calculated_numbers_is_searched_by_what_people_typed(world):
    grace = world.hubspot.add_contact(**GRACE, phone="(312) 555-0110")
    world.fail("hubspot", status=400, body=refusal("VALIDATION_ERROR"), path="contacts/search")

    assert keep(world, completed(**CALLER)).endswith(f"person {grace}")


def test_a_merged_contact_is_found_by_either_of_its_numbers(world):
    merged = {"inboundflow_phone_e164": "+13125550110", "phone": "(312) 555-0110", "mobilephone": "(312) 555-0111"}
    grace = world.hubspot.add_contact(**GRACE, **merged)

    for n in (0, 1):
        keep(world, completed(f"d-{n}", call_id=f"c-{n}", caller_phone=f"+1312555011{n}"))

    assert records(world, "contacts") == [GRACE | merged]
    assert {end for _, _, end in world.hubspot.associations} == {grace}


def test_a_number_of_another_country_is_somebody_else(world):
    world.hubspot.add_contact(**GRACE, phone="+34 312 555 0110")

    keep(world, completed(**CALLER))

    assert len(records(world, "contacts")) == 2


def test_a_customer_is_found_by_the_address_where_the_number_is_new(world):
    grace = world.hubspot.add_contact(**GRACE, email="Grace@Example.com", phone="(312) 555-0199")

    keep(world, lead(caller_email="grace@example.com", **CALLER))
    keep(world, completed("d-2", call_id="call-2", **CALLER))

    [contact] = records(world, "contacts")
    assert (contact["phone"], contact["email"], contact["lastname"]) == (
        "(312) 555-0199",
        "Grace@Example.com",
        "Hopper",
    )
    assert [end for kind, _, end in world.hubspot.associations if kind == "calls"] == [grace]


def test_of_several_the_one_that_was_changed_last_is_taken_and_every_text_of_the_call_says_so(world):
    for name in ("Mother", "Father", "Child"):
        newest = world.hubspot.add_contact(firstname=name, phone="(312) 555-0110")
    done = []
    for event in (lead("d-1", **CALLER), completed("d-2", **CALLER), booked("d-3", **CALLER)):
        done.append(Earlier(event=event, outcome=keep(world, event, done=done)))

    assert f"person {newest}, the last changed of 3 who match" in done[0].outcome
    texts = [str(records(world, kind)[0]) for kind in ("notes", "calls", "meetings")]
    assert ["3 people here have this number" in text for text in texts] == [True, True, True]
    assert len(records(world, "contacts")) == 3


def test_what_staff_wrote_stays_and_what_is_empty_is_filled(world):
    world.hubspot.add_contact(
        firstname="Grace", phone="(312) 555-0110", lifecyclestage="customer", hubspot_owner_id="7"
    )

    keep(world, lead(caller_email="heard@example.com", **CALLER))

    [contact] = records(world, "contacts")
    assert contact == {
        "firstname": "Grace", "phone": "(312) 555-0110", "lifecyclestage": "customer", "hubspot_owner_id": "7",
        "inboundflow_phone_e164": "+13125550110", "email": "heard@example.com",
    }  # fmt: skip


def test_a_second_call_before_the_search_has_caught_up_makes_no_second_person(world):
    world.hubspot.search_lags = True

    outcomes = [keep(world, completed(f"d-{n}", call_id=f"c-{n}", **CALLER)) for n in (1, 2)]

    assert len(records(world, "contacts")) == 1
    assert {outcome.rpartition(" ")[2] for outcome in outcomes} == {"1001"}


@pytest.mark.parametrize("number", ["anonymous", "+266696687"])
def test_a_withheld_number_is_nobodys_match(world, number):
    world.hubspot.add_contact(**GRACE, phone=number)

    outcome = keep(world, completed(caller_phone=number))

    assert "withheld" in outcome
    assert world.hubspot.associations == set()


def test_where_a_rule_refuses_the_contact_the_call_is_kept_and_the_lead_with_how_to_reach_them(world):
    world.hubspot.required = {"hubspot_owner_id"}

    outcomes = [keep(world, event) for event in (completed(**CALLER), lead("d-2", **CALLER), booked("d-3", **CALLER))]

    assert records(world, "contacts") == []
    assert ["on no person: HubSpot answered 400" in outcome for outcome in outcomes] == [True, True, True]
    assert [len(records(world, kind)) for kind in ("calls", "notes", "meetings")] == [1, 1, 1]
    assert "Phone: +13125550110" in records(world, "notes")[0]["hs_note_body"]


@pytest.mark.parametrize("known", [True, False])
def test_a_property_that_is_refused_is_left_out_and_the_outcome_names_it(world, known):
    if known:
        world.hubspot.add_contact(phone="(312) 555-0110")
    wrong = [{"isValid": False, "message": "m", "error": "REGEX_VALIDATION_FAILED", "name": "lastname"}]
    body = {"category": "VALIDATION_ERROR", "message": f"Property values were not valid: {json.dumps(wrong)}"}
    world.fail("hubspot", status=400, body=json.dumps(body), path="contacts/1001" if known else "contacts/batch/upsert")

    outcome = keep(world, completed(**CALLER))

    [contact] = records(world, "contacts")
    assert (contact["firstname"], "lastname" in contact) == ("Grease", False)
    assert outcome == "call 1002, person 1001, without lastname (REGEX_VALIDATION_FAILED)"
