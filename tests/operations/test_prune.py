"""What is old goes, on both databases, while deliveries are received; what still has work to be done stays."""

import json
import threading
from dataclasses import replace

import pytest

from receiver import operations
from receiver.inbox import Inbox
from receiver.operations.aging import DAY_US, Aging
from receiver.operations.prune import keep_retention, prune
from receiver.settings import read
from receiver.store import connect
from tests.support.cli import receiver
from tests.support.deliveries import a_delivery
from tests.support.runs import Runs
from tests.support.tools import in_zone

MANY = 20_000
OLD_RUNS = ("succeeded", "dead", "skipped", "pending", "retrying", "queued", "running")


@pytest.fixture
def inbox(db):
    return Inbox(db)


def keep_old(db, states, *, days=100):
    """A delivery of so long ago for each state, with a run in it."""
    received_us = db.now_us() - days * DAY_US
    for state in states:
        Inbox(db).keep(
            replace(a_delivery(f"d-{state}", body=b"Ada", caller_phone="+34612345678"), received_us=received_us)
        )
    ids = [row["id"] for row in db.read("SELECT id FROM deliveries ORDER BY id")]
    Runs(db).open([], ids, 1)
    sql = "INSERT INTO runs (delivery_id, handler, state, next_attempt_us, outcome) VALUES (?, 'x.y', ?, 1, 'row 7')"
    db.commit(lambda tx: tx.executemany(sql, list(zip(ids, states, strict=True))))
    db.commit(lambda tx: tx.execute("INSERT INTO attempts (run_id, number, started_us) SELECT id, 1, 1 FROM runs"))


def count(db, table, condition="1 = 1"):
    return db.read(f"SELECT count(*) AS n FROM {table} WHERE {condition}")[0]["n"]


def whole(db):
    return {row["key"] for row in db.read("SELECT key FROM deliveries WHERE length(body) > 0")}


def test_what_is_done_with_goes_and_what_has_work_to_be_done_stays(db):
    keep_old(db, OLD_RUNS)
    Inbox(db).keep(replace(a_delivery("not-seen", body=b"Ada"), received_us=1))

    looked = prune(db, 90, dry_run=True)
    pruned = prune(db, 90)

    assert (pruned.deliveries, pruned.open) == (looked.deliveries, looked.open) == (3, 5)
    assert whole(db) == {"d-pending", "d-retrying", "d-queued", "d-running", "not-seen"}
    assert (count(db, "runs"), count(db, "attempts")) == (4, 4)


def test_what_an_erasure_has_closed_and_not_emptied_goes(db):
    keep_old(db, ["skipped"])
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET erased_us = 1"))

    assert [prune(db, 90).deliveries for _ in range(2)] == [1, 0]
    assert whole(db) == set()


def test_what_is_younger_stays(db):
    keep_old(db, ["succeeded"], days=89)

    assert prune(db, 90).deliveries == 0
    assert whole(db) == {"d-succeeded"}


def test_a_repeat_of_what_was_pruned_brings_nothing_back(db, inbox):
    keep_old(db, ["succeeded"])
    prune(db, 90)

    assert [inbox.keep(a_delivery("d-succeeded", body=text)) for text in (b"Ada", b"other")] == ["duplicate"] * 2
    assert (whole(db), count(db, "conflicts"), Runs(db).undispatched(9)) == (set(), 0, [])


def test_conflicts_and_rejections_as_old_go_too_and_notes_after_400_days(db, inbox):
    inbox.keep(a_delivery("d-1"))
    now = db.now_us()
    for at_us in (now, now - 100 * DAY_US):
        for sql, values in [
            ("INSERT INTO conflicts (delivery_id, received_us, body) VALUES (1, ?, ?)", (at_us, b"x")),
            ("INSERT INTO rejection_counts (minute, reason, count) VALUES (?, 'x', 1)", (at_us // 60_000_000,)),
            ("INSERT INTO rejection_samples (received_us, reason, headers) VALUES (?, 'x', '{}')", (at_us,)),
            ("INSERT INTO audit (at_us, action, detail) VALUES (?, 'pause', '{}')", (at_us - 310 * DAY_US,)),
        ]:
            db.commit(lambda tx, sql=sql, values=values: tx.execute(sql, values))

    assert prune(db, 90, dry_run=True).beside == 4
    assert prune(db, 90, by_hand=False, at_once=1).beside == 4
    tables = ("conflicts", "rejection_counts", "rejection_samples", "audit")
    assert [count(db, table) for table in tables] == [1, 1, 1, 1]


@pytest.mark.parametrize(("audit_days", "kept"), [(400, 1), (30, 0), (0, 0)])
def test_what_people_did_is_kept_longer(db, audit_days, kept):
    at_us = db.now_us() - 100 * DAY_US
    db.commit(lambda tx: tx.execute("INSERT INTO audit (at_us, action, detail) VALUES (?, 'pause', '{}')", (at_us,)))
    prune(db, 90, by_hand=False, audit_days=audit_days)

    assert count(db, "audit") == kept


def keep_many(db, number, received_us):
    row = "(?, 'call.completed', ?, ?, ?, '{}', '[]')"
    values = [(f"old-{n}", received_us + n, received_us, bytes(200)) for n in range(number)]
    columns = "(key, event, received_us, dispatched_us, body, headers, problems)"
    db.commit(lambda tx: tx.executemany(f"INSERT INTO deliveries {columns} VALUES {row}", values), timeout_s=60)
    runs = "INSERT INTO runs (delivery_id, handler, state, next_attempt_us) SELECT id, 'x.y', 'succeeded', 1 FROM deliveries"
    db.commit(lambda tx: tx.execute(runs), timeout_s=60)


def test_deliveries_are_acknowledged_while_many_are_pruned(db, env):
    """Between any two steps, and by another process's connection all the while."""
    keep_many(db, MANY, db.now_us() - 100 * DAY_US)
    web, ended = Inbox(connect(read(env))), threading.Event()
    beside = threading.Thread(target=keep_until, args=(web, ended, statuses := []))
    rests = []

    beside.start()
    pruned = prune(db, 90, rest=lambda: rests.append(web.keep(a_delivery(f"rest-{len(rests)}"))))
    ended.set()
    beside.join()

    assert pruned.deliveries == MANY
    assert (set(rests), set(statuses)) == ({"stored"}, {"stored"})
    assert len(rests) >= MANY / 300
    assert count(db, "deliveries", "length(body) > 0") == len(rests) + len(statuses)
    assert web.keep(a_delivery(f"old-{MANY - 1}")) == "duplicate"


def keep_until(inbox, ended, statuses):
    while not ended.is_set():
        statuses.append(inbox.keep(a_delivery(f"beside-{len(statuses)}")))


def test_the_chore_prunes_and_writes_no_note(db, inbox):
    keep_old(db, ["succeeded"])
    inbox.keep(a_delivery("d-new", received_us=db.now_us()))

    assert keep_retention(db, Aging(db), operations.SourceSettings(db, read({"RETENTION_DAYS": "90"}))) == ""
    assert (whole(db), count(db, "audit")) == ({"d-new"}, 0)


def test_the_chore_removes_nothing_by_a_clock_that_no_delivery_bears_out(db):
    keep_old(db, ["succeeded"])

    assert keep_retention(db, Aging(db), operations.SourceSettings(db, read({"RETENTION_DAYS": "90"}))) == ""
    assert whole(db) == {"d-succeeded"}


def test_the_command_says_what_it_does_and_notes_it(db, env):
    keep_old(db, ["succeeded", "pending"])
    looked = receiver("prune", "--older-than", "90", "--dry-run", **env)
    done = receiver("prune", "--yes", "--json", RETENTION_DAYS="90", **env)
    unsaid = receiver("prune", "--yes", **env)

    assert "1 delivery older than 90 days would be emptied." in looked.stdout
    assert "1 as old left alone" in looked.stdout
    assert json.loads(done.stdout)["deliveries"] == 1
    assert (unsaid.returncode, "RETENTION_DAYS" in unsaid.stderr) == (2, True)
    assert [row["action"] for row in db.read("SELECT action FROM audit")] == ["prune"]


def test_calls_their_words_and_marks_go_with_what_they_are_made_of(db):
    from tests.support.practice import Practice

    practice = Practice(db)
    for call_id, days in (("old", 100), ("new", 1)):
        practice.call(call_id=call_id, ago_s=days * 86_400, name="Ada Moreno")
    operations.fold(db, in_zone(db))
    for call_id in ("old", "new"):
        operations.mark(db, call_id, "reached", "", operations.NOBODY, seen=0)
    db.commit(lambda tx: tx.execute("UPDATE callbacks SET at_us = 1 WHERE call_id = 'old'"))

    prune(db, 90)

    assert [row["call_id"] for row in db.read("SELECT call_id FROM calls")] == ["new"]
    assert [row["call_id"] for row in db.read("SELECT call_id FROM callbacks")] == ["new"]
    assert count(db, "call_words", "call NOT IN (SELECT id FROM calls)") == 0
