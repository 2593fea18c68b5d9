"""How a day went, in numbers and in a line."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from receiver import settings
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import day_counts
from receiver.operations.day_counts import DayCounts, calls_between
from receiver.operations.day_line import FACT, LATE_US, line_of_the_day, sentence, tell_the_day
from tests.support.tools import where_it_is_noon

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US


class Day:
    """Events and their runs, so many minutes ago."""

    def __init__(self, db):
        self.db, self.now_us, self.number = db, db.now_us(), 0

    def event(self, call, event="call.completed", *, ago_min=60, phone="", source="", runs=(), **data):
        self.number += 1
        key = f"d-{self.number}"
        data = {"call_id": call, "caller_phone": phone or f"+1555010{abs(hash(call)) % 1000:04}"} | data
        body = json.dumps({"event": event, "delivery_id": key, "data": data}).encode()
        received_us = self.now_us - ago_min * MINUTE_US
        Inbox(self.db).keep(
            Delivery(key=key, event=event, call_id=call, body=body, received_us=received_us, source=source)
        )
        sql = (
            "INSERT INTO runs (delivery_id, handler, state, next_attempt_us, source) "
            "SELECT id, ?, ?, 0, source FROM deliveries WHERE key = ?"
        )
        self.db.commit(lambda tx: [tx.execute(sql, (handler, state, key)) for handler, state in runs])

    def counts(self, **more):
        return day_counts(self.db, self.now_us - DAY_US, self.now_us).get(more.get("source", ""), DayCounts())


@pytest.fixture
def env(env):
    return env | {"BUSINESS_TIMEZONE": where_it_is_noon().key}


@pytest.fixture
def day(db):
    return Day(db)


def test_a_call_is_one_whatever_is_reported_of_it(day):
    day.event("a", urgency="high")
    day.event("a", "lead.created")
    day.event("b", "appointment.booked")
    day.event("c", source="garage")
    day.event("d", ago_min=25 * 60)
    day.event(None)
    day.event(None)

    counts = day.counts()
    assert (counts.calls, counts.urgent) == (4, 1)
    assert day.counts(source="garage").calls == 1


def test_a_call_has_arrived_where_all_of_it_has(day):
    done, waits = ("slack.post", "succeeded"), ("slack.post", "retrying")
    day.event("a", runs=[done, ("hubspot.keep_call", "dead")])
    day.event("a", "lead.created", runs=[done, ("hubspot.keep_call", "succeeded")])
    day.event("b", runs=[waits, ("console.print", "succeeded")])
    day.event("c", runs=[done, ("forward.forward", "skipped")])

    assert day.counts().arrived == {"HubSpot": 0, "Slack": 2}


CALLS_BACK = [
    # events of a call (event, minutes ago, phone)                               to call back
    ([("a", "call.completed", 60, "+15550101")],                                  1),
    ([("a", "call.completed", 1, "+15550101")],                                   0),  # its booking may still come
    ([("a", "call.completed", 60, "+15550101"), ("a", "appointment.booked", 59, "+15550101")], 0),
    ([("a", "call.completed", 60, "+15550101"), ("a", "call.transferred", 61, "+15550101")], 0),
    ([("a", "call.completed", 60, "+15550101"), ("a", "lead.created", 59, "+15550101")], 0),
    ([("a", "call.completed", 60, "+15550101"), ("b", "call.completed", 30, "+15550101")], 1),
    ([("a", "call.completed", 60, "+15550101"), ("b", "appointment.booked", 30, "+15550101")], 0),
    ([("b", "appointment.booked", 90, "+15550101"), ("a", "call.completed", 60, "+15550101")], 1),
    ([("a", "call.completed", 60, "anonymous"), ("b", "call.completed", 50, "anonymous")], 2),
    ([("a", "lead.created", 60, "+15550101")],                                    0),
]  # fmt: skip


@pytest.mark.parametrize(("events", "number"), CALLS_BACK)
def test_who_waits_for_a_call_back(day, events, number):
    for call, event, ago_min, phone in events:
        day.event(call, event, ago_min=ago_min, phone=phone)

    assert day.counts().to_call_back == number


def test_what_was_erased_is_not_counted(day):
    day.event("a")
    day.db.commit(lambda tx: tx.execute("UPDATE deliveries SET erased_us = 1, body = ?", (b"",)))

    assert day.counts().calls == 0


def test_more_than_a_page_is_counted(day):
    for n in range(5):
        day.event(f"c-{n}", ago_min=60 if n < 4 else 30)

    assert len(calls_between(day.db, day.now_us - DAY_US, day.now_us, page=2)[""]) == 5


def test_the_line_holds_counts_alone_in_both_languages(day):
    for n in range(3):
        day.event(f"c-{n}", urgency="high" if n else "low", runs=[("slack.post", "succeeded")])
    day.event("c-2", "appointment.booked", runs=[("slack.post", "retrying")])

    counts = day.counts()
    assert sentence(counts, "en") == "Today: 3 calls, 2 in Slack, 2 urgent, 2 to call back."
    assert sentence(counts, "es") == "Hoy: 3 llamadas, 2 en Slack, 2 urgentes, 2 por llamar."
    assert [sentence(day.counts(source="x"), language) for language in ("en", "es")] == [
        "Today: no calls.", "Hoy: ninguna llamada.",
    ]  # fmt: skip


# When it goes out.


def lines(db):
    return [json.loads(row["notice"]) for row in db.read("SELECT notice FROM alerts ORDER BY id")]


def at(env, minutes):
    """So many minutes from now, as a time of the business's day."""
    return f"{datetime.now(ZoneInfo(env['BUSINESS_TIMEZONE'])) + timedelta(minutes=minutes):%H:%M}"


def yesterday(db, env, minutes_ago):
    """The settings of a receiver whose line is due since then, and which told yesterday's."""
    chosen = settings.read(env | {"ALERT_DAILY_AT": at(env, -minutes_ago)})
    tell_the_day(db, chosen, ["x"])
    db.commit(lambda tx: tx.execute("UPDATE facts SET value = '5' WHERE name = ?", (FACT,)))
    return chosen


def test_it_goes_out_once_a_day_by_each_way(day, env):
    chosen = yesterday(day.db, env, 5)
    for _ in range(3):
        tell_the_day(day.db, chosen, ["slack.alert", "email.alert"])

    assert [(line["kind"], line["title"].partition(":")[0]) for line in lines(day.db)] == [("daily", "Today")] * 2


def test_a_receiver_that_is_new_or_very_late_tells_nothing_of_that_day(day, env):
    new = settings.read(env | {"ALERT_DAILY_AT": at(env, -5)})
    tell_the_day(day.db, new, ["x"])
    late = yesterday(day.db, env, LATE_US // MINUTE_US + 2)
    tell_the_day(day.db, late, ["x"])

    assert lines(day.db) == []


@pytest.mark.parametrize("channels", [[], ["x"]])
def test_where_nobody_wants_it_nothing_is_counted(day, env, channels):
    tell_the_day(day.db, settings.read(env), channels)

    assert day.db.read("SELECT 1 FROM facts WHERE name = ?", (FACT,)) == []


def test_of_several_businesses_each_has_a_line(db, env, day):
    day.event("a", ago_min=10)
    for number in range(3):
        day.event(f"b{number}", source="garage", ago_min=10)
    made = line_of_the_day(db, settings.read(env | {"BUSINESS_NAME": "Bakery"}), db.now_us())

    assert made.title[:14] == "Today: 4 calls"
    assert [line.partition(",")[0] for line in made.lines] == ["[garage] 3 calls", "[Bakery] 1 call"]
