"""Redis lost in every form, caused for real: nothing is lost, nothing doubled, and work goes on when it is back."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress

import httpx
import pytest
from redis import Redis, RedisError

from receiver import queue, settings
from tests.support.processes import free_port, listens, redis_program, started, until
from tests.support.web import SECRET, SERVE

pytestmark = [pytest.mark.timed, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
KEYS = 12


class Keeper:
    """A connection made before the trouble, with which it is ended."""

    def __init__(self, bench):
        self.bench = bench
        self.redis = Redis(unix_socket_path=str(bench.dir / "redis.sock"))
        self.redis.ping()

    def set(self, **options):
        for name, value in options.items():
            self.redis.config_set(name.replace("_", "-"), value)

    def cut_others(self):
        self.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


@contextmanager
def flushed(keeper):
    """Again and again, while work goes on."""
    for _ in range(5):
        keeper.redis.flushall()
        time.sleep(0.1)
    yield


@contextmanager
def restarted_empty(keeper):
    keeper.bench.restart_redis()
    yield


@contextmanager
def hung(keeper):
    os.kill(keeper.bench.redis.pid, signal.SIGSTOP)
    yield
    os.kill(keeper.bench.redis.pid, signal.SIGCONT)


@contextmanager
def gone(keeper):
    keeper.bench.redis.kill()
    keeper.bench.redis.wait()
    yield
    keeper.bench.restart_redis()


@contextmanager
def out_of_memory(keeper):
    keeper.set(maxmemory="1mb", maxmemory_policy="noeviction")
    with suppress(RedisError):
        keeper.redis.set("a stranger's", "x" * 4_000_000)
    keeper.set(maxmemory="1")
    yield
    keeper.redis.delete("a stranger's")
    keeper.set(maxmemory="0")


@contextmanager
def evicting(keeper):
    """A stranger fills a memory from which anything may be thrown out."""
    used = keeper.redis.info("memory")["used_memory"]
    keeper.set(maxmemory=str(used + 400_000), maxmemory_policy="allkeys-random")
    for n in range(3000):
        with suppress(RedisError):
            keeper.redis.set(f"a stranger's {n}", "x" * 1000)
    yield
    keeper.set(maxmemory="0")


@contextmanager
def read_only(keeper):
    keeper.redis.execute_command("REPLICAOF", "127.0.0.1", "1")
    yield
    keeper.redis.execute_command("REPLICAOF", "NO", "ONE")


@contextmanager
def asking_for_a_password(keeper):
    keeper.set(requirepass="another")
    keeper.cut_others()
    yield
    keeper.set(requirepass="")


@contextmanager
def full_of_clients(keeper):
    keeper.set(maxclients="1")
    keeper.cut_others()
    yield
    keeper.set(maxclients="10000")


TROUBLES = [
    # form                   what readyz and the log call it
    (flushed,                ""),
    (restarted_empty,        ""),
    (evicting,               "noeviction"),
    (hung,                   "does not answer"),
    (gone,                   "cannot be reached"),
    (out_of_memory,          "out of memory"),
    (read_only,              "read-only"),
    (asking_for_a_password,  "asks for a password"),
    (full_of_clients,        "Redis"),  # it says so, or only closes the connection
]  # fmt: skip


@pytest.mark.parametrize(("trouble", "called"), TROUBLES)
def test_whatever_becomes_of_redis_each_effect_happens_once(bench, record_property, trouble, called):
    bench.work()
    bench.keep("first")
    bench.until_states("toys.slow", ["succeeded"])
    before = [f"before-{n}" for n in range(KEYS)]
    during = [f"during-{n}" for n in range(KEYS)]
    keeper = Keeper(bench)

    bench.keep(*before)
    with trouble(keeper):
        bench.keep(*during)
        found = queue.check(settings.read(bench.env), timeout_s=1)
        time.sleep(1.5)
    back = time.monotonic()
    keys = ["first", *before, *during]
    for handler in ("toys.steady", "toys.slow"):
        bench.until_states(handler, ["succeeded"] * len(keys), within_s=40)
    record_property("resumed_s", round(time.monotonic() - back, 1))
    print(f"{trouble.__name__}: all done {time.monotonic() - back:.1f} s after Redis was back")

    assert called in found
    assert sorted(line.split()[0] for line in bench.notes("toys.steady")) == sorted(keys)
    assert sorted(line.split()[0] for line in bench.notes("toys.slow") if "ends" in line) == sorted(keys)
    lines = [line for line in bench.log().splitlines() if "edis" in line]
    assert len(lines) <= 6, lines  # it goes, it is called by its names, it is back


def test_the_password_in_the_address_is_refused_and_not_told(bench):
    bench.redis.kill()
    port = free_port()
    with started_redis(redis_program(), port):
        url = f"redis://:secret-in-the-url@127.0.0.1:{port}/0"
        found = queue.check(settings.read({"REDIS_URL": url}), timeout_s=1)

    assert found == "Redis refuses the password in REDIS_URL"


@contextmanager
def started_redis(program, port):
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--requirepass", "right"], stdout=subprocess.DEVNULL
    )
    until(lambda: listens(port), what="Redis")
    yield
    process.kill()
    process.wait()


def test_readyz_says_which_trouble_it_is_and_stays_200(bench):
    env = bench.env | {"PORT": str(free_port()), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
    keeper = Keeper(bench)
    with started("-c", SERVE, env=env):
        until(lambda: listens(int(env["PORT"])), what="the server")
        answers = []
        for trouble, called in TROUBLES:
            if called:
                with trouble(keeper):
                    answers.append(httpx.get(f"http://127.0.0.1:{env['PORT']}/readyz", timeout=10, trust_env=False))
                keeper = Keeper(bench)

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    said = [answer.json()["degraded"]["queue"] for answer in answers]
    assert [called in one for (_, called), one in zip([t for t in TROUBLES if t[1]], said, strict=True)] == [True] * 7
