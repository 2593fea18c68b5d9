import multiprocessing

import pytest

from receiver import settings
from receiver.errors import ConfigurationError, StoreError
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.store import VERSION, connect, ensure_schema, migrate
from tests.support.runs import Runs


def open_and_migrate(env):
    db = connect(settings.read(env))
    migrate(db)
    db.close()


def test_ten_processes_that_start_at_once_migrate_it_once(env):
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=open_and_migrate, args=(env,)) for _ in range(10)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * 10
    db = connect(settings.read(env))
    assert db.commit(db.schema_version) == VERSION
    db.close()


# A file is migrated at the start.
shared_only = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
def of_version(env):
    """A database as an older version made it."""
    opened = []

    def make(version):
        opened.append(connect(settings.read(env)))
        migrate(opened[-1], to=version)
        return opened[-1]

    yield make
    for db in opened:
        db.close()


FILL = (
    "INSERT INTO deliveries (key, event, received_us, body, headers, problems) VALUES ('d', 'x', 1, ?, '{}', '[]')",
    "INSERT INTO conflicts (delivery_id, received_us, body) VALUES (1, 2, ?)",
)


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_database_of_every_older_version_is_brought_up_with_what_it_holds(of_version, version):
    db = of_version(version)
    db.commit(lambda tx: [tx.execute(sql, (b"\x00\xff",)) for sql in FILL])

    assert migrate(db) == VERSION - version
    assert bytes(db.read("SELECT body FROM deliveries")[0]["body"]) == b"\x00\xff"
    assert [dict(row) for row in db.read("SELECT delivery_id, received_us FROM conflicts")] == [
        {"delivery_id": 1, "received_us": 2}
    ]
    assert migrate(db) == 0


def test_this_code_works_with_a_database_one_version_old(of_version):
    db = of_version(VERSION - 1)

    kept = [Inbox(db).keep(Delivery(key="d", event="x", body=body, received_us=1)) for body in (b"1", b"2")]

    assert kept == ["stored", "duplicate"]
    assert [row["event"] for row in Runs(db).undispatched(10)] == ["x"]


@shared_only
def test_a_shared_database_without_tables_is_not_touched_at_the_start_but_named(of_version):
    db = of_version(0)

    with pytest.raises(ConfigurationError, match="receiver migrate"):
        ensure_schema(db)


@shared_only
def test_runs_are_worked_on_only_with_the_newest_tables_and_received_on_those_before(of_version):
    db = of_version(VERSION - 1)

    ensure_schema(db)
    with pytest.raises(StoreError, match="receiver migrate"):
        ensure_schema(db, newest=True)
    migrate(db)
    ensure_schema(db, newest=True)
