import pytest

from receiver.moving.copy import Copy
from receiver.moving.tables import TABLES
from tests.support.moving import copied, fill

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_one_byte_that_differs_is_found(db, target):
    fill(db, 10)
    copied(db, target)
    target.commit(lambda tx: tx.execute("UPDATE deliveries SET body = ? WHERE key = 'd-3'", (b"\x00",)))

    assert [one.different for one in Copy(db, target).verify()] == [1] + [0] * (len(TABLES) - 1)


def test_a_row_that_is_there_only_is_found_and_taken_away(db, target):
    fill(db, 3)
    copied(db, target)
    target.commit(lambda tx: tx.execute("INSERT INTO audit (at_us, action, detail) VALUES (1, 'replay', '{}')"))

    before = {one.table: one.different for one in Copy(db, target).verify()}
    _, after = copied(db, target)

    assert (before["audit"], [one.different for one in after]) == (1, [0] * len(TABLES))
    assert target.read("SELECT * FROM audit") == []
