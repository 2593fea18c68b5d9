"""From the cut-over on the file takes nothing more."""

import signal
import threading
import time

import pytest

from receiver.errors import NotStored, StoreError
from receiver.inbox import RUN_LEASE_US, Inbox, Verdict
from receiver.moving.copy import Copy
from receiver.moving.cut_over import close_source, reopen_source
from receiver.moving.move import move
from receiver.moving.tables import FAR_US, TABLES
from receiver.operations import Selection, advance, job, make_cancel, start, stop
from receiver.registry import Lane
from receiver.store import was_moved
from tests.support.deliveries import a_delivery
from tests.support.moving import copied, fill, receiver, rows_there
from tests.support.processes import until
from tests.support.runs import Runs
from tests.support.tools import claim, finish

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_cutover_is_undone(db, env, url):
    ran = receiver("copy", "--to", url, "--cutover", env=env)
    assert (ran.wait(), "DATABASE_URL" in ran.stdout.read()) == (0, True)
    with pytest.raises(NotStored):
        Inbox(db).keep(a_delivery())
    with pytest.raises(NotStored):
        Inbox(db).probe()

    assert receiver("copy", "--to", url, "--undo-cutover", env=env).wait() == 0

    Inbox(db).probe()
    assert Inbox(db).keep(a_delivery()) == "stored"


def test_no_receiver_starts_on_the_closed_file(db, env, url):
    assert receiver("copy", "--to", url, "--cutover", env=env).wait() == 0

    for program in ("web", "up"):
        ran = receiver(
            program, env=env | {"INBOUNDFLOW_SIGNING_SECRET": "a-secret-of-ours", "PORT": "0", "REDIS_URL": ""}
        )
        said, complained = ran.communicate(timeout=30)
        assert ran.returncode == 2
        assert "This inbox has moved to another database: set DATABASE_URL to it. This file is closed." in complained

        assert "receiver runs" not in said
    looking = receiver("deliveries", env=env)
    assert "This is the file as it was closed." in looking.communicate()[1]
    assert looking.returncode == 0


def test_a_dispatcher_that_leads_still_changes_nothing_after_the_cutover(db, target):
    """It looks at its lease once a second only: until then it would go on opening, queueing and taking over."""
    runs, long_ago = Runs(db), db.now_us() - 60_000_000
    for key in ("at work", "abandoned", "retrying", "waiting"):
        Inbox(db).keep(a_delivery(key=key, call_id=key))
    *opened, waiting = runs.undispatched(4)
    runs.open([(one, "toy", "") for one in opened], [one["id"] for one in opened], 1)
    runs.open([(opened[0], "many", "")], [], 1)  # its targets were unknown
    working, _, retrying = [
        claim(runs, one["id"], "me", long_ago) for one in db.read("SELECT id FROM runs WHERE handler = 'toy'")
    ]
    finish(runs, retrying, "me", Verdict(state="retrying", result="retry"), long_ago)
    copying = Copy(db, target)
    copying.prepare()
    close_source(db)
    list(copying.run())

    for late in (
        lambda: runs.open([(waiting, "toy", "")], [waiting["id"]], 2),
        lambda: runs.open([], [waiting["id"]], 2),
        lambda: runs.backlog.assign_targets([Lane("", "many", name) for name in ("one", "two")]),
        lambda: runs.mark_queued([retrying.id], FAR_US),
        lambda: runs.take_over("toy", 1_000_000, db.now_us()),
        lambda: claim(runs, retrying.id, "me", db.now_us()),
    ):
        with pytest.raises(StoreError, match="moved"):
            late()

    assert [one.different for one in copying.verify()] == [0] * len(TABLES)
    assert finish(runs, working, "me", Verdict(state="succeeded", result="succeeded"), db.now_us())


def test_a_job_does_nothing_on_a_closed_file_and_goes_on_when_it_is_opened_again(db, target):
    fill(db, 9)
    db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'dead', lease_until_us = NULL"))
    cancels = make_cancel(db, Selection(state="dead"), "seen to")
    start(db, cancels.id)
    copying = Copy(db, target)
    copying.prepare()
    close_source(db)
    list(copying.run())

    for late in (
        lambda: advance(db, cancels.id, {}),
        lambda: stop(db, cancels.id),
        lambda: make_cancel(db, Selection(state="dead"), "another"),
    ):
        with pytest.raises(StoreError, match="moved"):
            late()

    assert [one.different for one in copying.verify()] == [0] * len(TABLES)
    reopen_source(db)
    while advance(db, cancels.id, {}):
        pass
    assert (job(db, cancels.id).state, job(db, cancels.id).runs("ended")) == ("done", 9)


@pytest.mark.parametrize("ahead_us", [7_200_000_000, 315_000_000_000_000])
def test_a_lease_that_a_clock_that_was_ahead_has_left_is_waited_for_as_long_as_any_other(db, ahead_us):
    fill(db, 3)
    let_a_run_hold_the_lease(db, db.now_us() + ahead_us)
    began = time.monotonic()

    close_source(db)

    took_s = time.monotonic() - began
    assert RUN_LEASE_US / 1e6 - 1 < took_s < RUN_LEASE_US / 1e6 + 10  # a worker that lives would have renewed it


def refuse_connections(postgres, url):
    database = url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")


def let_a_run_hold_the_lease(db, until_us):
    db.commit(lambda tx: tx.execute("UPDATE runs SET lease_until_us = ? WHERE state = 'running'", (until_us,)))


@pytest.fixture
def at_work(db):
    """A worker that keeps what runs, until it is told to stop."""
    stop = threading.Event()

    def renew():
        while not stop.wait(0.5):
            let_a_run_hold_the_lease(db, db.now_us() + RUN_LEASE_US)

    worker = threading.Thread(target=renew, daemon=True)

    def begin():
        let_a_run_hold_the_lease(db, db.now_us() + RUN_LEASE_US)
        worker.start()
        return stop

    yield begin
    stop.set()
    worker.join()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, "the other side refuses"])
def test_a_cutover_that_ends_early_opens_the_file_again_and_says_so(db, env, url, postgres, at_work, end):
    fill(db, 3)
    stop = at_work()
    ran = receiver("copy", "--to", url, "--cutover", env=env)
    until(lambda: db.commit(was_moved), what="the closing")
    if isinstance(end, signal.Signals):
        ran.send_signal(end)
    else:
        refuse_connections(postgres, url)
        stop.set()

    _, complained = ran.communicate(timeout=60)

    assert complained.strip().endswith("The file is open again, and the receiver goes on with it.")
    assert "The cut-over did not come to its end: " in complained
    assert ran.returncode == 2
    Inbox(db).probe()
    assert Inbox(db).keep(a_delivery(key="after")) == "stored"


def test_a_file_that_an_earlier_cutover_closed_stays_closed(db, env, url, target, at_work):
    fill(db, 3)
    close_source(db)
    at_work()
    ran = receiver("copy", "--to", url, "--cutover", env=env)
    until(lambda: rows_there(target) == 3, what="the copy")
    ran.send_signal(signal.SIGINT)
    ran.communicate(timeout=60)

    with pytest.raises(NotStored):
        Inbox(db).probe()


def test_a_copy_that_differs_is_no_cutover(db, url, target):
    copied(db, target)
    fill(db, 1)
    change = "CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.event = $$x$$; RETURN NEW; END'"
    target.commit(lambda tx: tx.execute(change))
    on_insert = "CREATE TRIGGER change BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION change()"
    target.commit(lambda tx: tx.execute(on_insert))

    moved = move(db, url, cut_over=True)

    assert (moved.same, moved.reopened) == (False, True)
    assert "the file is open again" in moved.next_step
    Inbox(db).probe()
