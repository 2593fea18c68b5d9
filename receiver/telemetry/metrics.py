"""Every metric that /metrics shows: its name, its labels, and what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str  # a counter's without the _total that Prometheus adds
    kind: str  # counter, histogram, gauge
    labels: tuple[str, ...] = ()
    says: str
    buckets_s: tuple[float, ...] = ()

    @property
    def shown_name(self) -> str:
        return f"{self.name}_total" if self.kind == "counter" else self.name


# A sender waits for 10 s, and ours end within 8.
ACK_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10)
# A call to a destination takes 20 s at most, unless its handler says otherwise.
ATTEMPT_BUCKETS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)

DELIVERIES = Metric(
    name="inboundflow_deliveries",
    kind="counter",
    labels=("event", "answer"),
    says="Deliveries that were acknowledged: stored for the first time, or a duplicate. "
    "What this version does not know is the event `other`.",
)
BUSINESSES = Metric(
    name="inboundflow_business_requests",
    kind="counter",
    labels=("source", "answer"),
    says="Answers at the address of each business that has one of its own: stored, duplicate, rejected, unavailable. "
    "Beyond 300 of them in one process all others are `other`.",
)
REJECTIONS = Metric(
    name="inboundflow_rejections",
    kind="counter",
    labels=("reason",),
    says="Requests that were refused, by the reason that their answer gave.",
)
ACKNOWLEDGEMENT = Metric(
    name="inboundflow_acknowledgement_seconds",
    kind="histogram",
    labels=("answer",),
    says="From a request's first byte to its answer: stored, duplicate, rejected, unavailable.",
    buckets_s=ACK_BUCKETS_S,
)
ATTEMPTS = Metric(
    name="inboundflow_attempts",
    kind="counter",
    labels=("handler", "state", "failure"),
    says="Attempts, by the state in which each left its run, and what it met. "
    "`lost` ended with the process that made it.",
)
ATTEMPT_TIME = Metric(
    name="inboundflow_attempt_seconds",
    kind="histogram",
    labels=("handler",),
    says="How long an attempt's call took; a batch is one call.",
    buckets_s=ATTEMPT_BUCKETS_S,
)
UNFINISHED = Metric(
    name="inboundflow_unfinished_runs",
    kind="gauge",
    labels=("handler", "state", "failure"),
    says="Runs that wait, run or are dead, by what their last attempt met. "
    "Counted up to 5,000 for each target and state.",
)
OLDEST = Metric(
    name="inboundflow_oldest_unfinished_seconds",
    kind="gauge",
    labels=("handler",),
    says="How long ago the oldest delivery was received that has a run which is not ended; absent where none has.",
)
UNDISPATCHED = Metric(
    name="inboundflow_undispatched_deliveries",
    kind="gauge",
    says="Deliveries for which no run was opened yet. Counted up to 5,000.",
)
HELD = Metric(
    name="inboundflow_held_lanes",
    kind="gauge",
    labels=("handler", "kind"),
    says="Targets that are left alone for a while, as they are `down` or `asked` for it.",
)
PAUSED = Metric(
    name="inboundflow_paused_lanes",
    kind="gauge",
    labels=("handler",),
    says="Targets that wait for `receiver resume`.",
)
LIVES_LOST = Metric(
    name="inboundflow_lives_lost",
    kind="gauge",
    labels=("source",),
    says="InboundFlow's consecutive failures, as far as they are seen from here; it disables the webhook at 10. "
    "With no source it is the business of the environment; of the others those that have lost some, 100 at most.",
)
PROCESSES = Metric(
    name="inboundflow_processes",
    kind="gauge",
    labels=("kind",),
    says="Processes that gave a sign of life within 30 s, on all machines: `web`, and one `worker` for each worker.",
)
DATABASE_UP = Metric(
    name="inboundflow_database_up",
    kind="gauge",
    says="Whether the inbox answered. Where it did not, this is the only metric.",
)

COUNTED = (
    DELIVERIES,
    BUSINESSES,
    REJECTIONS,
    ACKNOWLEDGEMENT,
    ATTEMPTS,
    ATTEMPT_TIME,
)  # by the processes, summed in the database
READ = (UNFINISHED, OLDEST, UNDISPATCHED, HELD, PAUSED, LIVES_LOST, PROCESSES, DATABASE_UP)  # from what is kept
METRICS = (*COUNTED, *READ)
