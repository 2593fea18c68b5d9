"""However an attempt ends, that is recorded: an end that is not is repeated for ever."""

import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest
from redis import Redis

from receiver.inbox import WORKER_STOPPED
from tests.support.http import Server
from tests.support.processes import is_alive, until

FAILED = ["exit", "interrupt", "cancel", "delay-text", "delay-inf", "delay-nan", "unspeakable", "generator"]
KEPT = {"surrogate": "id \ufffd", "nul": "id \ufffd", "none": "None"}
ENDED = "SELECT d.key, r.state, r.failures, r.failure, r.outcome, r.last_error FROM runs AS r " \
        "JOIN deliveries AS d ON d.id = r.delivery_id WHERE r.handler = ? ORDER BY r.id"  # fmt: skip


@pytest.fixture
def odd(bench):
    bench.database_env["ODD"] = "1"
    return bench


@pytest.fixture
def slow_url():
    """Answers each request after a second."""

    class Slow(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(1)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    with Server(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


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


def test_an_attempt_that_overruns_is_a_failure_on_the_schedule(odd):
    odd.work()

    keep(odd, "hang")
    until(lambda: odd.states("odd.act") == ["retrying"], what="the recorded end")

    assert ends(odd)["hang"] == ("retrying", 1, "overran", None, "took over 7 s")
    until(lambda: "delivery hang at odd.act: retrying (took over 7 s)" in odd.log(), what="a line about it")


@pytest.mark.parametrize(("end", "name"), [("segv", "SIGSEGV"), ("kill", "SIGKILL"), ("exit-3", "3")])
def test_an_attempt_that_ends_its_process_counts_from_the_second_time_on(odd, end, name):
    odd.work()

    keep(odd, end)
    until(lambda: ends(odd).get(end, (0, 0))[1] == 1, within_s=60, what="the first that counts")

    assert len(odd.notes("odd.act")) == 2
    how = f"ended with {name}" if name.isdigit() else f"ended ({name})"
    assert ends(odd)[end] == ("retrying", 1, "worker-lost", None, f"its process {how}")
    assert f"delivery {end} at odd.act was lost: its process {how}" in odd.log()


def test_the_neighbours_of_a_run_that_ends_its_process_are_lost_with_it_once_at_most(odd):
    keep(odd, "late-segv")
    for neighbour in ("a", "b", "c"):  # with it as many as run at once, and each takes longer than it
        odd.keep(neighbour, end="slow")
    odd.work()

    until(lambda: ends(odd).get("late-segv", (0, 0))[1] == 1, within_s=60, what="the second crash")
    until(lambda: odd.states("odd.act").count("succeeded") == 3, within_s=60, what="all of the neighbours")

    attempts = dict(zip(ends(odd), odd.attempts("odd.act"), strict=True))
    assert max(attempts[neighbour] for neighbour in "abc") <= 2


def test_a_worker_told_to_stop_says_so_on_the_attempts_that_it_leaves(odd):
    worker = odd.work()
    keep(odd, "hang")
    until(lambda: odd.notes("odd.act"), what="the attempt")

    worker.terminate()
    until(lambda: odd.db.read("SELECT 1 FROM attempts WHERE detail = ?", (WORKER_STOPPED,)), what="the note")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_what_a_handler_has_forked_ends_with_its_process(odd, how):
    worker = odd.work()
    keep(odd, "helper")
    until(lambda: odd.states("odd.act") == ["succeeded"], what="the helper")
    helper = int(ends(odd)["helper"][3])
    assert is_alive(helper)

    getattr(worker, how)()

    until(lambda: not is_alive(helper), what="the end of the helper")


def test_a_delivery_that_is_refused_alone_stops_nobody(odd):
    odd.work()
    keep(odd, "first")
    until(lambda: odd.states("odd.act") == ["succeeded"], what="one that gets through")

    keep(odd, "poison")
    until(lambda: "delivery poison at odd.act: retrying (it answered 403)" in odd.log(), what="the first refusal")
    keep(odd, "second")
    until(lambda: "delivery poison at odd.act: dead (it answered 403: but others got" in odd.log(), what="the last")

    assert odd.states("odd.act") == ["succeeded", "dead", "succeeded"]
    assert list(odd.db.read("SELECT * FROM pauses")) == []


def test_requests_that_are_slow_together_end_as_a_retry_and_not_with_the_process(odd, slow_url):
    odd.database_env["SLOW_URL"] = slow_url
    odd.work()

    keep(odd, "booking", event="appointment.booked")
    until(lambda: odd.states("odd.ask_four_times") == ["retrying"], what="the recorded end")

    state = ends(odd, "odd.ask_four_times")["booking"]
    assert state == ("retrying", 1, "timeout", None, "no answer (ReadTimeout)")
    assert "ending its process" not in odd.log()
