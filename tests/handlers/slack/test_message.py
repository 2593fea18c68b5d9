import itertools

import pytest

from handlers.slack.message import of_call, of_event, of_reply
from receiver.toolkit import shown_fields
from tests.handlers.slack.office import KINDS, an_event, texts
from tests.support.tools import booked, completed, lead, transferred

SETTINGS = {"BUSINESS_LANGUAGE": "en", "BUSINESS_TIMEZONE": "UTC", "SLACK_URGENT_MENTION": ""}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://x.example", "https://x.example/" + "y" * 3000, "https://x y"]
)
def test_only_https_addresses_of_a_fit_length_become_links(office, url):
    office.attempt(an_event(recording_url=url))

    assert links(office.world.slack.messages[0]) == []


def test_the_parent_links_to_the_recording_and_the_calendar(office):
    for kind in KINDS:
        office.attempt(an_event(kind))

    [(parent, _)] = office.channel()
    assert links(parent) == [
        "<https://rec.example/1.mp3|Listen to the recording>",
        "<https://calendar.example/1|Open in the calendar>",
    ]


ADDRESSES = [
    ("https://x.example/a|Your bank", []),  # a space
    ("https://x.example/a|b", ["<https://x.example/a%7Cb|Listen to the recording>"]),
    ("https://x.example/><!channel>", ["<https://x.example/%3E%3C!channel%3E|Listen to the recording>"]),
    ("https://x.example/?a=1&lt;b=2", ["<https://x.example/?a=1&amp;lt;b=2|Listen to the recording>"]),
]


@pytest.mark.parametrize(("url", "shown"), ADDRESSES)
def test_no_address_ends_its_link_or_names_another_text(office, url, shown):
    office.attempt(an_event(recording_url=url))

    assert links(office.world.slack.messages[0]) == shown


@pytest.mark.parametrize(("length", "count"), [(980, 1), (990, 0)])
def test_an_address_that_no_section_takes_once_it_is_encoded_is_left_out(office, length, count):
    office.attempt(an_event(recording_url="https://x.example/" + "|" * length))

    assert len(links(office.world.slack.messages[0])) == count


PHONES = [
    ("+18154264329", "<tel:+18154264329|+1 815-426-4329>"),
    ("anonymous", "number withheld"),
    ("+266696687", "number withheld"),
    ("call me", "call me"),
    ("+1815|<!channel>", "+1815|‹!channel›"),
]


@pytest.mark.parametrize(("phone", "shown"), PHONES)
def test_a_number_can_be_called_from_the_message(office, phone, shown):
    office.attempt(an_event(caller_phone=phone))

    texts_after_label = dict(itertools.pairwise(texts(office.world.slack.messages[0])))
    assert texts_after_label["*Phone*"] == shown


def links(message):
    sections = [block["text"] for block in message["blocks"] if block["type"] == "section" and "text" in block]
    return [text["text"] for text in sections if text["type"] == "mrkdwn"]


def test_a_calls_message_has_the_caller_and_the_matter_at_its_head():
    message = of_call([lead("d-2"), completed(intent="brakes")], SETTINGS)

    assert message["blocks"][0]["text"]["text"] == "Ada Moreno · Brakes"
    assert message["text"] == "Ada Moreno · Brakes (Call completed · New lead)"


def test_an_events_message_names_the_event_and_the_call():
    message = of_event(completed(caller_name=None, caller_phone=None), SETTINGS)

    assert message["text"] == "Call completed: Unknown caller"
    assert message["blocks"][-1]["elements"][0]["text"] == "Call call-1"


FIRST = completed(intent="brakes", urgency="low", recording_url="https://rec.example/1.mp3")
REPLIES = [
    # what comes                                                 what its reply shows below its title
    (lead("d-2", intent="brakes", call_summary="Brakes"),        ["*E-mail*", "ada@example.com", "*Interest*", "Whitening"]),
    (lead("d-2", caller_email=None, interest=None, urgency="low"), []),
    (lead("d-2", caller_email=None, interest=None, urgency="high", call_summary="They smoke"),
                                                                 ["*Urgency*", "High", "They smoke"]),
    (lead("d-2", caller_email=None, interest=None, caller_name="Ada Moreno Ruiz"), ["*Name*", "Ada Moreno Ruiz"]),
    (booked("d-2", appointment_time_start=None, calendar_event_link="https://cal.example/1"),
                                   ["*Service*", "Check-up", "<https://cal.example/1|Open in the calendar>"]),
    (completed("d-2", duration_seconds=None, summary=None, recording_url="https://rec.example/1.mp3"), []),
]  # fmt: skip


@pytest.mark.parametrize(("event", "shown"), REPLIES)
def test_a_reply_says_only_what_is_new(event, shown):
    message = of_reply(event, SETTINGS, before=[FIRST])

    assert texts(message)[2:] == shown
    assert ("Brakes" in message["without_blocks"]) is False


def test_a_reply_says_nothing_of_a_service_that_was_booked():
    message = of_reply(lead("d-3", interest="Check-up"), SETTINGS, before=[FIRST, booked("d-2")])

    assert texts(message)[2:] == ["*E-mail*", "ada@example.com"]


def test_an_interest_that_repeats_the_service_is_shown_once():
    fields = shown_fields([booked(service_type="Whitening"), lead(interest="Whitening")], SETTINGS)

    assert [label for label, text in fields if text == "Whitening"] == ["Service"]


def test_no_section_has_more_fields_than_slack_takes():
    events = [
        completed(caller_email="a@x.example", intent="x", urgency="low", started_at="2026-02-25T10:00:00Z"),
        transferred("d-2"), booked("d-3"), lead("d-4"),
    ]  # fmt: skip

    sections = [block["fields"] for block in of_call(events, SETTINGS)["blocks"] if "fields" in block]

    assert [len(fields) for fields in sections] == [10, 10, 4]
