"""What holds for the file alone."""

import sqlite3

import pytest

from receiver.errors import NotStored
from receiver.inbox import Inbox
from receiver.store import migrate
from receiver.store.sqlite import Sqlite
from tests.support.deliveries import a_delivery


@pytest.fixture
def db(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")
    migrate(db)
    yield db
    db.close()


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


def test_a_reading_connection_can_write_nothing_and_is_not_the_writer(db):
    db.read("SELECT 1")
    [reader] = db.readers.idle

    assert reader is not db.writer
    assert reader.execute("PRAGMA query_only").fetchone()[0] == 1
