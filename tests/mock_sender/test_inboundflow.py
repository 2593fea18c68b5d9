"""The policy as documented, on a clock that is only said and on the wall's: the same code, the same ten bad days."""

import random
import socket
import threading
import time

import pytest

from mock_sender import payloads
from mock_sender.clock import VirtualClock, WallClock
from mock_sender.inboundflow import InboundFlow
from mock_sender.records import Refused
from mock_sender.schedule import SCHEDULES
from mock_sender.sender import UnusableURL
from mock_sender.wire import Answer
from tests.support.sender import a_receiver, say

HOUR_S = 3600.0
ANSWERS = {
    ".": Answer(status=204),
    "x": Answer(status=500, failure="500"),
    "r": Answer(status=302, failure="302"),
    "t": Answer(status=None, failure="no answer in 10 s", timed_out=True),
    "c": Answer(status=None, failure="the connection was closed without an answer"),
    "n": Answer(status=None, failure="could not connect: nothing listens there"),
}


# What each attempt meets; R: someone reconnects, B: someone presses the test button of a receiver that is broken.
# After each step the failures in a row, worked out by hand from the page; + while it is disabled.
BAD_DAYS = [
    # the day          the count after each step
    ("............",   "0 0 0 0 0 0 0 0 0 0 0 0"),
    ("x.xx.xxx.",      "1 0 1 2 0 1 2 3 0"),
    ("xxxxxxxxx.x",    "1 2 3 4 5 6 7 8 9 0 1"),
    ("xxxxxxxxxx..",   "1 2 3 4 5 6 7 8 9 10+ 10+ 10+"),
    ("trcnxtrcnx.",    "1 2 3 4 5 6 7 8 9 10+ 10+"),
    (".nnnnnnnnnnR..", "0 1 2 3 4 5 6 7 8 9 10+ 0 0 0"),
    ("ccccccccccRxxxxxxxxxxR.", "1 2 3 4 5 6 7 8 9 10+ 0 1 2 3 4 5 6 7 8 9 10+ 0 0"),
    ("xxxxxxxxxR.x",   "1 2 3 4 5 6 7 8 9 0 0 1"),
    ("xxxxBBBxx.",     "1 2 3 4 4 4 4 5 6 0"),
    ("tttttttttBt.R.", "1 2 3 4 5 6 7 8 9 9 10+ 10+ 0 0"),
]  # fmt: skip


def a_payload(seed=1):
    return payloads.sample(random.Random(seed), "lead.created")


def connected(flow, url="http://127.0.0.1:1/", **settings):
    return flow.connect(url, secret="s", **settings).id


def lived_through(flow, id, day, meet):
    """The count after each step; `meet(step)` sees to it that the next attempt meets that."""
    counts = []
    for step in day:
        if step == "R":
            flow.reconnect(id)
        else:
            meet("x" if step == "B" else step)
            (flow.test if step == "B" else lambda one: flow.report(a_payload()))(id)
        now = flow.connection(id)
        counts.append(f"{now.failures}{'+' if now.state == 'disabled' else ''}")
    return " ".join(counts)


@pytest.mark.parametrize(("day", "counts"), BAD_DAYS)
def test_ten_bad_days_on_the_virtual_clock(day, counts):
    met, transported = [], []
    flow = InboundFlow(clock=VirtualClock(), transport=lambda r, _: transported.append(r) or ANSWERS[met[-1]])
    id = connected(flow)

    assert lived_through(flow, id, day, met.append) == counts
    before = ["0", *counts.split()]
    sent = [step for step, count in zip(day, before, strict=False) if step == "B" or (step != "R" and "+" not in count)]
    assert len(transported) == len(sent)
    assert sum(one.state == "missed" for one in flow.deliveries(id)) == len(day) - day.count("R") - len(sent)


@pytest.mark.parametrize(("day", "counts"), BAD_DAYS)
def test_ten_bad_days_on_the_real_clock_over_http(day, counts):
    met = []

    def answer(handler):
        {
            ".": say(204),
            "x": say(500),
            "r": say(302, Location="/elsewhere"),
            "t": lambda handler: handler.connection.recv(1),  # until the sender has given up
            "c": lambda handler: handler.connection.close(),
        }[met[-1]](handler)

    def meet(step):
        met.append(step)
        flow.edit(id, url=dead if step == "n" else receiver.url)
        flow.timeout_s = 0.3 if step == "t" else 10.0

    flow = InboundFlow(clock=WallClock())
    with a_receiver(answer) as receiver, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        id = connected(flow, receiver.url)

        assert lived_through(flow, id, day, meet) == counts

    attempts = [attempt for one in flow.deliveries(id) for attempt in flow.attempts(one.id)]
    assert len(receiver.seen) == sum("nothing listens" not in attempt["failure"] for attempt in attempts)


def test_a_day_of_retries_is_over_at_once_and_happens_when_the_schedule_says():
    clock, sent = VirtualClock(), []

    def refuse(request, _timeout_s):
        sent.append((round(clock.now() - began), dict(request.headers)["X-InboundFlow-Timestamp"]))
        return ANSWERS["x"]

    flow, began = InboundFlow(clock=clock, transport=refuse), clock.now()
    connected(flow, retries="svix")
    flow.report(a_payload())

    assert flow.work() == 7
    waits = [5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600]
    assert [at for at, _ in sent] == [sum(waits[:n]) for n in range(8)]
    assert [int(stamp) - int(began) for _, stamp in sent] == [at for at, _ in sent]  # signed afresh each time
    assert flow.deliveries()[0].state == "failed"


@pytest.mark.parametrize(("resign", "stamps"), [(True, 4), (False, 1)])
def test_a_retry_is_signed_afresh_or_the_same(resign, stamps):
    seen = []
    flow = InboundFlow(clock=VirtualClock(), transport=lambda r, _: seen.append(r.headers) or ANSWERS["x"])
    connected(flow, retries="slack", resign=resign)

    flow.report(a_payload())
    flow.work()

    assert (len(seen), len(set(seen))) == (4, stamps)


def test_each_retry_counts_and_the_tenth_failure_ends_all_that_was_waiting():
    flow = InboundFlow(clock=VirtualClock(), transport=lambda *_: ANSWERS["t"])
    id = connected(flow, retries="slack")

    for seed in range(4):
        flow.report(a_payload(seed))
    flow.work()

    states = [(one.state, one.attempts) for one in reversed(flow.deliveries())]
    assert (flow.connection(id).state, sum(attempts for _, attempts in states)) == ("disabled", 10)
    assert {state for state, _ in states} == {"failed"}


def test_a_success_among_retries_gives_all_lives_back():
    answers = iter("xx.")
    flow = InboundFlow(clock=VirtualClock(), transport=lambda *_: ANSWERS[next(answers)])
    id = connected(flow, retries="slack")

    flow.report(a_payload())
    flow.work()

    assert (flow.connection(id).failures, flow.deliveries()[0].state) == (0, "delivered")


def test_work_until_makes_what_is_due_by_then_and_no_more():
    clock = VirtualClock()
    flow = InboundFlow(clock=clock, transport=lambda *_: ANSWERS["x"])
    connected(flow, retries="svix")
    flow.report(a_payload())
    began = clock.now()

    assert flow.work(until=began + 400) == 2
    assert clock.now() == began + 400


def test_events_go_only_to_the_connections_that_chose_them():
    flow = InboundFlow(transport=lambda *_: ANSWERS["."])
    one = connected(flow, name="leads", events=["lead.created"])
    two = connected(flow, name="all")

    for payload in payloads.call(random.Random(1)):
        flow.report(payload)

    assert {id: len(flow.deliveries(id)) for id in (one, two)} == {one: 1, two: 4}


def test_resending_is_the_same_delivery_signed_afresh_and_is_refused_while_disabled():
    clock, seen, answer = VirtualClock(), [], ["."]
    flow = InboundFlow(clock=clock, transport=lambda r, _: seen.append(r) or ANSWERS[answer[0]])
    id = connected(flow)
    [delivery] = flow.report(a_payload())
    clock.sleep(HOUR_S)

    flow.resend(delivery.id)

    first, second = (dict(request.headers) for request in seen)
    assert seen[0].body == seen[1].body
    assert int(second["X-InboundFlow-Timestamp"]) - int(first["X-InboundFlow-Timestamp"]) == HOUR_S
    answer[0] = "x"
    for _ in range(10):
        flow.report(a_payload())
    assert flow.connection(id).state == "disabled"
    with pytest.raises(Refused, match="reconnect"):
        flow.resend(delivery.id)


def test_the_tenth_failure_is_the_tenth_also_when_many_are_sent_at_once():
    flow = InboundFlow(transport=lambda *_: time.sleep(0.01) or ANSWERS["x"])
    id = connected(flow)
    threads = [threading.Thread(target=flow.report, args=(a_payload(n),)) for n in range(24)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (flow.connection(id).state, flow.connection(id).failures) == ("disabled", 10)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"url": "http://example.com/"}, "requires https"),
        ({"kind": "pigeon"}, "zapier"),
        ({"events": []}, "at least one event"),
        ({"retries": "often"}, ", ".join(SCHEDULES)),
        ({"name": "there"}, "already"),
    ],
)
def test_what_the_panel_would_not_take_is_refused_in_a_sentence(settings, says):
    flow = InboundFlow(transport=lambda *_: ANSWERS["."])
    connected(flow, name="there")

    with pytest.raises((Refused, UnusableURL), match=says):
        flow.connect(**{"url": "https://example.com/", "name": "x"} | settings)
