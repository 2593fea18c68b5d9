"""Two workers beside one file: the nudges stay with the one that was there first."""

import os
import resource

import pytest

from receiver.store.sqlite import Sqlite
from receiver.worker.parent import Requests


@pytest.fixture
def db(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")
    yield db
    db.close()


def hears(nudges, db):
    db.nudge()
    return nudges.wait(0.05)


def test_a_second_worker_takes_the_nudges_neither_when_it_comes_nor_when_it_goes(db):
    first = db.nudges()
    second = db.nudges()

    assert (hears(first, db), second.wait(0.05)) == (True, False)
    second.close()
    assert hears(first, db)
    first.close()


def test_a_second_worker_has_them_after_the_first(db):
    first, second = db.nudges(), db.nudges()
    first.close()
    second.wait(0.05)

    assert hears(second, db)
    second.close()
    assert list(db.path.parent.glob("*.sock")) == []


def test_a_worker_that_is_closed_late_leaves_its_successors_socket_alone(db):
    first = db.nudges()
    first.path.unlink()
    second = db.nudges()
    first.close()

    assert hears(second, db)
    second.close()


@pytest.mark.parametrize("left", ["removed", "by a process that is gone"])
def test_a_socket_that_nobody_listens_at_is_made_anew(db, left):
    nudges = db.nudges()
    if left == "removed":
        nudges.path.unlink()
    else:
        nudges.sock.close()  # its file stays
        nudges = db.nudges()
    nudges.wait(0.05)

    assert hears(nudges, db)
    nudges.close()


@pytest.fixture
def many_files():
    """So many are open that the next has a number which `select` does not take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2048)), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    yield
    for file in opened:
        os.close(file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_nudges_and_requests_are_heard_in_a_process_with_many_files(many_files, tmp_path):
    db, requests = Sqlite(tmp_path / "inbox.db"), Requests()
    nudges = db.nudges()

    db.nudge()
    requests.send(["toy.do"])

    assert nudges.wait(5)
    assert requests.wait(5) == {"toy.do"}
    nudges.close()
