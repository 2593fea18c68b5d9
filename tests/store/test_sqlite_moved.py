"""A file that is moved, removed or replaced while it is open."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from receiver.errors import NotStored, StoreUnavailable
from receiver.inbox import Inbox
from receiver.store import migrate
from receiver.store.sqlite import Sqlite
from tests.support.deliveries import a_delivery

COUNT = "SELECT count(*) AS n FROM deliveries"


@pytest.fixture
def db(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")
    migrate(db)
    Inbox(db).keep(a_delivery(key="first"))
    db.read(COUNT)
    yield db
    db.close()


@pytest.fixture
def aside(tmp_path):
    folder = tmp_path / "aside"
    folder.mkdir()
    return folder


def move(source, target, pattern="inbox.db*"):
    for path in source.glob(pattern):
        path.rename(target / path.name)


def another_inbox(path):
    db = Sqlite(path)
    migrate(db)
    db.close()


@pytest.mark.parametrize("pattern", ["inbox.db", "inbox.db*"])
def test_nothing_is_stored_while_the_file_is_away_and_all_is_there_when_it_is_back(db, tmp_path, aside, pattern):
    move(tmp_path, aside, pattern)

    with pytest.raises(NotStored):
        Inbox(db).keep(a_delivery(key="away"))
    with pytest.raises(NotStored):
        Inbox(db).probe()
    with pytest.raises(StoreUnavailable, match="put it back, or start the receiver again"):
        db.read(COUNT)
    assert not db.path.exists()
    move(aside, tmp_path, pattern)

    assert Inbox(db).keep(a_delivery(key="back")) == "stored"
    assert db.read(COUNT)[0]["n"] == 2


def test_a_process_that_starts_while_the_file_is_away_makes_none(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")

    with pytest.raises(NotStored):
        Inbox(db).keep(a_delivery())
    with pytest.raises(StoreUnavailable):
        db.read(COUNT)

    assert not db.path.exists()
    db.close()


def test_what_is_stored_after_a_file_was_replaced_is_in_the_new_one(db, tmp_path, aside):
    move(tmp_path, aside)
    another_inbox(db.path)

    assert db.read(COUNT)[0]["n"] == 0
    assert Inbox(db).keep(a_delivery(key="second")) == "stored"

    with closing(sqlite3.connect(db.path)) as stranger:
        assert stranger.execute("SELECT key FROM deliveries").fetchall() == [("second",)]
    with closing(sqlite3.connect(aside / "inbox.db")) as stranger:
        assert stranger.execute("SELECT key FROM deliveries").fetchall() == [("first",)]


def test_a_new_file_beside_the_log_of_the_old_one_is_not_written(db, tmp_path, aside):
    """SQLite would take the log as the new file's, and damage it."""
    another_inbox(aside / "new.db")
    move(tmp_path, aside, "inbox.db")
    shutil.copyfile(aside / "new.db", db.path)

    with pytest.raises(StoreUnavailable, match="belongs to the file that was there before"):
        db.commit(lambda tx: None)
