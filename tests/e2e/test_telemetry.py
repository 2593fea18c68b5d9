"""What a whole receiver tells of itself: `receiver up` with several processes, started twice in the same folder."""

import json
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from mock_sender.sign import sign
from tests.docs.test_metrics import DASHBOARD, NAME, SUFFIXES
from tests.support.collectors import a_sentry, events_of, otlp_collector, spans_of
from tests.support.metrics import of, parsed
from tests.support.processes import free_port, is_ready, started, until
from tests.support.sender import a_receiver, say
from tests.support.up import UP, url
from tests.support.web import SECRET

PHONE = "+34600111222"
TOKEN = "the-token-of-prometheus"
EVENTS = ["call.completed", "call.completed", "lead.created", f"made up {PHONE}"]


@dataclass
class Seen:
    samples: dict = field(default_factory=dict)  # of /metrics in the second life
    texts: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    spans: list = field(default_factory=list)
    reports: list = field(default_factory=list)
    without_token: int = 0


def send(place, key, event, secret=SECRET):
    body = json.dumps(
        {"delivery_id": key, "event": event, "data": {"call_id": f"call-of-{key}", "caller_phone": PHONE}}
    ).encode()
    now = int(time.time())
    headers = {"X-InboundFlow-Timestamp": str(now), "X-InboundFlow-Signature": sign(secret, now, body)}
    return httpx.post(url(place, "/webhooks/inboundflow"), content=body, headers=headers, timeout=10).status_code


@contextmanager
def alive(place, life, log, target):
    """One life of the receiver, in which all that it is sent arrives."""
    with log.open("a") as err, started(*UP, env=place, stderr=err) as up:
        until(lambda: is_ready(int(place["PORT"])), within_s=60)
        answers = [send(place, f"{life}-{n}", event) for n, event in enumerate(EVENTS)]
        answers += [send(place, f"{life}-0", EVENTS[0]), *(send(place, "x", "x", "forged") for _ in range(2))]
        assert answers == [200] * 5 + [401] * 2
        until(lambda: len(target.seen) == len(EVENTS) * life)
        yield
        up.terminate()
        assert up.wait(20) == 0


def look(place, seen):
    """Once the page has all of both lives: within seconds."""
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.9"}

    def shown():
        text = httpx.get(url(place, "/metrics"), headers=headers).text
        seen.texts, seen.samples = [text], parsed(text)
        is_all = sum(of(seen.samples, "inboundflow_deliveries_total", "answer", "event").values()) == 10
        return is_all and handled(seen.samples) == 8 and living(seen.samples) == {"web": 2, "worker": 1}

    until(shown, within_s=40, what="the whole count")
    seen.without_token = httpx.get(url(place, "/metrics"), headers={"X-Forwarded-For": "127.0.0.1"}).status_code


def handled(samples):
    attempts = of(samples, "inboundflow_attempts_total", "handler", "state")
    return attempts.get(("forward.forward", "succeeded"), 0)


def living(samples):
    return {kind: number for (kind,), number in of(samples, "inboundflow_processes", "kind").items()}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    seen, folder = Seen(), tmp_path_factory.mktemp("telemetry")
    log = folder / "stderr"
    with a_receiver(say(200)) as target, otlp_collector() as collector, a_sentry() as sentry:
        place = {
            "DATA_DIR": str(folder / "d"), "PORT": str(free_port()), "INBOUNDFLOW_SIGNING_SECRET": SECRET,
            "FORWARD_URL": target.url, "FORWARD_ALLOW_HOSTS": f"127.0.0.1:{target.server_port}",
            "METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "SENTRY_DSN": sentry.dsn,
        }  # fmt: skip
        with alive(place, 1, log, target):
            pass
        with alive(place, 2, log, target):
            look(place, seen)
        seen.spans, seen.reports = spans_of(collector), events_of(sentry)
        seen.texts += [body.decode(errors="replace") for body in (*collector.raw, *sentry.raw)]
    seen.lines = log.read_text().splitlines()
    return seen


def test_the_counts_are_those_of_all_processes_and_go_on_over_a_restart(seen):
    assert of(seen.samples, "inboundflow_deliveries_total", "event", "answer") == {
        ("call.completed", "stored"): 4, ("call.completed", "duplicate"): 2, ("lead.created", "stored"): 2,
        ("other", "stored"): 2,
    }  # fmt: skip
    assert of(seen.samples, "inboundflow_rejections_total", "reason") == {("signature-mismatch",): 4}
    times = of(seen.samples, "inboundflow_acknowledgement_seconds_count", "answer")
    assert times == {("stored",): 8, ("duplicate",): 2, ("rejected",): 4}
    assert of(seen.samples, "inboundflow_attempt_seconds_count", "handler") == {("forward.forward",): 8}


def test_each_metric_of_the_dashboard_is_on_a_live_page(seen):
    shown = set(re.findall(r"^# TYPE (\S+)", seen.texts[0], re.MULTILINE))

    assert {SUFFIXES.sub("", name) for name in NAME.findall(DASHBOARD.read_text())} - shown - {
        "inboundflow_receiver"
    } == set()


def test_a_proxys_request_without_the_token_finds_no_page(seen):
    assert seen.without_token == 404


def test_each_line_of_the_log_is_a_json_object(seen):
    documents = [json.loads(line) for line in seen.lines]

    assert [document for document in documents if document["logger"].partition(".")[0] != "receiver"] == []
    assert "handler forward.forward is on" in {document["message"] for document in documents}


def test_a_trace_leads_from_the_acknowledgement_to_the_effect(seen):
    by_delivery = {}
    for span in seen.spans:
        by_delivery.setdefault(span["inboundflow.delivery_id"], []).append(span)

    assert sorted(by_delivery) == sorted(f"{life}-{n}" for life in (1, 2) for n in range(4))
    for key, spans in by_delivery.items():
        [first] = [span for span in spans if not span["parent"]]
        [attempt] = [span for span in spans if span["name"] == "attempt forward.forward"]
        assert (first["name"], attempt["parent"], attempt["trace"]) == ("acknowledge", first["id"], first["trace"])
        assert attempt["inboundflow.call_id"] == f"call-of-{key}"


def test_where_all_is_well_sentry_hears_nothing(seen):
    assert seen.reports == []


def test_nothing_of_a_caller_and_no_secret_is_on_the_page_in_a_trace_or_in_a_line(seen):
    texts = [*seen.texts, *seen.lines]

    assert [text for text in texts for word in (PHONE, PHONE[1:], SECRET, TOKEN) if word in text] == []
