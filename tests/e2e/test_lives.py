"""The mock sender's count of consecutive failures, and the receiver's, for the same requests."""

from __future__ import annotations

import itertools
import json
import random
from contextlib import ExitStack, contextmanager
from datetime import date

import pytest

from mock_sender import sender
from mock_sender.inboundflow import InboundFlow
from mock_sender.payloads import Payload
from mock_sender.traffic import BUSINESSES, day
from mock_sender.trouble import TROUBLES
from receiver import settings, store
from receiver.operations import lives_lost
from tests.support.processes import free_port, listens, started, until
from tests.support.web import SECRET, SERVE, serving

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


# Each trouble that the mock sender knows of, as part of a script.

UNMARKED = {"no-timestamp", "text-timestamp"}  # InboundFlow always sends one: these are a stranger's, and cost no life
UNSEEN = {"cut"}  # nobody hears the answer; a cut that was seen is counted, one before the headers are read is not
# Signed and taken, and it names no organisation, as InboundFlow's do: such a test of somebody's own clears nothing.
NAMELESS = {"empty", "not-json", "not-utf8", "wrong-types"}
SLOW = {"slow", "byte-by-byte"}  # 2 s each, and taken as what is quick is
KINDS = sorted(name for name, trouble in TROUBLES.items() if not trouble.order and name not in SLOW)
SCRIPTS = (lambda kind: ["", "", kind, "other-secret"], lambda kind: ["", "", "other-secret", kind])


# One process, which writes what it has counted at once: else each of two does so every 5 s.
SOON = (
    "import receiver.inbox.rejections as r; r.FLUSH_EVERY_S = 0.02; "
    f"import receiver.app.server as s; s.OPTIONS['workers'] = 1; {SERVE}"
)


class Side:
    """A web process of ours, and InboundFlow."""

    def __init__(self, db, port):
        self.db, self.url = db, f"http://127.0.0.1:{port}{PATH}"
        self.flow = InboundFlow()
        self.calls = iter(planned.payload for planned in day(random.Random(1), BUSINESS, date(2026, 11, 30), 900))
        self.numbers = itertools.count()

    def play(self, kinds):
        """What was answered, and InboundFlow's count."""
        connection = self.flow.connect(self.url, secret=SECRET, name=str(random.random())).id
        answers = []
        for kind in kinds:
            id = self.flow.plan(connection, next(self.calls))
            self.flow.attempt(id, [kind] if kind else [], random.Random(5))
            answers += [self.flow.attempts(id)[-1]["status"]]
        return answers, self.flow.connection(connection).failures

    def counted(self):
        """Our count, once all is written: what is refused last, for somebody else's organisation, is."""
        name = f"another {next(self.numbers)}"
        body = json.dumps({"event": "call.completed", "delivery_id": name, "organization_id": name, "data": {}})
        sender.deliver(self.url, Payload("call.completed", name, body.encode()), secret=WRONG)
        sql = "SELECT 1 FROM lost_lives WHERE organization_id = ?"
        until(lambda: self.db.read(sql, (name,)), what="the last refusal")
        return self.lost()

    def lost(self):
        return max((lives.lost for lives in lives_lost(self.db)), default=0)

    def forget(self):
        self.db.commit(lambda tx: [tx.execute(f"DELETE FROM {table}") for table in ("lost_lives", "organizations")])


def consecutive(answers):
    """How many failures were answered since the last success."""
    lost = 0
    for status in answers:
        lost = 0 if status and 200 <= status < 300 else lost + (status is not None)
    return lost


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    env = {"DATA_DIR": str(tmp_path_factory.mktemp("side")), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
    db = store.connect(settings.read(env))
    store.migrate(db)
    with serving(SOON, env) as port:
        yield Side(db, port)
    db.close()


@pytest.mark.parametrize("kind", KINDS)
def test_both_agree_in_every_scripted_run(side, kind):
    for script in SCRIPTS:
        side.forget()
        answers, theirs = side.play(script(kind))
        left_out = kind in UNMARKED or kind in NAMELESS
        seen = [status for name, status in zip(script(kind), answers, strict=True) if not left_out or name != kind]

        ours = side.counted()
        assert ours == consecutive(seen) or (kind in UNSEEN and consecutive(seen) <= ours <= theirs)
        assert theirs == consecutive(answers) or kind in UNSEEN
