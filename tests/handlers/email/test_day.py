"""The summary of a day: each call once, urgent ones first."""

from dataclasses import replace

import pytest

from handlers.email import send
from tests.support.tools import a_run, booked, completed, lead

SUMMARY = "front@acme.example/summary"
RECEIVED_US = 1_772_060_400_000_000  # 25 February 2026, 23:00 UTC


def summarize(world, events, attempt=1, **env):
    env = world.email_env | {"EMAIL_CALLS": "none", "EMAIL_DIGEST_AT": "18:30"} | env
    run = a_run("email.send", env, completed("last"), target=SUMMARY, attempt=attempt)
    delivery = replace(run.delivery, received_us=RECEIVED_US)
    return send(completed("last"), replace(run, delivery=delivery, day=lambda: events))


def of_call(call, event):
    return replace(event, call_id=call)


def test_each_call_stands_in_it_once_with_all_that_is_known_and_urgent_ones_first(world):
    summarize(
        world,
        [
            of_call("1", completed("d-1", caller_name="Ada", summary="Toothache")),
            of_call("2", completed("d-2", caller_name="Grace", urgency="high")),
            of_call("1", booked("d-3", caller_name="Ada")),
        ],
    )

    [email] = world.resend.emails
    assert email["subject"] == "Calls of the day, Wed 25 Feb 2026: 2 (urgent: 1)"
    assert email["text"].index("* Grace") < email["text"].index("* Ada")
    assert (email["text"].count("* Ada"), "Check-up" in email["text"]) == (1, True)
    assert "References" not in email["headers"]


def test_a_summary_whose_answer_was_lost_is_sent_once(world):
    events = [of_call("1", completed("d-1"))]
    world.fail("resend", mode="drop")
    with pytest.raises(Exception, match="no answer"):
        summarize(world, events)

    summarize(world, events, attempt=2)

    assert len(world.resend.emails) == 1


def test_a_summary_is_in_the_businesss_language(world):
    summarize(world, [of_call("1", lead())], BUSINESS_LANGUAGE="es", BUSINESS_TIMEZONE="Europe/Madrid")

    assert world.resend.emails[0]["subject"] == "Llamadas del día, jue 26 feb 2026: 1"


def test_a_long_day_is_cut_and_says_by_how_much(world):
    summarize(world, [of_call(str(n), completed(f"d-{n}", summary="x" * 9000)) for n in range(130)])

    [email] = world.resend.emails
    assert "+ 30 more calls" in email["text"]
    assert len(email["html"]) < 400_000


def test_a_day_without_calls_that_the_handler_gets_sends_nothing(world):
    assert summarize(world, []) == "no message: nothing to tell"
    assert not world.resend.emails
