import copy
import json
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_sender import fields, payloads, schemas

AT = datetime(2026, 2, 24, 21, 0, tzinfo=UTC)
COMMITTED = Path(schemas.__file__).parent

# Every value that the documentation's samples are known to have, copied by hand: not read from the definition.
DOCUMENTED = {
    "caller_phone": "+1234567890",
    "duration_seconds": 55,
    "summary": "Called about auto repair appointment. Customer wants to bring in a 2019 Honda Civic for brake inspection.",
    "intent": "book appointment",
    "recording_url": "https://...",
    "started_at": "2026-02-24T20:59:00Z",
    "transferred_to_number": "+18154264329",
    "appointment_date": "2026-02-25",
    "appointment_time_start": "2026-02-25T11:00:00Z",
    "calendar_event_id": "google_event_id",
    "calendar_event_link": "https://calendar.google.com/...",
}


def faults(schema, body):
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def example(event):
    return json.loads((COMMITTED / "examples" / f"{event}.json").read_text())


def changed(event, place, value):
    """The event's example with another value at `place`; None takes it out."""
    body = copy.deepcopy(example(event))
    at, _, name = place.rpartition(".")
    within = body[at] if at else body
    within.pop(name, None)
    return body if value is None else body | {at: within | {name: value}} if at else body | {name: value}


def test_the_committed_files_are_what_the_definition_gives():
    found = {str(path.relative_to(COMMITTED)): path.read_text() for path in COMMITTED.rglob("*.json")}

    assert found == schemas.files(), "run .venv/bin/python -m mock_sender.schemas"


def test_the_command_writes_every_file(tmp_path):
    command = [sys.executable, "-m", "mock_sender.schemas", "--out", str(tmp_path / "new")]

    subprocess.run(command, check=True, capture_output=True)

    written = {str(path.relative_to(tmp_path / "new")): path.read_text() for path in tmp_path.rglob("*.json")}
    assert written == schemas.files()


@pytest.mark.parametrize("event", payloads.EVENTS)
def test_an_example_has_the_values_of_the_documentation(event):
    body = example(event)

    documented = {name: value for name, value in DOCUMENTED.items() if name in body["data"]}

    assert documented
    assert body["data"] | documented == body["data"]
    assert body["data"].get("urgency", "high") in ("medium", "high")
    assert (body["event"], body["timestamp"]) == (event, "2026-02-24T21:00:00.000Z")


@pytest.mark.parametrize("of", fields.EVENTS, ids=lambda of: of.name)
def test_just_the_values_of_the_documentation_are_said_to_be_its_own(of):
    shown = {field.name for field in of.fields if field.shown}

    assert shown == {field.name for field in of.fields if field.name in (*DOCUMENTED, "urgency")}


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


def test_the_openapi_document_is_one_and_has_a_webhook_for_every_event():
    document = schemas.openapi()

    OpenAPIV31SpecValidator(document).validate()

    assert tuple(document["webhooks"]) == payloads.EVENTS
    for webhook in document["webhooks"].values():
        assert set(webhook["post"]["responses"]) == {"2XX", "default"}
        assert len(webhook["post"]["parameters"]) == 5


@pytest.mark.parametrize("event", payloads.EVENTS)
def test_the_openapi_document_describes_a_body_as_the_schema_does(event):
    document = schemas.openapi()
    media = document["webhooks"][event]["post"]["requestBody"]["content"]["application/json"]

    whole = {"components": document["components"]} | media["schema"]

    assert faults(whole, media["examples"]["documented"]["value"]) == []
    assert faults(whole, changed(event, "data.call_id", 7)) == ["$.data.call_id: 7 is not of type 'string'"]
    assert len(faults(whole, changed(event, "event", "call.rated"))) == 1
