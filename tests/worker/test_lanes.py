import threading
from concurrent.futures import ThreadPoolExecutor

from receiver.events import CallCompleted
from receiver.registry import Handler, Lane
from receiver.worker.lanes import LaneWorker, Neighbours
from tests.support.processes import until

LANE = Lane("", "toy", "")


class Worker:
    """A lane's worker, with what it has told and done."""

    def __init__(self, *, parallel=4, batch=1):
        self.full = []
        self.begun = []
        self.done = []
        self.gate = threading.Event()
        handler = Handler(name="toy", function=print, events=(CallCompleted,), parallel=parallel, batch=batch)
        self.worker = LaneWorker(LANE, handler, ThreadPoolExecutor(9), self.perform, self.set_full)

    def set_full(self, full):
        self.full.append(full)
        return lambda: None

    def perform(self, lane, batch):
        self.begun.append(list(batch))
        self.gate.wait()
        self.done.append(list(batch))


def test_a_lane_is_full_while_as_many_batches_wait_as_it_has_threads():
    lane = Worker(parallel=2)

    lane.worker.take([1, 2])
    until(lambda: len(lane.begun) == 2, what="both slots in use")
    lane.worker.take([3, 4])

    assert lane.full[-1] is True
    lane.gate.set()
    until(lambda: len(lane.done) == 4, what="the end")
    assert lane.full[-1] is False


def test_a_lane_is_never_left_full_when_all_is_done():
    """The news that it is full must not arrive after the news that it has room again."""
    has_room, order = threading.Event(), []
    handler = Handler(name="toy", function=print, events=(CallCompleted,), parallel=2)

    def set_full(full):
        if full:
            has_room.wait(0.3)  # as slow as the machine can be
        order.append(full)
        if not full:
            has_room.set()
        return lambda: None

    worker = LaneWorker(LANE, handler, ThreadPoolExecutor(9), lambda lane, batch: None, set_full)
    worker.take([1, 2, 3, 4])
    worker.join()

    assert (order[0], order[-1]) == (True, False)  # all four wait when they come


def test_a_run_that_takes_long_keeps_none_waiting_while_a_slot_is_free():
    """No batch of runs is waited for as a whole: each slot goes on by itself."""
    done, hangs = [], threading.Event()
    handler = Handler(name="toy", function=print, events=(CallCompleted,), parallel=2)

    def perform(lane, batch):
        if batch == [1]:
            hangs.wait()
        done.extend(batch)

    worker = LaneWorker(LANE, handler, ThreadPoolExecutor(9), perform, lambda full: lambda: None)
    worker.take([1, 2, 3])
    worker.take([4, 5])
    try:
        until(lambda: done == [2, 3, 4, 5], what="all but the one that hangs")
    finally:
        hangs.set()
    worker.join()
    assert done == [2, 3, 4, 5, 1]


def test_no_more_than_its_slots_are_in_use_however_many_threads_there_are():
    lane = Worker(parallel=2)

    lane.worker.take([1, 2, 3])
    lane.worker.take([4])
    until(lambda: len(lane.begun) == 2, what="two attempts")

    assert (lane.worker.active, lane.worker.empty()) == (2, [3, 4])
    lane.gate.set()
    lane.worker.join()
    assert sorted(lane.done) == [[1], [2]]
    assert lane.worker.active == 0


def test_runs_are_handed_to_the_handler_in_batches_of_its_size():
    lane = Worker(parallel=1, batch=3)
    lane.gate.set()

    lane.worker.take([1, 2, 3, 4, 5])
    lane.worker.join()

    assert lane.done == [[1, 2, 3], [4, 5]]


def test_what_has_not_begun_is_given_back():
    lane = Worker(parallel=1)
    lane.worker.take([1, 2, 3])
    until(lambda: lane.begun, what="the first")

    assert lane.worker.empty() == [2, 3]
    lane.gate.set()
    lane.worker.join()
    assert lane.done == [[1]]


def entered(how, log, name, gate):
    """A thread that is in there until the gate opens."""

    def enter():
        with how():
            log.append(name)
            gate.wait(20)
            log.append(f"{name} ends")

    thread = threading.Thread(target=enter)
    thread.start()
    return thread


def test_a_run_that_may_end_the_process_waits_for_the_others_and_they_for_it():
    neighbours, log, first, suspect, open_gate = Neighbours(), [], *[threading.Event() for _ in range(3)]
    open_gate.set()

    threads = [entered(neighbours.beside, log, "first", first)]
    until(lambda: log == ["first"], what="the first")
    threads.append(entered(neighbours.alone, log, "suspect", suspect))
    until(neighbours.door.locked, what="the suspect at the door")
    threads.append(entered(neighbours.beside, log, "later", open_gate))
    first.set()
    until(lambda: "suspect" in log, what="the suspect")
    suspect.set()
    for thread in threads:
        thread.join()

    assert log == ["first", "first ends", "suspect", "suspect ends", "later", "later ends"]


def test_nobody_waits_for_ever_for_a_run_that_hangs():
    neighbours, log, never = Neighbours(), [], threading.Event()

    threads = [entered(neighbours.beside, log, "hangs", never), entered(neighbours.alone, log, "suspect", never)]
    until(lambda: len(log) == 2, what="the suspect beside the one that hangs")
    threads.append(entered(neighbours.beside, log, "later", never))
    until(lambda: len(log) == 3, what="the later one beside both")

    never.set()
    for thread in threads:
        thread.join()
