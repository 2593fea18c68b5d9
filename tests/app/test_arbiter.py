"""The end of the web process: whoever has connected is answered."""

import http.client
import os
import signal
import socket
import time

import pytest

from receiver.app.server import GRACEFUL_S
from tests.support.processes import children_of, is_healthy, started, until
from tests.support.restarts import PROMISE_S, all_of, check_what_was_promised, kept, request, sending
from tests.support.web import booted

pytestmark = pytest.mark.timed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("whole_group", [False, True], ids=["it alone", "as Ctrl-C does"])
def test_the_web_process_ends_after_it_has_answered_all_that_connected(place, number, whole_group):
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with sending(place) as senders:
            time.sleep(1.5)

            (os.killpg if whole_group else os.kill)(web.pid, number)

            assert web.wait(PROMISE_S) == 0
        assert len(all_of(senders, "answered")) > 50
        check_what_was_promised(place, senders)


@pytest.mark.parametrize("late_s", [0.2, 1.0, 2.0])
def test_its_processes_serve_on_until_the_arbiter_too_has_heard(place, late_s):
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with sending(place) as senders:
            time.sleep(1.5)
            web.send_signal(signal.SIGSTOP)

            os.killpg(web.pid, signal.SIGTERM)
            time.sleep(late_s)
            web.send_signal(signal.SIGCONT)

            assert web.wait(PROMISE_S) == 0
        check_what_was_promised(place, senders)


def test_whoever_had_connected_when_it_ends_is_answered_though_nobody_had_taken_the_call(place):
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])) and len(booted(web.pid)) == 2, what="the server")
        workers = children_of(web.pid)
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        until(lambda: all(line_of(pid, "State") == "T" for pid in workers), what="their standstill")
        callers = [http.client.HTTPConnection("127.0.0.1", int(place["PORT"]), timeout=20) for _ in range(50)]
        for number, caller in enumerate(callers):
            request(caller, f"queued{number}")

        web.send_signal(signal.SIGTERM)
        until(lambda: all(is_told_to_end(pid) for pid in workers), what="the arbiter's signal")
        with pytest.raises(TimeoutError):  # who comes now would be reset; it asks again, and finds the next server
            socket.create_connection(("127.0.0.1", int(place["PORT"])), timeout=0.5)
        for pid in workers:
            os.kill(pid, signal.SIGCONT)

        assert [caller.getresponse().status for caller in callers] == [200] * 50
        assert web.wait(10) == 0
        assert len(kept(place)) == 50


def test_it_ends_at_once_though_it_has_hardly_begun(place):
    for _ in range(3):
        with started("-m", "receiver", "web", env=place) as web:
            until(lambda web=web: len(children_of(web.pid)) == 2, what="its processes")

            web.send_signal(signal.SIGTERM)

            assert web.wait(GRACEFUL_S - 1) == 0  # it would be SIGKILL after GRACEFUL_S


def is_told_to_end(pid):
    """Whether SIGTERM waits for this stopped process."""
    return bool(int(line_of(pid, "ShdPnd"), 16) & 1 << (signal.SIGTERM - 1))


def line_of(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return next(line for line in file if line.startswith(name)).split()[1]
