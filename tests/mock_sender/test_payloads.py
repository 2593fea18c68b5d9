import json
import random
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from mock_sender import payloads
from receiver.events import EVENTS as RECEIVED

AT = datetime(2026, 2, 24, 21, 0, tzinfo=UTC)


def test_a_call_makes_the_four_documented_events_of_one_call():
    bodies = [json.loads(payload.body) for payload in payloads.call(random.Random(1), AT)]

    assert sorted(body["event"] for body in bodies) == sorted(payloads.EVENTS)
    assert len({body["delivery_id"] for body in bodies}) == 4
    assert (
        len({(body["organization_id"], body["data"]["call_id"], body["data"]["caller_phone"]) for body in bodies}) == 1
    )


def test_all_calls_are_of_one_business():
    """A receiver counts what it refused until the same business is heard: a test that failed ends with one that does not."""
    payloads_of_two = [*payloads.call(random.Random(1), AT), *payloads.call(random.Random(2), AT)]

    assert len({json.loads(payload.body)["organization_id"] for payload in payloads_of_two}) == 1


def test_the_same_seed_makes_the_same_bytes():
    assert payloads.call(random.Random(7), AT) == payloads.call(random.Random(7), AT)


def test_callers_speak_the_language_that_is_asked_for():
    told = {
        language: {
            json.loads(payload.body)["data"].get("reason")
            for payload in payloads.call(random.Random(1), AT, language=language)
        }
        for language in payloads.LANGUAGES
    }

    assert "Pidió hablar con una persona." in told["es"]
    assert "The caller asked to speak to a person." in told["en"]
    assert all(
        len(spoken.reasons) == 4 for spoken in payloads.LANGUAGES.values()
    )  # a seed makes the same calls in each


@pytest.mark.parametrize("event", payloads.EVENTS)
def test_an_event_has_the_envelope_and_all_documented_fields(event):
    body = json.loads(payloads.sample(random.Random(1), event, AT).body)

    fields = set(RECEIVED[event].__dataclass_fields__) - {
        "delivery_id",
        "event",
        "timestamp",
        "organization_id",
        "data",
    }
    absent = {"transcript"} | ({"caller_email"} if event in ("call.transferred", "appointment.booked") else set())
    assert list(body) == ["event", "timestamp", "organization_id", "delivery_id", "data"]
    assert body["timestamp"] == "2026-02-24T21:00:00.000Z"
    assert set(body["data"]) == fields - absent


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_a_body_is_what_javascript_would_stringify():
    bodies = [payload.body for seed in range(20) for payload in payloads.call(random.Random(seed))]
    script = (
        "for (const l of require('fs').readFileSync(0,'utf8').split('\\n')) console.log(JSON.stringify(JSON.parse(l)))"
    )

    said = subprocess.run(["node", "-e", script], input=b"\n".join(bodies), capture_output=True, check=True).stdout

    assert said.splitlines() == bodies
