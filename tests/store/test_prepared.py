"""Statements that come again and again are prepared, so that the server plans them once; and where not, all the same."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from receiver.store.postgres import Postgres
from receiver.store.postgres_session import PLAN_EVERY_S, PREPARED_AFTER
from tests.support.pooler import pooled

OFTEN = 2 * PREPARED_AFTER + 2  # after this many executions a statement is prepared, and its plan is the server's own
FIND = "SELECT * FROM things WHERE id = ?"
PREPARED = "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%things WHERE id%'"


@pytest.fixture
def url(postgres):
    url = postgres.new_database()
    change(
        url,
        "CREATE TABLE things (id BIGINT PRIMARY KEY)",
        "INSERT INTO things SELECT generate_series(1, 5)",
        "ANALYZE things",
    )
    return url


@pytest.fixture(params=[True, False], ids=["reads apart", "reads between commits"])
def db(request, url):
    db = Postgres(url, reads_apart=request.param)
    yield db
    db.close()


def find(db, times=OFTEN):
    for _ in range(times):
        [row] = db.commit(lambda tx: tx.execute(FIND, (3,)).fetchall())
    return row


def plan(db):
    def explain(tx):
        [name] = [row["name"] for row in tx.execute(PREPARED).fetchall()]
        return "\n".join(row["QUERY PLAN"] for row in tx.execute(f"EXPLAIN EXECUTE {name} (3)").fetchall())

    return db.commit(explain)


def change(url, *statements):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_statement_that_comes_again_is_prepared(db):
    find(db, PREPARED_AFTER)
    before = db.commit(lambda tx: tx.execute(PREPARED).fetchall())
    find(db, 1)

    assert (len(before), len(db.commit(lambda tx: tx.execute(PREPARED).fetchall()))) == (0, 1)


def test_a_table_that_has_grown_is_read_by_its_index_before_long(db, url, monkeypatch):
    find(db)
    small = plan(db)
    change(url, "INSERT INTO things SELECT generate_series(6, 200000)")
    monkeypatch.setattr(db.session, "planned_at", time.monotonic() - PLAN_EVERY_S - 0.1)
    find(db)

    assert ("Seq Scan" in small, "Index" in plan(db)) == (True, True)


@pytest.mark.parametrize("how", ["ALTER TABLE things ADD COLUMN name TEXT", "ALTER TABLE things ALTER id TYPE NUMERIC"])
def test_a_table_that_was_changed_fails_nothing(db, url, how):
    find(db)
    for _ in range(OFTEN):
        db.read(FIND, (3,))
    change(url, how)

    assert find(db)["id"] == 3
    assert [row["id"] for row in db.read(FIND, (3,))] == [3]


def test_a_statement_that_was_taken_away_fails_nothing(db):
    find(db)
    db.commit(lambda tx: tx.execute("DEALLOCATE PREPARE ALL"))

    assert find(db)["id"] == 3


def test_behind_a_pooler_nothing_is_prepared_and_nothing_fails(postgres, url, tmp_path):
    """There another session's statement may have the same name: it would be executed in its place."""

    def work(db, number):
        find = f"SELECT {number} AS number, ? AS n"
        rows = [db.commit(lambda tx: tx.execute(find, (7,)).fetchone()) for _ in range(OFTEN)]
        return rows, db.commit(lambda tx: tx.execute("SELECT name FROM pg_prepared_statements").fetchall())

    with pooled(postgres, url, tmp_path) as address, ThreadPoolExecutor(6) as threads:
        senders = [Postgres(address) for _ in range(6)]
        seen = list(threads.map(work, senders, range(6)))
        for db in senders:
            db.close()

    assert seen == [([{"number": number, "n": 7}] * OFTEN, []) for number in range(6)]
