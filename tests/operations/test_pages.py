"""Page after page, on both databases: each delivery once, newest first, and never a scan of everything."""

import pytest

from receiver import operations
from receiver.errors import OperationError
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import Selection, pages
from tests.support.reads import Watched, plan, reads_all


def walk(db, selection, limit):
    """The keys of every page, and the pages' totals."""
    keys, totals, before = [], set(), ""
    while before is not None:
        page = operations.page(db, selection, limit=limit, before=before)
        keys.append([delivery.key for delivery in page.deliveries])
        totals.add((page.total, page.more))
        before = page.next
    return keys, totals


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        (Selection(), range(20)),
        (Selection(event="lead.created"), range(0, 20, 4)),
        (Selection(call_id="call-7"), [7]),
        (Selection(since_us=1002, until_us=1004), range(6, 12)),
        (Selection(until_us=1002), range(6)),
        (Selection(state="dead"), sorted({*range(0, 20, 4), *range(0, 20, 5)})),
        (Selection(state="dead", handler="hubspot.keep_contact"), range(0, 20, 5)),
        (Selection(state="pending", since_us=1003), [10, 14, 18]),
        (Selection(state="skipped"), range(3, 20, 4)),
        (Selection(handler="hubspot.keep_contact"), range(0, 20, 5)),
        (Selection(handler="slack.post", target="elsewhere"), []),
        (Selection(source="another"), []),
    ],
)
def test_each_page_goes_on_where_the_one_before_ended(db, kept, selection, numbers):
    expected = [f"d-{n:02}" for n in reversed(numbers)]

    keys, totals = walk(db, selection, 3)

    assert [key for page in keys for key in page] == expected
    assert totals == {(len(expected), False)}
    assert all(len(page) == 3 for page in keys[:-1])


def test_what_was_stored_late_stands_where_it_was_received(db, kept):
    Inbox(db).keep(Delivery(key="late", body=b"{}", received_us=1003))

    keys, _ = walk(db, Selection(), 4)

    assert [key for page in keys for key in page][7:12] == ["d-12", "late", "d-11", "d-10", "d-09"]
    assert sum(map(len, keys)) == 21


def test_a_delivery_that_comes_meanwhile_moves_no_page(db, kept):
    first = operations.page(db, Selection(), limit=2)
    Inbox(db).keep(Delivery(key="later", body=b"{}", received_us=2000))

    second = operations.page(db, Selection(), limit=2, before=first.next)

    assert [delivery.key for delivery in (*first.deliveries, *second.deliveries)] == ["d-19", "d-18", "d-17", "d-16"]


def test_the_runs_of_a_page_are_read_in_one_query(db, kept):
    asked = []
    page = operations.page(Watched(db, asked), Selection(), limit=20)

    assert sum(len(delivery.runs) for delivery in page.deliveries) == 24
    assert len([sql for sql, _ in asked if "FROM runs WHERE delivery_id" in sql]) == 1


@pytest.mark.parametrize("text", ["d-1", "17", "1-2-3", "1-" + "9" * 30])
def test_what_is_no_place_in_the_list_is_refused(db, text):
    with pytest.raises(OperationError, match="no place in the list"):
        operations.page(db, Selection(), before=text)


def many(db, number, *, state="succeeded", event="call.completed"):
    """So many deliveries with a run each, straight into the tables."""
    kept = "INSERT INTO deliveries (key, event, received_us, body, headers, problems) VALUES (?, ?, ?, ?, '{}', '[]')"
    rows = [(f"d-{n}", event, n, b"{}") for n in range(1, number + 1)]
    opened = (
        "INSERT INTO runs (delivery_id, handler, state, next_attempt_us) SELECT id, 'slack.post', ?, 1 FROM deliveries"
    )
    db.commit(lambda tx: (tx.executemany(kept, rows), tx.execute(opened, (state,))), timeout_s=60)


@pytest.mark.parametrize("selection", [Selection(), Selection(state="dead"), Selection(event="call.completed")])
def test_as_many_as_are_counted_are_counted_exactly_and_of_more_it_is_said(db, selection):
    many(db, pages.COUNTED, state="dead")
    exact = operations.page(db, selection, limit=1)
    Inbox(db).keep(Delivery(key="one more", event="call.completed", body=b"{}", received_us=10**9))
    last = "INSERT INTO runs (delivery_id, handler, state, next_attempt_us) SELECT id, 'slack.post', 'dead', 1 "
    db.commit(lambda tx: tx.execute(f"{last} FROM deliveries WHERE key = 'one more'"))
    over = operations.page(db, selection, limit=1)

    assert [(page.total, page.more) for page in (exact, over)] == [(10_000, False), (10_000, True)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_ends_where_too_many_were_looked_at_and_the_next_one_goes_on(db):
    many(db, pages.WINDOW * pages.WINDOWS + 5)
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET event = 'lead.created' WHERE id = 3"))

    first = operations.page(db, Selection(event="lead.created"))
    second = operations.page(db, Selection(event="lead.created"), before=first.next)

    assert (first.deliveries, first.total, first.more, first.next) == ((), 0, True, "6-6")
    assert ([delivery.key for delivery in second.deliveries], second.next) == (["d-3"], None)


EVERY = [
    Selection(),
    Selection(ids=(1, 2)),
    Selection(source=""),
    Selection(source="another", event="lead.created"),
    Selection(event="lead.created"),
    Selection(call_id="call-1", state="succeeded"),
    Selection(since_us=5, until_us=9),
    *(Selection(state=state) for state in operations.STATES),
    *(Selection(state=state, handler="slack.post", target="", source="") for state in operations.STATES),
    Selection(handler="slack.post"),
    Selection(target="one"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("selection", EVERY, ids=str)
def test_no_query_of_a_page_reads_a_whole_table(db, kept, selection):
    asked = []
    operations.page(Watched(db, asked), selection)

    assert [step for sql, values in asked for step in plan(db, sql, values) if reads_all(step)] == []
