"""RQ's side of a handler's process, at a real Redis."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from rq.exceptions import DequeueTimeout, StopRequested

from receiver.queue import RunQueue
from receiver.registry import Lane
from receiver.worker.jobs import Intake, do_nothing

SOON_S = 5  # of the 10 s that the pop would wait


@pytest.fixture
def redis(redis_socket):
    with Redis(unix_socket_path=str(redis_socket)) as redis:
        redis.flushall()
        yield redis


@pytest.fixture
def intake(redis, redis_socket):
    with Redis(unix_socket_path=str(redis_socket)) as waker:
        yield Intake(redis, waker, ["a", "b"], "me", lambda name, ids: None, has_room())


def has_room():
    event = threading.Event()
    event.set()
    return event


def pop(intake, timeout_s):
    """The lane and the job that were popped."""
    key, job = intake.pop([*intake.keys.values(), intake.wake_key], timeout_s)
    return key.decode().rpartition(":")[2], job.decode()


@pytest.fixture
def popping(intake):
    """What a pop gives that has begun to wait before this test goes on, and after how long."""
    with ThreadPoolExecutor(1) as pool:

        def begin():
            began = time.monotonic()
            future = pool.submit(pop, intake, 10)
            time.sleep(0.3)
            return future, lambda: time.monotonic() - began

        yield begin
        intake.end()  # so that nobody waits for a pop that found nothing


def test_the_job_of_a_lane_with_room_is_popped(intake, redis):
    redis.rpush(intake.keys["b"], "job")

    assert pop(intake, 1) == ("b", "job")


def test_while_the_process_has_no_room_nothing_is_popped(intake, redis, popping):
    redis.rpush(intake.keys["b"], "job")
    intake.has_room.clear()

    future, waited_s = popping()
    assert (future.done(), redis.llen(intake.keys["b"])) == (False, 1)
    intake.has_room.set()

    assert (future.result(), waited_s() < SOON_S) == (("b", "job"), True)


def test_a_process_without_room_ends_when_it_is_told_to(intake, popping):
    intake.has_room.clear()
    future, waited_s = popping()

    intake.end()

    with pytest.raises(StopRequested):
        future.result()
    assert waited_s() < SOON_S


def test_a_full_lane_is_not_popped_and_holds_no_other_up(intake, redis):
    redis.rpush(intake.keys["a"], "waits")
    redis.rpush(intake.keys["b"], "job")
    intake.set_full("a", True)

    assert pop(intake, 1) == ("b", "job")
    with pytest.raises(DequeueTimeout):
        pop(intake, 1)
    assert redis.lrange(intake.keys["a"], 0, -1) == [b"waits"]


@pytest.mark.timed
def test_a_lane_that_has_room_again_is_popped_at_once(intake, redis, popping):
    redis.rpush(intake.keys["a"], "waits")
    intake.set_full("a", True)
    future, elapsed_s = popping()

    intake.set_full("a", False)()

    assert future.result(SOON_S) == ("a", "waits")
    assert elapsed_s() < SOON_S


def test_nobody_is_woken_for_a_lane_that_the_present_pop_waits_for(intake, redis):
    intake.set_full("a", True)  # since the pop began, as far as that knows

    intake.set_full("a", False)()

    assert redis.llen(intake.wake_key) == 0


def test_a_pop_is_woken_once_however_many_runs_begin_meanwhile(intake, redis, popping):
    intake.set_full("a", True)
    intake.set_full("b", True)
    popping()

    wakes = [intake.set_full(name, False) for name in ("a", "a", "b", "a")]

    assert wakes == [intake.wake, do_nothing, do_nothing, do_nothing]


@pytest.mark.timed
def test_the_end_is_not_waited_for(intake, popping):
    future, elapsed_s = popping()

    intake.end()

    with pytest.raises(StopRequested):
        future.result(SOON_S)
    assert elapsed_s() < SOON_S


def test_what_wakes_leaves_nothing_behind_in_redis(intake, redis):
    intake.wake()

    assert 0 < redis.ttl(intake.wake_key) <= 60


def test_ctrl_c_which_reaches_all_processes_of_a_terminal_stays_the_parents_to_pass_on(
    redis_socket, redis, own_signals
):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while_working = []

    def hand_over(name, ids):
        while_working.append(signal.getsignal(signal.SIGINT))
        intake.end()

    RunQueue(redis).push(Lane("", "toy", ""), [[1]])
    with Redis(unix_socket_path=str(redis_socket)) as waker:
        intake = Intake(redis, waker, ["toy"], "me", hand_over, has_room())
        intake.work()

    assert while_working == [signal.SIG_IGN]


@pytest.fixture
def own_signals():
    """RQ takes the signals of the process that it works in."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_each_job_is_handed_over_with_the_name_of_its_queue(redis_socket, redis, own_signals):
    jobs = []

    def hand_over(name, ids):
        jobs.append((name, ids))
        if len(jobs) == 3:
            intake.end()

    queue = RunQueue(redis)
    queue.push(Lane("", "toy", "x"), [[1, 2], [3]])
    queue.push(Lane("", "toy", "y"), [[4]])
    with Redis(unix_socket_path=str(redis_socket)) as waker:
        intake = Intake(redis, waker, ["toy:x", "toy:y"], "me", hand_over, has_room())

        intake.work()

    assert sorted(jobs) == [("toy:x", [1, 2]), ("toy:x", [3]), ("toy:y", [4])]


def test_what_is_handed_over_is_handed_over_whole_and_leaves_nothing_in_redis(redis_socket, redis, own_signals):
    """The signal to stop comes meanwhile, and what waits is left to others."""
    jobs = []

    def hand_over(name, ids):
        os.kill(os.getpid(), signal.SIGTERM)
        jobs.append((name, ids))

    queue = RunQueue(redis)
    queue.push(Lane("", "toy", ""), [[1], [2]])
    with Redis(unix_socket_path=str(redis_socket)) as waker:
        Intake(redis, waker, ["toy"], "me", hand_over, has_room()).work()

    assert (jobs, queue.waiting(Lane("", "toy", ""))) == ([("toy", [1])], {2})
    assert [key for key in redis.scan_iter("rq:*") if b"job" in key or b"exec" in key] == [b"rq:job:2"]


def test_a_job_costs_redis_few_commands(redis_socket, redis, own_signals):
    """RQ's own worker gives 70 for each job, and the jobs of all lanes of a handler pass one by one."""
    jobs = []

    def hand_over(name, ids):
        jobs.append(ids)
        if len(jobs) == 21:
            intake.end()

    RunQueue(redis).push(Lane("", "toy", ""), [[n] for n in range(21)])
    with Redis(unix_socket_path=str(redis_socket)) as waker:
        intake = Intake(redis, waker, ["toy"], "me", hand_over, has_room())
        before = redis.info("stats")["total_commands_processed"]
        intake.work()

    assert (redis.info("stats")["total_commands_processed"] - before) / 21 < 7


def test_a_worker_of_many_lanes_looks_through_no_registries(redis, redis_socket, own_signals):
    names = [f"b{n}/toy" for n in range(50)]
    with Redis(unix_socket_path=str(redis_socket)) as waker:
        intake = Intake(redis, waker, names, "me", lambda name, ids: None, has_room())
        intake.end()
        before = redis.info("stats")["total_commands_processed"]
        intake.work()

        assert redis.info("stats")["total_commands_processed"] - before < 5 * len(names)
