import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver.errors import NotStored
from receiver.events import Delivery
from receiver.inbox import Inbox, Sqlite
from receiver.inbox.deliveries import CONFLICTS_KEPT, from_row
from tests.processes import CHECKOUT


def a_delivery(key="d-1", body=b"{}", **changes):
    return Delivery(key=key, body=body, received_us=1_000_000, event="call.completed", **changes)


def rows(db, sql):
    return [tuple(row) for row in db.read(sql)]


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


def keep_all(path, keys, answers):
    inbox = Inbox(Sqlite(path))
    with ThreadPoolExecutor(8) as pool:
        answers.put(list(pool.map(lambda key: inbox.keep(a_delivery(key=key)), keys)))


def test_of_many_copies_at_once_in_two_processes_one_is_stored(db):
    keys = [f"d-{n % 50}" for n in range(400)]
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    processes = [spawn.Process(target=keep_all, args=(db.path, keys, answers)) for _ in range(2)]

    for process in processes:
        process.start()
    statuses = answers.get(timeout=60) + answers.get(timeout=60)
    for process in processes:
        process.join()

    assert (statuses.count("stored"), statuses.count("duplicate")) == (50, 750)
    assert rows(db, "SELECT count(*) FROM deliveries") == [(50,)]


KEEPER = """
import sys
from pathlib import Path
from receiver.events import Delivery
from receiver.inbox import Inbox, Sqlite
inbox = Inbox(Sqlite(Path(sys.argv[1])))
for n in range(1_000_000):
    inbox.keep(Delivery(key=f"d-{n}", body=b"{}", received_us=1))
    print(n, flush=True)
"""


def test_whatever_was_acknowledged_is_there_after_kill_9(db):
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(db.path)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    for line in keeper.stdout:
        if int(line) >= 300:
            os.kill(keeper.pid, signal.SIGKILL)
            break
    acknowledged = 1 + max(map(int, [line, *keeper.stdout.read().split()]))
    keeper.wait()

    kept = rows(db, "SELECT count(*) FROM deliveries")[0][0]

    assert kept in (acknowledged, acknowledged + 1)  # one may be committed and not yet said so
    assert rows(db, "PRAGMA integrity_check") == [("ok",)]


def test_every_commit_reaches_the_disk_before_it_returns(db):
    assert [db.writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == ["wal", 2]


def test_a_database_that_a_stranger_locks_gives_not_stored_and_works_again_afterwards(db):
    inbox = Inbox(db)
    db.writer.execute("PRAGMA busy_timeout = 50")
    stranger = sqlite3.connect(db.path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")

    with pytest.raises(NotStored):
        inbox.keep(a_delivery())
    stranger.execute("ROLLBACK")

    assert inbox.keep(a_delivery()) == "stored"


def test_a_database_without_room_gives_not_stored_and_works_again_afterwards(db):
    inbox = Inbox(db)
    pages = db.writer.execute("PRAGMA page_count").fetchone()[0]
    db.writer.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(NotStored):
        inbox.keep(a_delivery(body=b"x" * 100_000))
    db.writer.execute(f"PRAGMA max_page_count = {pages + 1000}")

    assert inbox.keep(a_delivery(body=b"x" * 100_000)) == "stored"
