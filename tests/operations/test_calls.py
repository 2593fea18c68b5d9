import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox, leave_tombstones
from receiver.operations import day_of, pause_lanes
from receiver.registry import Lane
from tests.support.reads import Watched, plan, reads_all
from tests.support.tools import where_it_is_noon

ZONE = ZoneInfo("America/Chicago")
DAY = date(2026, 11, 23)
BOOKED, TRANSFERRED, LEAD = "appointment.booked", "call.transferred", "lead.created"


def us(moment):
    return int(datetime.fromisoformat(moment).timestamp()) * 1_000_000


class Diary:
    """Calls of some days, as they are kept."""

    def __init__(self, db):
        self.db = db

    def call(self, at, *events, call, phone="", dispatched=True):
        """A call that was reported from `at` on, an event each second."""
        for n, event in enumerate(("call.completed", *events)):
            key = f"{call}-{event}-{at}"
            body = json.dumps({"delivery_id": key, "event": event, "data": {"caller_phone": phone}}).encode()
            Inbox(self.db).keep(
                Delivery(
                    key=key, event=event, call_id=call, caller_phone=phone, body=body, received_us=us(at) + n * 10**6
                )
            )
        if dispatched:
            self.db.commit(lambda tx: tx.execute("UPDATE deliveries SET dispatched_us = 1 WHERE call_id = ?", (call,)))

    def run(self, call, state, handler="slack.post", target=""):
        sql = (
            "INSERT INTO runs (delivery_id, handler, target, state, next_attempt_us) "
            "SELECT id, ?, ?, ?, 1 FROM deliveries WHERE call_id = ?"
        )
        self.db.commit(lambda tx: tx.execute(sql, (handler, target, state, call)))

    def day(self, day=DAY):
        return day_of(self.db, [], day, ZONE)


@pytest.fixture
def diary(db):
    return Diary(db)


def test_a_call_is_counted_once_with_what_came_of_it(diary):
    diary.call("2026-11-23T15:00Z", BOOKED, LEAD, call="c-1")
    diary.call("2026-11-23T16:00Z", TRANSFERRED, call="c-2")
    diary.call("2026-11-23T17:00Z", call="c-3")

    document = diary.day().to_json()

    names = ("calls", "booked", "transferred", "leads", "to_call_back")
    assert [document[name] for name in names] == [3, 1, 1, 1, 1]
    assert [call["call_id"] for call in document["call_backs"]] == ["c-3"]


def test_a_call_belongs_to_the_businesss_day_on_which_it_began(diary):
    diary.call("2026-11-24T05:59:59Z", BOOKED, call="before-midnight")  # its second event comes on the 24th
    diary.call("2026-11-24T06:00:00Z", call="after-midnight")
    diary.call("2026-11-23T05:59:59Z", call="the-day-before")

    days = [[call.call_id for call in diary.day(day).calls] for day in (DAY, date(2026, 11, 24))]

    assert days == [["before-midnight"], ["after-midnight"]]
    assert diary.day().number(BOOKED) == 1


CALLED_BACK = [
    # what came                                                        is to be called back
    ([("15:00", (), "+13125550100")],                                  ["c-0"]),
    ([("15:00", (LEAD,), "+13125550100")],                             []),
    ([("15:00", (), "+13125550100"), ("16:00", (), "+13125550100")],   ["c-0"]),
    ([("15:00", (), "+13125550100"), ("16:00", (BOOKED,), "+13125550100")], []),
    ([("15:00", (BOOKED,), "+13125550100"), ("16:00", (), "+13125550100")], ["c-1"]),
    ([("15:00", (), "+13125550100"), ("16:00", (LEAD,), "+13125550100")], ["c-0"]),
    ([("15:00", (), "anonymous"), ("16:00", (BOOKED,), "anonymous")],  ["c-0"]),
    ([("15:00", (), ""), ("16:00", (), "")],                           ["c-0", "c-1"]),
]  # fmt: skip


@pytest.mark.parametrize(("calls", "waiting"), CALLED_BACK)
def test_whom_to_call_back(diary, calls, waiting):
    for number, (time, events, phone) in enumerate(calls):
        diary.call(f"2026-11-23T{time}Z", *events, call=f"c-{number}", phone=phone)

    assert [call.call_id for call in diary.day().to_call_back] == waiting


def test_a_call_that_has_just_ended_is_not_yet_to_be_called_back(diary):
    now = datetime.fromtimestamp(diary.db.now_us() / 1e6 - 60, UTC)
    diary.call(now.isoformat(), call="c-1")
    zone = where_it_is_noon()

    day = day_of(diary.db, [], datetime.now(zone).date(), zone)

    assert (len(day.calls), day.to_call_back, day.is_over) == (1, (), False)


STATES = [
    # runs                                                          the call, at each destination
    ([("slack.post", "succeeded"), ("crm.keep", "succeeded")],      "arrived",  {"slack.post": "arrived", "crm.keep": "arrived"}),
    ([("slack.post", "succeeded"), ("crm.keep", "dead")],           "dead",     {"slack.post": "arrived", "crm.keep": "dead"}),
    ([("slack.post", "retrying"), ("crm.keep", "succeeded")],       "on_hold",  {"slack.post": "on_hold", "crm.keep": "arrived"}),
    ([("crm.keep", "retrying")],                                    "retrying", {"crm.keep": "retrying"}),
    ([("crm.keep", "queued")],                                      "waiting",  {"crm.keep": "waiting"}),
    ([("slack.post", "skipped")],                                   "skipped",  {"slack.post": "skipped"}),
    ([],                                                            "skipped",  {}),
]  # fmt: skip


@pytest.mark.parametrize(("runs", "state", "places"), STATES)
def test_how_a_call_stands_at_each_destination(diary, runs, state, places):
    pause_lanes(diary.db, [Lane("", "slack.post", "")], "its token was revoked")
    diary.call("2026-11-23T15:00Z", call="c-1")
    for handler, run in runs:
        diary.run("c-1", run, handler)

    [call] = diary.day().calls

    assert (call.state, call.places) == (state, places)


def test_what_no_worker_has_seen_is_on_the_way(diary):
    diary.call("2026-11-23T15:00Z", call="c-1", dispatched=False)

    day = diary.day()

    assert (day.with_state("waiting"), day.destinations()) == (1, {})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_query_for_a_day_reads_a_whole_table(diary):
    diary.call("2026-11-23T15:00Z", BOOKED, call="c-1")
    diary.run("c-1", "succeeded")
    asked = []

    day_of(Watched(diary.db, asked), [], DAY, ZONE)

    tables = ("deliveries", "runs")
    steps = [step for sql, values in asked for step in plan(diary.db, sql, values) if reads_all(step)]
    assert [step for step in steps if any(table in step for table in tables)] == []


def test_what_was_erased_and_what_is_no_call_are_not_counted(diary):
    diary.call("2026-11-23T15:00Z", call="c-1")
    Inbox(diary.db).keep(Delivery(key="x", event="billing.paid", body=b"{}", received_us=us("2026-11-23T15:00Z")))
    assert len(diary.day().calls) == 1

    ids = [row["id"] for row in diary.db.read("SELECT id FROM deliveries")]
    diary.db.commit(lambda tx: leave_tombstones(tx, ids, 1))

    assert diary.day().calls == ()
