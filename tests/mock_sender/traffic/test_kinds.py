from collections import Counter

from tests.mock_sender.traffic.days import every_business, many


@every_business
def test_all_kinds_of_calls_come(business):
    calls = many(business)

    shapes = Counter(tuple(body["event"] for body in call) for call in calls)
    urgencies = Counter(call[-1]["data"]["urgency"] for call in calls)

    assert set(shapes) == {
        ("call.completed",),
        ("call.transferred", "call.completed"),
        ("appointment.booked", "call.completed"),
        ("appointment.booked", "lead.created", "call.completed"),
        ("lead.created", "call.completed"),
    }
    assert set(urgencies) == {"medium", "high", ""}
    assert urgencies["high"] < urgencies["medium"] / 4
