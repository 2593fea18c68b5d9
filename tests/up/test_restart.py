"""The web process ends and starts while deliveries come in, over new connections and over kept ones."""

import os
import signal
import socket
import time

import pytest

from tests.support.processes import children_of, free_port, is_alive, is_healthy, started, until, words_of
from tests.support.restarts import PROMISE_S, SECRET, all_of, check_what_was_promised, sending

pytestmark = pytest.mark.timed


@pytest.fixture
def place(tmp_path):
    return {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "INBOUNDFLOW_SIGNING_SECRET": SECRET}


def web_of(up):
    return next((pid for pid in children_of(up.pid) if words_of(pid)[-1:] == ["web"]), None)


def whole_web_of(up):
    """The web process and its two workers; None while one is missing, or the kernel's list of them is not whole."""
    web = web_of(up)
    workers = children_of(web) if web else []
    return (web, workers) if len(workers) == 2 else None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_rolling_restarts_under_up_refuse_nobody_and_answer_all_that_was_accepted(place, number):
    with started("-m", "receiver", "up", env=place) as up:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with sending(place) as senders:
            for _ in range(2):
                time.sleep(1)
                web, workers = until(lambda: whole_web_of(up), what="the web process and its workers")
                os.kill(web, number)
                until(lambda old=workers: not any(is_alive(pid) for pid in old), what="their end")
            time.sleep(2)

        assert all_of(senders, "refused") == {}
        assert len(all_of(senders, "answered")) > 50
        check_what_was_promised(place, senders)


def test_the_end_of_all_processes_resets_nobody_though_the_worker_takes_longer_than_the_web_process(place):
    with started("-m", "receiver", "up", env=place) as up:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with sending(place) as senders:
            time.sleep(1.5)

            up.send_signal(signal.SIGTERM)

            assert up.wait(2 * PROMISE_S) == 0
        assert len(all_of(senders, "answered")) > 50
        check_what_was_promised(place, senders)


def test_a_restart_among_slow_clients_still_answers_in_time(place):
    with started("-m", "receiver", "up", env=place) as up:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        slow = [socket.create_connection(("127.0.0.1", int(place["PORT"]))) for _ in range(100)]
        for sock in slow:
            sock.sendall(b"POST /webhooks/inboundflow HTTP/1.1\r\n")
        time.sleep(0.5)

        with sending(place) as senders:
            os.kill(web_of(up), signal.SIGTERM)
            time.sleep(10)

        assert all_of(senders, "refused") == {}
        check_what_was_promised(place, senders)
        for sock in slow:
            sock.close()
