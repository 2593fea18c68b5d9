from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import gevent
import pytest

from receiver import settings, store
from receiver.app.loop import LoopBell
from receiver.errors import StoreUnavailable
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.store import GroupCommit
from tests.store.test_group import Ledger


class CountedBell(LoopBell):
    rings = 0

    def ring(self, locks):
        self.rings += 1
        super().ring(locks)


@pytest.fixture
def ledger():
    return Ledger()


def gathered(group, ledger, number):
    """Greenlets whose work waits for one that is being committed, and is committed together."""
    ledger.gate.clear()
    first = gevent.spawn(group.run, lambda tx: 0, 10)
    while not ledger.batches:
        gevent.sleep(0.001)
    others = [gevent.spawn(group.run, lambda tx, n=n: n, 10) for n in range(1, number)]
    gevent.sleep(0)
    ledger.gate.set()
    return [first, *others]


def test_the_greenlets_of_a_commit_are_woken_by_one_signal(ledger):
    bell = CountedBell()
    greenlets = gathered(GroupCommit(ledger.transaction, bell=bell), ledger, 9)

    gevent.joinall(greenlets, raise_error=True)

    assert [greenlet.value for greenlet in greenlets] == list(range(9))
    assert bell.rings == len(ledger.batches) == 2


def test_the_loop_goes_on_while_a_greenlet_waits_and_it_waits_no_longer_than_it_may(ledger):
    group = GroupCommit(ledger.transaction, bell=LoopBell())
    ledger.gate.clear()
    waiting = gevent.spawn(group.run, lambda tx: 0, 0.1)

    gevent.sleep(0)
    turns = 0
    while not waiting.ready():
        gevent.sleep(0.01)
        turns += 1
    ledger.gate.set()

    assert isinstance(waiting.exception, StoreUnavailable)
    assert turns > 1


def test_a_thread_is_woken_too_also_where_the_loop_stands_still(ledger):
    group = GroupCommit(ledger.transaction, bell=LoopBell())

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(group.run, lambda tx: 1, 5).result(5) == 1


def test_a_delivery_that_a_loop_keeps_nudges_the_dispatcher_on_both_databases(env):
    db = store.connect(settings.read(env), bell=LoopBell())
    store.migrate(db)
    with closing(db.nudges()) as nudges:
        nudges.wait(0)
        for n in range(3):
            kept = gevent.spawn(Inbox(db).keep, Delivery(key=f"d-{n}", body=b"{}", received_us=1), timeout_s=5)
            assert kept.get() == "stored"

        assert nudges.wait(10)
    db.close()
