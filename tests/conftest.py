import itertools
import os
import resource
import shutil
import signal
import tempfile
import threading
from pathlib import Path

import pytest

from mock_sender.destinations import Destinations
from receiver import settings, store
from tests import contracts
from tests.support import leaks
from tests.support import postgres as pg
from tests.support.processes import start_redis
from tests.support.story import Story
from tests.support.tools import lacking
from tests.support.web import SECRET, SERVE, serving

# Where a shell runs the tests in the background, Ctrl-C is ignored, under nohup the end of the terminal, and whatever
# they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# A process runs thousands of tests, and what they have served in it stays open until it ends.
DESCRIPTORS = 20_000
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if soft != resource.RLIM_INFINITY:
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))

leaks.ON = True

SLOW = ("tests/worker/", "tests/test_crash_matrix.py", "tests/api/test_stream.py", "tests/api/test_schemathesis.py",
        "tests/handlers/test_slack_emulator.py", "tests/e2e/")  # fmt: skip


def pytest_collection_modifyitems(items):
    """Tests that mostly wait take turns with those that compute, file by file; at the end come only quick ones.

    Each process that runs tests begins with an equal part of all; later they take some from each other.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    slow = [item for item in items if item.nodeid.startswith(SLOW)]
    quick = [item for item in items if not item.nodeid.startswith(SLOW)]
    parts = [(part(slow, number, workers), part(quick, number, workers)) for number in range(workers)]
    items[:] = [item for slow_part, quick_part in parts for item in in_turn(slow_part, quick_part)]


def in_turn(slow, quick):
    """Whole files, as some have a server of their own; the slow ones are over when three quarters of the others are."""
    placed = [(ahead * seen / len(of), file) for of, ahead in ((slow, 0.75), (quick, 1)) for seen, file in files(of)]
    return [item for _, file in sorted(placed, key=lambda one: one[0]) for item in file]


def files(items):
    """The tests of each file, with the number of those before them."""
    seen = 0
    for _, file in itertools.groupby(items, key=lambda item: item.path):
        yield seen, (tests := list(file))
        seen += len(tests)


def part(items, number, parts):
    return items[len(items) * number // parts : len(items) * (number + 1) // parts]


def pytest_terminal_summary(terminalreporter):
    if leaks.SCANNED:
        figures = ", ".join(f"{number:,} {name}" for name, number in leaks.SCANNED.items())
        terminalreporter.write_line(f"scanned for secrets and callers' data: {figures}")


@pytest.fixture
def base():
    """A folder with a short path, as that of a unix socket has at most 107 bytes."""
    folder = tempfile.mkdtemp(prefix="r", dir="/tmp")
    yield Path(folder)
    shutil.rmtree(folder, ignore_errors=True)  # a Redis may be writing its last line


@pytest.fixture
def caplog(caplog):
    """Without the lines of the threads that earlier tests started, as those of an application go on."""
    earlier = set(threading.enumerate()) - {threading.main_thread()}
    caplog.handler.addFilter(lambda record: threading.current_thread() not in earlier)
    return caplog


@pytest.fixture
def world():
    """The played destinations; what is exchanged with them must keep to rules that others wrote (tests/contracts)."""
    with Destinations() as world:
        world.exchanges = []
        yield world
    contracts.check(world.exchanges)


@pytest.fixture(scope="session")
def postgres():
    """A Postgres server of our own."""
    if pg.programs() is None:
        lacking("the programs of a Postgres server (on Debian: apt install postgresql)")
    server = pg.Server()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request):
    """What DATABASE_URL holds: each test that asks for it runs on both databases."""
    if request.param == "sqlite":
        return ""
    return request.getfixturevalue("postgres").new_database(migrated="db" in request.fixturenames)


@pytest.fixture
def env(database_url, tmp_path):
    """The variables of a receiver at the test's database."""
    return {"DATA_DIR": str(tmp_path), "DATABASE_URL": database_url}


@pytest.fixture
def db(env):
    db = store.connect(settings.read(env))
    store.migrate(db)
    yield db
    db.close()


@pytest.fixture
def story(db, env):
    return Story(db, env)


@pytest.fixture
def app_env(tmp_path):
    return {"DATA_DIR": str(tmp_path), "INBOUNDFLOW_SIGNING_SECRET": SECRET}


@pytest.fixture
def port(app_env):
    with serving(SERVE, app_env) as port:
        yield port


@pytest.fixture(scope="module")
def redis_socket(tmp_path_factory):
    """The path of a Redis of our own."""
    sock = tmp_path_factory.mktemp("redis") / "redis.sock"
    process = start_redis(sock)
    yield sock
    process.kill()
    process.wait()
