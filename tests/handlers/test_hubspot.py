import itertools
import json

import pytest

from handlers.hubspot import PACE_S, keep_contact
from receiver.errors import GiveUp, Pause, RetryLater
from receiver.events import read_event
from receiver.registry import Earlier, load
from tests.support.crm import HUBSPOT, run
from tests.support.tools import a_delivery, a_run, booked, completed, lead


def keep(world, event, **changes):
    return run(world, HUBSPOT, event, **changes)


def records(world, kind):
    return list(world.hubspot.objects[kind].values())


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
        "hs_call_body": "Brakes &amp; oil", "hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED",
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


def test_a_lead_is_a_contact_with_a_stage_and_a_note(world):
    keep(world, lead(call_summary="Asked for a price."))

    [contact], [note] = records(world, "contacts"), records(world, "notes")
    assert (contact["lifecyclestage"], contact["email"]) == ("lead", "ada@example.com")
    assert note["hs_note_body"] == "New lead: Ada Moreno<br><br>Asked for a price.<br><br>Interest: Whitening"
    assert {kind for kind, _, _ in world.hubspot.associations} == {"notes"}


def test_a_customer_who_calls_again_stays_a_customer(world):
    keep(world, lead())
    records(world, "contacts")[0]["lifecyclestage"] = "customer"

    keep(world, lead())

    assert records(world, "contacts")[0]["lifecyclestage"] == "customer"


def test_an_email_that_another_contact_has_changes_nothing_but_one_note(world):
    keep(world, lead(caller_phone=None, caller_email="Ada@Example.com"))
    before = dict(records(world, "contacts")[0])

    outcomes = [keep(world, completed(caller_email="ada@example.com")) for _ in range(2)]

    other, contact = records(world, "contacts")
    note = records(world, "notes")[-1]
    assert (other, "email" in contact, len(records(world, "notes"))) == (before, False, 2)
    assert "ada@example.com" in note["hs_note_body"]
    assert "It belongs to another contact." in note["hs_note_body"]
    assert outcomes[0] == outcomes[1]


def test_an_email_that_hubspot_does_not_accept_changes_nothing_but_a_note(world):
    outcome = keep(world, completed(caller_email="ada@example.c0m"))

    assert outcome.startswith("call ")
    assert "HubSpot does not accept it." in records(world, "notes")[0]["hs_note_body"]


def test_with_an_email_alone_the_contact_goes_by_it(world):
    for _ in range(2):
        keep(world, lead(caller_phone=None, caller_email="Ada@Example.com"))

    assert [contact["email"] for contact in records(world, "contacts")] == ["ada@example.com"]


def test_a_contact_that_exists_by_another_key_is_changed_and_used(world):
    keep(world, completed())
    [contact] = world.hubspot.objects["contacts"]
    conflict = {"category": "CONFLICT", "message": f"Contact already exists. Existing ID: {contact}"}
    world.fail("hubspot", status=409, body=json.dumps(conflict), path="contacts/batch")

    outcome = keep(world, completed(caller_name="Ada M"))

    assert outcome.endswith(f"person {contact}")
    assert [contact["lastname"] for contact in records(world, "contacts")] == ["M"]


def test_a_transfer_that_comes_after_the_end_wipes_nothing(world):
    whole = completed(summary="Brakes")
    transfer = read_event(a_delivery("call.transferred", "d-2", summary="Wants a person", transferred_to_label="Desk"))
    outcome = keep(world, whole)
    keep(world, transfer, done=[Earlier(event=whole, outcome=outcome)])

    [call] = records(world, "calls")
    assert (call["hs_call_title"], call["hs_call_body"]) == ("Call from Ada Moreno → Desk", "Brakes")
    assert (call["hs_call_duration"], call["inboundflow_delivery_id"]) == ("55000", "d-1 d-2")


def test_where_a_property_is_missing_everything_waits_and_the_command_is_named(world):
    world.hubspot.forget_properties()

    with pytest.raises(Pause, match="receiver setup hubspot"):
        keep(world, completed())


def test_where_one_that_is_only_written_is_missing_everything_waits_too(world):
    del world.hubspot.properties["calls"]["inboundflow_delivery_id"]

    with pytest.raises(Pause, match=r"PROPERTY_DOESNT_EXIST.*receiver setup hubspot"):
        keep(world, completed())


def test_where_a_scope_is_missing_it_is_named(world):
    world.hubspot.scopes.remove("crm.objects.contacts.write")

    with pytest.raises(Pause, match=r"lacks crm\.objects\.contacts\.write.*receiver setup hubspot"):
        keep(world, completed())


def test_an_event_makes_so_few_requests_that_the_pace_keeps_the_limit(world):
    world.exchanges.clear()
    keep(world, lead(caller_phone=None))
    before = len(world.exchanges)

    keep(world, completed(caller_email="ada@example.com"))

    assert (len(world.exchanges) - before) / PACE_S * 10 <= 100
    assert load("handlers")["hubspot.keep_contact"].pace_s == PACE_S


def test_a_summary_that_is_too_long_is_cut_and_its_long_answer_read(world):
    outcome = keep(world, completed(summary="<é" * 30_000))

    [call] = records(world, "calls")
    assert outcome.startswith("call ")
    assert 59_990 < len(call["hs_call_body"]) <= 60_001


def refusal(category, message="m", **more):
    return json.dumps({"status": "error", "category": category, "message": message, "correlationId": "c", **more})


NO_PROPERTY = 'Property values were not valid: [{"isValid":false,"error":"PROPERTY_DOESNT_EXIST","name":"x"}]'
NO_SCOPE = [{"message": "m", "context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}]
PARTLY = {"status": "COMPLETE", "results": [], "numErrors": 1}
CALLER = 'Email address [{"error": "PROPERTY_DOESNT_EXIST"}]'  # said by a caller

OUTCOMES = [
    # HubSpot answers                                                the run is    after   says
    (429, refusal("RATE_LIMITS", policyName="TEN_SECONDLY_ROLLING"), {}, RetryLater, 10, "429"),
    (429, refusal("RATE_LIMITS", policyName="TEN_SECONDLY_ROLLING"), {"Retry-After": "17"}, RetryLater, 17, "429"),
    (429, refusal("RATE_LIMITS", policyName="DAILY"), {}, RetryLater, 3600, "a day are used up"),
    (423, "{}", {}, RetryLater, 2, "423"),
    (423, "{}", {"Retry-After": "9"}, RetryLater, 9, "423"),
    (477, "{}", {"Retry-After": "86400"}, RetryLater, 3600, "being moved"),
    (500, "{}", {}, RetryLater, None, "500"),
    (502, "{}", {}, RetryLater, None, "502"),
    (503, "{}", {"Retry-After": "3"}, RetryLater, 3, "503"),
    (504, "{}", {}, RetryLater, None, "504"),
    (522, "{}", {}, RetryLater, None, "522"),
    (409, refusal("CONFLICT"), {}, RetryLater, None, "409 CONFLICT"),
    (400, refusal("VALIDATION_ERROR"), {}, GiveUp, None, "VALIDATION_ERROR. answered 400"),
    (400, refusal("VALIDATION_ERROR", CALLER), {}, GiveUp, None, "VALIDATION_ERROR"),
    (400, refusal("VALIDATION_ERROR", NO_PROPERTY), {}, Pause, None, "receiver setup hubspot"),
    (400, refusal("VALIDATION_ERROR", errors=[{"code": "PROPERTY_DOESNT_EXIST"}]), {}, Pause, None, "setup hubspot"),
    (400, refusal("VALIDATION_ERROR", "Unable to perform update/upsert by non-unique 0-1 property"), {}, Pause, None,
     "not unique"),
    (401, refusal("INVALID_AUTHENTICATION"), {}, Pause, None, "HUBSPOT_ACCESS_TOKEN"),
    (401, refusal("EXPIRED_AUTHENTICATION"), {}, Pause, None, "EXPIRED_AUTHENTICATION"),
    (403, refusal("MISSING_SCOPES", errors=NO_SCOPE), {}, Pause, None, r"lacks crm\.objects\.contacts\.write"),
    (403, "{}", {}, Pause, None, "403"),
    (404, refusal("OBJECT_NOT_FOUND"), {}, GiveUp, None, "not there"),
    (302, "{}", {"Location": "https://elsewhere.example"}, GiveUp, None, "302"),
    (200, '"<html>"', {}, RetryLater, None, "other than JSON"),
    (200, '{"results": []}', {}, RetryLater, None, "names no object"),
    (207, json.dumps(PARTLY | {"errors": [json.loads(refusal("VALIDATION_ERROR"))]}), {}, GiveUp, None, "VALIDATION"),
    (207, json.dumps(PARTLY | {"errors": [json.loads(refusal("RATE_LIMITS"))]}), {}, RetryLater, 10, "RATE_LIMITS"),
    (207, json.dumps(PARTLY | {"errors": [json.loads(refusal("OBJECT_NOT_FOUND"))]}), {}, GiveUp, None, "not there"),
    (207, json.dumps(PARTLY | {"errors": [json.loads(refusal("INTERNAL_ERROR"))]}), {}, RetryLater, None, "INTERNAL"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "headers", "outcome", "delay_s", "says"), OUTCOMES)
def test_an_answer_decides_what_becomes_of_the_run(world, status, body, headers, outcome, delay_s, says):
    world.fail("hubspot", status=status, body=body, headers=headers)

    with pytest.raises(outcome, match=says) as raised:
        keep(world, completed())
    assert getattr(raised.value, "delay_s", None) == delay_s
    assert getattr(raised.value, "cooldown", False) == (
        status in (429, 477) or (bool(headers) and status == 503) or "RATE" in says
    )


def test_a_contact_that_was_deleted_meanwhile_ends_the_run(world):
    world.fail("hubspot", status=404, body=refusal("OBJECT_NOT_FOUND"), path="associations")

    with pytest.raises(GiveUp, match="404 OBJECT_NOT_FOUND"):
        keep(world, completed())


def test_207_without_errors_is_a_success(world):
    done = {"status": "COMPLETE", "results": [{"id": "7", "new": True, "properties": {}}]}
    world.fail("hubspot", status=207, body=json.dumps(done), path="calls/batch")
    world.fail("hubspot", status=200, body="{}", path="associations")

    assert keep(world, completed()).startswith("call 7, ")


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
