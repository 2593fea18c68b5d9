"""Verbs for the tests of the forwarders: what an answer makes of a run, and caller's text that means harm."""

from __future__ import annotations

import threading
from contextlib import contextmanager

from werkzeug.serving import make_server

from receiver.worker.attempt import verdict
from tests.support.processes import free_port, listens, started, until

JITTER = 0.2
HOSTILE = "=1+1 <!everyone> *bold* \u202e \x00 \udc80 \U0001f600 " + "x" * 50_000


def end_of(function, event, run):
    """The verdict on a run whose attempts before this one have all failed."""
    try:
        outcome = function(event, run)
    except Exception as error:
        outcome = error
    return verdict(outcome, run.failures, run.failed_with)


def assert_end(ended, end, after_s=None, hold_s=0):
    """`end` is what becomes of the run; `after_s` when it is tried again, give or take what the schedule does."""
    word = "pause" if ended.pause else ended.state
    assert word == end, ended.detail
    if after_s is not None:
        assert after_s * (1 - JITTER) <= ended.delay_us / 1e6 <= after_s * (1 + JITTER)
    assert ended.cooldown_us / 1e6 == hold_s


@contextmanager
def serving(app, ssl_context=None):
    """A WSGI app behind a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=ssl_context)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@contextmanager
def second_receiver(directory, secret):
    """Another web process of ours, with this secret: the variables that lead the forwarder to it."""
    port = free_port()
    env = {"DATA_DIR": str(directory), "INBOUNDFLOW_SIGNING_SECRET": secret, "PORT": str(port), "DATABASE_URL": ""}
    with started("-m", "receiver", "web", env=env):
        until(lambda: listens(port), within_s=60, what="the second receiver")
        yield {
            "FORWARD_URL": f"http://127.0.0.1:{port}/webhooks/inboundflow",
            "FORWARD_SIGNING_SECRET": secret,
            "FORWARD_ALLOW_HOSTS": f"127.0.0.1:{port}",
        }
