import pytest

from handlers.slack.message import labelled, of_call, of_event, of_reply
from tests.handlers.slack.office import KINDS, an_event, texts
from tests.support.tools import booked, completed, lead, transferred

SETTINGS = {"BUSINESS_LANGUAGE": "en", "BUSINESS_TIMEZONE": "UTC"}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://x.example", "https://x.example/" + "y" * 3000, "https://x y"]
)
def test_only_https_links_of_a_fit_length_become_buttons(office, url):
    office.attempt(an_event(recording_url=url))

    assert "actions" not in [block["type"] for block in office.world.slack.messages[0]["blocks"]]


def test_the_parent_has_a_button_for_the_recording_and_one_for_the_calendar(office):
    for kind in KINDS:
        office.attempt(an_event(kind))

    [(parent, _)] = office.channel()
    [buttons] = [block["elements"] for block in parent["blocks"] if block["type"] == "actions"]
    assert [(button["text"]["text"], button["url"]) for button in buttons] == [
        ("Listen to the recording", "https://rec.example/1.mp3"),
        ("Open in the calendar", "https://calendar.example/1"),
    ]


def test_a_calls_message_has_the_caller_and_the_matter_at_its_head():
    message = of_call([lead("d-2"), completed(intent="brakes")], SETTINGS)

    assert message["blocks"][0]["text"]["text"] == "Ada Moreno · Brakes"
    assert message["text"] == "Ada Moreno · Brakes (Call completed · New lead)"


def test_an_events_message_names_the_event_and_the_call():
    message = of_event(completed(caller_name=None, caller_phone=None), SETTINGS)

    assert message["text"] == "Call completed: Unknown caller"
    assert message["blocks"][-1]["elements"][0]["text"] == "Call call-1"


def test_a_reply_leaves_out_who_called():
    shown = texts(of_reply(lead(), SETTINGS))

    assert {"*New lead*", "*Interest*", "Whitening"} <= set(shown)
    assert {"*Name*", "*Phone*", "Ada Moreno"} & set(shown) == set()


def test_an_interest_that_repeats_the_service_is_shown_once():
    fields = labelled([booked(service_type="Whitening"), lead(interest="Whitening")], SETTINGS)

    assert [label for label, text in fields if text == "Whitening"] == ["Service"]


def test_no_section_has_more_fields_than_slack_takes():
    events = [
        completed(caller_email="a@x.example", intent="x", urgency="low", started_at="2026-02-25T10:00:00Z"),
        transferred("d-2"), booked("d-3"), lead("d-4"),
    ]  # fmt: skip

    sections = [block["fields"] for block in of_call(events, SETTINGS)["blocks"] if "fields" in block]

    assert [len(fields) for fields in sections] == [10, 10, 4]
