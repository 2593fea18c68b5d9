import pytest

from receiver.moving.copy import Copy
from tests.support.moving import copied, fill

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_one_byte_that_differs_is_found(db, target):
    fill(db, 10)
    copied(db, target)
    target.commit(lambda tx: tx.execute("UPDATE deliveries SET body = ? WHERE key = 'd-3'", (b"\x00",)))

    assert [one.different for one in Copy(db, target).verify()] == [1, 0, 0, 0, 0, 0, 0, 0]
