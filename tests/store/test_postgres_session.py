import time

import psycopg
import pytest
from psycopg import errors as pg

from receiver.errors import NotPermitted, StoreError, StoreUnavailable
from receiver.store.postgres_session import Clock, Collision, Session, placeholders, select, translating_errors

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
