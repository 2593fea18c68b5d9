import json

import pytest

from handlers.hubspot.refusals import codes, lacks_property, scopes
from receiver.errors import GiveUp, Pause, RetryLater
from tests.handlers.hubspot.account import keep, refusal
from tests.support.tools import completed


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
    world.fail("hubspot", status=status, body=body, headers=headers, path="calls/batch/upsert")

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


CODES = [
    # HubSpot's error                                                           its codes
    ({"category": "VALIDATION_ERROR", "subCategory": "crm.not_upper"},          {"VALIDATION_ERROR"}),
    ({"errors": [{"code": "PROPERTY_NOT_FOUND"}, "odd"]},                       {"PROPERTY_NOT_FOUND"}),
    ({"message": NO_PROPERTY},                                                  {"PROPERTY_DOESNT_EXIST"}),
    ({"message": CALLER},                                                       set()),
    ({"message": "Property values were not valid: [broken"},                    set()),
    ({"category": "A\nB", "errors": None},                                      set()),
]  # fmt: skip


@pytest.mark.parametrize(("body", "names"), CODES)
def test_an_errors_codes_are_read_from_all_its_parts_and_no_callers_words(body, names):
    assert codes(body) == names


def test_the_names_of_scopes_are_told_and_nothing_else():
    contexts = [
        {"requiredGranularScopes": ["crm.objects.contacts.write", "<script>"]},
        {"requiredScopes": ["oauth"]},
        7,
    ]

    assert scopes({"errors": [{"context": context} for context in contexts]}) == ["crm.objects.contacts.write", "oauth"]


@pytest.mark.parametrize(
    ("status", "key", "lacking"),
    [(400, "inboundflow_call_id", True), (400, "email", False), (409, "inboundflow_call_id", False)],
)
def test_a_message_about_our_unique_property_says_that_it_is_lacking(status, key, lacking):
    message = {"message": f"Unable to perform update/upsert by non-unique 0-1 property {key}"}

    assert lacks_property(status, set(), message, key) is lacking
