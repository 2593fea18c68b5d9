from contextlib import contextmanager

import httpx
import pytest

from receiver import settings
from receiver.app.server import GRACEFUL_S
from receiver.errors import StoreUnavailable
from receiver.inbox import Rejections
from receiver.inbox.rejections import COUNTS_HELD, SAMPLES_HELD, SAMPLES_KEPT
from receiver.store import VERSION, connect, migrate
from tests.support.processes import free_port, is_healthy, started, until
from tests.support.tools import tuples
from tests.support.web import SECRET, SERVE

COUNTS = "SELECT * FROM rejection_counts ORDER BY 1, 2, 3"


def test_rejections_are_counted_by_source_reason_and_minute(db):
    minute = iter([0, 1, 2, 60_000_000, 60_000_001])
    rejections = Rejections(db, lambda: next(minute))

    for reason in ("signature-mismatch", "signature-mismatch"):
        rejections.count(reason, {})
    rejections.count("signature-mismatch", {}, source="garage")
    for reason in ("signature-mismatch", "body-too-large"):
        rejections.count(reason, {})
    rejections.flush()

    assert tuples(db.read(COUNTS)) == [
        ("", 0, "signature-mismatch", 2),
        ("", 1, "body-too-large", 1),
        ("", 1, "signature-mismatch", 1),
        ("garage", 0, "signature-mismatch", 1),
    ]
    assert tuples(db.read("SELECT DISTINCT source FROM rejection_samples ORDER BY 1")) == [("",), ("garage",)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_line_for_each_reason_and_minute_stands_in_the_log(db, caplog):
    now = {"us": 10**15}
    rejections = Rejections(db, lambda: now["us"])
    for later_us in (0, 0, 5_000_000, 60_000_000, -(10**14)):
        now["us"] += later_us
        rejections.count("signature-mismatch", {"User-Agent": "s3cret"})
        rejections.flush()
    for _ in range(3):
        rejections.count("body-too-large", {}, source="garage")
    rejections.flush()
    rejections.flush()

    assert [record.getMessage() for record in caplog.records] == [
        *["refused: signature-mismatch, 1 so far in this minute"] * 3,
        "refused [garage]: body-too-large, 3 so far in this minute",
    ]


def test_the_line_is_in_the_businesss_language(db, caplog, monkeypatch):
    monkeypatch.setenv("BUSINESS_LANGUAGE", "es")
    rejections = Rejections(db)
    rejections.count("signature-mismatch", {})
    rejections.flush()

    assert caplog.messages == ["rechazada: signature-mismatch, 1 hasta ahora en este minuto"]


def test_what_cannot_be_written_is_written_the_next_time(env):
    """As on a shared database whose tables are a version older, until `receiver migrate`."""
    db = connect(settings.read(env))
    migrate(db, to=3)
    rejections = Rejections(db, lambda: 0)
    rejections.count("signature-mismatch", {"User-Agent": "junk"})

    rejections.flush()
    rejections.count("signature-mismatch", {})
    migrate(db, to=VERSION)
    rejections.flush()
    rejections.flush()

    assert tuples(db.read(COUNTS)) == [("", 0, "signature-mismatch", 2)]
    assert db.read("SELECT count(*) AS n FROM rejection_samples")[0]["n"] == 2
    db.close()


class Away:
    """A database that does not answer."""

    def commit(self, work, *, timeout_s):
        raise StoreUnavailable("away")


def test_a_database_that_stays_away_fills_no_memory_and_the_newest_counts_are_kept():
    minute = iter(range(0, 60_000_000 * (COUNTS_HELD + 100), 60_000_000))
    rejections = Rejections(Away(), lambda: next(minute))

    for _ in range(COUNTS_HELD + 100):
        rejections.count("signature-mismatch", {})
    rejections.flush()

    assert len(rejections.counts) == COUNTS_HELD
    assert min(minute for _, minute, _ in rejections.counts) == 100
    assert len(rejections.samples) == SAMPLES_HELD


def test_samples_are_capped_however_many_are_rejected(db):
    rejections = Rejections(db, lambda: 0)

    for _ in range(SAMPLES_KEPT // SAMPLES_HELD + 5):
        for _ in range(SAMPLES_HELD * 3):
            rejections.count("signature-mismatch", {"User-Agent": "junk"})
        rejections.flush()

    assert db.read("SELECT count(*) AS n FROM rejection_samples")[0]["n"] == SAMPLES_KEPT


@contextmanager
def refusing(env, number):
    """A web process that has just refused so many deliveries."""
    env = {**env, "PORT": str(free_port()), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
    with started("-c", SERVE, env=env) as process:
        until(lambda: is_healthy(int(env["PORT"])), what="the server")
        url = f"http://127.0.0.1:{env['PORT']}/webhooks/inboundflow"
        assert {httpx.post(url, content=b"{}", trust_env=False).status_code for _ in range(number)} == {401}
        yield process


def test_what_was_refused_is_counted_when_the_process_ends(db, env):
    with refusing(env, 7) as process:
        process.terminate()

        assert process.wait(timeout=20) == 0
    assert db.read("SELECT sum(count) AS n FROM rejection_counts")[0]["n"] == 7


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_hangs_does_not_hold_up_the_end(db, env):
    with refusing(env, 1) as process, db.transaction():
        process.terminate()

        assert process.wait(timeout=GRACEFUL_S + 10) == 0
