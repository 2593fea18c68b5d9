"""The messages of a call: one thread, subjects that say nothing of anybody, and each fact told once."""

from dataclasses import replace

import pytest

from handlers.email.thread import NOT_URGENT
from tests.handlers.email.desk import Desk
from tests.support.tools import booked, completed, lead, transferred

WHEN = {"started_at": "2026-02-25T13:05:00Z"}


@pytest.fixture
def desk(world):
    return Desk(world.email_env)


def subjects(world):
    return [email["subject"] for email in world.resend.emails]


def headers(world):
    return [(email["headers"].get("References"), email["headers"].get("In-Reply-To")) for email in world.resend.emails]


def test_later_events_of_a_call_stand_below_the_first(world, desk):
    for event in (completed("d-1", **WHEN), booked("d-2"), lead("d-3")):
        desk.attempt(event)

    [(root, none), *replies] = headers(world)
    assert none is None
    assert root.endswith("@acme.example>")
    assert replies == [(root, root)] * 2
    assert subjects(world) == ["New call, 13:05 UTC", "Re: New call, 13:05 UTC", "Re: New call, 13:05 UTC"]


def test_another_call_is_another_thread(world, desk):
    desk.attempt(completed("d-1"))
    desk.done.clear()
    desk.attempt(replace(completed("d-2"), call_id="call-2", data={"call_id": "call-2"}))

    assert len({references for references, _ in headers(world)}) == 2


def test_an_event_of_no_call_is_a_message_by_itself(world, desk):
    desk.attempt(replace(completed("d-1"), call_id=None))
    desk.attempt(replace(completed("d-2"), call_id=None))

    assert headers(world) == [(None, None)] * 2


def test_a_call_that_turns_urgent_begins_a_thread_that_says_so(world, desk):
    desk.attempt(completed("d-1", **WHEN))
    desk.attempt(transferred("d-2", urgency="high"))
    desk.attempt(booked("d-3"))

    assert subjects(world) == ["New call, 13:05 UTC", "Urgent call, 13:05 UTC", "Re: Urgent call, 13:05 UTC"]
    first, second, third = headers(world)
    assert (second[1], third) == (None, (second[0], second[0]))
    assert first[0] != second[0]


def test_where_only_urgent_calls_are_told_the_first_message_has_all_that_came_before(world):
    desk = Desk(world.email_env | {"EMAIL_CALLS": "urgent"})

    assert desk.attempt(completed("d-1", summary="Toothache")) == NOT_URGENT
    assert world.resend.emails == []
    desk.attempt(lead("d-2", urgency="critical"))
    desk.attempt(booked("d-3"))

    first, second = world.resend.emails
    assert "Toothache" in first["text"]
    assert ("Toothache" in second["text"], second["subject"][:4]) == (False, "Re: ")


def test_subjects_and_headers_name_nobody_and_nothing(world, desk):
    said = "Ada\r\nBcc: all@evil.example"
    names = ("caller_name", "caller_phone", "caller_email", "summary", "intent", "service_type", "call_id", "reason")
    for number, make in enumerate((completed, transferred, booked, lead)):
        desk.attempt(make(f"d-{number}", **dict.fromkeys(names, said)))

    for email in world.resend.emails:
        heads = [email["subject"], email["from"], *email["to"], *email["headers"].values()]
        assert not [head for head in heads if "Ada" in head or "evil" in head or "\n" in head or "\r" in head]


def test_a_reply_tells_what_is_new_and_who_called(world, desk):
    desk.attempt(completed("d-1", summary="Toothache", intent="Pain", urgency="low"))
    desk.attempt(lead("d-2", call_summary="Toothache", interest="Whitening", intent="Pain", urgency="medium"))

    text = world.resend.emails[1]["text"]
    assert [word in text for word in ("Ada Moreno", "+1 5550100", "Whitening", "Medium", "Toothache", "Pain")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


def test_a_business_reads_its_own_language_and_clock(world):
    desk = Desk(world.email_env | {"BUSINESS_LANGUAGE": "es", "BUSINESS_TIMEZONE": "Europe/Madrid"})
    desk.attempt(completed("d-1", urgency="high", **WHEN))

    [email] = world.resend.emails
    assert email["subject"] == "Llamada urgente, 14:05"
    assert "Teléfono" in email["text"]
    assert '<html lang="es">' in email["html"]
