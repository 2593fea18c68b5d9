import os
import subprocess
import sys
import time

import psycopg
import pytest
from psycopg import errors as pg

from receiver.errors import NotPermitted, StoreError, StoreUnavailable
from receiver.store.postgres import Postgres
from receiver.store.postgres_session import (
    NOW,
    Clock,
    Collision,
    Session,
    placeholders,
    select,
    translating_errors,
)
from tests.support.processes import CHECKOUT, is_alive, kill, started, until

ERRORS = [
    # psycopg raises                            which is
    (pg.DeadlockDetected("deadlock"),           Collision),
    (pg.UniqueViolation("key"),                 StoreError),
    (pg.InsufficientPrivilege("no right"),      NotPermitted),
    (pg.UndefinedTable("no such table"),        StoreError),
    (psycopg.OperationalError("gone"),          StoreUnavailable),
    (OSError("network"),                        StoreUnavailable),
]  # fmt: skip


@pytest.mark.parametrize(("error", "translated"), ERRORS)
def test_what_psycopg_raises_is_one_of_our_errors(error, translated):
    with pytest.raises(StoreError) as raised, translating_errors():
        raise error

    assert type(raised.value) is translated


def test_question_marks_are_placeholders_and_percent_signs_are_themselves():
    assert [placeholders(sql) for sql in ("a LIKE 'x%' AND b = ?", "a LIKE 'x%'")] == [
        "a LIKE 'x%%' AND b = %s", "a LIKE 'x%'",
    ]  # fmt: skip


def test_a_session_that_was_cut_off_is_opened_again_and_all_go_by_the_servers_clock(postgres):
    clock = Clock()
    clock.offset_us = 10**12
    session = Session({"host": "127.0.0.1", "port": postgres.port, "user": "inboundflow", "dbname": "postgres"}, clock)

    select(session, "SELECT 1 AS n", [()], 1)
    session.connection.close()

    assert select(session, "SELECT ? AS n", [(7,)], 1) == [[{"n": 7}]]
    assert abs(clock.now_us() - time.time_ns() // 1000) < 1_000_000
    session.close()


STEP = """
import time
right = time.time_ns
from receiver.store.postgres_session import Clock, Session, select
session = Session({"host": "127.0.0.1", "port": %d, "user": "inboundflow", "dbname": "postgres"}, Clock())
select(session, "SELECT 1 AS n", [()], 1)
before = session.clock.now_us()
time.time_ns = lambda: right() + %d * 10**9
assert 0 <= session.clock.now_us() - before < 60_000_000
select(session, "SELECT 1 AS n", [()], 1)
assert 0 <= session.clock.now_us() - before < 60_000_000
"""


@pytest.mark.parametrize("step_s", [3600, -3600, 315_000_000])
def test_a_step_of_this_machines_clock_changes_nothing(postgres, step_s):
    with started("-c", STEP % (postgres.port, step_s), env={}) as process:
        assert process.wait(30) == 0


def test_what_counts_from_now_is_computed_by_the_server():
    sql = placeholders("a LIKE '%' AND b < ? AND c = ?", (True, False))

    assert sql == f"a LIKE '%%' AND b < ({NOW} + %s) AND c = %s"


# As a handler does: something in its process forks a helper, while its commit thread is in a transaction.
HANDLER = """
import sys, threading, time
from receiver.store.postgres import Postgres
from tests.support.forks import WAYS

def work(tx):
    tx.execute("SELECT pg_advisory_xact_lock(77)")
    has_lock.set()
    time.sleep(600)

has_lock = threading.Event()
db = Postgres(sys.argv[2])
threading.Thread(target=lambda: db.commit(work, timeout_s=600), daemon=True).start()
has_lock.wait()
print(WAYS[sys.argv[1]](), flush=True)
time.sleep(600)
"""
LOCKS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 77"


@pytest.mark.parametrize("helper", ["fork", "pool", "program"])
def test_a_helper_that_a_killed_handler_started_does_not_keep_its_locks(postgres, helper):
    command = [sys.executable, "-c", HANDLER, helper, postgres.url()]
    handler = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE)
    pid = int(handler.stdout.readline())
    handler.kill()
    handler.wait()

    try:
        until(lambda: not postgres.execute(LOCKS), within_s=5, what="the end of the session")
        assert is_alive(pid)
    finally:
        kill(pid)


def test_a_process_that_forked_goes_on_in_its_session_when_the_helper_ends(postgres):
    """And the helper, which closes what it finds, closes nothing else."""
    session = Session(psycopg.conninfo.conninfo_to_dict(postgres.url()), Clock())
    with session.transaction("BEGIN") as tx:
        pid = os.fork()
        if not pid:
            session.connection.close()
            os._exit(0)
        os.waitpid(pid, 0)

        assert tx.execute("SELECT 7 AS n").fetchone()["n"] == 7
    session.close()


def test_a_session_whose_machine_is_gone_in_a_transaction_is_ended_by_the_server(postgres):
    """No word of that comes from a machine without power: locks would stay until the server's own system notices."""
    db = Postgres(postgres.url())
    shown = [
        db.commit(lambda tx: tx.execute("SHOW idle_in_transaction_session_timeout").fetchone()),
        db.read("SHOW idle_in_transaction_session_timeout")[0],
    ]
    db.close()

    assert shown == [{"idle_in_transaction_session_timeout": "10s"}] * 2


def test_a_transaction_that_the_server_ended_is_trouble_of_the_database_and_the_next_works(postgres):
    db = Postgres(postgres.url())

    def sleep(tx):
        tx.execute("SET LOCAL idle_in_transaction_session_timeout = 50")
        [pid] = tx.execute("SELECT pg_backend_pid() AS pid").fetchone().values()
        until(lambda: not postgres.execute(f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"), what="its end")
        tx.execute("SELECT 1")

    with pytest.raises(StoreUnavailable):
        db.commit(sleep)
    assert db.commit(lambda tx: tx.execute("SELECT 7 AS n").fetchone()["n"]) == 7
    db.close()
