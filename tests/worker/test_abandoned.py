"""Runs whose worker is gone: what is on, what is off and what is gone; and a clock that is set forward."""

import pytest

from receiver.events import Delivery
from receiver.inbox import RUN_LEASE_US, Inbox
from receiver.operations import Selection, cancel, clock_oddities
from receiver.registry import activate, load
from receiver.worker.abandoned import GRACE_US, TakeOver
from receiver.worker.leases import HARD_LIMIT_GRACE_S
from tests.support.runs import Runs
from tests.support.tools import claim

START, SECOND, HOUR = 1_800_000_000_000_000, 1_000_000, 3_600_000_000
TIMEOUT_US = 2 * SECOND + GRACE_US


class Clocks:
    """The clock, the one that nobody sets, and how long the machine has slept."""

    def __init__(self):
        self.now = START
        self.steady = self.slept = 0

    def go_on(self, us):
        self.now += us
        self.steady += us

    def sleep(self, us):
        """The machine: its steady clock stands still."""
        self.now += us
        self.slept += us


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def runs(db):
    return Runs(db)


def taker(db, clocks, variables=None):
    activations = activate(load("tests.toys"), {"TOYS": "."} if variables is None else variables)
    return TakeOver(db, activations, None, lambda: clocks.now, lambda: clocks.steady, lambda: clocks.slept)


def running(runs, clocks, handler="toys.moody"):
    Inbox(runs.db).keep(Delivery(key="a", event="x", body=b"{}", received_us=1))
    [row] = runs.undispatched(1)
    runs.open([(row, handler, "")], [row["id"]], clocks.now)
    return claim(runs, 1, "us", clocks.now)


def state(runs):
    return runs.db.read("SELECT state FROM runs")[0]["state"]


@pytest.mark.parametrize("handler", ["toys.moody", "gone.handler"])
@pytest.mark.parametrize("variables", [{"TOYS": "."}, {}])
def test_a_run_is_taken_over_also_where_its_handler_is_off_or_gone_and_can_then_be_cancelled(
    db, runs, clocks, handler, variables
):
    running(runs, clocks, handler)
    take_over = taker(db, clocks, variables)
    take_over()
    assert state(runs) == "running"

    clocks.go_on(20 * SECOND + GRACE_US + 1)
    take_over()

    assert state(runs) == "retrying"
    assert cancel(db, Selection(handler=handler), "it is over").total == 1


def test_no_run_is_taken_over_before_its_process_was_ended():
    assert GRACE_US > HARD_LIMIT_GRACE_S * SECOND


@pytest.mark.parametrize("step_us", [3 * SECOND, HOUR, 315_000_000 * SECOND])
def test_a_clock_that_is_set_forward_takes_no_run_from_a_worker_that_lives(db, runs, clocks, step_us):
    running(runs, clocks)
    take_over = taker(db, clocks)
    take_over()

    clocks.go_on(SECOND)
    clocks.now += step_us
    for _ in range(10):
        take_over()
        assert runs.renew("us", [1], clocks.now) == [1]
        clocks.go_on(2 * SECOND)


def test_that_the_clock_was_set_forward_is_noted_for_health(db, clocks, monkeypatch):
    monkeypatch.setattr(db, "now_us", lambda: clocks.now)
    monkeypatch.setattr("time.time", lambda: clocks.now / 1e6)
    take_over = taker(db, clocks)
    take_over()
    assert clock_oddities(db, within_s=60) == ""

    clocks.now += HOUR * 2
    take_over()
    clocks.go_on(SECOND)
    take_over()

    assert clock_oddities(db, within_s=60).startswith("it was set forward by 2 h at 2027-01-15 10:00:00")
    clocks.go_on(60 * SECOND)
    assert clock_oddities(db, within_s=60) == ""


def test_a_machine_that_slept_takes_no_run_from_its_worker_and_its_clock_was_not_set_forward(
    db, runs, clocks, monkeypatch
):
    monkeypatch.setattr(db, "now_us", lambda: clocks.now)
    monkeypatch.setattr("time.time", lambda: clocks.now / 1e6)
    running(runs, clocks)
    take_over = taker(db, clocks)
    take_over()

    clocks.sleep(HOUR * 8)
    take_over()

    assert runs.renew("us", [1], clocks.now) == [1]
    assert clock_oddities(db, within_s=60) == ""


def test_a_run_whose_worker_died_is_taken_over_in_time_though_the_clock_is_set_forward(db, runs, clocks):
    running(runs, clocks)
    take_over = taker(db, clocks)
    take_over()

    clocks.now += HOUR
    take_over()
    assert state(runs) == "running"
    clocks.go_on(max(RUN_LEASE_US, TIMEOUT_US) + 1)
    take_over()

    assert state(runs) == "retrying"


class Known:
    """What is known of processes: the calls that those that are gone had begun."""

    def __init__(self, **calls):
        self.calls_of = calls
        self.kept = set()

    def calls(self, owner):
        return self.calls_of.get(owner)

    def clear(self, owners=(), older_than_s=0):
        self.kept = set(owners)


def claimed_ago(db, runs, *, ago_us):
    """A run of a worker that claimed it so long ago, by the database's clock, and has renewed its lease since."""
    clocks = Clocks()
    clocks.now = db.now_us() - ago_us
    running(runs, clocks)
    runs.renew("us", [1], db.now_us())
    return lambda remains: TakeOver(db, activate(load("tests.toys"), {"TOYS": "."}), remains)()


@pytest.mark.parametrize(
    ("known", "ago_us", "becomes"),
    [
        ({},               20 * SECOND, "running"),   # it may live: its lease is believed
        ({"us": set()},    0,           "retrying"),  # its call had not begun
        ({"us": {(1, 2)}}, 0,           "retrying"),  # another attempt's had
        ({"us": {(1, 1)}}, 1 * SECOND,  "running"),   # its time-out is two seconds
        ({"us": {(1, 1)}}, 3 * SECOND,  "running"),   # its next process may be about to say how this one ended
        ({"us": {(1, 1)}}, 5 * SECOND,  "retrying"),
        ({"them": set()},  20 * SECOND, "running"),
    ],
)  # fmt: skip
def test_a_run_of_a_process_that_is_gone_waits_for_its_call_alone(db, runs, known, ago_us, becomes):
    take_over = claimed_ago(db, runs, ago_us=ago_us)
    remains = Known(**known)

    take_over(remains)

    assert state(runs) == becomes
    assert remains.kept == {"us"}


def test_a_run_whose_call_had_not_begun_is_never_the_one_that_ended_its_process(db, runs):
    for _ in range(3):
        take_over = claimed_ago(db, runs, ago_us=0) if state_or_none(runs) is None else again(db, runs)
        take_over(Known(us=set()))

    [row] = db.read("SELECT state, attempts, failures, last_error FROM runs")
    assert (row["state"], row["attempts"], row["failures"]) == ("retrying", 3, 0)
    assert row["last_error"] == "the worker was lost before the call"
    assert runs.attempts.claim_unless_suspect([1], "us", db.now_us())[1] == []


def state_or_none(runs):
    rows = runs.db.read("SELECT state FROM runs")
    return rows[0]["state"] if rows else None


def again(db, runs):
    assert claim(runs, 1, "us", db.now_us() + SECOND)
    return lambda remains: TakeOver(db, activate(load("tests.toys"), {"TOYS": "."}), remains)()
