from datetime import timedelta

from tests.mock_sender.traffic.days import TUESDAY, every_business, local, of, played


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
