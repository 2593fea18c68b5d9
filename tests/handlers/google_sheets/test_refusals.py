"""What Google's refusals make of a run, and after how long."""

import json

import pytest

from receiver.errors import GiveUp, Pause, RetryLater
from receiver.toolkit import within
from tests.handlers.google_sheets.rows import append, ending, ends_as
from tests.support.tools import completed

EMAIL = "receiver@demo.iam.gserviceaccount.com"
# As Google says it; the first are wrapped as {"error": …}.
FULL = "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
PROTECTED = "You are trying to edit a protected cell or object. Please contact the spreadsheet owner."
VALIDATION = "The data you entered in cell B2 violates the data validation rules set on this cell."
EXCEL = "This operation is not supported for this document"

REFUSALS = [
    # status  Google says                                     the run is, for all,  after s,  saying
    (429,     {"status": "RESOURCE_EXHAUSTED"},               RetryLater, True,     60,       "quota"),
    (403,     {"errors": [{"reason": "rateLimitExceeded"}]},      RetryLater, True, 60,       "quota"),
    (403,     {"errors": [{"reason": "userRateLimitExceeded"}]},  RetryLater, True, 60,       "quota"),
    (500,     {"status": "INTERNAL"},                         RetryLater, False,    None,     "500"),
    (502,     {},                                             RetryLater, False,    None,     "502"),
    (503,     {"status": "UNAVAILABLE"},                      RetryLater, False,    None,     "503"),
    (504,     {"status": "DEADLINE_EXCEEDED"},                RetryLater, False,    None,     "504"),
    (408,     {},                                             RetryLater, False,    None,     "408"),
    (409,     {"status": "ABORTED"},                          RetryLater, False,    None,     "409"),
    (400,     {"message": "Unable to parse range: Calls!A1"}, RetryLater, False,    None,     "made again"),
    (401,     {"status": "UNAUTHENTICATED"},                  Pause,      None,     None,     "key"),
    (403,     {"status": "PERMISSION_DENIED"},                Pause,      None,     None,     f"share the sheet with {EMAIL}"),
    (403,     {"details": [{"reason": "SERVICE_DISABLED"}]},  Pause,      None,     None,     "not enabled"),
    (403,     {"message": PROTECTED},                         Pause,      None,     None,     f"tab Calls is protected: let {EMAIL}"),
    (400,     {"message": PROTECTED},                         Pause,      None,     None,     "tab Calls is protected"),
    (404,     {"status": "NOT_FOUND"},                        Pause,      None,     None,     "GOOGLE_SHEET_ID"),
    (400,     {"message": EXCEL},                             Pause,      None,     None,     "Excel"),
    (400,     {"message": FULL},                              Pause,      None,     None,     "10 million cells"),
    (400,     {"message": VALIDATION},                        Pause,      None,     None,     VALIDATION),
    (400,     {"status": "INVALID_ARGUMENT"},                 Pause,      None,     None,     "the tab Calls takes no row"),
    (413,     {},                                             GiveUp,     None,     None,     "413"),
]  # fmt: skip


# Refused is the append, or already the reading of the header; there an unknown range is a tab that is still to be made.
WHEREVER = [("append", *row) for row in REFUSALS] + [("1%3A1", *row) for row in REFUSALS if row[-1] != "made again"]


@pytest.mark.parametrize(("where", "status", "error", "kind", "for_all", "after_s", "sentence"), WHEREVER)
def test_a_refusal_decides_what_becomes_of_the_run(world, where, status, error, kind, for_all, after_s, sentence):
    body = {"error": {"code": status, "message": "no", "status": "X"} | error}
    world.fail("sheets", status=status, body=json.dumps(body), path=where, times=5)

    outcome = ends_as(world)

    assert (*ending(outcome), sentence in str(outcome)) == (kind, for_all, after_s, True)


def test_google_may_say_itself_when_it_wants_to_be_asked_again(world):
    world.fail("sheets", status=503, headers={"Retry-After": "90"}, path="append")

    assert ending(ends_as(world)) == (RetryLater, False, 90.0)


def test_an_answer_that_is_not_json_is_no_success(world):
    world.fail("sheets", status=200, body='"<html>busy</html>"', path="append")

    assert ending(ends_as(world)) == (RetryLater, False, None)


@pytest.mark.parametrize("mode", ["reset", "drop"])
def test_a_lost_connection_is_tried_again(world, mode):
    world.fail("sheets", mode=mode, path="append")

    assert ending(ends_as(world)) == (RetryLater, False, None)


TOKENS = [
    # status  the token endpoint says                                           the run is  saying
    (400,     {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},      Pause,      "deleted or disabled"),
    (400,     {"error": "invalid_grant", "error_description": "account not found"},           Pause,      "deleted or disabled"),
    (401,     {"error": "disabled_client"},                                                   Pause,      "deleted or disabled"),
    (400,     {"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."},
                                                                                              Pause,      "clock"),
    (403,     "<html>proxy</html>",                                                           RetryLater, "token endpoint"),
    (500,     {"error": "internal_failure"},                                                  RetryLater, "token endpoint"),
    (503,     "<html>busy</html>",                                                            RetryLater, "token endpoint"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "answer", "kind", "sentence"), TOKENS)
def test_trouble_at_the_token_endpoint_decides_too(world, status, answer, kind, sentence):
    world.fail("sheets", status=status, body=json.dumps(answer), path="token", times=5)

    outcome = ends_as(world)

    assert (type(outcome), sentence in str(outcome)) == (kind, True)


def test_a_token_endpoint_that_breaks_off_is_tried_again(world):
    world.fail("sheets", mode="reset", path="token")

    assert ending(ends_as(world)) == (RetryLater, False, None)


def test_a_full_sheet_pauses(world):
    world.sheets.cells = 20

    (outcome,) = append(world, [completed()])

    assert (type(outcome), "10 million" in str(outcome)) == (Pause, True)


def test_no_request_is_begun_once_the_attempts_time_is_up(world):
    with within(0):
        outcome = ends_as(world)

    assert (type(outcome), outcome.failure) == (RetryLater, "timeout")
    assert [exchange for exchange in world.exchanges if "token" not in exchange.path] == []
