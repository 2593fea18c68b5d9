from datetime import datetime, timedelta

from tests.mock_sender.traffic.days import SEEDS, SUNDAY, every_business, many, of, played


@every_business
def test_the_events_of_a_call_come_while_it_lasts_and_its_end_comes_last(business):
    for call in many(business):
        *during, completed = call
        began, ended = (datetime.fromisoformat(completed["data"][at]) for at in ("started_at", "ended_at"))

        assert completed["event"] == "call.completed"
        assert (ended - began).total_seconds() == completed["data"]["duration_seconds"]
        assert ended < datetime.fromisoformat(completed["timestamp"]) <= ended + timedelta(seconds=10)
        for body in during:
            at = datetime.fromisoformat(body["timestamp"])
            assert began < at < ended
            assert body["data"]["caller_phone"] == completed["data"]["caller_phone"]
            if body["event"] == "call.transferred":
                assert body["data"]["duration_seconds"] == (at - began).total_seconds()


@every_business
def test_out_of_hours_calls_are_short_and_reach_only_who_is_on_call(business):
    bodies = [body for seed in SEEDS for body in played(business, SUNDAY, 30, seed)]

    seconds = sorted(data["duration_seconds"] for data in of("call.completed", bodies))
    transferred = of("call.transferred", bodies)

    assert seconds[len(seconds) // 2] <= 45
    assert {data["transferred_to_number"] for data in transferred} == {business.colleagues[-1][1]}
    assert {data["urgency"] for data in transferred} == {"high"}


@every_business
def test_a_missed_call_is_short_and_tells_nothing(business):
    missed = [call for call in many(business) if call[-1]["data"]["duration_seconds"] < 10]

    assert len(missed) > len(SEEDS)
    for call in missed:
        [completed] = call
        told = {name for name, value in completed["data"].items() if value and name != "caller_phone"}
        assert told == {"call_id", "duration_seconds", "started_at", "ended_at"}
