import sqlite3

import pytest

from receiver.errors import StoreError, StoreUnavailable
from receiver.store.readers import TookTooLong
from receiver.store.sqlite_connection import connect, connect_to_read, time_limit, translating_errors
from tests.store.test_readers import NEVER_ENDS


def test_a_statement_ends_at_its_limit_and_the_connection_goes_on(tmp_path):
    (tmp_path / "inbox.db").touch()
    connection = connect(tmp_path / "inbox.db")

    with pytest.raises(TookTooLong, match=r"the read took over 0\.05 s"), time_limit(connection, 0.05):
        connection.execute(NEVER_ENDS).fetchall()

    assert connection.execute("SELECT 1").fetchone()[0] == 1


def test_a_connection_to_read_refuses_to_write(tmp_path):
    (tmp_path / "inbox.db").touch()
    connect(tmp_path / "inbox.db").execute("CREATE TABLE t (a)")

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connect_to_read(tmp_path / "inbox.db").execute("INSERT INTO t VALUES (1)")


ERRORS = [
    # SQLite raises                                                 which is          opens afresh
    (sqlite3.IntegrityError("UNIQUE"),                              StoreError,       False),
    (sqlite3.ProgrammingError("closed"),                            StoreError,       False),
    (sqlite3.OperationalError("database is locked"),                StoreUnavailable, False),
    (sqlite3.OperationalError("disk I/O error"),                    StoreUnavailable, True),
    (sqlite3.DatabaseError("database disk image is malformed"),     StoreUnavailable, True),
    (OSError("no space left"),                                      StoreUnavailable, False),
]  # fmt: skip


@pytest.mark.parametrize(("error", "translated", "opens_afresh"), ERRORS)
def test_what_sqlite_raises_is_one_of_our_errors(error, translated, opens_afresh):
    resets = []

    with pytest.raises(StoreError) as raised, translating_errors(lambda: resets.append(1)):
        raise error

    assert (type(raised.value), bool(resets)) == (translated, opens_afresh)


def test_what_a_trigger_of_ours_says_is_told_without_a_class(tmp_path):
    (tmp_path / "inbox.db").touch()
    connection = connect(tmp_path / "inbox.db")
    connection.execute("CREATE TABLE t (a)")
    connection.execute("CREATE TRIGGER closed BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'It has moved.'); END")

    with pytest.raises(StoreError) as raised, translating_errors(lambda: None):
        connection.execute("INSERT INTO t VALUES (1)")

    assert str(raised.value) == "It has moved."
