import pytest

from receiver.toolkit import first_value, is_urgent
from receiver.toolkit.calls import duration_s
from tests.support.tools import completed, lead, transferred


def test_a_value_is_taken_from_the_first_attribute_that_any_event_has_and_comes_clean():
    events = [lead(caller_name=None, interest="Whitening"), completed(caller_name=" A\u202eda\x00 ", summary="")]

    assert first_value(events, "summary", "caller_name", "interest") == ("Ada", "caller_name")
    assert first_value(events, "duration_seconds") == ("55", "duration_seconds")
    assert first_value(events, "recording_url", "no_such_name") == ("", "")


def test_the_caller_of_first_value_says_what_clean_is():
    assert first_value([completed(summary="Brakes")], "summary", clean=str.upper) == ("BRAKES", "summary")


@pytest.mark.parametrize(
    ("durations", "seconds"), [([55], 55), ([0], 0), ([-115], None), ([-115, 55], 55), ([10**9], None), ([None], None)]
)
def test_a_call_took_as_long_as_the_first_duration_that_can_be(durations, seconds):
    assert duration_s([completed(duration_seconds=duration) for duration in durations]) == seconds


@pytest.mark.parametrize(("urgency", "urgent"), [("High ", True), ("critical", True), ("low", False), (None, False)])
def test_a_call_is_urgent_where_one_of_its_events_says_so(urgency, urgent):
    assert is_urgent([lead(), transferred(urgency=urgency)]) is urgent
