import gc
import sqlite3
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress

import pytest

from receiver.errors import StoreUnavailable
from receiver.store.group import ERRANDS_S, GroupCommit
from tests.support.processes import until


class Ledger:
    """A database that notes its transactions, and commits when it is let."""

    def __init__(self):
        self.batches = []
        self.gate = threading.Event()
        self.gate.set()

    @contextmanager
    def transaction(self):
        self.batches.append([])
        yield self.batches[-1]
        self.gate.wait(10)


def test_what_gathers_during_a_commit_is_committed_in_one_transaction():
    ledger = Ledger()
    group = GroupCommit(ledger.transaction)
    ledger.gate.clear()

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(group.run, lambda tx: tx.append(0), 10)
        until(lambda: ledger.batches)
        others = [pool.submit(group.run, lambda tx, n=n: tx.append(n), 10) for n in range(1, 9)]
        until(lambda: len(group.waiting) == 8)
        ledger.gate.set()
        [future.result() for future in [first, *others]]

    assert [sorted(batch) for batch in ledger.batches] == [[0], [1, 2, 3, 4, 5, 6, 7, 8]]


def test_each_thread_gets_the_result_of_its_own_work():
    group = GroupCommit(Ledger().transaction)

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda n: group.run(lambda tx: n * n, 10), range(500)))

    assert results == [n * n for n in range(500)]


def test_a_piece_that_fails_does_not_fail_its_neighbours():
    ledger = Ledger()
    group = GroupCommit(ledger.transaction)
    ledger.gate.clear()

    def work(tx, n):
        if n == 3:
            raise sqlite3.IntegrityError("a bad one")
        return n

    with ThreadPoolExecutor(9) as pool:
        pool.submit(group.run, lambda tx: None, 10)
        until(lambda: ledger.batches)
        futures = [pool.submit(group.run, lambda tx, n=n: work(tx, n), 10) for n in range(8)]
        until(lambda: len(group.waiting) == 8)
        ledger.gate.set()

    assert [future.exception() or future.result() for future in futures if future is not futures[3]] == [
        0, 1, 2, 4, 5, 6, 7,
    ]  # fmt: skip
    assert isinstance(futures[3].exception(), sqlite3.IntegrityError)


def test_who_waits_behind_a_hung_commit_is_told_in_time_and_the_next_is_served():
    ledger = Ledger()
    group = GroupCommit(ledger.transaction)
    ledger.gate.clear()

    with ThreadPoolExecutor(2) as pool:
        hung = pool.submit(group.run, lambda tx: "late", 10)
        until(lambda: ledger.batches)
        with pytest.raises(StoreUnavailable):
            group.run(lambda tx: None, 0.05)
        ledger.gate.set()

        assert hung.result() == "late"
        assert group.run(lambda tx: "served", 1) == "served"
        assert group.waiting == []


def test_an_errand_is_done_between_commits_and_its_error_is_its_own():
    ledger = Ledger()
    group = GroupCommit(ledger.transaction)

    with pytest.raises(ZeroDivisionError):
        group.run_between(lambda: 1 / 0, 1)

    assert group.run_between(lambda: len(ledger.batches), 1) == 0
    assert group.run(lambda tx: "committed", 1) == "committed"
    assert group.run_between(lambda: len(ledger.batches), 1) == 1


@pytest.mark.parametrize("how", [GroupCommit.run, GroupCommit.run_between])
def test_the_body_of_a_piece_that_fails_is_freed_without_a_search_for_cycles(how):
    class Body:
        def refuse(self, *_):
            raise ValueError

    body = Body()
    there = weakref.ref(body)
    gc.collect()
    gc.disable()
    try:
        with suppress(ValueError):
            how(GroupCommit(nullcontext), body.refuse, 5)
        del body
        until(lambda: not there(), within_s=5, what="the end of the body")
    finally:
        gc.enable()


class Sums:
    """Work on all items at once; equal to any other of its kind."""

    def __eq__(self, other):
        return isinstance(other, Sums)

    def __hash__(self):
        return 1

    def __call__(self, tx, items):
        tx.append(list(items))
        return [10 // item for item in items]


def gathered(group, ledger, *begin):
    """The results, or the errors, of what waits for one commit."""

    def result(future):
        return repr(future.exception()) if future.exception() else future.result()

    ledger.gate.clear()
    with ThreadPoolExecutor(9) as pool:
        pool.submit(group.run, lambda tx: None, 10)
        until(lambda: ledger.batches)
        futures = []
        for start in begin:
            futures.append(pool.submit(start))
            until(lambda: len(group.waiting) == len(futures))
        ledger.gate.set()
        return [result(future) for future in futures]


def test_what_waits_with_equal_work_is_done_in_one_call_where_the_first_of_it_stands():
    ledger = Ledger()
    group = GroupCommit(ledger.transaction)

    results = gathered(
        group,
        ledger,
        lambda: group.run(lambda tx: tx.append("a"), 10),
        lambda: group.run_together(Sums(), 1, 10),
        lambda: group.run(lambda tx: tx.append("b"), 10),
        lambda: group.run_together(Sums(), 2, 10),
    )

    assert (ledger.batches[1:], results) == ([["a", [1, 2], "b"]], [None, 10, None, 5])


def test_an_item_that_fails_does_not_fail_those_that_it_was_together_with():
    ledger = Ledger()
    group = GroupCommit(ledger.transaction)

    results = gathered(group, ledger, *[lambda n=n: group.run_together(Sums(), n, 10) for n in (1, 0, 2)])

    assert (results[0::2], results[1].partition("(")[0]) == ([10, 5], "ZeroDivisionError")


@pytest.mark.parametrize(("takes_s", "seen"), [(0, [1, 1]), (2 * ERRANDS_S, [1, 2])], ids=["quick", "slow"])
def test_slow_errands_and_commits_take_turns(takes_s, seen, monkeypatch):
    monkeypatch.setattr("receiver.store.group.LONGEST_ERRANDS_S", 0)  # the first commit is slow, too
    ledger = Ledger()

    def errand():
        time.sleep(takes_s)
        return len(ledger.batches)

    group = GroupCommit(ledger.transaction)
    ledger.gate.clear()

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(group.run, lambda tx: tx.append(0), 10)
        until(lambda: ledger.batches)
        errands = [pool.submit(group.run_between, errand, 10) for _ in range(2)]
        second = pool.submit(group.run, lambda tx: tx.append(1), 10)
        until(lambda: len(group.errands) == 2 and group.waiting)
        ledger.gate.set()
        [future.result() for future in (first, second)]

    assert sorted(errand.result() for errand in errands) == seen


def test_after_a_slow_commit_there_is_time_for_many_errands():
    ledger = Ledger()

    def errand():
        time.sleep(2 * ERRANDS_S)
        return len(ledger.batches)

    group = GroupCommit(ledger.transaction)
    ledger.gate.clear()

    with ThreadPoolExecutor(8) as pool:
        pool.submit(group.run, lambda tx: tx.append(0), 10)
        until(lambda: ledger.batches)
        errands = [pool.submit(group.run_between, errand, 10) for _ in range(4)]
        pool.submit(group.run, lambda tx: tx.append(1), 10)
        until(lambda: len(group.errands) == 4 and group.waiting)
        time.sleep(0.8)
        ledger.gate.set()

    assert [errand.result() for errand in errands] == [1, 1, 1, 1]


def test_the_dispatcher_is_told_once_for_all_that_was_committed_together():
    ledger, nudges = Ledger(), []
    group = GroupCommit(ledger.transaction, nudge=lambda: nudges.append(len(ledger.batches)))
    ledger.gate.clear()
    group.submit(lambda tx: None)
    until(lambda: ledger.batches)

    tickets = [group.submit(lambda tx: None, nudges=True) for _ in range(5)]
    ledger.gate.set()
    until(lambda: tickets[-1].done.acquire(blocking=False))
    until(lambda: nudges)
    group.run(lambda tx: None, 5)

    assert nudges == [2]
