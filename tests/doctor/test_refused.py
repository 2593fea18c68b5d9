import pytest

from receiver.doctor.refused import DAY_US, MINUTE_US, check_refused
from receiver.events import Delivery
from receiver.inbox import Inbox


@pytest.fixture
def refuse(db):
    def refuse(reason, count, *, ago_us):
        minute = (db.now_us() - ago_us) // MINUTE_US
        sql = "INSERT INTO rejection_counts (minute, reason, count) VALUES (?, ?, ?)"
        db.commit(lambda tx: tx.execute(sql, (minute, reason, count)))

    return refuse


def keep(db, *, ago_us):
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=db.now_us() - ago_us))


def told(db):
    return [(one.severity, one.message) for one in check_refused(db)]


def test_where_nothing_was_refused_there_is_nothing_to_say(db):
    keep(db, ago_us=0)

    assert told(db) == []


@pytest.mark.parametrize("reason", ["signature-mismatch", "timestamp-too-old", "timestamp-in-future"])
def test_several_that_were_signed_and_nothing_stored_since_are_a_problem(db, refuse, reason):
    keep(db, ago_us=20 * MINUTE_US)
    refuse(reason, 3, ago_us=10 * MINUTE_US)
    refuse("signature-missing", 9, ago_us=10 * MINUTE_US)

    assert told(db) == [("problem", f"9 signature-missing, 3 {reason} since a delivery was last stored")]


def test_also_where_nothing_was_ever_stored(db, refuse):
    refuse("signature-mismatch", 3, ago_us=MINUTE_US)

    assert told(db) == [("problem", "3 signature-mismatch since a delivery was last stored")]


@pytest.mark.parametrize(
    ("reason", "count", "stored_ago_us"),
    [
        ("signature-mismatch", 2, DAY_US),  # somebody's trial
        ("signature-missing", 50, DAY_US),  # anybody's
        ("signature-mismatch", 50, 5 * MINUTE_US),  # over: something was stored after it
    ],
)
def test_what_may_be_anybodys_or_is_over_is_advice(db, refuse, reason, count, stored_ago_us):
    keep(db, ago_us=stored_ago_us)
    refuse(reason, count, ago_us=10 * MINUTE_US)

    assert told(db) == [("advice", f"{count} {reason} in the last 24 h")]


def test_what_was_refused_the_day_before_is_past(db, refuse):
    refuse("signature-mismatch", 50, ago_us=DAY_US + MINUTE_US)

    assert told(db) == []


HOURS_2 = 120 * MINUTE_US


def test_what_was_refused_by_a_clock_that_was_ahead_was_not_refused_since_the_last_delivery(db, refuse):
    refuse("timestamp-too-old", 5, ago_us=-HOURS_2)
    keep(db, ago_us=0)

    assert told(db) == []


def test_what_was_stored_by_a_clock_that_was_ahead_hides_nothing_that_is_refused(db, refuse):
    keep(db, ago_us=-HOURS_2)
    refuse("signature-mismatch", 3, ago_us=MINUTE_US)

    assert told(db) == [("problem", "3 signature-mismatch since a delivery was last stored")]


def test_what_is_stored_of_one_business_hides_nothing_that_is_refused_of_another(db):
    for source in ("acme", "bolt"):
        sql = "INSERT INTO rejection_counts (source, minute, reason, count) VALUES (?, ?, 'signature-mismatch', 5)"
        minute = (db.now_us() - 10 * MINUTE_US) // MINUTE_US
        db.commit(lambda tx, source=source, sql=sql, minute=minute: tx.execute(sql, (source, minute)))
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=db.now_us(), source="bolt"))

    assert [(one.severity, one.source) for one in check_refused(db)] == [("problem", "acme"), ("advice", "bolt")]
