import pytest

from receiver.events import Delivery
from receiver.inbox import (
    LEADER_LEASE_US,
    UNATTENDED_US,
    Inbox,
    acquire_leadership,
    handlers_on,
    is_leader,
    is_led,
    leader,
    reasons_of,
    release_leadership,
    undispatched_count,
)
from receiver.inbox.leadership import UNDISPATCHED, held

NOW = 1_000_000_000


def test_one_worker_leads_until_its_lease_ends(db):
    looks = [("one", NOW), ("two", NOW), ("one", NOW + LEADER_LEASE_US), ("two", NOW + 2 * LEADER_LEASE_US + 1)]

    assert [acquire_leadership(db, owner, now_us) for owner, now_us in looks] == [True, False, True, True]


def test_who_leads_is_known_to_all_and_what_is_on_there(db):
    acquire_leadership(db, "one", db.now_us(), '{"slack": "on"}', reasons='{"crm": ["why", "por qué"]}')

    assert [is_leader(db, owner) for owner in ("one", "two")] == [True, False]
    assert (handlers_on(db), reasons_of(db)) == ('{"slack": "on"}', '{"crm": ["why", "por qué"]}')

    release_leadership(db, "one", db.now_us(), timeout_s=1)

    assert not is_leader(db, "one")
    assert (handlers_on(db), reasons_of(db)) == ("", "")


def test_only_the_leader_can_give_leadership_back(db):
    acquire_leadership(db, "one", db.now_us())

    release_leadership(db, "two", db.now_us(), timeout_s=1)

    assert is_leader(db, "one")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_counting_what_waits_reads_only_what_waits(db):
    now_us = db.now_us()
    plan = db.read(f"EXPLAIN QUERY PLAN {UNDISPATCHED}", (now_us, now_us, *held()))

    assert [row["detail"] for row in plan if "deliveries" in row["detail"]] == [
        "SCAN deliveries USING INDEX deliveries_undispatched"
    ]


def test_deliveries_that_a_clock_that_was_ahead_has_stamped_are_counted(db):
    Inbox(db).keep(Delivery(key="ahead", event="x", body=b"{}", received_us=db.now_us() + 2 * UNATTENDED_US))

    assert undispatched_count(db) == 1


def test_a_lease_that_a_clock_that_was_ahead_has_left_leads_nobody(db):
    Inbox(db).keep(Delivery(key="old", event="x", body=b"{}", received_us=1))
    acquire_leadership(db, "killed", db.now_us() + 7_200_000_000, '{"slack": "on"}')

    assert (undispatched_count(db), handlers_on(db), is_leader(db, "killed"), is_led(db)) == (1, "", False, False)


def test_deliveries_that_wait_for_a_minute_without_a_leader_are_counted(db):
    Inbox(db).keep(Delivery(key="old", event="x", body=b"{}", received_us=db.now_us() - UNATTENDED_US - 1_000_000))
    Inbox(db).keep(Delivery(key="new", event="x", body=b"{}", received_us=db.now_us()))

    assert undispatched_count(db) == 1
    acquire_leadership(db, "one", db.now_us())
    assert undispatched_count(db) == 0


def test_who_is_known_to_be_gone_leads_no_longer(db):
    acquire_leadership(db, "one", NOW)

    assert leader(db) == "one"
    assert not acquire_leadership(db, "two", NOW, gone="another")
    assert acquire_leadership(db, "two", NOW, gone="one")
    assert leader(db) == "two"
