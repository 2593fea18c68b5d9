import itertools

import pytest

from handlers.salesforce.refusals import lacks_field, meaning
from receiver.errors import GiveUp, Pause, RetryLater
from tests.handlers.salesforce.org import errors, keep
from tests.support.tools import completed


def test_where_the_external_id_is_missing_everything_waits_and_the_recipe_is_named(world):
    world.salesforce.key_is_there = False

    with pytest.raises(Pause, match=r"InboundFlow_Key__c.*recipes/salesforce\.md"):
        keep(world, completed())


OUTCOMES = [
    # Salesforce answers                                     the run is    after   says
    (300, '["/services/data/v62.0/sobjects/Lead/1"]', GiveUp, None, "several records"),
    (302, "{}", GiveUp, None, "302"),
    (400, errors("UNABLE_TO_LOCK_ROW"), RetryLater, 5, "UNABLE_TO_LOCK_ROW"),
    (400, errors("CANNOT_UPDATE_CONVERTED_LEAD"), RetryLater, None, "converted"),
    (400, errors("ENTITY_IS_DELETED"), RetryLater, None, "deleted"),
    (400, errors("INVALID_CROSS_REFERENCE_KEY"), RetryLater, None, "deleted"),
    (400, errors("DUPLICATES_DETECTED"), GiveUp, None, "duplicate rule"),
    (400, errors("STRING_TOO_LONG", "Company"), GiveUp, None, r"STRING_TOO_LONG.*Company"),
    (400, errors("INVALID_EMAIL_ADDRESS", "Email"), GiveUp, None, "INVALID_EMAIL_ADDRESS"),
    (400, errors("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Status"), Pause, None, "Status.*lacks a value"),
    (400, errors("REQUIRED_FIELD_MISSING", "Region__c"), Pause, None, r"Region__c.*make it optional"),
    (400, errors("INVALID_FIELD"), Pause, None, r"recipes/salesforce\.md"),
    (400, errors("INVALID_FIELD_FOR_INSERT_UPDATE", "WhoId"), Pause, None, r"recipes/salesforce\.md"),
    (400, errors("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"), Pause, None, "may not write"),
    (403, errors("REQUEST_LIMIT_EXCEEDED"), RetryLater, 3600, "a day are used up"),
    (403, errors("API_DISABLED_FOR_ORG"), Pause, None, "has no API"),
    (403, errors("FORBIDDEN"), Pause, None, "403"),
    (400, errors("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "WhoId"), Pause, None, "may not write"),
    (400, errors("DUPLICATE_VALUE", "InboundFlow_Key__c"), GiveUp, None, "View All"),
    (404, errors("NOT_FOUND"), GiveUp, None, "404 to one record"),
    (429, "{}", RetryLater, 30, "429"),
    (500, errors("UNKNOWN_EXCEPTION"), RetryLater, None, "500"),
    (502, "{}", RetryLater, None, "502"),
    (503, errors("SERVER_UNAVAILABLE"), RetryLater, None, "overloaded"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "outcome", "delay_s", "says"), OUTCOMES)
def test_an_answer_decides_what_becomes_of_the_run(world, status, body, outcome, delay_s, says):
    keep(world, completed())  # so that it is an update that is refused
    write = itertools.count()
    world.watch = lambda name, path, stage: (
        world.fail("salesforce", status=status, body=body, path="Task/")
        if stage == "done" and "Task/" in path and next(write) == 0
        else None
    )

    with pytest.raises(outcome, match=says) as raised:
        keep(world, completed())
    assert getattr(raised.value, "delay_s", None) == delay_s
    assert getattr(raised.value, "cooldown", False) == (delay_s == 3600)


def test_only_codes_and_names_of_fields_are_repeated():
    body = [{"errorCode": "STRING_TOO_LONG", "message": "Ada's secret", "fields": ["Phone", "Company", "Ada's secret"]}]

    refusal = meaning(400, [*body, {"errorCode": "Ada's secret"}, "Ada's secret"], {})

    assert "STRING_TOO_LONG: Company, Phone" in str(refusal)
    assert "secret" not in str(refusal)


def test_a_locked_row_waits_for_as_long_as_salesforce_says():
    body = [{"errorCode": "UNABLE_TO_LOCK_ROW"}]

    assert (meaning(400, body, {}).delay_s, meaning(400, body, {"retry-after": "9"}).delay_s) == (5, 9)


@pytest.mark.parametrize(
    ("body", "lacking"),
    [
        ([{"message": "Provided external ID field does not exist"}], True),
        ([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], False),
        ("external id field", False),
        (None, False),
    ],
)
def test_a_404_may_be_about_the_external_id_itself(body, lacking):
    assert lacks_field(body) is lacking
