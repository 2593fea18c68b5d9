import os
import threading
import time

import pytest

from receiver.events import Delivery
from receiver.inbox import Claim, Verdict
from receiver.registry import Lane
from receiver.telemetry import WebObserver, WorkerObserver
from receiver.telemetry.options import traces_of
from receiver.telemetry.traces import AWAY, Note, Traces, ids_of
from receiver.web import Answered
from tests.support.collectors import otlp_collector, spans_of
from tests.support.processes import until

PHONE = "+34600111222"
DELIVERY = Delivery(
    key="d-1", event="call.completed", call_id="call-1", body=PHONE.encode(), received_us=1, caller_phone=PHONE
)
FAILED = Verdict(state="retrying", result="retry", detail=f"refused {PHONE}", failure="refused-503", failed=True)
DONE = Verdict(state="succeeded", result="succeeded", detail=PHONE)


@pytest.fixture
def collector():
    before = dict(os.environ)
    with otlp_collector() as server:
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = server.url  # the exporter reads its own variables
        yield server
    os.environ.clear()
    os.environ.update(before)


def note(key="d-1", **changes):
    return Note(
        **{"source": "", "key": key, "name": "acknowledge", "began_ns": 1, "ended_ns": 2, "is_first": True} | changes
    )


def test_processes_that_share_nothing_make_one_trace_of_a_delivery(collector, db):
    """The web process, two attempts in two processes of the worker, and a repeat that comes later."""
    web = WebObserver(db, os.environ)
    web.answered(Answered("stored", "", DELIVERY, 0.25))
    web.answered(Answered("duplicate", "", DELIVERY, 0.01))
    web.answered(Answered("rejected", "signature-mismatch", None, 0.01))
    web.end(5)
    for number, verdict in enumerate((FAILED, DONE), start=1):
        child = WorkerObserver(db, "", os.environ)
        claim = Claim(id=9, attempt=number, failures=0, delivery=DELIVERY)
        child.attempted(Lane("", "slack.post", ""), [(claim, verdict)], 1_000_000_000, 3_000_000_000)
        child.end()

    spans = {
        (span["name"], span.get("inboundflow.attempt", 0), span["parent"] == ""): span for span in spans_of(collector)
    }

    names = [
        ("acknowledge", 0, True),
        ("acknowledge", 0, False),
        ("attempt slack.post", 1, False),
        ("attempt slack.post", 2, False),
    ]
    assert sorted(spans) == sorted(names)
    first, repeat, failed, done = (spans[name] for name in names)
    assert {span["trace"] for span in spans.values()} == {f"{ids_of('', 'd-1')[0]:032x}"}
    assert {span["parent"] for span in (repeat, failed, done)} == {first["id"]}
    assert len({span["id"] for span in spans.values()}) == 4
    assert (round(first["seconds"], 2), done["seconds"]) == (0.25, 2)
    assert (failed["status"], done["status"], failed["inboundflow.failure"]) == (2, 0, "refused-503")
    assert {key: first[key] for key in ("service", "inboundflow.delivery_id", "inboundflow.call_id", "inboundflow.event")} == {
        "service": "inboundflow-receiver", "inboundflow.delivery_id": "d-1", "inboundflow.call_id": "call-1",
        "inboundflow.event": "call.completed"}  # fmt: skip
    assert not any(PHONE.encode() in body for body in collector.raw)


def test_sources_and_deliveries_have_traces_of_their_own():
    ids = [ids_of(source, key) for source, key in (("", "a"), ("", "b"), ("a", ""), ("garage", "a"), ("", "\ud800"))]

    assert len({trace for trace, _ in ids}) == len({span for _, span in ids}) == 5
    assert all(0 < trace < 2**128 and 0 < span < 2**64 for trace, span in ids)


@pytest.mark.parametrize(("ratio", "kept"), [("0", 0), ("1", 40), ("0.5", None)])
def test_all_spans_of_a_delivery_are_sampled_or_none(collector, ratio, kept):
    os.environ |= {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": ratio}
    traces = Traces(os.environ)
    for n in range(20):
        traces.note(note(f"d-{n}"))
        traces.note(note(f"d-{n}", name="attempt x", is_first=False))

    traces.end(5)

    by_trace = {}
    for span in spans_of(collector):
        by_trace.setdefault(span["trace"], []).append(span["name"])
    assert all(sorted(names) == ["acknowledge", "attempt x"] for names in by_trace.values())
    assert kept in (None, 2 * len(by_trace))
    assert kept is not None or 0 < len(by_trace) < 20


def test_the_name_of_the_service_can_be_another(collector):
    os.environ["OTEL_SERVICE_NAME"] = "practice"
    traces = Traces(os.environ)
    traces.note(note())

    traces.end(5)

    assert [span["service"] for span in spans_of(collector)] == ["practice"]


ENVIRONMENTS = [
    ({},                                                                              False),
    ({"OTEL_SERVICE_NAME": "x"},                                                      False),
    ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},                           True),
    ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/v1/traces"},          True),
    ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "True"},   False),
    ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "none"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("env", "is_on"), ENVIRONMENTS)
def test_it_is_off_unless_its_own_variables_are_set(env, is_on):
    assert (traces_of(env, says=True) is not None) == is_on


def test_a_collector_that_is_away_holds_up_neither_notes_nor_the_end():
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9"
    try:
        traces = Traces(os.environ)
        began = time.monotonic()
        for n in range(1000):
            traces.note(note(f"d-{n}"))
        noted_s = time.monotonic() - began
        traces.end(0.5)
    finally:
        del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]

    assert (noted_s < 0.5, time.monotonic() - began < 3) == (True, True)


def test_spans_are_sent_while_the_process_lives(collector):
    os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "50"
    traces = Traces(os.environ, look_every_s=0.05)
    traces.note(note())

    until(lambda: spans_of(collector), within_s=10)

    traces.end(5)
    assert "traces" not in [
        thread.name for thread in threading.enumerate() if thread is traces.thread and thread.is_alive()
    ]


def test_a_collector_that_takes_nothing_is_one_line_and_its_return_another(collector, caplog):
    os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "50"
    traces = Traces(os.environ, look_every_s=0.05)
    for number, status in enumerate((400, 400, 200, 200), start=1):
        collector.status = status
        traces.note(note(f"d-{number}"))
        until(lambda number=number: len(collector.raw) == number)

    traces.end(5)

    assert [record.getMessage().partition("…")[2] for record in caplog.records] == [f" {AWAY}", " takes traces again"]
