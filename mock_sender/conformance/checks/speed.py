"""Answers within ten seconds, also on a busy day."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from statistics import median, quantiles
from time import monotonic

from ...payloads import EVENTS
from ...wire import Answer, Request, connected, exchange
from ..judging import all_accepted
from ..probe import Probe
from ..table import check
from ..verdict import Outcome, Verdict, warned

GROUP = "speed"
TEN = 'Documented: a delivery times out after 10 seconds; "answer fast", then work asynchronously.'
LATER = "Keep it, answer, and do the work afterwards, in a queue or a thread."
IN_A_ROW, TOGETHER, BURST, CONNECTIONS, NEIGHBOURS = 20, 50, 300, 20, 20
LONG_S = 2.0  # a fifth of the time-out: a receiver that is under load takes longer
HEAD_START_S = 2.0  # so that the slow ones hold what they can hold


@check(90, "answer-time", GROUP, "The answer comes fast", sends="20 deliveries, one after another",
       expected="each 2xx, the slowest within 10 seconds; more than 2 seconds is a warning", why=TEN,
       fix=LATER)  # fmt: skip
def answer_time(probe: Probe) -> Verdict:
    answers = [probe.send(probe.genuine()) for _ in range(IN_A_ROW)]
    times = [answer.latency_s for answer in answers]
    says = f"median {median(times):.3f} s, slowest {max(times):.3f} s"
    verdict = all_accepted(probe, answers, says)
    return warned(says) if verdict.outcome is Outcome.PASSED and max(times) > LONG_S else verdict


@check(91, "fifty-at-once", GROUP, "Fifty at the same moment", sends="50 different deliveries on 50 connections",
       expected="each 2xx within 10 seconds", why=TEN, fix=LATER + " More than one worker.")  # fmt: skip
def fifty_at_once(probe: Probe) -> Verdict:
    return all_accepted(probe, probe.at_once([probe.genuine() for _ in range(TOGETHER)]))


@check(92, "burst", GROUP, "A burst", sends="300 deliveries over 20 connections", expected="each 2xx within 10 seconds",
       why="After an outage, what waited comes all at once.",
       fix=LATER + " No limit of rate for what is rightly signed.")  # fmt: skip
def burst(probe: Probe) -> Verdict:
    requests = [probe.genuine(EVENTS[n % len(EVENTS)]) for n in range(BURST)]
    began = monotonic()
    answers = probe.at_once(requests, CONNECTIONS)
    p99 = quantiles([answer.latency_s for answer in answers], n=100)[98]
    return all_accepted(probe, answers, f"{BURST / (monotonic() - began):.0f} a second, p99 {p99:.3f} s")


@check(93, "slow-neighbours", GROUP, "Slow neighbours", sends="one delivery beside 20 that send a byte a second",
       expected="2xx within 10 seconds",
       why="A few slow connections must not use up all workers.",
       fix="A server or proxy that reads requests before it occupies a worker (nginx, gunicorn with threads), "
           "not the development server.")  # fmt: skip
def slow_neighbours(probe: Probe) -> Verdict:
    request = probe.genuine()
    return all_accepted(probe, probe.noted([request], [asyncio.run(beside(request, probe.timeout_s))]))


async def beside(request: Request, timeout_s: float) -> Answer:
    slow = [asyncio.create_task(dripping(request)) for _ in range(NEIGHBOURS)]
    await asyncio.sleep(HEAD_START_S)
    try:
        return await exchange(request, timeout_s)
    finally:
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


async def dripping(request: Request) -> None:
    async with connected(request.url) as (_, writer):
        for byte in replace(request, body=b"").head():
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1.0)
