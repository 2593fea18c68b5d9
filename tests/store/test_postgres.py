"""What holds for Postgres alone."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from receiver.errors import ConfigurationError, StoreError, StoreUnavailable
from receiver.store import migrate
from receiver.store.postgres import DEFAULTS, GRACE_S, Postgres
from tests.conftest import lacking
from tests.support.postgres import Server, programs
from tests.support.processes import children_of

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


def test_a_lost_connection_is_opened_anew(db, postgres, url):
    db.read(COUNT)
    cut(postgres, url)

    assert db.read(COUNT)[0]["n"] == 0
    assert db.commit(lambda tx: tx.execute(COUNT).fetchone()["n"]) == 0


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
