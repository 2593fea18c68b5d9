"""Moving an inbox from a file to Postgres, while it is worked on."""

import os
import signal
import subprocess
import sys

import pytest

from receiver import store
from receiver.errors import ConfigurationError, NotStored, StoreError
from receiver.inbox import Inbox, Verdict
from receiver.moving.copy import Copy
from receiver.moving.cut_over import close_source
from receiver.operations import pause_lanes
from receiver.registry import Lane
from tests.inbox.test_deliveries import a_delivery
from tests.support.processes import CHECKOUT, until
from tests.support.runs import Runs
from tests.support.tools import claim, finish

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = sqlite_only


def fill(db, number, first=0):
    """Deliveries of any bytes, with runs in every state, attempts and conflicts."""
    runs = Runs(db)
    for n in range(first, first + number):
        Inbox(db).keep(a_delivery(key=f"d-{n}", body=bytes(range(256)) * (1 + n % 3), received_body=b"\x00\xff"))
    Inbox(db).keep(a_delivery(key=f"d-{first}", body=b"another"))
    waiting = runs.undispatched(number)
    runs.open([(one, "toy", "") for one in waiting], [one["id"] for one in waiting], 1)
    for row in db.read("SELECT id FROM runs WHERE state = 'pending' AND id % 3 <> 0"):
        claimed = claim(runs, row["id"], "me", 2)
        if row["id"] % 3 == 1:
            finish(runs, claimed, "me", Verdict(state="succeeded", result="succeeded", detail="ünïcode"), 3)
    runs.mark_queued([row["id"] for row in db.read("SELECT id FROM runs WHERE state = 'pending'")], 4)


def copied(db, target):
    copying = Copy(db, target)
    copying.prepare()
    moved = sum(one.different for one in copying.run())
    return moved, copying.verify()


def test_everything_arrives_as_it_was(db, target):
    fill(db, 1200)

    _, found = copied(db, target)

    assert [one.different for one in found] == [0] * 8
    assert {one.table: one.there for one in found}["deliveries"] == 1200
    for sql in ("SELECT id, key, body, received_body, headers FROM deliveries ORDER BY id",
                "SELECT run_id, number, result, detail FROM attempts ORDER BY 1, 2"):  # fmt: skip
        assert [dict(row) for row in target.read(sql)] == [dict(row) for row in db.read(sql)]
    states = "SELECT state, count(*) AS n FROM runs GROUP BY state ORDER BY state"
    assert [tuple(dict(row).values()) for row in target.read(states)] == [
        ("pending", 400), ("running", 400), ("succeeded", 400),
    ]  # fmt: skip
    assert Inbox(target).keep(a_delivery(key="the next")) == "stored"  # ids go on behind the copied ones


def test_what_two_sources_have_under_one_name_arrives_as_two(db, target):
    for source in ("bakery", "garage"):
        Inbox(db).keep(a_delivery(source=source, key="d-1"))
        pause_lanes(db, [Lane(source, "toy", "")], f"paused by {source}")
    sql = "INSERT INTO rejection_counts (source, minute, reason, count) VALUES (?, 7, 'body-too-slow', ?)"
    db.commit(lambda tx: tx.executemany(sql, [("bakery", 1), ("garage", 2)]))
    sample = "INSERT INTO rejection_samples (source, received_us, reason, headers) VALUES ('garage', 1, 'x', '{}')"
    db.commit(lambda tx: tx.execute(sample))
    opened = (
        "INSERT INTO runs (source, delivery_id, handler, next_attempt_us) SELECT source, id, 'toy', 1 FROM deliveries"
    )
    db.commit(lambda tx: tx.execute(opened))

    _, found = copied(db, target)

    assert [one.different for one in found] == [0] * 8
    for table in ("deliveries", "runs", "pauses", "rejection_counts", "audit"):
        assert target.read(f"SELECT DISTINCT source FROM {table} ORDER BY 1") == [
            {"source": "bakery"}, {"source": "garage"},
        ]  # fmt: skip
    assert target.read("SELECT source FROM rejection_samples") == [{"source": "garage"}]


def test_texts_that_postgres_cannot_hold_stop_no_copy(db, target):
    fill(db, 3)
    for table, column in (("runs", "outcome"), ("runs", "last_error"), ("attempts", "detail"), ("audit", "detail")):
        db.commit(lambda tx, table=table, column=column: tx.execute(f"UPDATE {table} SET {column} = ?", ("id \0",)))

    _, found = copied(db, target)
    again, _ = copied(db, target)

    assert ([one.different for one in found], again) == ([0] * 8, 0)
    assert target.read("SELECT DISTINCT outcome, last_error FROM runs") == [
        {"outcome": "id \ufffd", "last_error": "id \ufffd"}
    ]


def test_what_came_and_what_changed_since_is_brought_over_the_next_time(db, target):
    fill(db, 30)
    copied(db, target)
    again, _ = copied(db, target)
    fill(db, 5, first=30)
    [run] = db.read("SELECT id, attempts FROM runs WHERE state = 'running' LIMIT 1")
    db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'dead' WHERE id = ?", (run["id"],)))

    _, found = copied(db, target)

    assert again == 0
    assert [one.different for one in found] == [0] * 8
    assert target.read("SELECT state FROM runs WHERE id = ?", (run["id"],))[0]["state"] == "dead"


def test_one_byte_that_differs_is_found(db, target):
    fill(db, 10)
    copied(db, target)
    target.commit(lambda tx: tx.execute("UPDATE deliveries SET body = ? WHERE key = 'd-3'", (b"\x00",)))

    assert [one.different for one in Copy(db, target).verify()] == [1, 0, 0, 0, 0, 0, 0, 0]


def test_another_inbox_is_refused(db, target):
    store.migrate(target)
    Inbox(target).keep(a_delivery(key="somebody's"))

    with pytest.raises(ConfigurationError, match="another inbox"):
        Copy(db, target).prepare()


def test_a_database_that_cannot_hold_every_text_is_refused(db, env, postgres):
    postgres.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    ran = receiver("copy", "--to", postgres.url("plain"), env=env)

    assert "has the encoding SQL_ASCII" in ran.communicate()[1]
    assert ran.returncode == 2


def test_an_inbox_that_is_worked_on_already_is_refused(db, target):
    copied(db, target)
    Runs(target).lead("a new dispatcher", target.now_us())

    with pytest.raises(ConfigurationError, match="already worked"):
        Copy(db, target).prepare()


def receiver(*arguments, env):
    return subprocess.Popen(
        [sys.executable, "-m", "receiver", *arguments], env={**os.environ, **env}, cwd=CHECKOUT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_copy_that_was_killed_goes_on_where_it_was(db, env, url, target):
    fill(db, 3000)
    first = receiver("copy", "--to", url, env=env)
    until(lambda: rows(target) > 0, what="the first rows")
    first.send_signal(signal.SIGKILL)
    first.wait()
    arrived = rows(target)

    second = receiver("copy", "--to", url, env=env)
    said, _ = second.communicate(timeout=60)

    assert 0 < arrived < 3000
    assert (second.returncode, rows(target)) == (0, 3000), said


def rows(target):
    there = target.read("SELECT to_regclass('deliveries') AS there")[0]["there"]
    return target.read("SELECT count(*) AS n FROM deliveries")[0]["n"] if there else 0


def test_a_cutover_is_undone(db, env, url):
    ran = receiver("copy", "--to", url, "--cutover", env=env)
    assert (ran.wait(), "DATABASE_URL" in ran.stdout.read()) == (0, True)
    with pytest.raises(NotStored):
        Inbox(db).keep(a_delivery())
    with pytest.raises(NotStored):
        Inbox(db).probe()

    assert receiver("copy", "--to", url, "--undo-cutover", env=env).wait() == 0

    Inbox(db).probe()
    assert Inbox(db).keep(a_delivery()) == "stored"


@pytest.mark.parametrize("did", ["worked", "received"])
def test_there_is_no_way_back_by_accident_once_a_receiver_has_run_on_the_other(db, env, url, target, did):
    assert receiver("copy", "--to", url, "--cutover", env=env).wait() == 0
    Runs(target).lead("a worker", target.now_us()) if did == "worked" else Inbox(target).keep(a_delivery())

    ran = receiver("copy", "--to", url, "--undo-cutover", env=env)

    said, complained = ran.communicate()
    assert (ran.returncode, said) == (2, "")
    assert "A receiver has worked on that database" in complained
    with pytest.raises(NotStored):
        Inbox(db).probe()

    assert receiver("copy", "--undo-cutover", "--force", env=env).wait() == 0
    Inbox(db).probe()


def test_no_receiver_starts_on_the_closed_file(db, env, url):
    assert receiver("copy", "--to", url, "--cutover", env=env).wait() == 0

    for program in ("web", "up"):
        ran = receiver(
            program, env=env | {"INBOUNDFLOW_SIGNING_SECRET": "a-secret-of-ours", "PORT": "0", "REDIS_URL": ""}
        )
        said, complained = ran.communicate(timeout=30)
        assert ran.returncode == 2
        assert "This inbox has moved to another database: set DATABASE_URL to it. This file is closed." in complained

        assert "receiver runs" not in said
    looking = receiver("deliveries", env=env)
    assert "This is the file as it was closed." in looking.communicate()[1]
    assert looking.returncode == 0


def test_there_is_no_way_back_from_where_nobody_went(db, env, url):
    ran = receiver("copy", "--to", url, "--undo-cutover", env=env)

    assert (ran.communicate()[0], ran.returncode) == ("The file is open: there was no cut-over.\n", 0)


@pytest.mark.parametrize("step", [[], ["--cutover"]])
def test_a_postgres_that_does_not_answer_is_named_as_such(db, env, step):
    ran = receiver("copy", "--to", "postgres://nobody@127.0.0.1:1/none", *step, env=env)

    assert ran.communicate()[1].startswith("receiver: The Postgres of --to does not answer: ")
    assert ran.returncode == 2
    Inbox(db).probe()  # nothing was closed


def test_the_way_back_asks_where_the_other_is_and_believes_no_stranger(db, env, url, postgres):
    assert receiver("copy", "--to", url, "--cutover", env=env).wait() == 0

    for other, said in (([], "--to"), (["--to", postgres.new_database()], "was not moved to that database")):
        ran = receiver("copy", *other, "--undo-cutover", env=env)
        assert (said in ran.communicate()[1], ran.returncode) == (True, 2)
    with pytest.raises(NotStored):
        Inbox(db).probe()


def test_a_dispatcher_that_leads_still_changes_nothing_after_the_cutover(db, target):
    """It looks at its lease once a second only: until then it would go on opening, queueing and taking over."""
    runs, long_ago = Runs(db), db.now_us() - 60_000_000
    for key in ("at work", "abandoned", "retrying", "waiting"):
        Inbox(db).keep(a_delivery(key=key, call_id=key))
    *opened, waiting = runs.undispatched(4)
    runs.open([(one, "toy", "") for one in opened], [one["id"] for one in opened], 1)
    runs.open([(opened[0], "many", "")], [], 1)  # its targets were unknown
    working, _, retrying = [
        claim(runs, one["id"], "me", long_ago) for one in db.read("SELECT id FROM runs WHERE handler = 'toy'")
    ]
    finish(runs, retrying, "me", Verdict(state="retrying", result="retry"), long_ago)
    copying = Copy(db, target)
    copying.prepare()
    close_source(db)
    list(copying.run())

    for late in (
        lambda: runs.open([(waiting, "toy", "")], [waiting["id"]], 2),
        lambda: runs.open([], [waiting["id"]], 2),
        lambda: runs.backlog.assign_targets([Lane("", "many", name) for name in ("one", "two")]),
        lambda: runs.mark_queued([retrying.id], 2),
        lambda: runs.take_over("toy", 1_000_000, db.now_us()),
        lambda: claim(runs, retrying.id, "me", db.now_us()),
    ):
        with pytest.raises(StoreError, match="moved"):
            late()

    assert [one.different for one in copying.verify()] == [0] * 8
    assert finish(runs, working, "me", Verdict(state="succeeded", result="succeeded"), db.now_us())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [([], "--to"), (["--to", "mysql://x"], "postgres://"), (["--to", "postgres://127.0.0.1:1/x"], "")],
)
def test_a_mistake_is_told_in_a_sentence(db, env, arguments, says):
    ran = receiver("copy", *arguments, env=env)
    _, complained = ran.communicate(timeout=30)

    assert (ran.returncode in (1, 2), says in complained, "Traceback" in complained) == (True, True, False), complained
