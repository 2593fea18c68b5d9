"""Whether a silence is noted, and when it is over, on calls that came every half hour for weeks."""

from datetime import timedelta

import pytest

from receiver import settings
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.inbox.lives import write_lives
from receiver.operations import SourceSettings, listen, silences
from receiver.operations.usual import QUARTER_US, WEEK_US

HOUR_US = 3_600_000_000


class Inboxful:
    """Four calls an hour, day and night, until so many hours ago."""

    def __init__(self, db, env):
        self.db, self.settings, self.now_us = db, settings.read(env), db.now_us()

    def fill(self, silent_h, *, weeks=5, source=""):
        last = (self.now_us - int(silent_h * HOUR_US)) // QUARTER_US
        rows = [(source, last - n, 1) for n in range(weeks * WEEK_US // QUARTER_US)]
        sql = "INSERT INTO call_quarters (source, quarter, calls) VALUES (?, ?, ?)"
        self.db.commit(lambda tx: tx.executemany(sql, rows))
        self.deliver(silent_h, source)

    def deliver(self, ago_h=0.0, source=""):
        received_us = self.now_us - int(ago_h * HOUR_US)
        key = f"{source} {received_us}"
        Inbox(self.db).keep(Delivery(key=key, body=b"{}", received_us=received_us, source=source))

    def heard(self):
        listen(self.db, SourceSettings(self.db, self.settings))
        return [(each.source, round((self.now_us - each.since_us) / HOUR_US), each.usual) for each in silences(self.db)]


@pytest.fixture
def calls(db, env):
    return Inboxful(db, env)


@pytest.mark.parametrize(("silent_h", "heard"), [(1, []), (5, [("", 5, 19)])])
def test_a_silence_is_noted_with_what_usually_comes(calls, silent_h, heard):
    calls.fill(silent_h)

    assert calls.heard() == [(*each[:2], pytest.approx(each[2], abs=1)) for each in heard]


def test_it_is_over_with_the_next_delivery(calls):
    calls.fill(5)
    before = calls.heard()
    calls.deliver()

    assert (len(before), calls.heard()) == (1, [])


@pytest.mark.parametrize("refused", [True, False])
def test_a_repeat_or_a_refused_request_is_a_sign_of_life_too(calls, db, refused):
    calls.fill(5)
    lost = [("ours", calls.now_us - 60_000_000, "signature-mismatch")] if refused else []
    done = {} if refused else {"ours": (calls.now_us - 60_000_000, 1)}
    db.commit(lambda tx: write_lives(tx, "", lost, done, calls.now_us))

    assert calls.heard() == []


def test_each_source_is_listened_to_for_itself(calls):
    calls.fill(5)
    calls.fill(1, source="garage")

    assert [source for source, *_ in calls.heard()] == [""]


def test_on_a_day_that_is_named_nothing_is_missed(calls, env, db):
    calls.fill(5)
    now = settings.read(env)
    days = [f"{moment:%m-%d}" for moment in last_days(db)]
    calls.settings = settings.read(env | {"BUSINESS_CLOSED_ON": ", ".join(days)})

    assert (now.closed_on, calls.heard()) == (frozenset(), [])


def last_days(db):
    from datetime import UTC, datetime

    now = datetime.fromtimestamp(db.now_us() / 1e6, UTC)
    return [now, now - timedelta(days=1)]
