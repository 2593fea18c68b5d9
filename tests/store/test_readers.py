"""Reads beside commits, on both databases."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver import settings
from receiver.errors import StoreError, StoreUnavailable
from receiver.inbox import Inbox
from receiver.store import connect
from receiver.store.readers import Readers, TookTooLong
from tests.support.deliveries import a_delivery
from tests.support.processes import until

NEVER_ENDS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) AS n FROM n"
COUNT = "SELECT count(*) AS n FROM deliveries"
LIMIT_S = 2


def test_while_a_read_is_stuck_commits_go_through_and_other_reads_too(db):
    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(db.read, NEVER_ENDS, timeout_s=LIMIT_S)
        until(lambda: stuck.running())
        kept = [Inbox(db).keep(a_delivery(key=f"d-{n}")) for n in range(20)]
        counted = [db.read(COUNT)[0]["n"] for _ in range(20)]
        was_stuck = not stuck.done()

        with pytest.raises(StoreError, match=f"the read took over {LIMIT_S} s"):
            stuck.result()

    assert was_stuck
    assert (kept, counted) == (["stored"] * 20, [20] * 20)
    assert LIMIT_S <= time.monotonic() - began < LIMIT_S + 1
    assert db.read(COUNT)[0]["n"] == 20


def test_after_its_limit_a_connection_is_used_again(db):
    db.read(COUNT)
    [connection] = db.readers.idle

    with pytest.raises(StoreError):
        db.read(NEVER_ENDS, timeout_s=0.1)
    db.commit(lambda tx: tx.execute("DELETE FROM deliveries"))  # no snapshot stands in its way

    assert db.readers.idle == [connection]
    assert db.read(COUNT)[0]["n"] == 0


def test_a_read_writes_nothing(db):
    with pytest.raises(StoreError):
        db.read("DELETE FROM deliveries RETURNING id")


def test_a_read_sees_what_was_committed_before_it(db):
    for number in range(1, 20):
        Inbox(db).keep(a_delivery(key=f"d-{number}"))

        assert db.read(COUNT)[0]["n"] == number


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_reads_that_share_the_committing_connection_keep_the_same_limit(db, env):
    sharing = connect(settings.read(env), reads_apart=False)

    with pytest.raises(StoreError, match=r"the read took over 0\.2 s"):
        sharing.read(NEVER_ENDS, timeout_s=0.2)

    assert sharing.readers is None
    assert (Inbox(sharing).keep(a_delivery()), sharing.read(COUNT)[0]["n"]) == ("stored", 1)
    sharing.close()


class Connection:
    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


def test_no_more_connections_than_places_and_who_waits_in_vain_is_told():
    readers = Readers(Connection, size=2)

    with readers.lend(1) as first, readers.lend(1) as second:
        assert first is not second
        with pytest.raises(StoreUnavailable, match="other reads took all connections"), readers.lend(0.01):
            pass

    with readers.lend(1) as third:
        assert third in (first, second)


def test_one_connection_stays_open_between_reads_and_none_after_a_while_without():
    readers = Readers(Connection, size=2, idle_s=0.1)
    with readers.lend(1) as first, readers.lend(1) as second:
        pass

    assert (second.closed, first.closed) == (False, True)
    until(lambda: second.closed)
    assert (readers.idle, readers.timer) == ([], None)


def test_a_connection_in_trouble_is_not_lent_again_and_one_at_its_limit_is():
    readers = Readers(Connection, size=1)
    with pytest.raises(TookTooLong), readers.lend(1) as slow:
        raise TookTooLong(1)
    with pytest.raises(StoreUnavailable), readers.lend(1) as broken:
        raise StoreUnavailable("gone")

    assert slow is broken
    assert broken.closed
    with readers.lend(1) as another:
        assert not another.closed


def test_a_read_while_the_process_ends_is_answered():
    """From Python 3.12 on no thread can start then, and one that the process does not wait for may still read."""
    code = """
import atexit, sqlite3
from receiver.store.readers import Readers
readers = Readers(lambda: sqlite3.connect(":memory:"), size=1)
@atexit.register
def read():
    with readers.lend(1) as connection:
        print(*connection.execute("SELECT 7"))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (ran.stdout, ran.stderr, ran.returncode) == ("(7,)\n", "", 0)
