import time

import psycopg
import pytest
from psycopg import errors as pg

from receiver.errors import NotPermitted, StoreError, StoreUnavailable
from receiver.store.postgres_session import (
    NOW,
    Clock,
    Collision,
    Session,
    placeholders,
    select,
    translating_errors,
)
from tests.support.processes import started

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

    select(session, "SELECT 1 AS n", (), 1)
    session.connection.close()

    assert [row["n"] for row in select(session, "SELECT ? AS n", (7,), 1)] == [7]
    assert abs(clock.now_us() - time.time_ns() // 1000) < 1_000_000
    session.close()


STEP = """
import time
right = time.time_ns
from receiver.store.postgres_session import Clock, Session, select
session = Session({"host": "127.0.0.1", "port": %d, "user": "inboundflow", "dbname": "postgres"}, Clock())
select(session, "SELECT 1 AS n", (), 1)
before = session.clock.now_us()
time.time_ns = lambda: right() + %d * 10**9
assert 0 <= session.clock.now_us() - before < 60_000_000
select(session, "SELECT 1 AS n", (), 1)
assert 0 <= session.clock.now_us() - before < 60_000_000
"""


@pytest.mark.parametrize("step_s", [3600, -3600, 315_000_000])
def test_a_step_of_this_machines_clock_changes_nothing(postgres, step_s):
    with started("-c", STEP % (postgres.port, step_s), env={}) as process:
        assert process.wait(30) == 0


def test_what_counts_from_now_is_computed_by_the_server():
    sql = placeholders("a LIKE '%' AND b < ? AND c = ?", (True, False))

    assert sql == f"a LIKE '%%' AND b < ({NOW} + %s) AND c = %s"
