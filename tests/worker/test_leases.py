import time

import pytest

from receiver.errors import LeaseLost
from receiver.inbox import RUN_LEASE_US, Attempts, Inbox
from receiver.worker.leases import HARD_LIMIT_GRACE_S, LEASE_MARGIN_S, Leases
from tests.support.deliveries import a_delivery
from tests.support.handlers import a_handler
from tests.support.processes import is_alive, until
from tests.support.runs import Runs


def test_an_attempt_past_its_limit_ends_its_process_and_is_made_again(bench):
    hang = bench.wish("toys.moody", "hang")
    bench.work()

    bench.keep("a")
    until(lambda: bench.states("toys.moody") == ["running"], what="the attempt")
    [row] = bench.db.read("SELECT lease_owner FROM runs WHERE handler = 'toys.moody'")
    until(lambda: not is_alive(int(row["lease_owner"].partition("-")[0])), what="the hard limit")
    assert "ending its process" in bench.log()
    hang.unlink()

    bench.until_states("toys.moody", ["succeeded"])
    assert bench.notes("toys.moody") == ["a 2 1 "]


LEASE_S = RUN_LEASE_US / 1e6
HANDLER = a_handler(timeout_s=20)
LIMIT_S = 20 + HARD_LIMIT_GRACE_S


@pytest.fixture
def claims(db):
    """Three runs that this worker has."""
    for n in range(3):
        Inbox(db).keep(a_delivery(key=f"d-{n}"))
    runs = Runs(db)
    deliveries = runs.undispatched(3)
    runs.open([(delivery, HANDLER.name, "") for delivery in deliveries], [row["id"] for row in deliveries], 1)
    return runs.claim([row["id"] for row in db.read("SELECT id FROM runs ORDER BY id")], "me", db.now_us())


def leases_of(db, retire=lambda: None):
    return Leases(Attempts(db), "me", HANDLER, retire)


@pytest.mark.parametrize(("age_s", "is_lost"), [(0, False), (LEASE_S - LEASE_MARGIN_S - 0.5, False), (LEASE_S, True)])
def test_a_write_is_not_begun_with_little_left_on_the_lease(db, claims, age_s, is_lost):
    leases = leases_of(db)

    with leases.kept(claims, time.monotonic() - age_s):
        if is_lost:
            with pytest.raises(LeaseLost):
                leases.check([claims[0].id])
        else:
            leases.check([claims[0].id])


def test_a_lease_is_renewed_in_the_database_and_here(db, claims):
    db.commit(lambda tx: tx.execute("UPDATE runs SET lease_until_us = 1"))
    leases = leases_of(db)

    with leases.kept(claims, time.monotonic() - LEASE_S):
        leases.renew()
        leases.check([claim.id for claim in claims])

    until_us = [row["lease_until_us"] for row in db.read("SELECT lease_until_us FROM runs")]
    assert all(0 < each - db.now_us() <= RUN_LEASE_US for each in until_us)


def test_the_lease_of_a_run_that_another_worker_has_is_not_renewed(db, claims):
    db.commit(lambda tx: tx.execute("UPDATE runs SET lease_owner = 'another' WHERE id = ?", (claims[0].id,)))
    leases = leases_of(db)

    with leases.kept(claims, time.monotonic() - LEASE_S):
        leases.renew()

        leases.check([claims[1].id])
        with pytest.raises(LeaseLost):
            leases.check([claims[0].id])


def test_an_attempt_is_overdue_past_the_limit_and_until_its_handler_has_returned(db, claims):
    leases, long_ago = leases_of(db), time.monotonic() - LIMIT_S - 1

    with leases.kept(claims[:2], long_ago), leases.kept(claims[2:], time.monotonic()):
        overdue, batches = leases.overdue(), leases.overdue_batches()
        leases.attempted(claims[:2])

        assert ([held.claim for held in overdue], batches) == (claims[:2], 1)
        assert (leases.overdue(), leases.overdue_batches()) == ([], 0)


def test_each_batch_that_is_overdue_is_counted_once(db, claims):
    leases, long_ago = leases_of(db), time.monotonic() - LIMIT_S - 1

    with leases.kept(claims[:2], long_ago), leases.kept(claims[2:], long_ago):
        assert leases.overdue_batches() == 2


def test_an_attempt_that_overruns_has_its_process_retire_once(db, claims, caplog):
    retired = []
    leases = leases_of(db, lambda: retired.append(leases.overran))

    with leases.kept(claims[:1], time.monotonic() - LIMIT_S - 1):
        leases.watch()

    assert retired == [True]
    assert f"delivery {claims[0].delivery.key} at {HANDLER.name} took over {LIMIT_S} s" in caplog.text
