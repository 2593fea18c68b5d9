"""Two workers beside one file: the nudges stay with the one that was there first."""

import pytest

from receiver.store.sqlite import Sqlite


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
