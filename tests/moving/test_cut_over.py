"""A cut-over that does not come to its end leaves the file open, and says so."""

import signal

import pytest

from receiver.errors import NotStored
from receiver.inbox import Inbox
from receiver.moving.cut_over import close_source
from receiver.moving.move import move
from receiver.store import was_moved
from tests.inbox.test_deliveries import a_delivery
from tests.moving.test_copy import copied, fill, receiver, rows, sqlite_only
from tests.support.processes import until

pytestmark = sqlite_only


def refuse_connections(postgres, url):
    database = url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")


def let_a_run_hold_the_lease(db, until_us):
    db.commit(lambda tx: tx.execute("UPDATE runs SET lease_until_us = ? WHERE state = 'running'", (until_us,)))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, "the other side refuses"])
def test_a_cutover_that_ends_early_opens_the_file_again_and_says_so(db, env, url, postgres, end):
    fill(db, 3)
    let_a_run_hold_the_lease(db, db.now_us() + 600_000_000)
    ran = receiver("copy", "--to", url, "--cutover", env=env)
    until(lambda: db.commit(was_moved), what="the closing")
    if isinstance(end, signal.Signals):
        ran.send_signal(end)
    else:
        refuse_connections(postgres, url)
        let_a_run_hold_the_lease(db, 0)

    _, complained = ran.communicate(timeout=60)

    assert complained.strip().endswith("The file is open again, and the receiver goes on with it.")
    assert "The cut-over did not come to its end: " in complained
    assert ran.returncode == 2
    Inbox(db).probe()
    assert Inbox(db).keep(a_delivery(key="after")) == "stored"


def test_a_file_that_an_earlier_cutover_closed_stays_closed(db, env, url, target):
    fill(db, 3)
    close_source(db)
    let_a_run_hold_the_lease(db, db.now_us() + 600_000_000)
    ran = receiver("copy", "--to", url, "--cutover", env=env)
    until(lambda: rows(target) == 3, what="the copy")
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
