import itertools
import json

import pytest

from handlers.hubspot import PACE_S, keep_contact
from handlers.hubspot.activities import CONNECTED
from receiver.events import read_event
from receiver.registry import Earlier, load
from tests.handlers.hubspot.account import keep, records
from tests.support.crm import HUBSPOT
from tests.support.tools import a_delivery, a_run, booked, completed, lead


def test_a_call_is_kept_on_its_callers_contact(world):
    event = completed(summary="Brakes & oil", recording_url="https://r.example/1.mp3")

    outcome = keep(world, event)

    [(contact, caller)] = world.hubspot.objects["contacts"].items()
    [(call, properties)] = world.hubspot.objects["calls"].items()
    assert outcome == f"call {call}, person {contact}"
    assert caller == {
        "inboundflow_phone_e164": "+15550100", "phone": "+15550100", "firstname": "Ada", "lastname": "Moreno",
    }  # fmt: skip
    assert properties.pop("hs_timestamp").endswith("Z")
    assert properties == {
        "inboundflow_call_id": "call-1", "inboundflow_delivery_id": "d-1", "hs_call_title": "Call from Ada Moreno",
        "hs_call_body": "Brakes &amp; oil<br>Recording: https://r.example/1.mp3", "hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED",
        "hs_call_source": "INTEGRATIONS_PLATFORM", "hs_call_disposition": CONNECTED,
        "hs_call_callee_object_id": contact, "hs_call_callee_object_type_id": "0-1",
        "hs_call_from_number": "+15550100", "hs_call_duration": "55000",
        "hs_call_recording_url": "https://r.example/1.mp3",
    }  # fmt: skip
    assert world.hubspot.associations == {("calls", call, contact)}


def test_a_booking_is_a_meeting_that_goes_by_its_call(world):
    keep(world, booked(calendar_event_link="https://c.example/1"))

    [meeting] = records(world, "meetings")
    assert (meeting["inboundflow_call_id"], meeting["hs_meeting_title"]) == ("call-1", "Check-up: Ada Moreno")
    assert meeting["hs_meeting_start_time"] == meeting["hs_timestamp"] == "2026-02-25T11:00:00.000Z"
    assert (meeting["hs_meeting_end_time"], meeting["hs_meeting_external_url"]) == (
        "2026-02-25T11:45:00.000Z", "https://c.example/1",
    )  # fmt: skip


def test_a_booking_without_a_readable_time_is_a_meeting_at_noon_of_its_day_at_the_business(world):
    event = booked(appointment_time_start="10:00 AM", appointment_date="2026-03-20")

    keep_contact(event, a_run(HUBSPOT.handler, HUBSPOT.env(world) | {"BUSINESS_TIMEZONE": "America/Chicago"}, event))

    [meeting] = records(world, "meetings")
    assert (meeting["hs_timestamp"], "hs_meeting_start_time" in meeting) == ("2026-03-20T17:00:00.000Z", False)
    assert meeting["hs_meeting_body"] == "Date: 2026-03-20<br>Time: 10:00 AM"


def test_a_booking_on_no_day_is_a_note_and_no_meeting(world):
    outcome = keep(world, booked(appointment_time_start="soon", appointment_date=None))

    [note] = records(world, "notes")
    assert (records(world, "meetings"), "as a note" in outcome) == ([], True)
    assert note["hs_note_body"].startswith("Booked, time not understood: Check-up: Ada Moreno")


def test_a_lead_is_a_contact_with_a_stage_and_a_note(world):
    keep(world, lead(call_summary="Asked for a price."))

    [contact], [note] = records(world, "contacts"), records(world, "notes")
    assert (contact["lifecyclestage"], contact["email"]) == ("lead", "ada@example.com")
    assert note["hs_note_body"] == (
        "New lead: Ada Moreno<br><br>Asked for a price.<br><br>E-mail: ada@example.com<br>Interest: Whitening"
    )
    assert {kind for kind, _, _ in world.hubspot.associations} == {"notes"}


@pytest.mark.parametrize("changes", [{}, {"caller_phone": None}])
def test_an_account_without_the_stage_lead_keeps_leads_without_it_and_that_is_said_once(world, caplog, changes):
    world.hubspot.stages.remove("lead")

    outcomes = [keep(world, lead(f"d-{n}", call_id=f"call-{n}", **changes)) for n in (1, 2)]

    [contact] = records(world, "contacts")
    assert (contact["email"], "lifecyclestage" in contact) == ("ada@example.com", False)
    assert [outcome.partition(" ")[0] for outcome in outcomes] == ["note", "note"]
    assert ["lifecycle stage" in record.getMessage() for record in caplog.records] == [True]
    refused = [exchange for exchange in world.exchanges if exchange.status == 400]
    assert len(refused) == 1


def test_a_contact_that_is_found_by_its_address_gets_no_stage_that_the_account_lacks_either(world):
    keep(world, completed(caller_email="ada@example.com"))
    [contact] = records(world, "contacts")
    world.hubspot.stages.remove("lead")

    keep(world, lead("d-2", caller_phone=None, caller_name="Ada M."))

    assert (records(world, "contacts"), contact["lastname"]) == ([contact], "Moreno")


def test_a_customer_who_calls_again_stays_a_customer(world):
    keep(world, lead())
    records(world, "contacts")[0]["lifecyclestage"] = "customer"

    keep(world, lead())

    assert records(world, "contacts")[0]["lifecyclestage"] == "customer"


def test_an_email_that_another_contact_has_besides_its_own_changes_nothing_but_one_note(world):
    world.fail("hubspot", status=409, body=json.dumps({"category": "CONFLICT", "message": "m"}), path="contacts/1001")

    outcome = keep(world, completed(caller_email="ada@example.com"))

    [contact], [note] = records(world, "contacts"), records(world, "notes")
    assert ("email" in contact, "It belongs to another contact." in note["hs_note_body"]) == (False, True)
    assert ("ada@example.com" in note["hs_note_body"], outcome.endswith("without email (CONFLICT)")) == (True, True)


def test_an_email_that_hubspot_does_not_accept_changes_nothing_but_a_note(world):
    outcome = keep(world, completed(caller_email="ada@example.c0m"))

    assert outcome.endswith(", without email (INVALID_EMAIL, VALIDATION_ERROR)")
    assert "HubSpot does not accept it." in records(world, "notes")[0]["hs_note_body"]


def test_with_an_email_alone_the_contact_goes_by_it(world):
    for _ in range(2):
        keep(world, lead(caller_phone=None, caller_email="Ada@Example.com"))

    assert [contact["email"] for contact in records(world, "contacts")] == ["ada@example.com"]


def test_a_contact_that_hubspot_names_in_a_conflict_is_used_and_keeps_its_name(world):
    grace = world.hubspot.add_contact(firstname="Grace", lastname="Hopper")
    conflict = {"category": "CONFLICT", "message": f"Contact already exists. Existing ID: {grace}"}
    world.fail("hubspot", status=409, body=json.dumps(conflict), path="contacts/batch/upsert")

    outcome = keep(world, completed(caller_name="Ada M"))

    [contact] = records(world, "contacts")
    assert outcome.endswith(f"person {grace}")
    assert (contact["lastname"], contact["inboundflow_phone_e164"]) == ("Hopper", "+15550100")


def test_a_transfer_that_comes_after_the_end_wipes_nothing(world):
    whole = completed(summary="Brakes")
    transfer = read_event(a_delivery("call.transferred", "d-2", summary="Wants a person", transferred_to_label="Desk"))
    outcome = keep(world, whole)
    keep(world, transfer, done=[Earlier(event=whole, outcome=outcome)])

    [call] = records(world, "calls")
    assert (call["hs_call_title"], call["hs_call_body"]) == ("Call from Ada Moreno → Desk", "Brakes")
    assert (call["hs_call_duration"], call["inboundflow_delivery_id"]) == ("55000", "d-1 d-2")


def test_an_event_makes_so_few_requests_that_the_pace_keeps_the_limit(world):
    keep(world, completed("d-0", call_id="c-0", caller_phone="+15550199"))  # the first call asks for the outcomes, too
    before = len(world.exchanges)

    keep(world, completed(caller_email="ada@example.c0m"))

    assert len(world.exchanges) - before == 9
    assert (len(world.exchanges) - before) / PACE_S * 10 <= 100
    assert load("handlers")["hubspot.keep_contact"].pace_s == PACE_S


def test_a_worker_that_lost_the_run_writes_nothing_more(world):
    class Lost(Exception):
        pass

    writes = itertools.count()

    def check_lease():
        if next(writes) == 1:
            raise Lost

    with pytest.raises(Lost):
        keep_contact(completed(), a_run(HUBSPOT.handler, HUBSPOT.env(world), completed(), check_lease=check_lease))
    assert [len(records(world, kind)) for kind in ("contacts", "calls")] == [1, 0]
