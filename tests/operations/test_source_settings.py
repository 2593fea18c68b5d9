"""What each business has set for itself counts for it, and for no other."""

import json
from dataclasses import replace

import pytest

from receiver import operations, settings
from receiver.inbox import Inbox
from receiver.operations import SourceSettings, add_source, change_settings, disable_source
from receiver.operations.aging import DAY_US, Aging
from receiver.operations.folding import fold
from receiver.operations.prune import keep_retention
from receiver.operations.silence import silence_of
from receiver.operations.usual import QUARTER_US, WEEK_US
from receiver.store import NOTE
from tests.support.deliveries import a_delivery

KEY = "a key for sealing, long enough"
MIDNIGHT_US = 1_780_358_400_000_000  # 2026-06-02, 00:00 UTC
HOUR_US = 3_600_000_000


@pytest.fixture
def routing(env):
    return operations.Routing(settings.read(env | {"SECRET_KEY": KEY, "BUSINESS_TIMEZONE": "UTC"}), {}, {})


@pytest.fixture
def sources(db, routing):
    """acme is in Tokyo, keeps its calls for 30 days and is closed on a day; bolt has set nothing."""
    own = {"BUSINESS_TIMEZONE": "Asia/Tokyo", "RETENTION_DAYS": "30", "BUSINESS_CLOSED_ON": "12-25"}
    add_source(db, routing, "acme", variables=own)
    add_source(db, routing, "bolt")
    return SourceSettings(db, routing.settings)


def keep(db, source, received_us, key="d-1", call_id="call-1"):
    body = json.dumps({"event": "call.completed", "delivery_id": key, "data": {"call_id": call_id}}).encode()
    delivery = replace(a_delivery(key, body=body), source=source, received_us=received_us, call_id=call_id)
    Inbox(db).keep(replace(delivery, event="call.completed"))


def days(db):
    return {row["source"]: (row["day"], row["hour"]) for row in db.read("SELECT source, day, hour FROM calls")}


def test_they_are_read_again_when_one_is_changed(db, routing, sources):
    assert (sources.zone("acme").key, sources.zone("bolt").key, sources.zone("").key) == ("Asia/Tokyo", "UTC", "UTC")
    assert sources.of("acme").closed_on == {"12-25"}

    change_settings(db, routing, "acme", {"BUSINESS_TIMEZONE": "Europe/Madrid"})
    disable_source(db, "bolt", disabled=True)

    assert sources.zone("acme").key == "Europe/Madrid"
    assert list(sources.named_on()) == ["acme"]
    assert [sources.is_on(name) for name in ("acme", "bolt", "nobody")] == [True, False, False]


@pytest.mark.parametrize(("secret", "is_on"), [("", False), ("of the environment's", True)])
def test_the_environment_has_a_business_where_it_has_a_secret_or_there_is_no_other(db, env, secret, is_on):
    own = settings.read(env | {"SECRET_KEY": KEY, "INBOUNDFLOW_SIGNING_SECRET": secret})
    alone = SourceSettings(db, own).is_on("")

    add_source(db, operations.Routing(own, {}, {}), "acme")

    assert (alone, SourceSettings(db, own).is_on("")) == (True, is_on)


def test_with_another_key_those_that_are_known_stay(db, env, sources):
    locked = SourceSettings(db, settings.read(env | {"SECRET_KEY": "another key, as long as that"}))

    assert (dict(locked.named()), locked.zone("acme").key) == ({}, "UTC")


def test_a_call_has_the_day_and_the_hour_of_its_business(db, routing, sources):
    for source in ("", "acme", "bolt"):
        keep(db, source, MIDNIGHT_US - HOUR_US)
    fold(db, sources)

    assert days(db) == {"": ("2026-06-01", 23), "acme": ("2026-06-02", 8), "bolt": ("2026-06-01", 23)}

    change_settings(db, routing, "bolt", {"BUSINESS_TIMEZONE": "Asia/Kolkata"})
    while fold(db, sources).more:
        pass
    assert days(db)["bolt"] == ("2026-06-02", 4)


def test_a_new_business_in_another_zone_has_nothing_counted_again(db, routing, sources):
    for number in range(3):
        keep(db, "acme", MIDNIGHT_US + number, f"d-{number}", f"call-{number}")
    fold(db, sources)
    mark = json.loads(db.read("SELECT value FROM facts WHERE name = 'calls'")[0]["value"])
    settled = json.dumps(mark | {"up_to": 3, "settled": 3, "newest": 3})
    db.commit(lambda tx: tx.execute(NOTE, ("calls", settled, 1)))

    add_source(db, routing, "crab", variables={"BUSINESS_TIMEZONE": "Asia/Kolkata"})
    fold(db, sources)

    mark = json.loads(db.read("SELECT value FROM facts WHERE name = 'calls'")[0]["value"])
    assert mark["up_to"] == 3


def test_a_silence_is_told_by_the_days_and_hours_of_its_business(db, sources):
    last = db.now_us() // QUARTER_US - 20  # five hours ago
    for source in ("acme", "bolt"):
        rows = [(source, last - number) for number in range(5 * WEEK_US // QUARTER_US)]
        sql = "INSERT INTO call_quarters (source, quarter, calls) VALUES (?, ?, 1)"
        db.commit(lambda tx, rows=rows, sql=sql: tx.executemany(sql, rows))
        keep(db, source, last * QUARTER_US)
    closed = replace(
        sources.of("bolt"), closed_on=frozenset(f"{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 32))
    )

    assert silence_of(db, sources.of("bolt"), "bolt")
    assert silence_of(db, closed, "bolt") is None

    disable_source(db, "bolt", disabled=True)
    operations.listen(db, sources)
    assert [each.source for each in operations.silences(db)] == ["acme"]


@pytest.mark.parametrize(
    ("general", "left"),
    [
        ("", {("", 400), ("", 50), ("bolt", 400), ("bolt", 50), ("acme", 5)}),
        ("100", {("", 50), ("bolt", 50), ("acme", 5)}),
        ("10", {("acme", 5)}),
    ],
)
def test_each_business_keeps_its_calls_as_long_as_it_says(db, env, sources, general, left):
    ages = [(source, days) for source in ("", "acme", "bolt") for days in (400, 50)] + [("acme", 5)]
    for number, (source, age) in enumerate(ages):
        keep(db, source, db.now_us() - age * DAY_US, f"d-{age}", f"call-{number}")
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET dispatched_us = 1"))
    fold(db, sources)

    aging = Aging(db)
    aging.began_us -= DAY_US  # so long it has gone on unset
    keep_retention(db, aging, SourceSettings(db, settings.read(env | {"SECRET_KEY": KEY, "RETENTION_DAYS": general})))

    rows = db.read("SELECT source, key FROM deliveries WHERE length(body) > 0")
    assert {(row["source"], int(row["key"][2:])) for row in rows} == left
    assert {row["source"] for row in db.read("SELECT source FROM calls")} == {source for source, _ in left}


def test_pruning_one_business_leaves_the_others_alone(db, env, sources):
    for source in ("", "acme", "bolt"):
        keep(db, source, db.now_us() - 50 * DAY_US)
        sql = "INSERT INTO rejection_counts (source, minute, reason, count) VALUES (?, 1, 'x', 1)"
        db.commit(lambda tx, source=source, sql=sql: tx.execute(sql, (source,)))
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET dispatched_us = 1"))
    scope = operations.Scope(source="bolt")

    looked = operations.prune(db, 10, scope=scope, dry_run=True)
    pruned = operations.prune(db, 10, scope=scope)

    assert (looked.deliveries, looked.beside) == (pruned.deliveries, pruned.beside) == (1, 1)
    assert [row["source"] for row in db.read("SELECT source FROM deliveries WHERE length(body) > 0")] == ["", "acme"]
    assert [row["source"] for row in db.read("SELECT source FROM audit WHERE action = 'prune'")] == ["bolt"]
