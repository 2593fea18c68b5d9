import os
import shutil
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from receiver import settings
from receiver.doctor.disk import ADD_DISK, check_disk
from receiver.doctor.durability import check_connections, in_postgres, in_sqlite
from receiver.doctor.inbox import InboxCheck
from receiver.doctor.storage import check_storage
from receiver.store import VERSION
from receiver.store.postgres import Postgres
from tests.support.processes import until

MEMORY = Path("/dev/shm")


def told(findings):
    return {(one.severity, one.message) for one in findings}


def test_a_database_as_the_receiver_opens_it_is_fine(db):
    found = list(check_storage(db))

    assert {one.severity for one in found} == {"ok"}
    assert any(one.message.startswith("each write is on the disk before it is acknowledged") for one in found)


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


def test_a_postgres_that_cannot_hold_every_text_is_told(postgres):
    postgres.execute("CREATE DATABASE plain_text ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")

    with closing(Postgres(postgres.url("plain_text"))) as db:
        found = told(check_storage(db))

    assert ("problem", "its encoding is SQL_ASCII, which cannot hold every text") in found


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


@pytest.mark.parametrize(
    ("mark", "platform"), [("RENDER", "Render"), ("FLY_APP_NAME", "Fly.io"), ("RAILWAY_ENVIRONMENT", "Railway")]
)
def test_an_inbox_on_a_platforms_own_disk_is_a_problem(mark, platform):
    env = {mark: "1", "DATA_DIR": "/usr/lib/inboundflow"}

    [found] = [one for one in check_disk(settings.read(env), env) if "own" in one.message]

    assert (found.severity, found.message) == (
        "problem",
        f"it is on no disk of its own, and {platform} empties that at each deploy",
    )
    assert ADD_DISK[platform] in found.do


def test_where_a_railway_volume_is_mounted_elsewhere_its_place_is_told():
    env = {"RAILWAY_ENVIRONMENT": "production", "RAILWAY_VOLUME_MOUNT_PATH": "/data", "DATA_DIR": "/usr/lib"}

    [found] = [one for one in check_disk(settings.read(env), env) if "own" in one.message]

    assert found.do == "a volume is mounted at /data: set DATA_DIR=/data"


@pytest.mark.skipif(not MEMORY.exists(), reason="only Linux has a disk in memory there")
def test_a_disk_in_memory_is_no_volume():
    env = {"FLY_APP_NAME": "receiver", "DATA_DIR": str(MEMORY)}

    found = told(check_disk(settings.read(env), env))

    assert ("problem", "it lies in memory, and Fly.io empties that at each deploy") in found


def test_a_disk_that_is_nearly_full_is_a_problem(tmp_path):
    env = {"DATA_DIR": str(tmp_path / "var")}
    free = shutil.disk_usage(tmp_path).free

    found = list(check_disk(settings.read(env), env, least_free=2 * free))

    assert [one.severity for one in found] == ["problem"]
    assert found[0].message.startswith("only ")
    assert not list(check_disk(settings.read(env), env, least_free=free // 2))


@pytest.mark.parametrize(
    ("folder", "file", "told_so"), [(0o755, 0o644, True), (0o700, 0o644, False), (0o755, 0o640, False)]
)
def test_an_inbox_that_everybody_may_read_is_told(tmp_path, folder, file, told_so):
    env = {"DATA_DIR": str(tmp_path)}
    (tmp_path / "inbox.db").touch()
    os.chmod(tmp_path / "inbox.db", file)
    os.chmod(tmp_path, folder)

    found = told(check_disk(settings.read(env), env))

    assert (("advice", "every user of this machine may read the inbox") in found) == told_so


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_is_gone_below_a_running_worker_is_a_problem_and_one_that_never_was_is_not(db, env):
    read = settings.read(env)
    nudges = db.nudges()
    db.path.unlink()
    gone = told(InboxCheck(read, env, [])())
    nudges.close()

    assert ("problem", f"its file {db.path} is gone, and a receiver runs that had it") in gone
    assert ("ok", "none yet: it is made at the first start") in told(InboxCheck(read, env, [])())
