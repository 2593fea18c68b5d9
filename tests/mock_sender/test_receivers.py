"""The receivers that the conformance checks are proven with do what they say."""

import random

import httpx
import pytest

from mock_sender import payloads
from mock_sender.sender import headers, request
from mock_sender.wire import send
from tests.processes import until
from tests.receivers.mistakes import MISTAKES
from tests.receivers.right import right

SECRET = "whsec_receivers"  # noqa: S105
RNG = random.Random(6)


def genuine(event="call.completed"):
    return payloads.sample(RNG, event)


def status(url, payload, secret=SECRET, **changes):
    """What is answered to a delivery; a change of None takes the header away."""
    found = {**headers(payload, secret, changes.pop("timestamp", int(__import__("time").time()))), **changes}
    kept = {name: value for name, value in found.items() if value is not None}
    return httpx.post(url, content=payload.body, headers=kept, trust_env=False).status_code


def effects(receiver):
    return httpx.get(receiver.effects_url, trust_env=False).json()["effects"]
