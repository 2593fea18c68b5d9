"""The played panel's form, and a connection that is about to be disabled, from its own pages."""

from __future__ import annotations

import random
import re
from pathlib import Path

from flask.testing import FlaskClient

from mock_sender import payloads
from mock_sender.clock import VirtualClock
from mock_sender.destinations import Destinations
from mock_sender.inboundflow import InboundFlow
from mock_sender.panel import Business, create_app
from mock_sender.payloads import EVENTS
from mock_sender.wire import Answer

from .browser import shoot

URL = "https://hooks.example.com/webhooks/inboundflow"
SECRET = "8b1f4e0c" * 8  # the same in every picture
STATIC = Path(__file__).resolve().parents[2] / "mock_sender" / "panel" / "static"
TAKEN = Answer(status=200, body='{"status":"stored"}', latency_s=0.048)
REFUSED = Answer(status=503, latency_s=0.112, failure="503")
SILENT = Answer(status=None, latency_s=10, failure="no answer in 10 s", timed_out=True)
ANSWERS = [TAKEN] * 4 + [REFUSED] * 2 + [SILENT]
APART_S = 97.0  # between two events


def render(_: Destinations, out: Path) -> None:
    answers = iter(ANSWERS)
    flow = InboundFlow(clock=VirtualClock(), transport=lambda request, timeout_s: next(answers))
    client = create_app(flow, Business(flow)).test_client()
    shoot(form(client), out / "panel-form.png", width=980, height=1080)
    shoot(connection(client, flow), out / "panel-connection.png", width=980, height=1000)


def form(client: FlaskClient) -> str:
    typed = {"url": URL, "name": "custom", "events": list(EVENTS), "press": "make-secret"}
    page = client.post("/integrations/custom", data=typed, headers={"Sec-Fetch-Site": "same-origin"}).text
    return alone(re.sub(r'value="[0-9a-f]{64}"', f'value="{SECRET}"', page))


def connection(client: FlaskClient, flow: InboundFlow) -> str:
    flow.connect(URL, secret=SECRET)
    rng = random.Random(1)
    for _ in ANSWERS:
        flow.report(payloads.sample(rng, rng.choice(EVENTS)))
        flow.clock.sleep(APART_S)
    return alone(client.get("/connections/1").text)


def alone(page: str) -> str:
    """The page without its server: what it links to is inside."""
    page = re.sub(r"<link rel=\"stylesheet\"[^>]*>", f"<style>{(STATIC / 'panel.css').read_text()}</style>", page)
    page = re.sub(r"<img src=[^>]*>", (STATIC / "icon.svg").read_text().replace("<svg", '<svg width="28"'), page)
    return re.sub(r"<script.*?</script>", "", page)
