"""What is learned of deliveries, behind a mark."""

import json
from dataclasses import replace

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import learn, new_fields
from receiver.operations.learning import BODY_BYTES, COMMITTED_US, EVENTS_KEPT, FIELDS_KEPT, learn_batch
from receiver.operations.usual import LOOKED_BACK, QUARTER_US, WEEK_US

AGO_US = 3_600_000_000


@pytest.fixture
def keep(db):
    def keep(key, call="c-1", *, event="call.completed", ago_us=AGO_US, source="", **data):
        body = json.dumps({"event": event, "delivery_id": key, "data": {"call_id": call} | data}).encode()
        now_us = db.now_us()
        delivery = Delivery(key=key, event=event, body=body, call_id=call, received_us=now_us - ago_us, source=source)
        Inbox(db).keep(delivery)
        return delivery

    return keep


def seen(db):
    return sorted((each.event, each.field, each.type) for each in new_fields(db))


def quarters(db):
    return {(row["source"], row["quarter"]): row["calls"] for row in db.read("SELECT * FROM call_quarters")}


def test_a_new_field_is_noted_once_with_its_first_sight_and_nothing_that_was_said(db, keep):
    first = keep("d-1", transcript="My name is Ana Ruiz, +15550100")
    keep("d-2", transcript="Hello", ago_us=AGO_US - 5)
    learn(db)
    keep("d-3", transcript="Hello again")
    learn(db)

    [field] = new_fields(db)
    assert (field.event, field.field, field.type, field.example, field.first_us) == (
        "call.completed", "transcript", "text", "up to 30 characters", first.received_us,
    )  # fmt: skip


def test_another_type_of_it_is_noted_too(db, keep):
    keep("d-1", sentiment="good")
    keep("d-2", sentiment=0.5)
    learn(db)

    assert seen(db) == [("call.completed", "sentiment", "number"), ("call.completed", "sentiment", "text")]


def test_names_without_end_fill_no_table(db, keep):
    for n in range(5):
        keep(f"d-{n}", **{f"q{n}_{m}": m for m in range(FIELDS_KEPT)})
    for n in range(EVENTS_KEPT + 5):
        keep(f"e-{n}", event=f"made.up{n}")
    learn(db)

    rows = seen(db)
    assert len([row for row in rows if row[0] == "call.completed"]) == FIELDS_KEPT + 1
    assert len({row[0] for row in rows}) == EVENTS_KEPT + 1
    assert ("call.completed", "…", "more") in rows
    assert ("…", "", "event") in rows


def test_calls_are_counted_once_whatever_is_reported_of_them(db, keep):
    first = keep("d-1", "c-1")
    keep("d-2", "c-1", event="lead.created")
    keep("d-3", "c-2", ago_us=AGO_US - 1)
    keep("d-4", "c-1", source="garage")
    learn(db)
    keep("d-5", "c-1", event="appointment.booked", ago_us=AGO_US - 2)
    learn(db)

    quarter = first.received_us // QUARTER_US
    counted = quarters(db)
    assert {source: sum(n for (of, _), n in counted.items() if of == source) for source in ("", "garage")} == {
        "": 2, "garage": 1,
    }  # fmt: skip
    assert {q for _, q in counted} <= {quarter, quarter + 1}


def test_what_may_still_be_committed_out_of_order_is_left_for_the_next_turn(db, keep):
    keep("d-1")
    keep("d-2", "c-2", ago_us=COMMITTED_US // 2)
    keep("d-3", "c-3")

    assert learn_batch(db) == 1


def test_a_time_ahead_of_now_holds_nothing_up(db, keep):
    keep("d-1", ago_us=-AGO_US)
    keep("d-2", "c-2")

    assert learn_batch(db) == 2


def test_two_at_once_count_nothing_twice(db, keep):
    """Another process has moved the mark between this one's look and its commit."""

    class Slow:
        def __init__(self):
            self.ran = False

        def __getattr__(self, name):
            return getattr(db, name)

        def commit(self, work):
            if not self.ran and "write" in work.__name__:
                self.ran = True
                learn_batch(db)
            return db.commit(work)

    keep("d-1")
    learn_batch(Slow())

    assert list(quarters(db).values()) == [1]


def test_it_begins_so_far_back_as_is_compared_and_forgets_what_is_older(db, keep):
    keep("d-0", "c-0", ago_us=(LOOKED_BACK + 2) * WEEK_US, sentiment=1)
    keep("d-1", "c-1")
    db.commit(lambda tx: tx.execute("INSERT INTO call_quarters (source, quarter, calls) VALUES ('', 5, 9)"))

    learn(db)

    assert (list(quarters(db).values()), seen(db)) == ([1], [])


def test_what_is_very_long_or_erased_is_not_read(db, keep):
    keep("d-1", notes="x" * BODY_BYTES)
    long = keep("d-2", "c-2", sentiment=1)
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET body = ?, call_id = NULL WHERE key = 'd-2'", (b"",)))
    Inbox(db).keep(replace(long, key="d-3", body=b"no json", call_id="c-3"))

    learn(db)

    assert (seen(db), sum(quarters(db).values())) == ([], 3)
