from dataclasses import replace

import pytest

from receiver.events import read_event
from receiver.toolkit import first_text, in_order, shown_title, shown_value
from tests.support.tools import a_delivery, booked, completed, lead, transferred

ENGLISH = {"BUSINESS_LANGUAGE": "en", "BUSINESS_TIMEZONE": "UTC"}
SPANISH = {"BUSINESS_LANGUAGE": "es", "BUSINESS_TIMEZONE": "Europe/Madrid"}


def test_events_stand_by_kind_then_time_and_each_delivery_once():
    later, sooner = replace(completed("d-2"), timestamp="2026-02-25T11:00:00Z"), completed("d-3")
    rated = read_event(a_delivery("call.rated", "d-0"))

    events = in_order([rated, lead("d-5"), later, booked("d-4"), transferred("d-1"), sooner, later])

    assert [event.delivery_id for event in events] == ["d-3", "d-2", "d-1", "d-4", "d-5", "d-0"]


def test_the_first_event_that_has_a_value_gives_it():
    events = [completed(summary=None, intent="Brakes"), lead(intent="A price", call_summary="Two\nlines")]

    assert first_text(events, "intent") == ("Brakes", "intent")
    assert first_text(events, "summary", "call_summary") == ("Two\nlines", "call_summary")
    assert first_text(events, "reason") == ("", "")


VALUES = [
    # the event                                             attributes                                    English, Spanish
    (completed(duration_seconds=75),                        ["duration_seconds"],                         "1:15 min", "1:15 min"),
    (completed(duration_seconds=3605),                      ["duration_seconds"],                         "60:05 min", "60:05 min"),
    (completed(duration_seconds=10**9),                     ["duration_seconds"],                         "", ""),
    (completed(caller_phone="+34912345678"),                ["caller_phone"],                             "+34 912 34 56 78", "+34 912 34 56 78"),
    (completed(caller_phone="+266696687"),                  ["caller_phone"],                             "number withheld", "número oculto"),
    (completed(caller_phone="Anonymous", caller_name=""),   ["caller_name", "caller_phone"],              "number withheld", "número oculto"),
    (completed(duration_seconds=-115),                      ["duration_seconds"],                         "", ""),
    (transferred(transferred_to_label=""),                  ["transferred_to_label", "transferred_to_number"], "+1 5550190", "+1 5550190"),
    (booked(),                                              ["appointment_time_start"],                   "Wed 25 Feb 2026, 11:00 UTC", "mié 25 feb 2026, 12:00"),
    (lead(urgency=" HIGH\n"),                               ["urgency"],                                  "High", "Alta"),
    (lead(urgency="tomorrow"),                              ["urgency"],                                  "Tomorrow", "Tomorrow"),
    (lead(interest="a\nb"),                                 ["interest"],                                 "a b", "a b"),
    (lead(),                                                ["service_type"],                             "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("event", "names", "english", "spanish"), VALUES)
def test_a_value_is_shown_on_one_line_as_people_read_it(event, names, english, spanish):
    assert (shown_value([event], names, ENGLISH), shown_value([event], names, SPANISH)) == (english, spanish)


def test_of_the_numbers_in_a_calls_events_one_that_is_not_withheld_is_shown():
    events = [completed(caller_phone="+266696687"), lead(caller_phone="+34912345678")]

    assert shown_value(events, ["caller_phone"], ENGLISH) == "+34 912 34 56 78"


TITLES = [
    (completed(),                             "Call completed", "Llamada terminada"),
    (read_event(a_delivery("call.rated")),    "call.rated",     "call.rated"),
    (read_event(a_delivery("\u202e")),        "Another event",  "Otro aviso"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "english", "spanish"), TITLES)
def test_an_event_has_a_title_whatever_its_name(event, english, spanish):
    assert (shown_title(event, "en"), shown_title(event, "es")) == (english, spanish)
