"""A real worker and a real URL: what fails now and then holds up nothing, and what is down is tried now and then."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest

from tests.support.http import Server
from tests.support.processes import started, until
from tests.worker.conftest import WORKER

pytestmark = pytest.mark.timed
DONE_S = 25  # what fails once is tried again after five seconds


class Target:
    """A URL behind which somebody answers as he likes; each request with its time and the id of its delivery."""

    def __init__(self):
        self.answer = lambda key, number: 200
        self.requests = []
        target, mutex = self, threading.Lock()

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                key = self.headers["X-InboundFlow-Delivery-Id"]
                with mutex:
                    target.requests.append((time.monotonic(), key))
                    status = target.answer(key, len(target.requests))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Answering)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def first(self):
        """When each delivery came first."""
        return {key: at for at, key in reversed(self.requests)}


@pytest.fixture
def target():
    target = Target()
    yield target
    target.server.shutdown()


@pytest.fixture
def forwarding(bench, target):
    """A bench whose worker forwards to the target."""
    bench.database_env |= {"FORWARD_URL": f"http://{target.host}/x", "FORWARD_ALLOW_HOSTS": target.host}
    command = WORKER.replace("tests.toys", "handlers")
    context = started("-c", command, env=bench.env, stdout=(bench.dir / "worker.log").open("a"), stderr=-2)
    bench.processes.append(context)
    context.__enter__()
    bench.keep("warm")
    until(lambda: target.requests, within_s=60, what="the worker")
    return bench


def keys(number):
    return [f"d-{n}" for n in range(number)]


def succeeded(bench):
    return bench.states("forward.forward").count("succeeded")


def test_what_fails_now_and_then_or_always_delays_no_other(forwarding, target):
    target.answer = lambda key, number: 500 if key == "poison" or number % 20 == 0 else 200
    began = time.monotonic()

    forwarding.keep("poison", *keys(200))
    until(lambda: succeeded(forwarding) == 201, within_s=60, what="all others")
    took_s = time.monotonic() - began
    until(lambda: [key for _, key in target.requests].count("poison") > 1, within_s=20, what="its second attempt")
    target.answer = lambda key, number: 500 if key == "poison" else 200
    forwarding.keep("another")
    until(lambda: succeeded(forwarding) == 202, within_s=3, what="what came after its second failure")

    came = sorted(target.first().values())[:-1]
    assert max(later - at for at, later in pairwise(came)) < 3
    assert took_s < DONE_S
    assert "in a row" not in forwarding.log()


DOWN_S = 12


@pytest.mark.parametrize(("database_url", "status"), [("sqlite", 503), ("postgres", 500)], indirect=["database_url"])
def test_a_target_that_is_down_is_tried_a_few_times_and_gets_everything_when_it_returns(forwarding, target, status):
    target.answer = lambda key, number: status
    down, began = len(target.requests), time.monotonic()
    forwarding.keep(*keys(40))
    until(lambda: time.monotonic() - began > DOWN_S, within_s=DOWN_S + 5, what="the end of the outage")

    probes = len(target.requests) - down
    target.answer = lambda key, number: 200
    until(lambda: succeeded(forwarding) == 41, within_s=10, what="everything")

    assert probes <= 20 + 4 + DOWN_S / 4  # what was under way as it went, and then one in some seconds
    assert re.search("failed [0-9]+ times in a row.*answers again: its runs go on", forwarding.log(), re.DOTALL)
