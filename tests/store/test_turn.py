"""The turn to write ends with the process that has it, whatever that process has started."""

import os
import subprocess
import sys
import threading

import pytest

from receiver import settings
from receiver.store import connect, migrate
from receiver.store.sqlite import Sqlite
from tests.support.processes import CHECKOUT, is_alive, kill

NOBODY = 65_534

# As a handler does: something in its process forks a helper, while its commit thread has the turn.
HANDLER = """
import os, sys, threading, time
from receiver import settings, store
from tests.support.forks import WAYS

def work(tx):
    has_turn.set()
    time.sleep(600)

has_turn = threading.Event()
db = store.connect(settings.read(os.environ))
threading.Thread(target=lambda: db.commit(work, timeout_s=600), daemon=True).start()
has_turn.wait()
print(WAYS[sys.argv[1]](), flush=True)
time.sleep(600)
"""


@pytest.fixture
def db(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")
    migrate(db)
    yield db
    db.close()


@pytest.mark.parametrize("helper", ["fork", "pool", "program"])
def test_a_helper_that_a_killed_handler_started_does_not_keep_the_turn(db, tmp_path, helper):
    env = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    handler = subprocess.Popen([sys.executable, "-c", HANDLER, helper], env=env, cwd=CHECKOUT, stdout=subprocess.PIPE)
    pid = int(handler.stdout.readline())
    handler.kill()
    handler.wait()

    try:
        assert db.commit(lambda tx: tx.execute("SELECT 7 AS n").fetchone()["n"], timeout_s=5) == 7
        assert is_alive(pid)
    finally:
        kill(pid)


def test_a_process_that_forked_keeps_the_turn_when_its_helper_ends(db):
    """Closing a descriptor drops a record lock, but not the parent's."""
    with db.transaction():
        pid = os.fork()
        if not pid:
            os.close(db.turn.fd)
            os._exit(0)
        os.waitpid(pid, 0)

        assert is_taken(db)


def test_another_connection_of_the_same_process_neither_shares_the_turn_nor_drops_it_by_closing(db):
    other = connect(settings.read({"DATA_DIR": str(db.path.parent)}))
    other.commit(lambda tx: None)
    order = []

    def write():
        with other.transaction():
            order.append("second")

    with db.transaction():
        threads = [threading.Thread(target=write), threading.Thread(target=other.turn.close)]
        for thread in threads:
            thread.start()
        threads[1].join()
        assert is_taken(db)
        order.append("first")
    threads[0].join()
    other.close()

    assert order == ["first", "second"]


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_a_lock_file_that_was_taken_away_is_not_waited_at(db, change):
    db.turn.path.rename(db.path.with_name("before.lock"))
    if change == "replaced":
        db.turn.path.touch()

    with db.transaction():
        assert is_taken(db)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files that are not for the service")
def test_what_root_makes_beside_a_services_inbox_is_the_services(db, tmp_path):
    for path in (tmp_path, db.path):
        os.chown(path, NOBODY, NOBODY)
    db.close()
    db.turn.path.unlink()

    Sqlite(db.path).commit(lambda tx: None)
    Sqlite(tmp_path / "another.db").prepare()

    owners = {path.name: path.stat().st_uid for path in (db.turn.path, tmp_path / "another.db")}
    assert owners == {"inbox.db.lock": NOBODY, "another.db": NOBODY}


def test_commands_that_only_read_take_no_turn(db, tmp_path):
    db.close()
    db.turn.path.unlink()
    env = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": ""}

    subprocess.run([sys.executable, "-m", "receiver", "deliveries"], env=env, cwd=CHECKOUT, check=True)

    assert not db.turn.path.exists()


IS_TAKEN = """
import fcntl, sys
try:
    fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print("taken")
"""


def is_taken(db):
    """As another process sees it."""
    command = [sys.executable, "-c", IS_TAKEN, str(db.turn.path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "taken"
