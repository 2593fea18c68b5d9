"""Each answer of the webhook's route is told of, once, with how long it took."""

import time
from types import SimpleNamespace

import pytest
from flask import Flask

from receiver.errors import NotStored
from receiver.inbox import Inbox
from receiver.sources import Source
from receiver.verify import Budget, Verifier
from receiver.web import observe_answers, webhook_routes
from tests.support.web import SECRET
from tests.web.test_webhooks import PATH, a_body, signed


class Away:
    def keep(self, delivery, *, timeout_s):
        raise NotStored


@pytest.fixture
def told(db):
    return []


def client(inbox, told):
    source = Source(name="", secrets=(SECRET.encode(),))
    app = Flask("observed")
    bp = webhook_routes(
        {"": source},
        inbox,
        SimpleNamespace(count=lambda *_, **__: None),
        verifier_of=lambda source: Verifier(source, strict_bytes=False, max_body_bytes=10_000, budget=Budget()),
        max_body_bytes=10_000,
    )
    app.register_blueprint(observe_answers(bp, SimpleNamespace(answered=told.append)))
    return app.test_client()


BODY = a_body()
ANSWERS = [
    # the body             signed when it is sent         answered                                        of the event
    (BODY,                 lambda: signed(BODY),          ("stored", "", True),                           "call.completed"),
    (BODY,                 lambda: signed(b"another"),    ("rejected", "signature-mismatch", False),      None),
    (bytes(10_001),        dict,                          ("rejected", "body-too-large", False),          None),
]  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "headers", "answered", "event"), ANSWERS, ids=[row[2][1] or "kept" for row in ANSWERS]
)
def test_an_answer_is_told_of(db, told, body, headers, answered, event):
    client(Inbox(db), told).post(PATH, data=body, headers=headers())

    assert [(*one[:2], one.is_kept) for one in told] == [answered]
    assert (told[0].delivery and told[0].delivery.event) == event


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_duplicate_is_told_apart(db, told):
    web = client(Inbox(db), told)

    for _ in range(2):
        web.post(PATH, data=BODY, headers=signed(BODY))

    assert [one.answer for one in told] == ["stored", "duplicate"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_could_not_be_stored_is_told_of_as_it_was_answered(db, told):
    client(Away(), told).post(PATH, data=BODY, headers=signed(BODY))

    assert [one[:2] for one in told] == [("unavailable", "not-stored")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_time_counts_from_the_requests_first_byte(db, told):
    sock = SimpleNamespace(began=time.monotonic() - 3)

    client(Inbox(db), told).post(PATH, data=bytes(10_001), environ_overrides={"gunicorn.socket": sock})

    assert 3 <= told[0].seconds < 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_goes_wrong_in_counting_is_logged_and_the_delivery_is_acknowledged(db, told, caplog):
    web = client(Inbox(db), SimpleNamespace(append=lambda answered: 1 / 0))

    answer = web.post(PATH, data=BODY, headers=signed(BODY))

    assert (answer.status_code, answer.json) == (200, {"status": "stored"})
    errors = [record for record in caplog.records if record.levelname == "ERROR"]  # other tests' threads warn meanwhile
    assert [record.getMessage() for record in errors] == ["an answer was not counted"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_delivery_is_not_told_of(db, told):
    web = client(Inbox(db), told)

    assert [web.open(PATH, method=method).status_code for method in ("OPTIONS", "GET")] == [200, 405]
    assert told == []
