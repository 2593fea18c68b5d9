from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from receiver.toolkit import first_value, is_urgent
from receiver.toolkit.calls import booking_of, duration_s
from tests.support.tools import booked, completed, lead, transferred


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


@pytest.mark.parametrize("start", ["2026-06-02T11:00:00+02:00", "2026-06-02T09:00:00Z", "2026-06-02T09:00:00"])
def test_a_booking_has_its_times_in_utc_and_its_day_in_the_business_s_zone(start):
    event = booked(appointment_time_start=start, appointment_time_end="2026-06-02T11:30:00+02:00")

    booking = booking_of([event], datetime.now(UTC), ZoneInfo("Pacific/Auckland"))

    assert [(time, time.tzinfo) for time in (booking.start, booking.end)] == [
        (datetime(2026, 6, 2, 9, tzinfo=UTC), UTC),
        (datetime(2026, 6, 2, 9, 30, tzinfo=UTC), UTC),
    ]
    assert str(booking.day) == "2026-06-02"
