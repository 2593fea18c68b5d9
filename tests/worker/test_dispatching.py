import multiprocessing
import os
import signal
import threading

import pytest
from redis import Redis

from receiver import settings
from receiver.errors import ConfigurationError, StoreError
from receiver.inbox import PROCESSES, REDIS, Inbox, Trouble, acquire_leadership, is_leader, troubles
from receiver.operations import Routing
from receiver.queue import RunQueue
from receiver.registry import Activation, Lane
from receiver.store import inbox_name
from receiver.worker.children import ChildControl, Heartbeat
from receiver.worker.crashes import Crashes
from receiver.worker.dispatching import LONGEST_REST_S, NAMED, ROUND_S, dispatch, logging_store_errors, names_of, rest_s
from receiver.worker.remains import Signs
from tests.support.deliveries import a_delivery
from tests.support.handlers import a_handler
from tests.support.processes import start_redis, until


def test_a_flushed_redis_forgets_nothing_that_matters(bench):
    bench.work()
    bench.keep(*[f"d-{n}" for n in range(40)])
    until(lambda: len(bench.notes("toys.slow")) > 4, what="some work")

    Redis(unix_socket_path=str(bench.dir / "redis.sock")).flushall()

    bench.until_states("toys.slow", ["succeeded"] * 40)
    assert len(bench.notes("toys.slow")) == 80


@pytest.mark.parametrize("trouble", ["restarted", "hung"])
def test_work_resumes_by_itself_when_redis_returns(bench, trouble):
    bench.work()
    bench.keep("before")
    bench.until_states("toys.steady", ["succeeded"])

    if trouble == "hung":
        bench.redis.send_signal(signal.SIGSTOP)
    else:
        bench.redis.kill()
    bench.keep(*[f"d-{n}" for n in range(5)])
    until(lambda: "deliveries are kept, runs wait" in bench.log(), what="the warning")
    if trouble == "hung":
        bench.redis.send_signal(signal.SIGCONT)
    else:
        bench.restart_redis()

    bench.until_states("toys.steady", ["succeeded"] * 6, within_s=10)
    assert len(bench.notes("toys.steady")) == 6


RESTS = [
    # a round took  since it began  the rest
    (0.0,           0.0,            ROUND_S),
    (0.005,         0.01,           ROUND_S - 0.01),
    (0.005,         9,              0),
    (0.1,           0.1,            0.05),
    (0.1,           0.12,           0.03),
    (0.1,           9,              0),
    (9,             9,              LONGEST_REST_S),
]  # fmt: skip


@pytest.mark.parametrize(("took_s", "since_began_s", "waits_s"), RESTS)
def test_a_nudge_after_a_pause_waits_for_nothing_and_under_load_for_others(took_s, since_began_s, waits_s):
    assert rest_s(took_s, since_began_s) == pytest.approx(waits_s)


def test_the_log_names_what_is_on_and_of_many_businesses_how_many():
    one, other = a_handler(), a_handler(name="other.do")
    few = [Activation(handler=handler, state="on", source=source) for handler in (one, other) for source in ("", "b")]
    many = [Activation(handler=one, state="on", source=f"b{n}") for n in range(NAMED)]

    assert list(names_of(few)) == [
        ("handler toy.do is on", {"source": "", "handler": "toy.do"}),
        ("handler toy.do [b] is on", {"source": "b", "handler": "toy.do"}),
        ("handler other.do is on", {"source": "", "handler": "other.do"}),
        ("handler other.do [b] is on", {"source": "b", "handler": "other.do"}),
    ]
    assert [line for line, _ in names_of([*few, *many])] == [
        "handler toy.do is on", "handler other.do is on",
        f"handler toy.do is on for {NAMED + 1} businesses more", "handler other.do is on for 1 business more",
    ]  # fmt: skip


ROUTING = Routing(None, {"toy.do": a_handler()}, {"URL": "x"})
LANE = Lane("", "toy.do", "")


@pytest.fixture
def redis(tmp_path, db):
    process = start_redis(tmp_path / "redis.sock")
    yield RunQueue(Redis(unix_socket_path=str(tmp_path / "redis.sock")), inbox_name(db))
    process.kill()
    process.wait()


def test_what_has_work_is_requested_until_it_is_told_to_stop_and_then_another_may_lead(db, env, redis):
    requests, control = [], ChildControl(Heartbeat(), os.getpid())
    arguments = (settings.read(env), ROUTING, "us", requests.append, Crashes(), control)
    dispatcher = threading.Thread(target=dispatch, args=arguments, daemon=True)
    dispatcher.start()
    until(lambda: is_leader(db, "us"), what="its lead")

    Inbox(db).keep(a_delivery())
    until(lambda: {"toy.do"} in requests, what="the request")
    waiting = redis.waiting(LANE)
    control.stop.set()
    dispatcher.join(10)

    assert (waiting, dispatcher.is_alive()) == ({1}, False)
    assert acquire_leadership(db, "them", db.now_us())


def test_the_word_of_a_worker_that_is_gone_ends_when_another_leads_and_that_of_one_that_lives_stays(db, env, redis):
    Signs(settings.read(env), "lives")
    gone = multiprocessing.get_context("spawn").Process(target=Signs, args=(settings.read(env), "gone"))
    gone.start()
    gone.join()
    Trouble(db, REDIS, "gone").note("Redis cannot be reached")
    Trouble(db, PROCESSES, "lives").note("its process for toy.do ends again and again")
    control = ChildControl(Heartbeat(), os.getpid())
    arguments = (settings.read(env), ROUTING, "us", lambda names: None, Crashes(), control)

    dispatcher = threading.Thread(target=dispatch, args=arguments, daemon=True)
    dispatcher.start()
    until(lambda: REDIS not in troubles(db), what="the end of what the dead one said")
    control.stop.set()
    dispatcher.join(10)

    assert troubles(db) == {PROCESSES: "its process for toy.do ends again and again"}


def test_a_database_without_tables_ends_it(postgres, tmp_path):
    env = {"DATABASE_URL": postgres.new_database(), "DATA_DIR": str(tmp_path)}
    control = ChildControl(Heartbeat(), os.getpid())

    with pytest.raises(ConfigurationError, match="receiver migrate"):
        dispatch(settings.read(env), ROUTING, "us", lambda names: None, Crashes(), control)


def test_a_database_in_trouble_is_told_and_ends_nothing(caplog):
    with logging_store_errors():
        raise StoreError("it is locked")

    assert "the inbox does not answer (it is locked): trying again. Another program has the inbox locked" in caplog.text


def test_what_is_no_trouble_of_the_database_is_not_taken_for_it():
    with pytest.raises(ValueError, match="a mistake"), logging_store_errors():
        raise ValueError("a mistake")
