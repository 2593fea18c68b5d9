"""From a file to Postgres while deliveries come and a worker works: a count on both sides."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress

import pytest

from receiver import settings, store
from receiver.errors import NotStored
from receiver.inbox import Inbox
from tests.support.deliveries import a_delivery
from tests.support.moving import receiver
from tests.support.processes import started, until
from tests.worker.conftest import WORKER

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def url(postgres):
    return postgres.new_database()


@pytest.fixture
def target(tmp_path, url):
    db = store.connect(settings.read({"DATA_DIR": str(tmp_path), "DATABASE_URL": url}))
    yield db
    db.close()


def test_while_deliveries_come_and_a_worker_works_each_has_one_effect_on_one_side(bench, url, target):
    """Until the cutover the file takes them, and from then on nobody but the new side."""
    old, acknowledged, stop = Inbox(bench.db), [], threading.Event()
    worker = bench.work()

    def keep_there(key):
        """Again and again, as a sender does that is answered with 503."""
        while True:
            with suppress(NotStored):
                return Inbox(target).keep(a_delivery(key=key, call_id=f"call-{key}"))

    def deliver():
        number = 0
        while not stop.is_set():
            key = f"d-{number}"
            try:
                bench.keep(key)
            except NotStored:
                until(lambda: ready.is_set(), within_s=120, what="the new side")
                keep_there(key)
            acknowledged.append(key)
            number += 1
            time.sleep(0.02)

    ready = threading.Event()
    sending = threading.Thread(target=deliver)
    sending.start()
    until(lambda: len(bench.notes("toys.slow")) > 20, what="some work")
    for arguments in ([], ["--cutover"]):
        ran = receiver("copy", "--to", url, *arguments, env=bench.env)
        said, complained = ran.communicate(timeout=120)
    before = len(bench.notes("toys.steady"))
    os.killpg(worker.pid, signal.SIGKILL)
    ready.set()
    with started("-c", WORKER, env=bench.env | {"DATABASE_URL": url}, stdout=subprocess.DEVNULL):
        time.sleep(1)
        stop.set()
        sending.join()
        done = "SELECT count(*) AS n FROM runs WHERE handler = ? AND state = 'succeeded'"
        for handler in ("toys.steady", "toys.slow"):
            until(lambda h=handler: target.read(done, (h,))[0]["n"] == len(acknowledged), within_s=60, what=handler)

    assert ran.returncode == 0, said + complained
    assert 0 < before < len(acknowledged)
    for handler, mark in (("toys.steady", ""), ("toys.slow", "ends")):
        effects = sorted(line.split()[0] for line in bench.notes(handler) if mark in line)
        assert effects == sorted(acknowledged)
    with pytest.raises(NotStored):
        old.keep(a_delivery(key="too late"))
