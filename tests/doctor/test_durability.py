from contextlib import closing

import psycopg
import pytest

from receiver.doctor.durability import check_connections, in_postgres, in_sqlite
from receiver.store.postgres import Postgres
from tests.support.findings import told
from tests.support.processes import until


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("pragma", "said"),
    [
        ("synchronous = NORMAL", "SQLite does not wait for the disk"),
        ("synchronous = OFF", "SQLite does not wait for the disk"),
        ("journal_mode = DELETE", "SQLite's journal is delete rather than WAL"),
    ],
)
def test_a_sqlite_whose_writes_may_be_lost_is_a_problem(db, pragma, said):
    db.writer.execute(f"PRAGMA {pragma}")

    assert told(db.commit(in_sqlite)) == {("problem", said)}


@pytest.mark.parametrize("value", ["off", "local"])
def test_a_postgres_that_acknowledges_early_is_a_problem_only_where_the_receiver_does_not_overrule_it(postgres, value):
    url = postgres.new_database()
    postgres.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = '{value}'")
    with closing(Postgres(url)) as db:
        overruled = told(db.commit(in_postgres))
        with db.transaction() as tx:
            tx.execute(f"SET LOCAL synchronous_commit = '{value}'")
            found = told(in_postgres(tx))

    assert {severity for severity, _ in overruled} == {"ok"}
    assert found == {("problem", f"Postgres's synchronous_commit is {value}")}


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_postgres_that_does_not_wait_for_its_disk_is_told(postgres, name):
    postgres.execute(f"ALTER SYSTEM SET {name} = off")
    try:
        postgres.execute("SELECT pg_reload_conf()")
        until(lambda: postgres.execute(f"SHOW {name}") == [("off",)])
        with closing(Postgres(postgres.new_database())) as db:
            found = told(db.commit(in_postgres))
    finally:
        postgres.execute(f"ALTER SYSTEM RESET {name}")
        postgres.execute("SELECT pg_reload_conf()")
        until(lambda: postgres.execute(f"SHOW {name}") == [("on",)])

    assert found == {("advice", f"Postgres's {name} is off")}


@pytest.mark.parametrize(("limit", "taken"), [(5, {("problem", "1 of 5 connections are taken")}), (6, set())])
def test_a_role_that_has_few_connections_left_is_a_problem(postgres, limit, taken):
    postgres.execute(f"CREATE ROLE small_{limit} LOGIN CONNECTION LIMIT {limit}")

    with closing(Postgres(postgres.url().replace("inboundflow@", f"small_{limit}@"))) as db:
        assert told(check_connections(db)) == taken


def test_a_server_that_has_few_connections_left_is_a_problem(postgres):
    [(most,)] = postgres.execute("SELECT current_setting('max_connections')::int - 3")
    [(used,)] = postgres.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    others = [psycopg.connect(postgres.url()) for _ in range(most - used - 3)]

    with closing(Postgres(postgres.url())) as db:
        found = list(check_connections(db))
    for one in others:
        one.close()

    assert [one.message.endswith(f" of {most} connections are taken") for one in found] == [True]
