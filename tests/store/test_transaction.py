"""What a piece of writing gets, on both databases."""

import time

import pytest

from receiver.store import FromNow, place_holders
from tests.support.tools import tuples


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_statement_gives_the_rows_of_each_of_its_values_in_their_order(db, number):
    each = [(n, n * 2) for n in range(number)]

    rows = db.commit(lambda tx: tx.execute_each("SELECT ? * 1 AS a, ? * 1 AS b", each))

    assert [tuples(of_one) for of_one in rows] == [[values] for values in each]


def test_a_time_from_now_may_stand_beside_a_time_that_is_known_and_none(db):
    insert = ("INSERT INTO deliveries (source, key, event, received_us, body, headers, problems) "
              "VALUES ('', ?, 'x', ?, ?, '{}', '[]')")  # fmt: skip
    times = [("a", 7, b""), ("b", FromNow(), b""), ("c", FromNow(60_000_000), b"")]
    db.commit(lambda tx: tx.executemany(insert, times))
    update = "UPDATE deliveries SET dispatched_us = ? WHERE key = ? RETURNING dispatched_us"
    rows = db.commit(lambda tx: tx.execute_each(update, [(None, "a"), (FromNow(), "b"), (8, "c")]))

    received = [row["received_us"] for row in db.read("SELECT received_us FROM deliveries ORDER BY key")]
    now_us = time.time_ns() // 1000
    assert received[0] == 7
    assert abs(received[1] - now_us) < 30_000_000
    assert 50_000_000 < received[2] - received[1] < 70_000_000
    assert [of_one[0]["dispatched_us"] for of_one in rows][0::2] == [None, 8]
    assert abs(rows[1][0]["dispatched_us"] - now_us) < 30_000_000


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 8, 9])
def test_the_place_holders_of_some_more_values_are_as_many(db, number):
    marks, values = place_holders(list(range(number)))

    assert (marks.count("?"), len(values)) == ({3: 4, 5: 8, 9: 16}.get(number, number),) * 2
    [row] = db.commit(
        lambda tx: tx.execute(f"SELECT count(*) AS n FROM (SELECT 2 AS x) AS t WHERE x IN ({marks})", values).fetchall()
    )
    assert row["n"] == (number > 2)
