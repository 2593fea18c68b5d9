import json
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from mock_sender import schemas
from mock_sender.traffic import BUSINESSES, day
from tests.mock_sender.traffic.days import (
    CLOCKS_GO_BACK,
    CLOCKS_GO_FORWARD,
    SUNDAY,
    TUESDAY,
    every_business,
    local,
    many,
    of,
    played,
)


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
def test_days_of_one_seed_differ(business):
    tuesday, wednesday = (of("call.completed", played(business, on)) for on in (TUESDAY, TUESDAY + timedelta(days=1)))

    assert {data["call_id"] for data in tuesday} & {data["call_id"] for data in wednesday} == set()
    assert Counter(data["summary"] for data in tuesday) != Counter(data["summary"] for data in wednesday)


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
