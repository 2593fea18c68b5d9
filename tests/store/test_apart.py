"""What a page reads keeps nobody waiting."""

import threading
import time

import pytest

from receiver import settings, store
from receiver.errors import StoreError
from tests.support.processes import until

pytestmark = pytest.mark.timed

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000000) SELECT max(i) FROM n"


@pytest.fixture
def pages(db, env):
    pages = store.reads_apart(settings.read(env), db)
    yield pages
    pages.close()


def test_a_read_ends_after_two_seconds_whatever_its_caller_would_wait(pages):
    began = time.monotonic()
    with pytest.raises(StoreError, match="took over 2 s"):
        pages.read(ENDLESS, timeout_s=60)

    assert 1.5 < time.monotonic() - began < 6
    assert pages.read("SELECT 1 AS one")[0]["one"] == 1


def test_commits_and_the_other_reads_go_on_while_all_pages_wait(db, pages):
    def look():
        with pytest.raises(StoreError):
            pages.read(ENDLESS)

    looking = [threading.Thread(target=look) for _ in range(6)]
    for each in looking:
        each.start()
    until(
        lambda: not pages.reads.readers.places.acquire(blocking=False) or pages.reads.readers.places.release(),
        what="all readers at work",
    )
    began = time.monotonic()
    for _ in range(20):
        db.commit(lambda tx: tx.execute("SELECT 1"))
        db.read("SELECT 1")
    took_s = time.monotonic() - began
    for each in looking:
        each.join()

    assert took_s < 1.5  # a page holds its connection for two
