import json
import random

import pytest
from jsonschema import Draft202012Validator

from mock_sender import payloads, schemas
from tests.mock_sender.schemas.examples import AT, DOCUMENTED, changed, example, faults


@pytest.mark.parametrize("event", payloads.EVENTS)
def test_an_example_has_the_values_of_the_documentation(event):
    body = example(event)

    documented = {name: value for name, value in DOCUMENTED.items() if name in body["data"]}

    assert documented
    assert body["data"] | documented == body["data"]
    assert body["data"].get("urgency", "high") in ("medium", "high")
    assert (body["event"], body["timestamp"]) == (event, "2026-02-24T21:00:00.000Z")


@pytest.mark.parametrize("event", payloads.EVENTS)
def test_a_schema_is_one_and_takes_the_documentations_sample(event):
    Draft202012Validator.check_schema(schemas.schema(event))

    assert faults(schemas.schema(event), example(event)) == []
    assert faults(schemas.envelope(), example(event)) == []


def test_every_delivery_that_is_played_fits_its_schema():
    played = [one for seed in range(200) for one in payloads.call(random.Random(seed), AT)]
    played += [payloads.sample(random.Random(seed), event, AT) for seed in range(50) for event in payloads.EVENTS]

    found = [fault for one in played for fault in faults(schemas.schema(one.event), json.loads(one.body))]

    assert found == []


@pytest.mark.parametrize("event", payloads.EVENTS)
def test_a_schema_names_every_field_that_is_played_and_no_other(event):
    body = json.loads(payloads.sample(random.Random(1), event, AT).body)

    described = schemas.schema(event)["properties"]

    assert list(described) == list(body)
    assert list(described["data"]["properties"]) == list(body["data"])


@pytest.mark.parametrize(
    ("event", "place", "value"),
    [
        ("call.completed", "data.duration_seconds", "55"),
        ("call.completed", "data.duration_seconds", 55.5),
        ("call.transferred", "data.duration_seconds", "55"),
        ("call.completed", "data.caller_phone", 1234567890),
        ("call.completed", "data.started_at", "yesterday"),
        ("call.completed", "data.started_at", 1709064000),
        ("appointment.booked", "data.appointment_date", "25/02/2026"),
        ("appointment.booked", "data.appointment_time_start", "11:00"),
        ("lead.created", "data.urgency", 2),
        ("lead.created", "data.call_id", None),
        ("lead.created", "data", "none"),
        ("lead.created", "data", None),
        ("lead.created", "delivery_id", 7),
        ("lead.created", "delivery_id", None),
        ("lead.created", "delivery_id", "seven"),
        ("lead.created", "organization_id", None),
        ("lead.created", "timestamp", 1709064000),
        ("lead.created", "event", "call.completed"),
    ],
)
def test_a_mistake_does_not_fit(event, place, value):
    found = faults(schemas.schema(event), changed(event, place, value))

    assert len(found) == 1


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("data.transcript", "Hello?"),
        ("data.urgency", "extreme"),
        ("data.caller_phone", ""),
        ("data.caller_email", ""),
        ("data.recording_url", ""),
        ("data.caller_name", None),
        ("region", "eu"),
    ],
)
def test_what_the_documentation_leaves_open_fits(place, value):
    assert faults(schemas.schema("call.completed"), changed("call.completed", place, value)) == []


def test_an_event_that_nobody_has_described_fits_the_envelope():
    body = changed("call.completed", "event", "call.rated")

    assert faults(schemas.envelope(), body) == []
    assert faults(schemas.schema("call.completed"), body) != []
