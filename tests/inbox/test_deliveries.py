import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver import settings
from receiver.errors import NotStored, TimestampTooOld
from receiver.inbox import Inbox
from receiver.inbox.deliveries import CONFLICTS_KEPT, from_row
from receiver.store import connect
from tests.support.deliveries import a_delivery
from tests.support.processes import CHECKOUT
from tests.support.runs import Runs


def rows(db, sql):
    return [tuple(dict(row).values()) for row in db.read(sql)]


def test_what_is_kept_is_read_back_as_it_was(db):
    delivery = a_delivery(body=b"\xff\x00", received_body=b"{ }", headers={"User-Agent": "x"}, problems=("not-json",))

    Inbox(db).keep(delivery)

    assert from_row(db.read("SELECT * FROM deliveries")[0]) == delivery


def test_the_second_of_the_same_id_is_a_duplicate(db):
    inbox = Inbox(db)

    assert [inbox.keep(a_delivery()), inbox.keep(a_delivery())] == ["stored", "duplicate"]


def test_the_same_id_of_another_source_is_another_delivery(db):
    inbox = Inbox(db)

    assert [inbox.keep(a_delivery()), inbox.keep(a_delivery(source="other"))] == ["stored", "stored"]


def test_other_bytes_under_a_known_id_are_noted_and_only_a_few_of_them(db):
    inbox = Inbox(db)
    inbox.keep(a_delivery())

    statuses = {inbox.keep(a_delivery(body=b"%d" % n)) for n in range(CONFLICTS_KEPT + 3)}

    assert statuses == {"duplicate"}
    assert rows(db, "SELECT body FROM deliveries") == [(b"{}",)]
    assert rows(db, "SELECT count(*) FROM conflicts") == [(CONFLICTS_KEPT,)]


def test_what_was_emptied_on_request_is_not_kept_again_when_it_is_repeated(db):
    inbox = Inbox(db)
    inbox.keep(a_delivery(body=b"Ada"))
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET body = ?", (b"",)))

    assert inbox.keep(a_delivery(body=b"Ada")) == "duplicate"
    assert rows(db, "SELECT count(*) FROM conflicts") == [(0,)]


def keep_all(env, keys, answers):
    inbox = Inbox(connect(settings.read(env)))
    with ThreadPoolExecutor(8) as pool:
        answers.put(list(pool.map(lambda key: inbox.keep(a_delivery(key=key)), keys)))


def test_of_many_copies_at_once_in_two_processes_one_is_stored(db, env):
    keys = [f"d-{n % 50}" for n in range(400)]
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    processes = [spawn.Process(target=keep_all, args=(env, order, answers)) for order in (keys, keys[::-1])]

    for process in processes:
        process.start()
    statuses = answers.get(timeout=60) + answers.get(timeout=60)
    for process in processes:
        process.join()

    assert (statuses.count("stored"), statuses.count("duplicate")) == (50, 750)
    assert rows(db, "SELECT count(*) FROM deliveries") == [(50,)]


KEEPER = """
import os
from receiver import inbox, settings, store
from receiver.errors import NotStored, TimestampTooOld
from receiver.events import Delivery
kept = inbox.Inbox(store.connect(settings.read(os.environ)))
for n in range(1_000_000):
    kept.keep(Delivery(key=f"d-{n}", body=b"{}", received_us=1))
    print(n, flush=True)
"""


def test_whatever_was_acknowledged_is_there_after_kill_9(db, env):
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env={**os.environ, **env}
    )
    for line in keeper.stdout:
        if int(line) >= 300:
            os.kill(keeper.pid, signal.SIGKILL)
            break
    acknowledged = 1 + max(map(int, [line, *keeper.stdout.read().split()]))
    keeper.wait()

    kept = rows(db, "SELECT count(*) FROM deliveries")[0][0]

    assert kept in (acknowledged, acknowledged + 1)  # one may be committed and not yet said so


def test_a_body_of_any_bytes_and_size_makes_a_conflict(db):
    inbox = Inbox(db)
    inbox.keep(a_delivery())

    assert [inbox.keep(a_delivery(body=bytes(range(256)) * 400)) for _ in range(2)] == ["duplicate", "duplicate"]
    assert rows(db, "SELECT length(body) FROM conflicts") == [(102_400,)]


STALE = TimestampTooOld()


def test_a_stale_delivery_is_looked_up_and_never_inserted(db):
    inbox = Inbox(db)

    with pytest.raises(TimestampTooOld):
        inbox.keep(a_delivery(stale=STALE))
    inbox.keep(a_delivery())

    assert inbox.keep(a_delivery(stale=STALE)) == "duplicate"
    with pytest.raises(TimestampTooOld):
        inbox.keep(a_delivery(source="other", stale=STALE))
    assert rows(db, "SELECT count(*) FROM deliveries") == [(1,)]


def test_the_dispatcher_is_told_of_what_was_kept(db):
    nudges = db.nudges()
    nudges.wait(0.01)

    Inbox(db).keep(a_delivery())

    assert nudges.wait(2)
    nudges.close()


def test_a_probe_leaves_nothing(db):
    Inbox(db).probe()

    assert rows(db, "SELECT count(*) FROM deliveries") == [(0,)]
    assert [event["event"] for event in Runs(db).undispatched(10)] == []


def test_a_probe_writes_and_fails_where_a_delivery_could_not_be_kept(db):
    inbox = Inbox(db)
    refuse_deliveries(db)

    with pytest.raises(NotStored):
        inbox.probe()


def refuse_deliveries(db):
    """As with a table that is locked, full, or not this role's."""
    if db.shared:
        db.commit(lambda tx: tx.execute("ALTER TABLE deliveries ADD CONSTRAINT closed CHECK (id < 0)"))
    else:
        sql = "CREATE TRIGGER closed BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'closed'); END"
        db.commit(lambda tx: tx.execute(sql))
