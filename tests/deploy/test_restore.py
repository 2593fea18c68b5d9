"""A backup is put in the inbox's place only where nobody has that open."""

import fcntl
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from receiver.inbox import Inbox
from receiver.store import migrate
from receiver.store.sqlite import Sqlite
from tests.support.deliveries import a_delivery
from tests.support.processes import CHECKOUT


@pytest.fixture
def inbox(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")
    migrate(db)
    Inbox(db).keep(a_delivery(key="backed up"))
    yield db
    db.close()


@pytest.fixture
def backup(inbox, tmp_path):
    assert script("backup.py", inbox.path, tmp_path / "backups").returncode == 0
    return next((tmp_path / "backups").glob("inbox-*.db"))


def script(name, *arguments):
    command = [sys.executable, CHECKOUT / "deploy" / name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def keys(path):
    with closing(sqlite3.connect(path)) as db:
        return [key for (key,) in db.execute("SELECT key FROM deliveries")]


def assert_refused(answer, path):
    assert (answer.returncode, "Stop it, and run this again" in answer.stderr) == (1, True)
    assert keys(path) == ["backed up", "later"]
    assert not list(path.parent.glob("before-*"))


def test_an_inbox_that_a_receiver_has_open_is_not_replaced(inbox, backup):
    """Idle as it is: it holds no lock of its own between two deliveries."""
    Inbox(inbox).keep(a_delivery(key="later"))

    assert_refused(script("restore.py", backup, inbox.path), inbox.path)


@pytest.mark.parametrize(("name", "lock"), [("up.lock", fcntl.flock), ("inbox.db.lock", fcntl.lockf)])
def test_an_inbox_whose_receiver_starts_or_writes_is_not_replaced(inbox, backup, name, lock):
    Inbox(inbox).keep(a_delivery(key="later"))
    inbox.close()
    with open(inbox.path.with_name(name), "a+") as file:
        lock(file, fcntl.LOCK_EX)

        answer = script("restore.py", backup, inbox.path)

    assert_refused(answer, inbox.path)


def test_an_inbox_that_nobody_has_open_is_replaced_and_kept_beside(inbox, backup):
    Inbox(inbox).keep(a_delivery(key="later"))
    inbox.close()

    answer = script("restore.py", backup, inbox.path)

    assert (answer.returncode, keys(inbox.path)) == (0, ["backed up"])
    [before] = inbox.path.parent.glob("before-*.db")
    assert keys(before) == ["backed up", "later"]
