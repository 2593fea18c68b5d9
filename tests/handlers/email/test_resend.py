"""Through Resend: once, whatever happens to the answer, and each refusal in its class."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from handlers.email import check
from handlers.email.resend import SENT_BEFORE
from mock_sender.destinations.resend import KEPT_S, SENDING_KEY
from receiver.errors import GiveUp, Pause, RetryLater
from tests.handlers.email.desk import TO, Desk
from tests.support.tools import booked, completed


@pytest.fixture
def desk(world):
    return Desk(world.email_env)


def test_a_message_is_sent_to_its_recipient_from_the_businesss_domain(world, desk):
    outcome = desk.attempt(completed())

    [email] = world.resend.emails
    assert (email["from"], email["to"], email["reply_to"]) == ("Acme Dental <calls@acme.example>", [TO], [TO])
    assert outcome == f"Resend's message {email['id']}"


@pytest.mark.parametrize("mode", ["drop", "reset"])
def test_a_lost_answer_sends_no_second_message(world, desk, mode):
    world.fail("resend", mode=mode)
    desk.fail(completed())

    desk.attempt(completed(), attempt=2)

    assert len(world.resend.emails) == 1


def test_two_attempts_at_the_same_moment_send_one_message(world, desk):
    with ThreadPoolExecutor(4) as pool:
        outcomes = set(pool.map(lambda n: Desk(desk.env).attempt(completed(), n), range(1, 5)))

    assert (len(world.resend.emails), len(outcomes)) == (1, 1)


def test_a_repeat_that_knows_more_than_the_attempt_before_sends_no_second_message(world, desk):
    world.fail("resend", mode="drop")
    desk.fail(completed("d-1"))
    desk.attempt(booked("d-2"))

    assert desk.attempt(completed("d-1"), attempt=2) == SENT_BEFORE
    assert [email["subject"].startswith("Re: ") for email in world.resend.emails] == [False, True]


def test_after_a_day_resend_has_forgotten_the_key(world, desk):
    desk.attempt(completed())
    world.resend.now = lambda: KEPT_S * 1e6

    desk.attempt(completed(), attempt=2)

    assert len(world.resend.emails) == 2  # as the recipe says


def test_each_recipient_and_each_delivery_has_a_key_of_its_own(world):
    desk = Desk(world.email_env | {"EMAIL_TO": f"{TO}, owner@acme.example"})
    for key in ("d-1", "d-2"):
        for target in (TO, "owner@acme.example"):
            desk.attempt(completed(key), target=target)

    assert len(world.resend.keys) == len(world.resend.emails) == 4


REFUSALS = [
    # status  name                             message                                        the run is   and is told
    (429, "rate_limit_exceeded",            "Too many requests",                              RetryLater, "429"),
    (429, "daily_quota_exceeded",           "You have reached your daily quota",              RetryLater, "used up"),
    (429, "monthly_quota_exceeded",         "You have reached your monthly quota",            RetryLater, "used up"),
    (409, "concurrent_idempotent_requests", "in progress",                                    RetryLater, "not finished"),
    (500, "application_error",              "An unexpected error occurred",                   RetryLater, "500"),
    (503, "",                               "",                                               RetryLater, "503"),
    (401, "missing_api_key",                "Missing API Key",                                Pause,      "RESEND_API_KEY"),
    (401, "validation_error",               "API key is invalid",                             Pause,      "RESEND_API_KEY"),
    (400, "validation_error",               "API key is invalid",                             Pause,      "RESEND_API_KEY"),
    (403, "invalid_api_key",                "API key is invalid",                             Pause,      "RESEND_API_KEY"),
    (403, "validation_error",               "The acme.example domain is not verified",        Pause,      "resend.com/domains"),
    (403, "validation_error",               "You can only send testing emails to your own",   Pause,      "your own domain"),
    (422, "invalid_from_address",           "Invalid `from` field",                           Pause,      "EMAIL_FROM"),
    (422, "validation_error",               "Invalid `to` field: ada@example.com",            GiveUp,     "this recipient"),
    (400, "validation_error",               "Something else",                                 GiveUp,     "this message"),
    (404, "not_found",                      "The requested endpoint does not exist.",         GiveUp,     "404"),
    (302, "",                               "",                                               GiveUp,     "moved"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "name", "message", "error", "word"), REFUSALS)
def test_a_refusal_decides_whether_the_run_is_tried_again(world, desk, status, name, message, error, word):
    world.fail("resend", status=status, body=json.dumps({"statusCode": status, "name": name, "message": message}))

    raised = desk.fail(completed(), error=error)

    assert word in str(raised)
    assert "example.com" not in str(raised)


def test_a_quota_is_waited_for_longer_than_a_busy_second(world, desk):
    for name in ("rate_limit_exceeded", "daily_quota_exceeded"):
        world.fail("resend", status=429, headers={"Retry-After": "3"}, body=json.dumps({"name": name}))

    busy, used_up = desk.fail(completed()), desk.fail(completed())

    assert [(error.delay_s, error.cooldown) for error in (busy, used_up)] == [(3, True), (3600, True)]


@pytest.mark.parametrize("body", ["[]", '"text"', '{"name": 7, "message": null}'])
def test_an_error_of_another_shape_is_read_by_its_status(world, desk, body):
    world.fail("resend", status=502, body=body)

    assert "502" in str(desk.fail(completed()))


UNVERIFIED = [
    ({"EMAIL_FROM": "calls@other.example"},           "resend.com/domains"),
    ({"EMAIL_FROM": "onboarding@resend.dev"},         "your own domain"),
    ({"RESEND_API_KEY": "re_another_0"},              "RESEND_API_KEY"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "word"), UNVERIFIED)
def test_what_resend_has_not_verified_pauses(world, changed, word):
    assert word in str(Desk(world.email_env | changed).fail(completed(), error=Pause))


def checked(env):
    return list(check(Desk(env).run(completed()).settings))


def test_doctor_asks_for_the_key_the_domain_and_the_recipient_and_sends_nothing(world):
    assert checked(world.email_env) == [
        "Resend takes the key, and has verified acme.example",
        "Resend does not suppress this recipient",
    ]
    assert "may only send" in checked(world.email_env | {"RESEND_API_KEY": SENDING_KEY})[0]
    assert not world.resend.emails


def test_doctor_tells_what_would_not_arrive(world):
    world.resend.suppressed.add(TO)
    with pytest.raises(GiveUp, match="suppressions"):
        checked(world.email_env)

    world.resend.domains["acme.example"] = "pending"
    with pytest.raises(Pause, match="DNS records"):
        checked(world.email_env)
