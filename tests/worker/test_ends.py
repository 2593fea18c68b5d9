"""However an attempt ends, that is recorded: an end that is not is repeated for ever."""

import pytest
from redis import Redis

from tests.support.processes import until

FAILED = ["exit", "interrupt", "cancel", "delay-text", "delay-inf", "delay-nan", "unspeakable", "generator"]
KEPT = {"surrogate": "id \ufffd", "nul": "id \ufffd", "none": "None"}
ENDED = "SELECT d.key, r.state, r.failures, r.failure, r.outcome, r.last_error FROM runs AS r " \
        "JOIN deliveries AS d ON d.id = r.delivery_id WHERE r.handler = ?"  # fmt: skip


@pytest.fixture
def odd(bench):
    bench.database_env["ODD"] = "1"
    return bench


def ends(bench, handler="odd.act"):
    """How the runs of the handler stand, by delivery."""
    return {row["key"]: tuple(dict(row).values())[1:] for row in bench.db.read(ENDED, (handler,))}


def keep(bench, *names, event="call.completed"):
    for name in names:
        bench.keep(name, event=event, end=name)


def test_whatever_escapes_a_handler_is_one_failed_attempt_on_the_schedule(odd):
    odd.work()

    keep(odd, *FAILED)
    until(lambda: odd.states("odd.act") == ["retrying"] * len(FAILED), what="a recorded end of each")

    for name, (_, failures, failure, _, error) in ends(odd).items():
        assert (failures, bool(failure), bool(error)) == (1, True, True), name
    attempts = odd.db.read("SELECT a.result, a.detail, a.failure FROM attempts AS a JOIN runs AS r ON r.id = a.run_id "
                           "WHERE r.handler = 'odd.act'")  # fmt: skip
    assert {row["result"] for row in attempts} == {"failed", "retry"}
    assert all(row["detail"] and row["failure"] for row in attempts)
    for name in FAILED:
        until(lambda name=name: f"delivery {name} at odd.act: retrying" in odd.log(), what=f"a line about {name}")


def test_what_a_handler_returns_is_kept_as_text_that_the_database_takes(odd):
    odd.work()

    keep(odd, *KEPT, "give-up", "fine")
    until(lambda: len(ends(odd)) == 5 and "running" not in odd.states("odd.act"), what="five ends")
    until(lambda: {state for state, *_ in ends(odd).values()} == {"succeeded", "dead"}, what="five ends")

    assert {name: end[3] for name, end in ends(odd).items() if name in KEPT} == KEPT
    assert ends(odd)["give-up"] == ("dead", 1, "gave-up", None, "\ufffd\ufffd")
    assert len(odd.notes("odd.act")) == 5


@pytest.mark.parametrize("end", ["exit", "none-of-all", "too-few", "surrogate", "nul"])
def test_a_batch_that_ends_oddly_is_recorded_too(odd, end):
    keep(odd, end, "fine", event="lead.created")
    odd.work()

    until(lambda: {*odd.states("odd.act_on_all")} in ({"retrying"}, {"succeeded"}), what="the ends of both")

    stands = ends(odd, "odd.act_on_all")
    if end in KEPT:
        assert stands[end][3] == KEPT[end]
    else:
        assert stands[end][:2] == ("retrying", 1)
        assert stands[end][2] == "raised"


def test_an_exit_leaves_nothing_in_redis(odd):
    odd.work()

    keep(odd, "exit", "interrupt", "cancel")
    until(lambda: odd.states("odd.act") == ["retrying"] * 3, what="three ends")

    redis = Redis(unix_socket_path=str(odd.dir / "redis.sock"))
    assert [key for key in redis.scan_iter() if b"failed" in key] == []
