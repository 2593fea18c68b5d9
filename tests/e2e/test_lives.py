"""The mock sender's count of consecutive failures, and the receiver's, for the same requests."""

from __future__ import annotations

import random
from contextlib import ExitStack, contextmanager
from datetime import date

import pytest

from mock_sender.inboundflow import InboundFlow
from mock_sender.traffic import BUSINESSES, day
from receiver.operations import lives_lost
from tests.support.processes import free_port, listens, started, until
from tests.support.web import SECRET, SERVE

WRONG = "another secret"
BUSINESS = next(iter(BUSINESSES.values()))
PATH = "/webhooks/inboundflow"


class Script:
    """A connection at InboundFlow, and web processes of ours, one of which may have the wrong secret."""

    def __init__(self, env, db):
        self.env = env
        self.db = db
        self.flow = InboundFlow()
        self.calls = iter(planned.payload for planned in day(random.Random(1), BUSINESS, date(2026, 11, 30), 30))
        self.connection = self.flow.connect("http://127.0.0.1:1/x", secret=SECRET).id

    @contextmanager
    def processes(self, *secrets):
        """Their ports. What they noted is written when they have ended."""
        ports = [free_port() for _ in secrets]
        with ExitStack() as stack:
            running = [
                stack.enter_context(
                    started("-c", SERVE, env=self.env | {"PORT": str(port), "INBOUNDFLOW_SIGNING_SECRET": secret})
                )
                for port, secret in zip(ports, secrets, strict=True)
            ]
            for port in ports:
                until(lambda port=port: listens(port), what="the server")
            yield ports
            for process in running:
                process.terminate()
            assert [process.wait(20) for process in running] == [0] * len(running)

    def call(self, port, *, path=PATH):
        """InboundFlow reports the next event of the day there: the status, or None where no answer came."""
        return self.send(port, path, lambda: self.flow.deliver(self.connection, next(self.calls)))

    def test(self, port):
        """Somebody presses "Probar Webhook"."""
        return self.send(port, PATH, lambda: self.flow.test(self.connection))

    def send(self, port, path, how):
        self.flow.edit(self.connection, url=f"http://127.0.0.1:{port}{path}")
        return self.flow.attempts(how().id)[-1]["status"]

    @property
    def counts(self):
        """InboundFlow's, and ours."""
        theirs = self.flow.connection(self.connection).failures
        return theirs, max((lives.lost for lives in lives_lost(self.db)), default=0)


@pytest.fixture
def script(env, db):
    return Script(env, db)


def test_both_sides_agree_wherever_an_answer_was_written(script):
    """Two web processes, a restart, ten in a row, a new connection, and requests that reach nobody."""
    counts = []
    with script.processes(SECRET, WRONG) as (right, wrong):
        answered = [script.call(right) for _ in range(2)]
        answered += [script.call(port) for port in (wrong, wrong, right, wrong, wrong)]  # a success between
        answered += [script.call(right, path="/webhook"), script.test(right), script.test(wrong)]
    counts.append(script.counts)
    with script.processes(WRONG, WRONG) as ports:
        answered += [script.call(port) for port in (*ports, *ports, *ports, ports[0])]
    counts.append(script.counts)
    disabled = script.flow.connection(script.connection).state
    script.flow.reconnect(script.connection)
    with script.processes(SECRET) as [right]:
        answered += [script.call(right)]
    counts.append(script.counts)
    unseen = [script.call(right) for _ in range(3)]  # nobody listens
    counts.append(script.counts)

    assert answered == [200, 200, 401, 401, 200, 401, 401, 404, 200, 401, *[401] * 7, 200]
    assert (disabled, unseen) == ("disabled", [None, None, None])
    assert counts == [(3, 3), (10, 10), (0, 0), (3, 0)]
