import threading
import time
from types import SimpleNamespace

import pytest

from receiver import settings
from receiver.errors import StoreUnavailable
from receiver.store import VERSION, connect, migrate
from receiver.telemetry.counts import BELIEVED_US, SERIES, Counts
from receiver.telemetry.metrics import ACKNOWLEDGEMENT, DELIVERIES, REJECTIONS
from tests.support.tools import tuples

SUMS = "SELECT name, labels, value FROM metrics ORDER BY name, labels"
ALIVE = "SELECT kind FROM heartbeats ORDER BY kind"


def test_what_several_processes_count_is_added_up(db):
    processes = [Counts(db), Counts(db)]
    for counts in processes:
        counts.add(DELIVERIES, "call.completed", "stored")
        counts.add(REJECTIONS, "signature-mismatch")
        counts.flush()
    processes[0].add(DELIVERIES, "call.completed", "stored")

    for counts in processes:
        counts.flush()

    assert tuples(db.read(SUMS)) == [
        ("inboundflow_deliveries", '["call.completed", "stored"]', 3),
        ("inboundflow_rejections", '["signature-mismatch"]', 2),
    ]


def test_a_time_goes_into_the_first_bucket_that_holds_it(db):
    counts = Counts(db)
    for seconds in (0.0001, 0.002, 0.0021, 100):
        counts.observe(ACKNOWLEDGEMENT, seconds, "stored")

    counts.flush()

    assert {row["labels"]: row["value"] for row in db.read(SUMS)} == {
        '["stored", "0"]': 2,
        '["stored", "1"]': 1,
        f'["stored", "{len(ACKNOWLEDGEMENT.buckets_s)}"]': 1,
        '["stored", "sum"]': 100_004_200,
    }


def test_names_that_somebody_makes_up_become_one_series(db):
    counts = Counts(db)

    for n in range(SERIES + 10):
        counts.add(REJECTIONS, f"reason-{n}")
    counts.flush()

    values = {row["labels"]: row["value"] for row in db.read(SUMS)}
    assert (len(values), values['["other"]'], sum(values.values())) == (SERIES + 1, 10, SERIES + 10)


def test_what_cannot_be_written_is_written_once_the_tables_are_there(env):
    db = connect(settings.read(env))
    migrate(db, to=VERSION - 1)
    counts = Counts(db, "web")
    counts.add(REJECTIONS, "body-too-large")

    counts.flush()
    counts.add(REJECTIONS, "body-too-large")
    migrate(db)
    counts.flush()
    counts.flush()

    assert tuples(db.read(SUMS)) == [("inboundflow_rejections", '["body-too-large"]', 2)]
    db.close()


def test_counting_waits_for_no_database():
    hangs, end = threading.Event(), threading.Event()

    def commit(work, *, timeout_s):
        hangs.set()
        end.wait(5)
        raise StoreUnavailable

    counts = Counts(SimpleNamespace(commit=commit))
    counts.add(REJECTIONS, "a")
    threading.Thread(target=counts.flush).start()
    hangs.wait(5)

    began = time.monotonic()
    counts.add(REJECTIONS, "a")

    took = time.monotonic() - began
    end.set()
    assert took < 1


def test_a_process_is_alive_until_it_signs_off(db):
    web, worker, silent = Counts(db, "web"), Counts(db, "worker"), Counts(db)
    for counts in (web, worker, silent):
        counts.flush()

    before = tuples(db.read(ALIVE))
    web.end()

    assert (before, tuples(db.read(ALIVE))) == ([("web",), ("worker",)], [("worker",)])


@pytest.mark.parametrize("away_us", [-2 * BELIEVED_US, 3600_000_000], ids=["was killed", "a clock that was ahead"])
def test_a_process_that_is_gone_is_forgotten_by_the_next_heartbeat(db, away_us):
    seen_us = db.now_us() + away_us
    db.commit(lambda tx: tx.execute("INSERT INTO heartbeats VALUES ('old', 'worker', ?)", (seen_us,)))

    Counts(db, "web").flush()

    assert tuples(db.read(ALIVE)) == [("web",)]
