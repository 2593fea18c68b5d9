import pytest

from receiver.inbox import Inbox
from receiver.inbox.states import CLAIMABLE, ENDED, OPEN, STATES, WAITING
from tests.support.deliveries import a_delivery

CONDITIONS = [
    # condition   states
    (OPEN,        {"pending", "queued", "running", "retrying"}),
    (WAITING,     {"pending", "retrying"}),
    (CLAIMABLE,   {"pending", "queued", "retrying"}),
]  # fmt: skip


def keep_runs_in(db, states):
    """One delivery, with a run in each of these states."""
    Inbox(db).keep(a_delivery())
    sql = "INSERT INTO runs (delivery_id, handler, state, next_attempt_us) SELECT id, ?, ?, 1 FROM deliveries"
    db.commit(lambda tx: tx.executemany(sql, [(state, state) for state in states]))


@pytest.mark.parametrize(("condition", "states"), CONDITIONS)
def test_a_condition_selects_the_runs_in_its_states(db, condition, states):
    keep_runs_in(db, STATES)

    rows = db.read(f"SELECT r.state FROM runs AS r WHERE r.{condition}")

    assert {row["state"] for row in rows} == states


def test_a_run_is_open_or_has_ended(db):
    keep_runs_in(db, STATES)

    rows = db.read(f"SELECT state FROM runs WHERE NOT {OPEN}")

    assert {row["state"] for row in rows} == set(ENDED)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_partial_index_has_the_very_words_of_the_condition(db):
    rows = db.read("SELECT sql FROM sqlite_master WHERE name IN ('runs_open_in_lane', 'runs_of_a_call')")

    assert [row["sql"].endswith(f"WHERE {OPEN}") for row in rows] == [True, True]
