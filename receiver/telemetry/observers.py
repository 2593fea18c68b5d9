"""What the web process and the worker's children tell of: each answer, each attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..inbox import Claim, Verdict
from ..registry import Lane
from ..store import Database
from .counts import Counts
from .metrics import ACKNOWLEDGEMENT, ATTEMPT_TIME, ATTEMPTS, BUSINESSES, DELIVERIES, REJECTIONS
from .options import reports_of, traces_of
from .slugs import event_label, failure_label

if TYPE_CHECKING:
    from ..events import Delivery
    from ..web import Answered
    from .reports import Reports
    from .traces import Traces

END_S = 1.0
OFF: Mapping[str, str] = {}  # no variables


class WebObserver:
    """Of one process, from after its fork until it ends."""

    def __init__(self, db: Database, env: Mapping[str, str] = OFF) -> None:
        self.counts = Counts(db, "web")
        self.counts.start()
        self.traces = traces_of(env, says=True)
        self.reports = reports_of(env, says=True)

    def answered(self, answered: Answered) -> None:
        """In the loop of all requests: a few microseconds."""
        if answered.delivery is not None and answered.is_kept:
            self.counts.add(DELIVERIES, event_label(answered.delivery.event), answered.answer)
            if self.traces:
                self.trace(answered.delivery, answered)
        else:
            self.counts.add(REJECTIONS, answered.reason)
        self.counts.observe(ACKNOWLEDGEMENT, answered.seconds, answered.answer)
        if answered.source:
            self.counts.add(BUSINESSES, answered.source, answered.answer)

    def trace(self, delivery: Delivery, answered: Answered) -> None:
        from .traces import Note, ago

        began_ns, ended_ns = ago(answered.seconds)
        note = Note(
            source=delivery.source,
            key=delivery.key,
            name="acknowledge",
            began_ns=began_ns,
            ended_ns=ended_ns,
            attributes=facts_of(delivery) | {"inboundflow.answer": answered.answer},
            is_first=answered.answer == "stored",
        )
        if self.traces:
            self.traces.note(note)

    def end(self, timeout_s: float) -> None:
        self.counts.end(timeout_s)
        end_options(self.traces, self.reports, timeout_s)


class WorkerObserver:
    """Of one of the worker's children, from after its fork until it ends. One of `kind` speaks for its worker."""

    def __init__(self, db: Database, kind: str = "", env: Mapping[str, str] = OFF) -> None:
        self.counts = Counts(db, kind)
        self.counts.start()
        self.traces = traces_of(env, says=bool(kind))
        self.reports = reports_of(env, says=bool(kind))

    def attempted(self, lane: Lane, ends: Sequence[tuple[Claim, Verdict]], began_ns: int, ended_ns: int) -> None:
        """One call, and how each of its runs ended by it."""
        for claim, verdict in ends:
            self.counts.add(ATTEMPTS, lane.handler, verdict.state, failure_label(verdict.failure))
            if self.traces:
                self.trace(lane, claim, verdict, (began_ns, ended_ns))
            if self.reports:
                self.reports.attempted(lane.handler, verdict.failure, verdict.detail)
        self.counts.observe(ATTEMPT_TIME, (ended_ns - began_ns) / 1e9, lane.handler)

    def trace(self, lane: Lane, claim: Claim, verdict: Verdict, span_ns: tuple[int, int]) -> None:
        from .traces import Note

        note = Note(
            source=claim.delivery.source,
            key=claim.delivery.key,
            name=f"attempt {lane.handler}",
            began_ns=span_ns[0],
            ended_ns=span_ns[1],
            attributes=facts_of(claim.delivery)
            | {
                "inboundflow.handler": lane.handler,
                "inboundflow.target": lane.target,
                "inboundflow.run": claim.id,
                "inboundflow.attempt": claim.attempt,
                "inboundflow.state": verdict.state,
                "inboundflow.failure": failure_label(verdict.failure),
            },
            failure=failure_label(verdict.failure),
        )
        if self.traces:
            self.traces.note(note)

    def lost(self, handler: str, runs: int) -> None:
        """Runs that were under way in a process that is gone."""
        for _ in range(runs):
            self.counts.add(ATTEMPTS, handler, "lost", "worker-lost")

    def end(self) -> None:
        self.counts.end()
        end_options(self.traces, self.reports, END_S)


def end_options(traces: Traces | None, reports: Reports | None, timeout_s: float) -> None:
    """Have sent what is left."""
    if traces:
        traces.end(timeout_s)
    if reports:
        reports.end(timeout_s)


def facts_of(delivery: Delivery) -> dict[str, object]:
    """Ids, and nothing that somebody said."""
    return {
        "inboundflow.delivery_id": delivery.key,
        "inboundflow.call_id": delivery.call_id,
        "inboundflow.event": event_label(delivery.event),
    }
