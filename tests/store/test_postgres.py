"""What holds for Postgres alone."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psycopg
import pytest

from receiver.errors import ConfigurationError, NotPermitted, StoreError, StoreUnavailable
from receiver.inbox import Inbox
from receiver.store import ensure_schema, migrate
from receiver.store.postgres import GRACE_S, Postgres
from receiver.store.postgres_url import DEFAULTS
from tests.conftest import lacking
from tests.support.deliveries import a_delivery
from tests.support.postgres import Server, programs
from tests.support.processes import CHECKOUT, children_of, until

OURS = "application_name = 'inboundflow-receiver' AND datname = '{}' AND pid <> pg_backend_pid()"
COUNT = "SELECT count(*) AS n FROM deliveries"


@pytest.fixture
def url(postgres):
    return postgres.new_database()


@pytest.fixture
def db(url):
    db = Postgres(url)
    migrate(db)
    yield db
    db.close()


def connections(server, url):
    return server.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {OURS.format(url.rpartition('/')[2])}")[0][0]


def cut(server, url):
    server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS.format(url.rpartition('/')[2])}"
    )


def test_reads_take_a_connection_of_their_own_when_the_first_is_wanted(db, postgres, url):
    before = connections(postgres, url)
    db.read(COUNT)

    assert (before, connections(postgres, url)) == (1, 2)


def test_reads_that_share_take_none(postgres, url):
    db = Postgres(url, reads_apart=False)
    migrate(db)
    db.read(COUNT)

    assert connections(postgres, url) == 1
    db.close()


def test_tries_after_deadlocks_share_one_time_limit(db):
    tries = []

    def collide(tx):
        tries.append(time.monotonic())
        time.sleep(0.3)
        raise psycopg.errors.DeadlockDetected("deadlock detected")

    with pytest.raises(StoreError):
        db.commit(collide, timeout_s=0.5)

    assert len(tries) == 2


def test_a_lost_connection_is_opened_anew(db, postgres, url):
    db.read(COUNT)
    cut(postgres, url)

    assert db.read(COUNT)[0]["n"] == 0
    assert db.commit(lambda tx: tx.execute(COUNT).fetchone()["n"]) == 0


@contextmanager
def old_sessions_read_only(server, url):
    """As after a planned switch-over, where the old primary keeps its connections; new ones lead to the new one."""
    try:
        server.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = off")
        server.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        server.execute("SELECT pg_reload_conf()")
        yield
    finally:
        new_url = server.url(url.rpartition("/")[2])
        with psycopg.connect(new_url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            connection.execute("SELECT pg_reload_conf()")
        until(lambda: server.execute("SHOW default_transaction_read_only") == [("off",)], what="the end of it")


def test_sessions_that_became_read_only_are_opened_anew_and_refuse_no_delivery(db, postgres, url):
    db.read(COUNT)
    show = "SHOW default_transaction_read_only"
    with old_sessions_read_only(postgres, url):
        until(lambda: "on" in db.session.connection.execute(show).fetchone().values(), what="the switch-over")
        [reader] = db.readers.idle
        status = Inbox(db).keep(a_delivery())

    assert status == "stored"
    assert reader not in db.readers.idle
    assert db.read(COUNT)[0]["n"] == 1


def test_whoever_listens_at_a_former_primary_listens_elsewhere(db, postgres, url):
    nudges = db.nudges()
    nudges.wait(0.01)
    first = nudges.connection
    with old_sessions_read_only(postgres, url):
        until(lambda: first.execute("SHOW transaction_read_only").fetchone() == {"transaction_read_only": "on"})
        nudges.looked_at = 0.0
        nudges.wait(0.01)
        nudges.wait(0.01)

        db.nudge()
        assert nudges.wait(5)
        assert first.closed
    nudges.close()


def test_of_several_hosts_the_one_that_can_be_written_to_is_taken(postgres):
    if programs() is None:
        lacking("the programs of a Postgres server (on Debian: apt install postgresql)")
    standby = Server(default_transaction_read_only="on")
    hosts = f"127.0.0.1:{standby.port},127.0.0.1:{postgres.port}"
    db = Postgres(f"postgres://inboundflow@{hosts}/postgres")

    ports = [row["port"] for row in db.read("SELECT inet_server_port() AS port")]
    ports.append(db.commit(lambda tx: tx.execute("SELECT inet_server_port() AS port").fetchone()["port"]))

    assert ports == [postgres.port] * 2
    db.close()
    standby.close()


def test_what_the_url_says_of_its_hosts_is_kept():
    urls = ["postgres://a,b/x", "postgres://a,b/x?target_session_attrs=any", "postgres://a/x"]

    assert [Postgres(url).conninfo.get("target_session_attrs") for url in urls] == ["read-write", "any", None]


def test_a_read_of_a_server_that_hangs_ends_all_the_same(tmp_path):
    """It takes connections (the kernel does), says nothing, and keeps no time limit."""
    if programs() is None:
        lacking("the programs of a Postgres server (on Debian: apt install postgresql)")
    server = Server()
    db = Postgres(server.new_database())
    migrate(db)
    db.read(COUNT)
    began = time.monotonic()

    with stopped(server), pytest.raises(StoreUnavailable):
        db.read(COUNT, timeout_s=0.5)
    took_s = time.monotonic() - began

    assert took_s < 0.5 + GRACE_S + DEFAULTS["connect_timeout"] + 1
    assert db.read(COUNT)[0]["n"] == 0
    db.close()
    server.close()


@contextmanager
def stopped(server):
    pids = [server.process.pid, *children_of(server.process.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def test_the_servers_detail_lines_stay_out_of_an_error(db):
    insert = "INSERT INTO leases (name, owner, until_us) VALUES ('+15550100', '', 0)"
    db.commit(lambda tx: tx.execute(insert))

    with pytest.raises(StoreError, match="UniqueViolation") as refusal:
        db.commit(lambda tx: tx.execute(insert))

    assert "+15550100" not in str(refusal.value)


def test_an_address_that_cannot_be_read_is_named():
    with pytest.raises(ConfigurationError, match="DATABASE_URL cannot be read"):
        Postgres("postgres://a b@@/")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_text_is_refused_at_migrate_and_at_the_start(postgres, encoding):
    name = f"of_{encoding.lower()}"
    postgres.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    db = Postgres(postgres.url(name))

    for begin in (migrate, ensure_schema):
        with pytest.raises(ConfigurationError, match=f"has the encoding {encoding}.*ENCODING 'UTF8'"):
            begin(db)
    assert db.read("SELECT to_regclass('deliveries') AS name")[0]["name"] is None
    db.close()


def test_text_is_text_whatever_the_environment_says_of_encodings(url):
    script = (
        "import os; from receiver.store.postgres import Postgres; db = Postgres(os.environ['DATABASE_URL']); "
        "assert db.read('SELECT ? AS text', ('\\u20ac\\u6f22',))[0]['text'] == '\\u20ac\\u6f22'"
    )
    env = {**os.environ, "DATABASE_URL": url, "PGCLIENTENCODING": "LATIN1"}

    subprocess.run([sys.executable, "-c", script], env=env, cwd=CHECKOUT, check=True)


def a_role_without_rights(postgres, url, name):
    postgres.execute(f"CREATE ROLE {name} LOGIN")
    return url.replace("inboundflow@", f"{name}@")


def test_a_role_that_may_make_no_tables_is_told_so_at_migrate(postgres, url):
    postgres.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", url.rpartition("/")[2])  # as from Postgres 15 on
    db = Postgres(a_role_without_rights(postgres, url, "stranger"))

    with pytest.raises(ConfigurationError, match=r"cannot be made: .*ALTER DATABASE name OWNER TO role"):
        migrate(db)
    db.close()


def test_a_role_that_may_not_write_the_tables_is_told_so(db, postgres, url):
    other = Postgres(a_role_without_rights(postgres, url, "reader"))

    with pytest.raises(NotPermitted, match=r"permission denied.*must own the database"):
        other.commit(lambda tx: tx.execute("DELETE FROM pauses"))
    other.close()


PARAMETERS = [
    ("pgbouncer=true", "has the parameter pgbouncer, which"),
    ("schema=public", "has the parameter schema, which"),
    ("sslmode=no-verify", "has a sslmode that .* It may be: disable, allow, prefer, require"),
    ("target_session_attrs=master", "has a target_session_attrs that"),
]


@pytest.mark.parametrize(("parameter", "sentence"), PARAMETERS)
def test_a_parameter_that_cannot_be_is_named_and_the_password_is_not(parameter, sentence):
    with pytest.raises(ConfigurationError, match=sentence) as raised:
        Postgres(f"postgres://user:s3cret@host/x?{parameter}")

    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "columns", ["version text", "version_rank int, version varchar(50)", "version bigint, at date"]
)
def test_a_table_of_versions_of_another_program_is_told_and_left_alone(postgres, url, columns):
    name = url.rpartition("/")[2]
    postgres.execute(f"CREATE TABLE schema_version ({columns})", name)
    postgres.execute("INSERT INTO schema_version (version) VALUES ('1')", name)
    db = Postgres(url)

    for begin in (migrate, ensure_schema):
        with pytest.raises(ConfigurationError, match="schema_version that another program made"):
            begin(db)
    assert len(postgres.execute("SELECT 1 FROM schema_version", name)) == 1
    db.close()


def test_an_inbox_in_a_schema_of_its_own_works_beside_another_program(postgres, url):
    name = url.rpartition("/")[2]
    postgres.execute("CREATE TABLE schema_version (version text)", name)
    postgres.execute("CREATE SCHEMA inboundflow", name)
    db = Postgres(f"{url}?options=-csearch_path%3Dinboundflow")

    migrate(db)

    assert Inbox(db).keep(a_delivery()) == "stored"
    db.close()
