"""Traces by OpenTelemetry, from a delivery's acknowledgement to its effects, where its standard variables ask for them.

Nothing has to cross the inbox: the ids of a delivery's trace, and of its first span, follow from the delivery's own
key, so each process knows them, also years later at a replay.
Spans are made and sent by a thread of their own; a request and an attempt only leave a note.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

NOTES = 5_000  # between two looks: then the oldest are dropped
LOOK_EVERY_S = 1.0
SERVICE = "inboundflow-receiver"
AWAY = "takes no traces: until it does they are lost, and nothing else is"

log = logging.getLogger("receiver.telemetry")


@dataclass(frozen=True, kw_only=True)
class Note:
    """A span to be made. `is_first` is the one that all others of its delivery hang from."""

    source: str
    key: str
    name: str
    began_ns: int
    ended_ns: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    is_first: bool = False


class OwnIds(RandomIdGenerator):
    """The ids of a delivery's first span where they are set, in the one thread that makes spans."""

    trace_id: int | None = None
    span_id: int | None = None

    def generate_trace_id(self) -> int:
        return super().generate_trace_id() if self.trace_id is None else self.trace_id

    def generate_span_id(self) -> int:
        return super().generate_span_id() if self.span_id is None else self.span_id


class Telling(OTLPSpanExporter):
    """Says in the log where the collector takes nothing, and when it does again."""

    is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        is_away = result is not SpanExportResult.SUCCESS
        if is_away != self.is_away:
            log.warning("the collector of OTEL_EXPORTER_OTLP_… %s", AWAY if is_away else "takes traces again")
        self.is_away = is_away
        return result


def ids_of(source: str, key: str) -> tuple[int, int]:
    """The trace's and the first span's; neither is ever zero, which OpenTelemetry forbids."""
    digest = hashlib.sha256(f"{source}\0{key}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:16]) or 1, int.from_bytes(digest[16:24]) or 1


class Traces:
    """Of one process, after its fork. Sends to the collector that OTEL_EXPORTER_OTLP_… name."""

    def __init__(self, env: Mapping[str, str], look_every_s: float = LOOK_EVERY_S) -> None:
        self.notes: deque[Note] = deque(maxlen=NOTES)
        self.ended = threading.Event()
        self.look_every_s = look_every_s
        self.ids = OwnIds()
        resource = Resource.create({} if env.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: SERVICE})
        self.provider = TracerProvider(resource=resource, id_generator=self.ids, shutdown_on_exit=False)
        self.tracer = self.provider.get_tracer("receiver")
        self.thread = threading.Thread(target=self.work, daemon=True, name="traces")
        self.thread.start()

    def note(self, note: Note) -> None:
        self.notes.append(note)

    def work(self) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # else lines for each try: Telling says it once
        self.provider.add_span_processor(BatchSpanProcessor(Telling()))
        while not self.ended.wait(self.look_every_s):
            self.make_spans()
        self.make_spans()
        self.provider.shutdown()

    def make_spans(self) -> None:
        while self.notes:
            note = self.notes.popleft()
            if self.is_sampled(note):
                self.make_span(note)

    def is_sampled(self, note: Note) -> bool:
        """By the trace's id, as OTEL_TRACES_SAMPLER says: all processes decide alike."""
        trace_id, _ = ids_of(note.source, note.key)
        return self.provider.sampler.should_sample(None, trace_id, note.name).decision == Decision.RECORD_AND_SAMPLE

    def make_span(self, note: Note) -> None:
        trace_id, first = ids_of(note.source, note.key)
        parent = SpanContext(trace_id, first, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        context = Context() if note.is_first else trace.set_span_in_context(NonRecordingSpan(parent))
        self.ids.trace_id, self.ids.span_id = trace_id, first if note.is_first else None
        span = self.tracer.start_span(
            note.name,
            context=context,
            kind=SpanKind.SERVER if note.name == "acknowledge" else SpanKind.CONSUMER,
            attributes={name: value for name, value in note.attributes.items() if value not in (None, "")},
            start_time=note.began_ns,
        )
        if note.failure:
            span.set_status(Status(StatusCode.ERROR, note.failure))
        span.end(note.ended_ns)

    def end(self, timeout_s: float = 1.0) -> None:
        """Send what is left. A collector that hangs is left."""
        self.ended.set()
        self.thread.join(timeout_s)


def ago(seconds: float) -> tuple[int, int]:
    """From when to when, where that has just ended, in nanoseconds."""
    now_ns = time.time_ns()
    return now_ns - int(seconds * 1e9), now_ns
