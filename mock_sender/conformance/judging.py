"""The words of the checks: accepted, refused, survives."""

from __future__ import annotations

from collections.abc import Sequence

from ..wire import Answer, Request
from .probe import Probe
from .verdict import Verdict, failed, passed


def is_accepted(answer: Answer) -> bool:
    return answer.status is not None and 200 <= answer.status < 300 and not answer.failure


def is_refused(answer: Answer) -> bool:
    return answer.status is not None and 400 <= answer.status < 500


def is_alive(answer: Answer) -> bool:
    """Any complete answer below 500, or a closed connection."""
    return answer.status < 500 if answer.status is not None else not answer.timed_out


def came(answer: Answer) -> str:
    if answer.status is None:
        return answer.failure
    return f"{answer.status} after {answer.latency_s:.2f} s"


def accepted(probe: Probe, *requests: Request) -> Verdict:
    """Sent one after another; each must be answered 2xx."""
    return all_accepted(probe, [probe.send(request) for request in requests])


def all_accepted(probe: Probe, answers: Sequence[Answer], says: str = "") -> Verdict:
    bad = [answer for answer in answers if not probe.mark(answer, is_accepted(answer))]
    if not bad:
        return passed(says)
    share = f"{len(bad)} of {len(answers)} were not accepted: " if len(answers) > 1 else ""
    return failed(f"{share}{came(bad[0])}")


def refused(probe: Probe, *requests: Request) -> Verdict:
    """Each must be answered 4xx; a genuine one follows, which a receiver that is only closed would refuse as well."""
    for request in requests:
        answer = probe.send(request)
        if not probe.mark(answer, is_refused(answer)):
            return failed(f"was not refused with 4xx: {came(answer)}")
    return genuine_follows(probe)


def survives(probe: Probe, *requests: Request) -> Verdict:
    for request in requests:
        answer = probe.send(request)
        if not probe.mark(answer, is_alive(answer)):
            return failed(f"neither an answer below 500 nor a closed connection: {came(answer)}")
    return genuine_follows(probe)


def genuine_follows(probe: Probe) -> Verdict:
    answer = probe.send(probe.genuine())
    if probe.mark(answer, is_accepted(answer)):
        return passed()
    return failed(f"the genuine delivery sent right after was not accepted: {came(answer)}")
