import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import open_days
from receiver.registry import DAILY_AT
from tests.support.handlers import a_handler

DAY_US = 86_400_000_000
ON = {"TOKEN": "t", "CHANNEL": "c"}


def activation(env, at="18:30"):
    return a_handler(targets=lambda settings: {"calls": {}, "day": {DAILY_AT: at}}).activate(env)


class Later:
    """The same database, some days later."""

    def __init__(self, db, days):
        self.db, self.days = db, days

    def __getattr__(self, name):
        return getattr(self.db, name)

    def now_us(self):
        return self.db.now_us() + self.days * DAY_US


def targets(db):
    return [row["target"] for row in db.read("SELECT target FROM runs ORDER BY id")]


def test_a_day_that_has_ended_has_a_run_in_its_lane(db):
    assert open_days(db, [activation(ON)]) == ""
    Inbox(db).keep(Delivery(key="a", event="call.completed", body=b"{}", received_us=db.now_us()))
    assert targets(db) == []

    open_days(Later(db, 2), [activation(ON)])

    assert targets(db) == ["day"]


@pytest.mark.parametrize(("at", "runs"), [("18:30", []), ("noon", ["day"])], ids=["off", "misconfigured"])
def test_what_was_off_begins_anew_and_what_was_set_by_half_goes_on(db, at, runs):
    open_days(db, [activation(ON)])
    Inbox(db).keep(Delivery(key="a", event="call.completed", body=b"{}", received_us=db.now_us()))
    open_days(db, [activation({} if at == "18:30" else ON, at)])

    open_days(Later(db, 2), [activation(ON)])

    assert targets(db) == runs
