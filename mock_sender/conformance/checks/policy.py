"""The ten failures in a row that disable a webhook: a bad day, and the sender's own count."""

from __future__ import annotations

from dataclasses import replace

from ...inboundflow import InboundFlow
from ...payloads import Payload
from ...wire import Answer, Request
from ..judging import came, is_accepted
from ..probe import Probe
from ..table import check
from ..verdict import Outcome, Verdict, failed, passed

GROUP = "policy"
TEN = "Documented: after 10 consecutive failures the webhook is disabled until someone reconnects it."
DAY = (
    "unknown-event", "missing-fields", "null-fields", "wrong-types", "transcript", "emoji", "extra-fields", "repeated",
    "slow", "old-event",
)  # fmt: skip
MIXED = ("", "emoji", "missing-fields", "", "unknown-event", "null-fields", "", "extra-fields")
DELIVERIES = 40
REFUSED = ("no-signature", "cut", "wrong-signature", "cut", "altered-body")


@check(95, "bad-day", GROUP, "A bad day uses up none of the ten lives", sends="ten authentic deliveries of odd kinds",
       expected="each 2xx within 10 seconds", why=TEN,
       fix="Answer 2xx to all that is rightly signed; see the checks that failed before.")  # fmt: skip
def bad_day(probe: Probe) -> Verdict:
    lost = [name for name in DAY if not survived(probe, name)]
    if lost:
        return failed(f"{len(lost)} of {len(DAY)} not accepted: {', '.join(lost)}", lost=len(lost))
    return Verdict(outcome=Outcome.PASSED, says="none of ten lives lost", lost=0)


def survived(probe: Probe, name: str) -> bool:
    request = probe.genuine() if name == "repeated" else probe.troubled(name)
    answers = [probe.send(request) for _ in range(2 if name == "repeated" else 1)]
    return all([probe.mark(answer, is_accepted(answer)) for answer in answers])


def connection(probe: Probe) -> tuple[InboundFlow, int]:
    """InboundFlow's own count of failures, of deliveries sent by this probe."""

    def transport(request: Request, _: float) -> Answer:
        answer = probe.send(request)
        probe.mark(answer, is_accepted(answer))
        return answer

    flow = InboundFlow(transport=transport, timeout_s=probe.timeout_s)
    return flow, flow.connect(probe.url, secret=probe.secret).id


def a_payload(probe: Probe) -> Payload:
    return probe.draft().payload


@check(96, "stays-enabled", GROUP, "The webhook stays enabled",
       sends="a mixed day of 40 deliveries, with InboundFlow's count",
       expected="still enabled at the end", why=TEN, fix="See the checks that failed before.")  # fmt: skip
def stays_enabled(probe: Probe) -> Verdict:
    flow, id = connection(probe)
    peak = 0
    for n in range(DELIVERIES):
        name = MIXED[n % len(MIXED)]
        flow.report(a_payload(probe), [name] if name else [], probe.rng)
        peak = max(peak, flow.connection(id).failures)
        if flow.connection(id).state == "disabled":
            return failed(f"disabled after {n + 1} deliveries: 10 failures in a row")
    return passed(f"at most {peak} failures in a row")


@check(97, "recovers", GROUP, "One genuine delivery sets the count back",
       sends="refused and cut ones, then a genuine one",
       expected="the failure count is 0 after the genuine one", why=TEN,
       fix="Refuse each forgery by itself; do not bar addresses.")  # fmt: skip
def recovers(probe: Probe) -> Verdict:
    flow, id = connection(probe)
    for name in REFUSED:
        flow.report(a_payload(probe), [name], probe.rng)
    probe.seen = [replace(exchange, good=True) for exchange in probe.seen]  # they were meant to fail
    flow.report(a_payload(probe))
    failures = flow.connection(id).failures
    return failed(f"{failures} failures in a row: {came(probe.seen[-1].answer)}") if failures else passed()
