import pytest

from tests.handlers.slack.office import KINDS, an_event


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
