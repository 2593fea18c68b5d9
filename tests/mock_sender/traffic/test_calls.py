import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from mock_sender.traffic import BUSINESSES
from mock_sender.traffic.callers import Caller
from mock_sender.traffic.calls import Call, deliveries
from mock_sender.traffic.diary import Diary
from tests.mock_sender.traffic.days import SEEDS, SUNDAY, TUESDAY, every_business, many, of, played


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


ADA = Caller(name="Ada Moreno", email="", phone="+12005550100", language="en")
BEGAN = datetime(2026, 2, 24, 15, 0, tzinfo=UTC)


def delivered(kind, business="law", is_open=True, seed=1):
    """(time, event, data) of each delivery of one call of three minutes."""
    rng, business = random.Random(seed), BUSINESSES[business]
    call = Call(caller=ADA, kind=kind, started=BEGAN, seconds=180, is_open=is_open)
    sent = deliveries(rng, call, business, Diary(rng, business, TUESDAY), "org-1")
    return [(at, payload.event, json.loads(payload.body)["data"]) for at, payload in sent]


def test_a_call_ends_when_its_seconds_are_over():
    assert Call(caller=ADA, kind="lead", started=BEGAN, seconds=90, is_open=True).ended == BEGAN + timedelta(seconds=90)


KINDS = [
    ("question",    ["call.completed"]),
    ("booking",     ["appointment.booked", "call.completed"]),
    ("first visit", ["appointment.booked", "lead.created", "call.completed"]),
    ("transfer",    ["call.transferred", "call.completed"]),
    ("missed",      ["call.completed"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "events"), KINDS)
def test_a_call_of_each_kind_makes_its_deliveries_in_order_and_all_of_one_call(kind, events):
    sent = delivered(kind)

    assert [event for _, event, _ in sent] == events
    assert len({data["call_id"] for _, _, data in sent}) == 1
    assert [at for at, _, _ in sent] == sorted(at for at, _, _ in sent)


def test_an_urgent_call_out_of_hours_goes_to_who_is_on_call():
    in_hours = {delivered("urgent", seed=seed)[0][2]["transferred_to_label"] for seed in range(20)}
    out_of_hours = {delivered("urgent", is_open=False, seed=seed)[0][2]["transferred_to_label"] for seed in range(20)}

    assert (in_hours, out_of_hours) == ({"Reception", "Ms. Okafor"}, {"Lawyer on call"})


def test_a_message_says_that_it_is_one():
    [(_, _, data)] = delivered("message")

    assert data["summary"].startswith("Left a message. ")


def test_an_appointment_lasts_as_long_as_a_visit_and_has_its_local_date():
    _, _, data = delivered("booking", business="garage")[0]

    begins, ends = (datetime.fromisoformat(data[f"appointment_time_{name}"]) for name in ("start", "end"))
    assert ends - begins == timedelta(minutes=60)
    assert data["appointment_date"] == begins.astimezone(BUSINESSES["garage"].zone).date().isoformat()
