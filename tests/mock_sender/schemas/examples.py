"""The documentation's samples, changed in a place, and what a schema says of them."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

from jsonschema import Draft202012Validator

from mock_sender import schemas

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
