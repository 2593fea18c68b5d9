"""What holds for the file alone."""

import sqlite3

import pytest

from receiver.errors import NotStored
from receiver.inbox import Inbox
from receiver.store import migrate
from receiver.store.sqlite import Sqlite
from receiver.store.sqlite_connection import LOG_BYTES
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


def log_bytes(db):
    return db.path.with_name("inbox.db-wal").stat().st_size


def test_the_log_gives_its_space_back_when_a_long_reader_has_left(db):
    reader = sqlite3.connect(db.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM deliveries").fetchone()
    inbox = Inbox(db)
    for n in range(12):
        inbox.keep(a_delivery(key=f"d-{n}", body=bytes(8_000_000)))
    grown = log_bytes(db)
    reader.close()

    for key in ("checkpoint", "from the start"):
        inbox.keep(a_delivery(key=key))

    assert grown > LOG_BYTES >= log_bytes(db)


def test_the_end_of_a_process_empties_the_log_though_others_have_the_file_open(db):
    stranger = sqlite3.connect(db.path)
    stranger.execute("SELECT count(*) FROM deliveries").fetchone()
    Inbox(db).keep(a_delivery(body=bytes(100_000)))
    before = log_bytes(db)

    db.close()

    assert (before > 100_000, log_bytes(db)) == (True, 0)
    stranger.close()
