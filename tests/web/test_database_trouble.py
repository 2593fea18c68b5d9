"""A database in trouble, caused for real under a real web process: 503 in time, no false 200, and back by itself."""

import ctypes
import fcntl
import json
import os
import resource
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from receiver import settings, store
from receiver.app.server import PROCESSES
from receiver.errors import StoreError
from tests.support.postgres import Server, programs
from tests.support.processes import free_port, get, listens, started, until
from tests.support.tools import lacking
from tests.support.web import SECRET, SERVE, a_body, a_request, booted

pytestmark = pytest.mark.timed

AT_ONCE = 12
IN_TIME_S = 9


@dataclass
class Web:
    """A web process and its database, from outside."""

    env: dict
    port: int
    pid: int
    server: Server | None = None

    def send(self, key, age_s=0):
        """(status, Retry-After, seconds)"""
        body = a_body(key)
        head, _, _ = a_request(body, age_s=age_s).partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[2:])
        url = f"http://127.0.0.1:{self.port}/webhooks/inboundflow"
        with httpx.Client(timeout=30, trust_env=False, verify=False) as client:
            began = time.monotonic()
            answer = client.post(url, content=body, headers=headers)
            took_s = time.monotonic() - began
        return answer.status_code, answer.headers.get("Retry-After"), took_s

    def send_all(self, keys):
        with ThreadPoolExecutor(len(keys)) as pool:
            return dict(zip(keys, pool.map(self.send, keys), strict=True))

    def kept(self):
        db = store.connect(settings.read(self.env))
        try:
            return {row["key"] for row in db.read("SELECT key FROM deliveries")}
        except StoreError:
            return set()
        finally:
            db.close()

    @property
    def file(self):
        return Path(self.env["DATA_DIR"]) / "inbox.db"

    def processes(self):
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, listed.split())]


@contextmanager
def serving(env, server=None, **options):
    env = {**env, "PORT": str(free_port()), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
    with started("-c", SERVE, env=env, **options) as process:
        until(lambda: listens(int(env["PORT"])) and len(booted(process.pid)) == PROCESSES, what="the server")
        yield Web(env, int(env["PORT"]), process.pid, server)


# On SQLite


@contextmanager
def disk_full(web):
    """No file may grow any more. (Limits of other processes can be set; a full disk would need a disk.)"""
    for pid in web.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    yield
    for pid in web.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def locked_by_a_stranger(web):
    stranger = sqlite3.connect(web.file, isolation_level=None)
    stranger.execute("BEGIN EXCLUSIVE")
    yield
    stranger.execute("ROLLBACK")
    stranger.close()


@contextmanager
def a_process_of_ours_hangs_in_a_commit(web):
    """As after SIGSTOP, or on a disk that does not answer: the turn to write is not given back."""
    with open(f"{web.file}.lock", "r+") as turn:
        fcntl.lockf(turn, fcntl.LOCK_EX)
        yield


@contextmanager
def file_is_moved_away(web):
    """And put back, as somebody does who looks at it elsewhere."""
    aside = web.file.parent / "aside"
    aside.mkdir()
    move_all(web.file.parent, aside)
    yield
    move_all(aside, web.file.parent)


def move_all(source, target):
    for path in source.glob("inbox.db*"):
        path.rename(target / path.name)


# On Postgres


@contextmanager
def server_is_down(web):
    web.server.stop()
    yield
    web.server.start()


@contextmanager
def server_crashed(web):
    """SIGQUIT ends all of it at once, without a last write."""
    web.server.stop(signal.SIGQUIT)
    yield
    web.server.start()


@contextmanager
def server_hangs(web):
    """It takes connections (the kernel does) and says nothing."""
    server_processes = [web.server.process.pid, *map(int, children(web.server.process.pid))]
    for pid in server_processes:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in server_processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextmanager
def a_commit_waits_for_a_standby_that_is_not_there(web):
    def one_waits():
        if commits[-1].done():
            commits.append(strangers.submit(web.server.execute, a_commit))
        return web.server.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")[0][0]

    a_commit = "SELECT pg_logical_emit_message(true, 'a test', '')"
    web.server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    web.server.execute("SELECT pg_reload_conf()")
    with ThreadPoolExecutor(1) as strangers:
        commits = [strangers.submit(web.server.execute, a_commit)]
        until(one_waits, what="a commit that waits: the server takes a setting up when its checkpointer comes to it")
        try:
            yield
        finally:  # or the commit would wait for ever, and the test for it
            web.server.execute("ALTER SYSTEM RESET synchronous_standby_names")
            web.server.execute("SELECT pg_reload_conf()")


@contextmanager
def table_locked_by_a_stranger(web):
    with psycopg.connect(web.env["DATABASE_URL"]) as stranger:
        stranger.execute("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def no_connection_is_left(web):
    """Strangers hold them all, and ours were cut."""
    limit = int(web.server.execute("SHOW max_connections")[0][0])
    strangers = []
    with suppress(psycopg.OperationalError):
        cut(web)
        for _ in range(limit):
            strangers.append(psycopg.connect(web.server.url(), connect_timeout=2))
            cut(web, strangers[0])
    yield
    for stranger in strangers:
        stranger.close()


def cut(web, through=None):
    """End every connection of ours."""
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'inboundflow-receiver'"
    if through is None:
        web.server.execute(sql)
    else:
        through.execute(sql)


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.fixture
def own_server():
    """A server that only this test breaks."""
    if not programs():
        lacking("the programs of a Postgres server")
    server = Server(max_connections=12)
    yield server
    server.close()


def goes_through(web, trouble, says):
    """Deliveries before, during and after it: each answered in time, each 200 in the inbox, each 503 not lost."""
    before = web.send_all([f"before-{n}" for n in range(AT_ONCE)])
    with trouble(web):
        ready, said = get(web.port, "/readyz", within_s=IN_TIME_S)
        stale = web.send("before-0", age_s=3600)  # is looked up, not written
        during = web.send_all([f"during-{n}" for n in range(AT_ONCE)])
    until(lambda: web.send("after")[0] == 200, within_s=30, what="the end of the trouble")
    assert get(web.port, "/readyz", within_s=IN_TIME_S)[0] == 200
    again = web.send_all(list(during))

    assert {status for status, _, _ in before.values()} == {200}
    assert {(status, wait) for status, wait, _ in during.values()} == {(503, "5")}
    assert (ready, says in json.loads(said)["detail"]) == (503, True), said
    assert stale[0] in (200, 503)
    assert stale[2] < IN_TIME_S
    assert max(took_s for _, _, took_s in during.values()) < IN_TIME_S
    assert {status for status, _, _ in again.values()} == {200}
    assert web.kept() == {*before, *during, "after"}


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (disk_full,                            "disk"),
        (locked_by_a_stranger,                 "locked"),
        (a_process_of_ours_hangs_in_a_commit,  "does not answer"),
        (file_is_moved_away,                   "is gone"),
    ],
)  # fmt: skip
def test_a_file_in_trouble(tmp_path, trouble, says):
    with serving({"DATA_DIR": str(tmp_path), "DATABASE_URL": ""}) as web:
        goes_through(web, trouble, says)


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (server_is_down,                                   "cannot be reached"),
        (server_crashed,                                   "cannot be reached"),
        (server_hangs,                                     "does not answer"),
        (a_commit_waits_for_a_standby_that_is_not_there,   "does not answer"),
        (table_locked_by_a_stranger,                       "The database"),  # locked, or it does not answer in time
        (no_connection_is_left,                            "no more connections"),
    ],
)  # fmt: skip
def test_a_server_in_trouble(tmp_path, own_server, trouble, says):
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": own_server.new_database()}
    store.migrate(store.connect(settings.read(env)))
    with serving(env, own_server) as web:
        goes_through(web, trouble, says)


def test_connections_that_were_cut_cost_no_delivery(tmp_path, own_server):
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": own_server.new_database()}
    store.migrate(store.connect(settings.read(env)))
    with serving(env, own_server) as web:
        answers = []
        for n in range(10):
            answers.append(web.send(f"d-{n}")[0])
            cut(web)

        assert answers == [200] * 10
        assert len(web.kept()) == 10


def test_what_a_crashed_server_acknowledged_is_there(tmp_path, own_server):
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": own_server.new_database()}
    store.migrate(store.connect(settings.read(env)))
    with serving(env, own_server) as web, ThreadPoolExecutor(8) as pool:
        keys = [f"d-{n}" for n in range(400)]
        sending = [pool.submit(web.send, key) for key in keys]
        until(lambda: sum(one.done() for one in sending) > 100, what="some acknowledgements")
        own_server.stop(signal.SIGQUIT)
        own_server.start()
        acknowledged = {key for key, one in zip(keys, sending, strict=True) if one.result()[0] == 200}

        assert len(acknowledged) > 100
        assert acknowledged <= web.kept()


def test_a_file_that_may_not_be_written_is_refused_with_503_until_it_may(tmp_path):
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    db = store.connect(settings.read(env))
    store.migrate(db)
    db.close()
    for path in tmp_path.iterdir():
        path.chmod(0o400)
    tmp_path.chmod(0o500)
    with serving(env, preexec_fn=drop_power_over_files) as web:
        refused = web.send("d")
        tmp_path.chmod(0o700)
        for path in tmp_path.iterdir():
            path.chmod(0o600)

        assert (refused[0], refused[1]) == (503, "5")
        until(lambda: web.send("d")[0] == 200, what="the end of the trouble")
        assert web.kept() == {"d"}


def drop_power_over_files():
    """In the child: the modes of files bind it, even when the tests run as root."""
    if os.getuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE


def test_a_log_of_writes_that_was_damaged_afterwards_stops_nothing(tmp_path):
    """What it held is gone, and no receiver can see that: docs say so."""
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    with serving(env) as web:
        web.send_all([f"d-{n}" for n in range(20)])
        os.killpg(web.pid, signal.SIGKILL)
    wal = web.file.with_name("inbox.db-wal")
    content = bytearray(wal.read_bytes())
    content[len(content) // 2] ^= 0xFF
    wal.write_bytes(content)

    with serving(env) as web:
        assert web.send("after")[0] == 200
        assert "after" in web.kept()


def test_what_is_acknowledged_after_a_file_was_replaced_is_in_the_file_that_is_there(tmp_path):
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    aside = tmp_path / "aside"
    aside.mkdir()
    with serving(env) as web:
        before = web.send_all([f"before-{n}" for n in range(AT_ONCE)])
        move_all(tmp_path, aside)
        gone = web.send("gone")[0]
        store.migrate(store.connect(settings.read(env)))
        after = web.send_all([f"after-{n}" for n in range(AT_ONCE)])

    assert ({status for status, _, _ in before.values()}, gone) == ({200}, 503)
    assert {status for status, _, _ in after.values()} == {200}
    assert web.kept() == {*after}
