"""The worker's parent holds nothing that a fork must not cross, and lives as long as it should."""

import contextlib
import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from receiver.settings import SUPERVISOR
from tests.support.processes import CHECKOUT, children_of, is_alive, until
from tests.worker.conftest import WORKER

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def opened_by(pid, name):
    """Whether a process has a file of this name open."""
    paths = []
    for fd in os.listdir(folder := f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            paths.append(os.readlink(f"{folder}/{fd}"))
    return any(path.endswith(name) for path in paths)


def locks_of(path):
    """The processes that hold a POSIX lock on a file."""
    inode = str(os.stat(path).st_ino)
    rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return {int(row[4]) for row in rows if row[1] == "POSIX" and row[5].rpartition(":")[2] == inode}


@on_sqlite
def test_each_child_that_has_the_file_open_holds_its_locks_and_the_parent_has_it_not(bench):
    worker = bench.work()
    bench.keep("a")
    bench.until_states("toys.steady", ["succeeded"])

    def with_the_file():
        children = [pid for pid in children_of(worker.pid) if opened_by(pid, "inbox.db-shm")]
        return children if len(children) >= 4 else None  # the dispatcher, the chores, two handlers

    children = until(with_the_file, what="that each of them has opened the file")

    assert not opened_by(worker.pid, "inbox.db")
    assert set(children) <= locks_of(bench.dir / "inbox.db-shm")


CLOSE_IT = """
import sys
from pathlib import Path
from receiver import store
db = store.open_sqlite(Path(sys.argv[1]))
db.commit(lambda tx: tx.execute("SELECT 1"))
db.close()
"""


def stopped_without_a_lock(children, path):
    """Stop the children, so that they do not end with their parent, unless one is just writing."""
    for child in children:
        os.kill(child, signal.SIGSTOP)
    with open(path.with_name(f"{path.name}.lock"), "rb+") as turn:  # one that waited for it may have been given it
        try:
            fcntl.lockf(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            for child in children:
                os.kill(child, signal.SIGCONT)
            return False
    with contextlib.closing(sqlite3.connect(path, timeout=0.3, isolation_level=None)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            for child in children:
                os.kill(child, signal.SIGCONT)
            return False
    return True


@on_sqlite
def test_the_wal_survives_others_who_close_the_file_while_a_child_has_it_open(bench):
    """Where a child's locks are not its own, whoever closes the file last deletes the log that the child writes to."""
    worker = bench.work()
    bench.keep("a")
    bench.until_states("toys.steady", ["succeeded"])
    bench.db.close()
    wal = (bench.dir / "inbox.db-wal").stat().st_ino
    children = children_of(worker.pid)
    until(lambda: stopped_without_a_lock(children, bench.dir / "inbox.db"), what="children that write nothing")
    worker.kill()
    worker.wait()

    subprocess.run([sys.executable, "-c", CLOSE_IT, str(bench.dir / "inbox.db")], check=True, cwd=CHECKOUT)

    try:
        assert (bench.dir / "inbox.db-wal").stat().st_ino == wal
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


@on_sqlite
def test_the_parent_starts_no_thread(bench):
    worker = bench.work()
    bench.keep("a")
    bench.until_states("toys.steady", ["succeeded"])

    assert len(os.listdir(f"/proc/{worker.pid}/task")) == 1


def start_by_somebody_who_ends(bench, **env):
    """The pid of a worker whose starter is gone."""
    script = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {WORKER!r}], start_new_session=True, "
        "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); print(p.pid)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **bench.env, **env}, cwd=CHECKOUT, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    return int(ran.stdout)


@on_sqlite
def test_a_worker_lives_on_when_the_shell_that_started_it_has_ended(bench):
    pid = start_by_somebody_who_ends(bench)
    try:
        time.sleep(2)
        bench.keep("a")
        bench.until_states("toys.steady", ["succeeded"])
    finally:
        os.kill(pid, signal.SIGTERM)
    until(lambda: not is_alive(pid), what="its end")


@on_sqlite
def test_a_worker_ends_with_the_receiver_up_that_started_it(bench):
    pid = start_by_somebody_who_ends(bench, **{SUPERVISOR: "1000000"})

    until(lambda: not is_alive(pid), what="its end")


@on_sqlite
def test_children_end_with_a_parent_that_is_killed(bench):
    worker = bench.work()
    bench.keep("a")
    bench.until_states("toys.steady", ["succeeded"])
    children = children_of(worker.pid)

    worker.kill()

    until(lambda: not any(map(is_alive, children)), what="the children's end")


@on_sqlite
def test_a_dispatcher_that_is_killed_is_replaced(bench):
    worker = bench.work()
    bench.keep("a")
    bench.until_states("toys.steady", ["succeeded"])

    for child in children_of(worker.pid):
        os.kill(child, signal.SIGKILL)
    bench.keep("b")

    bench.until_states("toys.steady", ["succeeded"] * 2, within_s=30)
