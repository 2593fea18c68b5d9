import random
from datetime import date, datetime, timedelta
from itertools import islice, pairwise

import pytest

from mock_sender.traffic import BUSINESSES
from mock_sender.traffic.diary import NEAR, Diary, slots
from tests.mock_sender.traffic.days import CLOCKS_GO_FORWARD, SATURDAY, TUESDAY, every_business, local, of, played


@every_business
def test_an_appointment_is_in_hours_on_a_later_day_and_in_a_slot_of_its_own(business):
    booked = of("appointment.booked", played(business, calls=400))

    assert len({data["appointment_time_start"] for data in booked}) == len(booked) > 80
    for data in booked:
        begins, ends = (local(business, data[f"appointment_time_{at}"]) for at in ("start", "end"))
        opens, closes = business.hours[begins.weekday()]
        assert begins.date() > TUESDAY
        assert opens <= begins.hour + begins.minute / 60 < ends.hour + ends.minute / 60 <= closes
        assert ends - begins == timedelta(minutes=business.visit_min)
        assert data["appointment_date"] == begins.date().isoformat() == data["appointment_time_start"][:10]


@every_business
def test_slots_follow_each_other_while_the_business_is_open(business):
    starts = list(islice(slots(business, TUESDAY), 200))

    assert starts == sorted(set(starts))
    assert local(business, starts[0].isoformat()).date() == TUESDAY + timedelta(days=1)
    for start in starts:
        opening = start.astimezone(business.zone)
        opens, closes = business.hours[opening.weekday()]
        hour = opening.hour + opening.minute / 60
        assert opens <= hour <= closes - business.visit_min / 60


FIRST_SLOTS = [
    # after        the practice's first slot, and its second, in local time
    (TUESDAY,           "2026-02-25T08:00-05:00", "2026-02-25T08:45-05:00"),
    (SATURDAY,          "2026-03-02T08:00-05:00", "2026-03-02T08:45-05:00"),
    (CLOCKS_GO_FORWARD, "2026-03-09T08:00-04:00", "2026-03-09T08:45-04:00"),
]  # fmt: skip


@pytest.mark.parametrize(("today", "first", "second"), FIRST_SLOTS)
def test_the_first_slot_is_when_the_doors_open_next(today, first, second):
    starts = list(islice(slots(BUSINESSES["dental"], today), 2))

    assert starts == [datetime.fromisoformat(first), datetime.fromisoformat(second)]


def test_the_last_visit_of_a_day_ends_before_the_doors_close():
    starts = [start.astimezone(BUSINESSES["dental"].zone) for start in islice(slots(BUSINESSES["dental"], TUESDAY), 20)]

    last = max(start for start in starts if start.date() == date(2026, 2, 25))

    assert last.isoformat(timespec="minutes") == "2026-02-25T17:00-05:00"


@every_business
def test_nobody_gets_a_slot_twice_and_all_take_one_of_the_next(business):
    diary, free = Diary(random.Random(1), business, TUESDAY), list(islice(slots(business, TUESDAY), 400))

    booked = [diary.book() for _ in range(300)]

    assert len(set(booked)) == 300
    assert all(start in free[: NEAR + count] for count, start in enumerate(booked, start=1))
    assert any(later < earlier for earlier, later in pairwise(booked))
