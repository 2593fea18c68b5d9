import pytest

from receiver.errors import ConfigurationError
from receiver.store import MOVED_TO, must_be_open, was_moved


def test_an_inbox_is_open_until_another_database_has_taken_its_place(db):
    before = db.commit(was_moved)
    must_be_open(db)

    db.commit(lambda tx: tx.execute("INSERT INTO leases VALUES ('dispatcher', ?, 0)", (MOVED_TO,)))

    assert (before, db.commit(was_moved)) == (False, True)
    with pytest.raises(ConfigurationError, match="has moved to another database"):
        must_be_open(db)
