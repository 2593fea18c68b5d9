import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from jsonschema import Draft202012Validator

from mock_sender import schemas, traffic
from mock_sender.traffic import BUSINESSES, day

TUESDAY, SATURDAY, SUNDAY = date(2026, 2, 24), date(2026, 2, 28), date(2026, 3, 1)
CLOCKS_GO_FORWARD, CLOCKS_GO_BACK = date(2026, 3, 8), date(2026, 11, 1)
SEEDS = range(12)

every_business = pytest.mark.parametrize("business", BUSINESSES.values(), ids=lambda business: business.name)


def played(business, on=TUESDAY, calls=None, seed=1):
    """The bodies, in the order in which they are delivered."""
    return [json.loads(one.payload.body) for one in day(random.Random(seed), business, on, calls)]


def of(event, bodies):
    return [body["data"] for body in bodies if body["event"] == event]


def many(business):
    """The calls of many days, each a list of its bodies."""
    found = defaultdict(list)
    for seed in SEEDS:
        for body in played(business, seed=seed):
            found[body["data"]["call_id"]].append(body)
    return list(found.values())


def local(business, text):
    return datetime.fromisoformat(text).astimezone(business.zone)


@every_business
def test_the_same_seed_makes_the_same_bytes(business):
    assert day(random.Random(7), business, TUESDAY) == day(random.Random(7), business, TUESDAY)
    assert day(random.Random(7), business, TUESDAY) != day(random.Random(8), business, TUESDAY)


def test_another_process_makes_the_same_bytes():
    program = (
        "import random, datetime, sys; from mock_sender.traffic import BUSINESSES, day;"
        "[print(one.payload.body) for one in day(random.Random(7), BUSINESSES['law'], datetime.date(2026, 2, 24))]"
    )

    said = subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": "1"}, capture_output=True, check=True)

    ours = day(random.Random(7), BUSINESSES["law"], TUESDAY)
    assert said.stdout.decode().splitlines() == [str(one.payload.body) for one in ours]


@every_business
@pytest.mark.parametrize("on", [TUESDAY, SUNDAY, CLOCKS_GO_FORWARD, CLOCKS_GO_BACK])
@pytest.mark.parametrize("calls", [0, 1, 7, 500])
def test_a_day_has_as_many_calls_as_were_asked_for(business, on, calls):
    completed = of("call.completed", played(business, on, calls))

    assert len({data["call_id"] for data in completed}) == len(completed) == calls
    assert {local(business, data["started_at"]).date() for data in completed} <= {on}


@every_business
def test_a_day_has_the_calls_the_business_is_used_to(business):
    open_day, closed_day = (len(of("call.completed", played(business, on))) for on in (TUESDAY, SUNDAY))

    assert open_day == business.calls_a_day
    assert 0 < closed_day <= open_day / 5


@pytest.mark.parametrize("calls", [-1, 80_001])
def test_a_day_that_cannot_be_played_is_refused(calls):
    with pytest.raises(ValueError, match="0 to 80000"):
        day(random.Random(1), BUSINESSES["law"], TUESDAY, calls)


@every_business
def test_the_deliveries_are_in_order_of_time_and_stamped_with_it(business):
    found = day(random.Random(1), business, TUESDAY)

    assert [one.time for one in found] == sorted(one.time for one in found)
    assert {one.time.tzinfo for one in found} == {UTC}
    for one in found:
        body = json.loads(one.payload.body)
        assert datetime.fromisoformat(body["timestamp"]) == one.time
        assert (body["event"], body["delivery_id"]) == (one.payload.event, one.payload.delivery_id)


@every_business
def test_every_delivery_fits_its_schema_and_has_an_id_of_its_own(business):
    bodies = played(business, calls=300)
    check = {event: Draft202012Validator(schemas.schema(event)) for event in {body["event"] for body in bodies}}

    faults = [error.message for body in bodies for error in check[body["event"]].iter_errors(body)]

    assert faults == []
    assert len(check) == 4
    assert len({body["delivery_id"] for body in bodies}) == len(bodies)
    assert all(
        list(body["data"]) == list(schemas.schema(body["event"])["properties"]["data"]["properties"]) for body in bodies
    )


@every_business
def test_a_business_is_one_organization_on_every_day(business):
    found = {body["organization_id"] for on in (TUESDAY, SATURDAY, SUNDAY) for body in played(business, on)}

    others = {played(other)[0]["organization_id"] for other in BUSINESSES.values()}

    assert len(found) == 1
    assert len(others) == 3
    assert found != {played(business, seed=2)[0]["organization_id"]}


@every_business
def test_days_of_one_seed_differ(business):
    tuesday, wednesday = (of("call.completed", played(business, on)) for on in (TUESDAY, TUESDAY + timedelta(days=1)))

    assert {data["call_id"] for data in tuesday} & {data["call_id"] for data in wednesday} == set()
    assert Counter(data["summary"] for data in tuesday) != Counter(data["summary"] for data in wednesday)


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
def test_the_phone_rings_while_the_business_is_open_and_hardly_at_night(business):
    hours = Counter(
        local(business, call[-1]["data"]["started_at"]).hour
        + local(business, call[-1]["data"]["started_at"]).minute / 60
        for call in many(business)
    )
    opens, closes = business.hours[0]

    while_open = sum(count for hour, count in hours.items() if opens <= hour < closes)
    at_night = sum(count for hour, count in hours.items() if hour < 6 or hour >= 22)

    assert while_open > 0.8 * hours.total()
    assert at_night < 0.04 * hours.total()


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


@every_business
def test_some_withhold_their_number_and_some_call_twice(business):
    days = [of("call.completed", played(business, seed=seed)) for seed in SEEDS]
    phones = [Counter(data["caller_phone"] for data in one) for one in days]

    withheld = sum(one[""] for one in phones)
    again = [phone for one in phones for phone, times in one.items() if phone and times > 1]

    assert 0 < withheld < 0.15 * sum(map(len, days))
    assert len(again) > len(SEEDS) / 2


@every_business
def test_who_calls_again_is_the_same_person_after_the_first_call_and_no_second_lead(business):
    for seed in SEEDS:
        bodies = played(business, calls=200, seed=seed)
        calls = defaultdict(list)
        for data in sorted(of("call.completed", bodies), key=lambda data: data["started_at"]):
            calls[data["caller_phone"]].append(data)
        del calls[""]

        for of_one in calls.values():
            assert len({data["caller_name"] for data in of_one} - {""}) <= 1
            assert all(one["ended_at"] < two["started_at"] for one, two in pairwise(of_one))
        leads = Counter(data["caller_phone"] for data in of("lead.created", bodies))
        assert max(times for phone, times in leads.items() if phone) == 1


@every_business
def test_summaries_are_in_the_languages_of_the_callers(business):
    summaries = Counter(call[-1]["data"]["summary"] for call in many(business))

    for language, matters in business.matters.items():
        own = {matter.summary for matter in (*matters.booking, *matters.question)}
        share = sum(count for summary, count in summaries.items() if summary in own) / summaries.total()
        assert share > 0
        assert business.languages[language] > 30 or share < 0.3


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


def test_a_name_is_all_it_takes_to_find_a_business():
    assert {name: business.name for name, business in traffic.BUSINESSES.items()} == {
        "dental": "dental",
        "law": "law",
        "garage": "garage",
    }
