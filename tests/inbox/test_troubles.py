import pytest

from receiver.inbox import PROCESSES, REDIS, Trouble, troubles
from receiver.inbox.troubles import BELIEVED_US, NOTED_EVERY_S


def test_what_a_worker_says_is_known_until_it_says_that_it_is_over(db):
    trouble = Trouble(db, REDIS, "one")
    trouble.note("")
    before = troubles(db)

    trouble.note("Redis is full")
    during = troubles(db)
    trouble.note("")

    assert (before, during, troubles(db)) == ({}, {REDIS: "Redis is full"}, {})


def test_what_one_worker_says_is_not_ended_by_another(db):
    one, two = (Trouble(db, PROCESSES, name) for name in ("one", "two"))
    two.note("its process for a ends")
    one.note("its process for b ends")

    two.note("")

    assert troubles(db) == {PROCESSES: "its process for b ends"}


@pytest.mark.parametrize("ago_us", [BELIEVED_US + 1_000_000, -BELIEVED_US - 1_000_000])
def test_a_worker_that_is_gone_says_nothing_more_nor_does_one_whose_clock_was_ahead(db, ago_us):
    Trouble(db, REDIS, "one").note("Redis is full")
    db.commit(lambda tx: tx.execute("UPDATE facts SET noted_us = noted_us - ?", (ago_us,)))

    assert troubles(db) == {}


def test_it_is_written_again_while_it_lasts_and_not_at_each_look(db):
    trouble = Trouble(db, REDIS, "one")
    trouble.note("Redis is full")
    db.commit(lambda tx: tx.execute("DELETE FROM facts"))

    trouble.note("Redis is full")
    at_once = troubles(db)
    trouble.noted_at -= NOTED_EVERY_S + 1
    trouble.note("Redis is full")

    assert (at_once, troubles(db)) == ({}, {REDIS: "Redis is full"})


def test_it_stays_short_whatever_is_said(db):
    Trouble(db, REDIS, "one").note("x" * 100_000)

    assert len(troubles(db)[REDIS]) == 500
