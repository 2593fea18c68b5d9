import pytest
from redis.exceptions import AuthenticationError, BusyLoadingError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout

from receiver import settings
from receiver.queue import MARKER, RunQueue, connect, problem, queue_name
from receiver.registry import Lane

LANE = Lane("", "slack.post", "")


@pytest.fixture
def redis(redis_socket):
    redis = connect(settings.read({"REDIS_URL": f"unix://{redis_socket}"}))
    redis.flushall()
    return redis


NAMES = [
    (LANE,                               "slack.post"),
    (Lane("", "fw.forward", "e032"),     "fw.forward:e032"),
    (Lane("bakery", "slack.post", ""),   "bakery/slack.post"),
    (Lane("bakery", "fw.forward", "e0"), "bakery/fw.forward:e0"),
]  # fmt: skip


@pytest.mark.parametrize(("lane", "name"), NAMES)
def test_each_lane_has_a_queue_of_its_own(lane, name):
    assert queue_name(lane) == name


def test_runs_wait_where_they_were_pushed_and_again_is_no_second_run(redis):
    queue = RunQueue(redis)

    queue.push(LANE, [[1, 2], [3]])
    queue.push(LANE, [[3]])

    assert queue.waiting(LANE) == {1, 2, 3}
    assert queue.waiting(LANE._replace(source="bakery")) == set()


def test_a_job_holds_ids_and_nothing_is_kept_of_it_afterwards(redis):
    queue = RunQueue(redis)

    queue.push(LANE, [[1, 2]])

    [job] = queue.queue(LANE).get_jobs()
    assert (job.id, job.args, job.kwargs, job.description) == ("1_2", [[1, 2]], {}, "runs")
    assert (job.result_ttl, job.failure_ttl) == (0, 0)


def test_a_redis_that_was_emptied_is_noticed_once(redis):
    queue = RunQueue(redis)

    noticed = [queue.restore_marker() for _ in range(2)]
    redis.delete(MARKER)

    assert [*noticed, queue.restore_marker()] == [True, False, True]


def test_two_inboxes_at_one_redis_have_queues_and_markers_of_their_own(redis):
    ours, theirs = RunQueue(redis, "ours"), RunQueue(redis, "theirs")
    for queue in (ours, theirs):
        queue.restore_marker()
        queue.push(LANE, [[1, 2]])

    redis.delete(ours.marker)
    ours.queue(LANE).empty()

    assert [ours.waiting(LANE), theirs.waiting(LANE)] == [set(), {1, 2}]
    assert [ours.restore_marker(), theirs.restore_marker()] == [True, False]
    assert [job.args for job in theirs.queue(LANE).get_jobs()] == [[[1, 2]]]


PROBLEMS = [
    # what the client raises                                                   what is said
    (AuthenticationError("WRONGPASS invalid username-password pair"),          "Redis refuses the password in REDIS_URL"),
    (AuthenticationError("Authentication required. NOAUTH"),                   "Redis asks for a password: REDIS_URL should hold it"),
    (ResponseError("OOM command not allowed when used memory > 'maxmemory'."), "Redis is out of memory: give it more, or find out what fills it"),
    (ReadOnlyError("You can't write against a read only replica."),            "Redis is read-only: REDIS_URL leads to a replica"),
    (BusyLoadingError("Redis is loading the dataset in memory"),               "Redis is still loading its data"),
    (RedisTimeout("Timeout reading from socket"),                              "Redis does not answer within a second"),
    (RedisConnectionError("Error 111 connecting to 10.0.0.7:6379."),           "Redis cannot be reached (does it run, and does REDIS_URL lead to it?)"),
    (FileNotFoundError("no such socket"),                                      "Redis cannot be reached (does it run, and does REDIS_URL lead to it?)"),
    (ValueError("redis://:a-password@10.0.0.7"),                               "Redis refuses what it is asked (ValueError)"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "sentence"), PROBLEMS)
def test_what_is_wrong_is_said_in_a_sentence_without_the_address(error, sentence):
    assert problem(error) == sentence
