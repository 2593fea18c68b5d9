import gzip
import json

import pytest

from mock_sender.sign import sign
from receiver import settings
from receiver.errors import MissingSetting, NotFound
from receiver.events import Delivery
from receiver.inbox import Inbox, Penned, penned
from receiver.inbox.pen import write_pen
from receiver.operations import Routing, add_source, erase, explained, recheck, rotate_secret, subject
from receiver.verify import Mistake
from tests.support.tools import tuples

SECRET, OLD = "the right secret", "the old secret"
PHONE = "+15550100"


def a_body(key, **data):
    return json.dumps({"event": "call.completed", "delivery_id": key, "data": data}).encode()


@pytest.fixture
def now_s(db):
    return db.now_us() // 1_000_000 - 3600  # they came an hour ago


@pytest.fixture
def pen(db, now_s):
    """Put requests into the pen, each (body, secret, how many seconds before it came it was signed)."""

    def pen(*requests, reason="signature-mismatch"):
        rows = [
            Penned(
                received_us=now_s * 1_000_000 + number,
                reason=reason,
                headers={
                    "X-InboundFlow-Event": "call.completed",
                    "X-InboundFlow-Delivery-Id": "claimed",
                    "X-InboundFlow-Timestamp": str(now_s - age_s),
                    "X-InboundFlow-Signature": sign(secret, now_s - age_s, body),
                }
                | more,
                body=body,
            )
            for number, (body, secret, age_s, more) in enumerate(requests)
        ]
        db.commit(lambda tx: write_pen(tx, "", rows))

    return pen


@pytest.fixture
def check(db, env):
    def check(**changes):
        dry_run = changes.pop("dry_run", False)
        variables = env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET} | changes
        return recheck(db, settings.read(variables), dry_run=dry_run)

    return check


def results(rechecked):
    return [request.result for request in rechecked.requests]


def kept(db):
    return tuples(db.read("SELECT key, received_us, problems FROM deliveries ORDER BY id"))


def test_what_matches_is_taken_in_once_and_nothing_else_is(db, pen, check, now_s):
    pen(
        (a_body("genuine"), SECRET, 0, {}),
        (a_body("forged"), "a stranger's", 0, {}),
        (a_body("genuine"), SECRET, 9, {}),  # sent again by InboundFlow
        (a_body("kept already"), SECRET, 0, {}),
        (a_body("replayed"), SECRET, 301, {}),  # it was too old when it came
    )
    Inbox(db).keep(Delivery(key="kept already", body=a_body("kept already"), received_us=1))

    dry = check(dry_run=True)
    untouched = (len(kept(db)), len(penned(db)))
    done = check()

    assert results(dry) == ["stored", "left", "stored", "duplicate", "left"]
    assert untouched == (1, 5)
    assert results(done) == ["stored", "left", "duplicate", "duplicate", "left"]
    assert kept(db)[1:] == [("genuine", now_s * 1_000_000, '["delivery-id-header-differs", "rechecked"]')]
    assert [request.result for request in check().requests] == ["left", "left"]


def test_a_timestamp_is_judged_at_the_time_when_the_request_came(db, pen, check):
    pen((a_body("late"), SECRET, 400, {}), reason="timestamp-too-old")

    assert results(check(INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS="399")) == ["left"]
    assert results(check(INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS="400")) == ["stored"]


def test_without_a_secret_nothing_is_taken_in(db, pen, check):
    pen((a_body("anybody's"), "a stranger's", 0, {}))

    with pytest.raises(MissingSetting, match="without it no refused request can be verified"):
        check(INBOUNDFLOW_SIGNING_SECRET="", INBOUNDFLOW_ALLOW_UNSIGNED="1")

    assert kept(db) == []


def test_the_secret_that_up_made_is_used_where_none_is_set(db, pen, check, tmp_path):
    (tmp_path / "signing_secret").write_text(f"{SECRET}\n")
    pen((a_body("genuine"), SECRET, 0, {}), (a_body("forged"), "a stranger's", 0, {}))

    assert results(check(INBOUNDFLOW_SIGNING_SECRET="")) == ["stored", "left"]


def test_it_is_written_down_and_says_so_in_json(db, pen, check):
    pen((a_body("genuine"), SECRET, 0, {}), (a_body("quoted"), f'"{SECRET}"', 0, {}))

    document = check().to_json()

    assert {name: document[name] for name in ("dry_run", "stored", "duplicate", "left")} == {
        "dry_run": False, "stored": 1, "duplicate": 0, "left": 1,
    }  # fmt: skip
    assert [request["mistakes"] for request in document["requests"]] == [[], [{"slug": "secret-quotes", "seconds": 0}]]
    assert "received_at" in document["requests"][0]
    assert [row["action"] for row in db.read("SELECT action FROM audit")] == ["recheck"]


def test_mistakes_are_counted_and_the_secret_that_this_machine_made_is_known(db, env, pen, tmp_path):
    (tmp_path / "signing_secret").write_text(OLD + "\n")
    pen(
        (a_body("1"), OLD, 0, {}),
        (a_body("2"), OLD, 0, {}),
        (a_body("3"), f"{SECRET}\n", 0, {}),
        (a_body("4"), "a stranger's", 0, {}),
    )

    counts = explained(db, settings.read(env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}), limit=20)

    assert counts == {(Mistake("old-secret"),): 2, (Mistake("secret-whitespace"),): 1, (): 1}


HOLDING = [
    a_body("1", caller_phone=PHONE),
    json.dumps({"x": [{"y": "call Mar\u00eda"}]}).encode(),  # in escapes
    f'{{"broken": "{PHONE}"'.encode(),
]


def test_what_names_a_person_goes_from_the_pen_when_they_are_erased(db, env, pen):
    pen(
        *[(body, SECRET, 0, {}) for body in HOLDING],
        (gzip.compress(HOLDING[0]), SECRET, 0, {"Content-Encoding": "gzip"}),
        (a_body("2", caller_phone="+15550199"), SECRET, 0, {}),
    )
    config = settings.read(env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET})

    looked = erase(db, config, (), subject(phones=[PHONE]), dry_run=True)
    before = len(penned(db))
    erased = erase(db, config, (), subject(phones=[PHONE]))

    assert (looked.texts, before, erased.texts) == (3, 5, 3)
    assert sorted(b"5550199" in request.body for request in penned(db)) == [False, True]  # and the one of escapes


def test_each_business_is_rechecked_with_its_own_secret_and_no_others(db, env, now_s):
    own = settings.read(env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET, "SECRET_KEY": "a key for sealing, long enough"})
    routing = Routing(own, {}, {})
    secrets = {"": SECRET} | {name: add_source(db, routing, name) for name in ("acme", "bolt")}
    for number, source in enumerate(secrets):
        signed = [Penned(
            received_us=now_s * 1_000_000 + 10 * number + n,
            reason="signature-mismatch",
            headers={"X-InboundFlow-Timestamp": str(now_s), "X-InboundFlow-Signature": sign(secret, now_s, body)},
            body=body,
        ) for n, (name, secret) in enumerate(secrets.items()) for body in [a_body(f"{source}-by-{name}")]]  # fmt: skip
        db.commit(lambda tx, source=source, signed=signed: write_pen(tx, source, signed))

    of_one = recheck(db, own, source="acme")
    after_one = [row["source"] for row in db.read("SELECT source FROM deliveries")]
    recheck(db, own)

    assert results(of_one) == ["left", "stored", "left"]
    assert after_one == ["acme"]
    rows = db.read("SELECT source, key FROM deliveries ORDER BY key")
    assert [(row["source"], row["key"]) for row in rows] == [
        ("", "-by-"),
        ("acme", "acme-by-acme"),
        ("bolt", "bolt-by-bolt"),
    ]
    noted = [
        (row["source"], json.loads(row["detail"])["left"])
        for row in db.read("SELECT source, detail FROM audit WHERE action = 'recheck' ORDER BY id")
    ]
    assert noted == [("acme", 2), ("", 2), ("acme", 2), ("bolt", 2)]
    with pytest.raises(NotFound, match="no source nobody"):
        recheck(db, own, source="nobody")


def test_a_secret_of_before_explains_what_was_refused_of_a_business(db, env, now_s):
    own = settings.read(env | {"SECRET_KEY": "a key for sealing, long enough"})
    before = add_source(db, Routing(own, {}, {}), "acme")
    rotate_secret(db, own, "acme", overlap_s=0)
    headers = {"X-InboundFlow-Timestamp": str(now_s), "X-InboundFlow-Signature": sign(before, now_s, b"{}")}
    request = Penned(received_us=now_s * 1_000_000, reason="signature-mismatch", headers=headers, body=b"{}")
    db.commit(lambda tx: write_pen(tx, "acme", [request]))

    assert explained(db, own, source="acme", limit=20) == {(Mistake("old-secret"),): 1}
    assert explained(db, own, limit=20) == {}
