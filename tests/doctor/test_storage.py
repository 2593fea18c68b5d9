from contextlib import closing

import pytest

from receiver.doctor.storage import check_storage
from receiver.store import VERSION
from receiver.store.postgres import Postgres
from tests.support.findings import told


def test_a_database_as_the_receiver_opens_it_is_fine(db):
    found = list(check_storage(db))

    assert {one.severity for one in found} == {"ok"}
    assert any(one.message.startswith("each write is on the disk before it is acknowledged") for one in found)


def test_a_postgres_that_cannot_hold_every_text_is_told(postgres):
    postgres.execute("CREATE DATABASE plain_text ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")

    with closing(Postgres(postgres.url("plain_text"))) as db:
        found = told(check_storage(db))

    assert ("problem", "its encoding is SQL_ASCII, which cannot hold every text") in found


def of_version(db, tx, version):
    if db.shared:
        tx.execute("DELETE FROM schema_version WHERE version >= ?", (version,))
    db.set_schema_version(tx, version)


@pytest.mark.parametrize(
    ("version", "severities"), [(VERSION - 1, ("advice", "problem")), (VERSION + 1, ("advice",) * 2)]
)
def test_tables_of_another_version_are_told_with_what_to_do(db, version, severities):
    db.commit(lambda tx: of_version(db, tx, version))

    [found] = [one for one in check_storage(db) if one.message.startswith("its tables are")]

    assert found.severity == severities[db.shared]
    assert ("receiver migrate" in found.do) == (found.severity == "problem")


def test_a_postgres_without_tables_is_a_problem(postgres):
    with closing(Postgres(postgres.new_database())) as db:
        [found] = check_storage(db)

    assert (found.severity, found.message) == ("problem", "it has no tables yet")
    assert "receiver migrate" in found.do


def test_a_write_is_tried_and_leaves_nothing(db, env):
    found = told(check_storage(db))

    assert any(said.startswith("a write is taken") for _, said in found)
    assert not db.read("SELECT * FROM leases")
