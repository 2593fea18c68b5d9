"""A source's deliveries, page after page: all of them, each once, in order, and none of another source."""

import json
import threading

import psycopg
import pytest

from receiver.errors import NotFound, StoreUnavailable
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import FeedFilter, erase, feed, feed_delivery, feed_page, newest_place, prune, subject
from receiver.settings import read
from tests.dashboard.test_plans import SCAN, Noting, read_whole
from tests.support.processes import until

HOUR_US = 3_600_000_000


def keep(db, *keys, source="acme", event="call.completed", call_id=None, received_us=None, body=b"{}"):
    for key in keys:
        at_us = db.now_us() if received_us is None else received_us
        Inbox(db).keep(
            Delivery(source=source, key=key, event=event, call_id=call_id, received_us=at_us, body=body),
        )


def keys(page):
    return [delivery.key for delivery in page.deliveries]


def walk(db, source="acme", **options):
    """All pages, from the beginning on."""
    pages = [feed_page(db, source, **options)]
    while pages[-1].more:
        pages.append(feed_page(db, source, after=pages[-1].place, **options))
    return pages


def test_the_pages_have_each_delivery_once_in_the_order_of_storing(db):
    for n in range(7):
        keep(db, f"a{n}")
        keep(db, f"b{n}", f"a{n}", source="bolt")  # an id that both have is two deliveries

    pages = walk(db, limit=3)

    assert [keys(page) for page in pages] == [["a0", "a1", "a2"], ["a3", "a4", "a5"], ["a6"]]
    assert {delivery.source for page in pages for delivery in page.deliveries} == {"acme"}


def test_a_place_stays_good_while_deliveries_are_stored(db):
    assert feed_page(db, "acme") == feed.FeedPage(deliveries=(), place="", more=False)
    keep(db, "a")
    last = feed_page(db, "acme").place

    assert keys(feed_page(db, "acme", after=last)) == []
    keep(db, "x", source="bolt")
    keep(db, "b", "c")
    assert [keys(feed_page(db, "acme", after=last)) for _ in range(2)] == [["b", "c"]] * 2
    assert newest_place(db, "acme") == "c"


@pytest.mark.parametrize("place", ["nothing", "of-bolt"])
def test_a_place_of_another_source_is_none(db, place):
    keep(db, "of-bolt", source="bolt")
    keep(db, "of-acme")

    with pytest.raises(NotFound, match="cursor"):
        feed_page(db, "acme", after=place)
    with pytest.raises(NotFound, match="no delivery"):
        feed_delivery(db, "acme", place)
    assert feed_delivery(db, "acme", "of-acme").source == "acme"


def test_filters(db):
    keep(db, "old", received_us=1_000 * HOUR_US)
    keep(db, "lead", event="lead.created", call_id="c1", received_us=2_000 * HOUR_US)
    keep(db, "done", call_id="c1", received_us=2_001 * HOUR_US)
    keep(db, "early", received_us=2_000 * HOUR_US + 60_000_000)  # by a clock that is 59 minutes behind
    keep(db, "theirs", source="bolt", call_id="c1", received_us=2_000 * HOUR_US)

    def found(**criteria):
        return [key for page in walk(db, criteria=FeedFilter(**criteria), limit=1) for key in keys(page)]

    assert found(events=("lead.created",)) == ["lead"]
    assert found(events=("lead.created", "call.completed")) == ["old", "lead", "done", "early"]
    assert found(events=("x",)) == found(call_id="x") == []
    assert found(call_id="c1") == ["lead", "done"]
    assert found(call_id="c1", events=("call.completed",)) == ["done"]
    assert found(since_us=2_000 * HOUR_US) == ["lead", "done", "early"]
    assert found(since_us=2_000 * HOUR_US + 1) == ["done", "early"]
    assert found(since_us=2_000 * HOUR_US + 120_000_000) == ["done"]
    assert found(until_us=2_000 * HOUR_US) == ["old"]
    assert found(until_us=2_001 * HOUR_US) == ["old", "lead", "early"]
    assert found(since_us=1_500 * HOUR_US, until_us=2_000 * HOUR_US + 1) == ["lead"]
    assert found(since_us=9_000 * HOUR_US) == found(until_us=0) == found(since_us=5, until_us=4) == []
    assert found(since_us=-(10**17), until_us=10**18) == ["old", "lead", "done", "early"]


def test_a_filter_that_leaves_much_out_goes_on_in_windows(db):
    rows = [(f"a{n}",) for n in range(2 * feed.WINDOW + 1)]
    db.commit(lambda tx: tx.executemany(INSERT.replace("'slow'", "?"), rows))
    keep(db, "lead", event="lead.created")

    pages = walk(db, criteria=FeedFilter(events=("lead.created",)))

    assert [keys(page) for page in pages] == [[], [], ["lead"]]
    assert [page.place for page in pages] == [f"a{feed.WINDOW - 1}", f"a{2 * feed.WINDOW - 1}", "lead"]


def test_a_page_ends_where_its_bodies_fill_it(db):
    large = feed.PAGE_BYTES // 2 + 1
    for n, size in enumerate((10, large, large, 2 * large, 10)):
        keep(db, f"a{n}", body=b"x" * size)

    assert [keys(page) for page in walk(db)] == [["a0", "a1"], ["a2"], ["a3"], ["a4"]]


def test_what_was_erased_or_pruned_leaves_its_place(db, env):
    body = json.dumps({"data": {"call_id": "c1", "caller_phone": "+34612345678"}}).encode()
    keep(db, "first", call_id="c1", body=body)
    keep(db, "old", received_us=1)
    keep(db, "last")
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET dispatched_us = 1"))

    place = feed_page(db, "acme", limit=1).place
    erase(db, read(env), (), subject(calls=["c1"]))
    prune(db, 1)

    page = feed_page(db, "acme")
    assert [(each.key, bool(each.erased_us), each.body) for each in page.deliveries] == [
        ("first", True, b""), ("old", True, b""), ("last", False, b"{}"),
    ]  # fmt: skip
    assert page.deliveries[0].call_id is None
    assert keys(feed_page(db, "acme", after=place)) == ["old", "last"]


def test_of_one_that_is_being_erased_nothing_is_shown(db):
    keep(db, "a", call_id="c1")
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET erased_us = 1"))

    [delivery] = feed_page(db, "acme").deliveries
    assert (delivery.call_id, delivery.body, feed_delivery(db, "acme", "a")) == (None, b"", delivery)


shared_only = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
INSERT = (
    "INSERT INTO deliveries (source, key, event, received_us, body, headers, problems) "
    "VALUES ('acme', 'slow', 'x', 1, '', '{}', '[]')"
)


@shared_only
def test_one_that_is_committed_after_a_later_one_is_not_passed_over(db, database_url):
    keep(db, "a")
    with psycopg.connect(database_url) as slow:
        slow.execute(INSERT)  # it has its number, and is not there yet
        keep(db, "b")
        pages = []
        reading = threading.Thread(target=lambda: pages.append(feed_page(db, "acme")))
        reading.start()
        until(lambda: feed.writers_of(db), what="the slow one")
        slow.commit()
        reading.join()

    assert [keys(page) for page in pages] == [["a", "slow", "b"]]


@shared_only
def test_it_waits_for_no_transaction_that_does_not_end(db, database_url):
    keep(db, "a")
    place = newest_place(db, "acme")
    with psycopg.connect(database_url) as stuck:
        stuck.execute(INSERT)
        keep(db, "b")
        with pytest.raises(StoreUnavailable, match="did not end"):
            feed_page(db, "acme")
        stuck.rollback()

    assert keys(feed_page(db, "acme", after=place)) == ["b"]


def test_many_who_store_at_once_and_one_who_reads_loses_none(env, db):
    stop = threading.Event()

    def store_some(n):
        for m in range(40):
            keep(db, f"{n}-{m}")

    def follow():
        place, more = "", True
        while more or not stop.is_set():
            more = not stop.is_set()
            page = feed_page(db, "acme", after=place, limit=7)
            more = more or page.more
            place = page.place
            seen.extend(keys(page))

    seen = []
    writers = [threading.Thread(target=store_some, args=(n,)) for n in range(4)]
    reader = threading.Thread(target=follow)
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()

    assert sorted(seen) == sorted(f"{n}-{m}" for n in range(4) for m in range(40))
    for n in range(4):
        numbers = [int(key.split("-")[1]) for key in seen if key.startswith(f"{n}-")]
        assert numbers == sorted(numbers)


def test_every_filter_is_served_by_an_index(db, database_url):
    for n in range(300):
        keep(db, f"a{n}", source=("acme", "bolt")[n % 2], call_id=f"c{n}", received_us=n * HOUR_US)
    noting = Noting(db)
    for criteria in (
        FeedFilter(), FeedFilter(call_id="c8"), FeedFilter(events=("call.completed", "x")),
        FeedFilter(since_us=40 * HOUR_US, until_us=50 * HOUR_US), FeedFilter(call_id="c8", since_us=1, events=("x",)),
    ):  # fmt: skip
        feed_page(noting, "acme", after="a4", criteria=criteria)
    feed_delivery(noting, "acme", "a4")
    newest_place(noting, "acme")

    plans = {
        text: plan(db, database_url, *statement) for text, statement in noting.read_of.items() if "pg_locks" not in text
    }

    assert len(plans) > 8
    assert {text: steps for text, steps in plans.items() if steps} == {}


def plan(db, database_url, sql, values):
    """What reads a whole table, and on a file what sorts more than the few of a call."""
    if database_url:
        return read_whole(database_url, sql, values)
    steps = [row["detail"] for row in db.read(f"EXPLAIN QUERY PLAN {sql}", values)]
    sorts = "TEMP B-TREE" in str(steps) and "id + 0" not in sql
    return [step for step in steps if SCAN.search(step) and "SCAN CONSTANT ROW" not in step] + ["sorts"] * sorts
