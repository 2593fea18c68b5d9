import json
import time

import pytest

from receiver import settings
from receiver.errors import StoreUnavailable
from receiver.inbox import Verdict
from receiver.inbox.lives import write_lives
from receiver.store import connect, migrate
from receiver.telemetry.counts import Counts
from receiver.telemetry.metrics import ACKNOWLEDGEMENT, ATTEMPTS, DELIVERIES, METRICS
from receiver.telemetry.page import FRESH_S, Page
from receiver.telemetry.scrape import BUSINESSES
from tests.support.metrics import of, parsed
from tests.support.tools import claim, finish

NONE_UP = {("inboundflow_database_up",): 0}
RETRY = Verdict(
    state="retrying", result="retry", detail="503", failure="refused-503", failed=True, delay_us=3_600_000_000
)


def page(db):
    return parsed(Page(db).look())


def test_what_was_counted_is_shown(db):
    counts = Counts(db, "web")
    counts.add(DELIVERIES, "call.completed", "stored")
    for seconds in (0.003, 0.004, 3):
        counts.observe(ACKNOWLEDGEMENT, seconds, "stored")
    counts.flush()

    samples = page(db)

    buckets = of(samples, "inboundflow_acknowledgement_seconds_bucket", "answer", "le")
    assert of(samples, "inboundflow_deliveries_total", "event", "answer") == {("call.completed", "stored"): 1}
    assert [buckets["stored", le] for le in ("0.002", "0.005", "2.5", "5.0", "+Inf")] == [0, 2, 2, 3, 3]
    assert of(samples, "inboundflow_acknowledgement_seconds_count") == {(): 3}
    assert of(samples, "inboundflow_acknowledgement_seconds_sum") == {(): 3.007}
    assert of(samples, "inboundflow_processes", "kind") == {("web",): 1, ("worker",): 0}


def test_how_things_stand_is_shown(story):
    """Two dead, one waiting, and one delivery that is not dispatched."""
    story.keep("new")
    run = story.db.read("SELECT id FROM runs WHERE state = 'pending'")[0]["id"]
    finish(story.runs, claim(story.runs, run, "me", story.now), "me", RETRY, story.now)
    story.db.commit(
        lambda tx: tx.execute(
            "INSERT INTO pauses (handler, target, reason, since_us) VALUES ('slack.post', '', 'x', 1)"
        )
    )

    samples = page(story.db)

    assert of(samples, "inboundflow_unfinished_runs", "handler", "state", "failure") == {
        ("slack.post", "dead", ""): 2,
        ("slack.post", "retrying", "refused-503"): 1,
    }
    assert of(samples, "inboundflow_undispatched_deliveries") == {(): 1}
    [age_s] = of(samples, "inboundflow_oldest_unfinished_seconds", "handler").values()
    assert 7200 <= age_s < 7300
    assert of(samples, "inboundflow_paused_lanes", "handler") == {("slack.post",): 1}
    assert of(samples, "inboundflow_lives_lost", "source") == {("",): 0}
    assert of(samples, "inboundflow_database_up") == {(): 1}


def test_a_lane_that_is_held_is_shown(story):
    insert = "INSERT INTO throttles (handler, target, hold, not_before_us) VALUES (?, ?, ?, 1)"
    rows = [("forward.post", "a", "down"), ("forward.post", "b", "down"), ("slack.post", "", "asked"), ("x.y", "", "")]
    story.db.commit(lambda tx: tx.executemany(insert, rows))

    held = of(page(story.db), "inboundflow_held_lanes", "handler", "kind")

    assert held == {("forward.post", "down"): 2, ("slack.post", "asked"): 1}


def test_a_database_that_does_not_answer_is_one_metric_that_says_so():
    class Away:
        def read(self, *_, **__):
            raise StoreUnavailable

    assert page(Away()) == NONE_UP


BEFORE_METRICS = 10  # 0011_metrics.sql made their tables


def test_tables_a_version_older_make_no_page_that_looks_healthy(env):
    db = connect(settings.read(env))
    migrate(db, to=BEFORE_METRICS)

    assert page(db) == NONE_UP
    db.close()


def test_looks_within_seconds_cost_one(db):
    now = [0.0]
    look = Page(db, clock=lambda: now[0])
    first = look.look()
    Counts(db, "worker").flush()

    soon = look.look()
    now[0] = FRESH_S + 1

    assert (soon == first, look.look() == first) == (True, False)


def test_every_metric_has_its_help_and_its_kind(db):
    text = Page(db).look().decode()

    kinds = dict(line.split()[2:] for line in text.splitlines() if line.startswith("# TYPE"))
    assert kinds == {metric.shown_name: metric.kind for metric in METRICS}
    assert text.count("# HELP") == len(METRICS)


def test_a_label_of_hostile_text_is_one_label(db):
    hostile = 'x"} 1\ninboundflow_database_up 0 \\'
    db.commit(lambda tx: tx.execute("INSERT INTO metrics VALUES (?, ?, 1)",
                                    (ATTEMPTS.name, json.dumps([hostile, "dead", ""]))))  # fmt: skip

    samples = page(db)

    assert of(samples, "inboundflow_attempts_total", "handler") == {(hostile,): 1}
    assert of(samples, "inboundflow_database_up") == {(): 1}


@pytest.mark.timed
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_beside_a_backlog_of_a_hundred_thousand_takes_little(db):
    deliver = (
        "INSERT INTO deliveries (key, event, received_us, body, headers, problems) VALUES (?, 'e', 1, x'', '', '')"
    )
    insert = "INSERT INTO runs (delivery_id, handler, next_attempt_us, state) VALUES (?, ?, ?, ?)"
    states = ("pending", "retrying", "dead", "succeeded")
    db.commit(lambda tx: tx.executemany(deliver, [(str(n),) for n in range(100_000)]))
    db.commit(lambda tx: tx.executemany(insert, [(n + 1, f"h.{n % 3}", n, states[n % 4]) for n in range(100_000)]))

    began = time.perf_counter()
    Page(db).look()

    assert time.perf_counter() - began < 1


def test_lives_are_shown_of_each_business_the_worst_of_them(db):
    now_us = db.now_us()
    for number in range(BUSINESSES + 5):
        lost = [("ours", now_us - n, "x") for n in range(9 if number == 7 else 2)]
        db.commit(lambda tx, number=number, lost=lost: write_lives(tx, f"b{number}", lost, {}, now_us))

    shown = of(page(db), "inboundflow_lives_lost", "source")

    assert (len(shown), shown[("b7",)], shown[("",)]) == (BUSINESSES + 1, 9, 0)
