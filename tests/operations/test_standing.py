"""How a call stands: decided in one place, and told in one word, whoever tells it."""

import json
from datetime import datetime

import pytest

from receiver.inbox import STATES, Inbox
from receiver.locales import Locale, localized
from receiver.operations import (
    STANDINGS,
    Selection,
    activations,
    by_call,
    day_of,
    held,
    page,
    pause_lanes,
    places_of,
    problems,
    show,
    standing_text,
)
from receiver.operations.standing import STANDS, lanes_now
from receiver.registry import Lane
from tests.support.cli import receiver
from tests.support.deliveries import a_delivery
from tests.support.tools import where_it_is_noon

LANE = Lane("", "slack.post", "")
SPANISH = Locale(language="es")
HOLD = "INSERT INTO throttles (source, handler, target, hold, not_before_us, failures) VALUES (?, ?, ?, ?, 1, 5)"
RUN = (
    "INSERT INTO runs (delivery_id, handler, target, call_id, state, next_attempt_us) "
    "SELECT id, ?, ?, call_id, ?, 1 FROM deliveries WHERE key = ?"
)
# The state of a run, and how it stands: as usual, where its lane is held, and where it is paused.
TABLE = [
    ("pending",   "waiting",  "retrying", "on_hold"),
    ("queued",    "waiting",  "retrying", "on_hold"),
    ("running",   "waiting",  "retrying", "waiting"),
    ("retrying",  "retrying", "retrying", "on_hold"),
    ("succeeded", "arrived",  "arrived",  "arrived"),
    ("dead",      "dead",     "dead",     "dead"),
    ("skipped",   "skipped",  "skipped",  "skipped"),
]  # fmt: skip


class Place:
    """A call for each state of a run, at one destination."""

    def __init__(self, db):
        self.db = db
        for state in STATES:
            Inbox(db).keep(a_delivery(key=state, call_id=state, received_us=db.now_us()))
            db.commit(lambda tx, state=state: tx.execute(RUN, (LANE.handler, LANE.target, state, state)))
        db.commit(lambda tx: tx.execute("UPDATE deliveries SET dispatched_us = 1"))

    def hold(self, kind="down"):
        self.db.commit(lambda tx: tx.execute(HOLD, (*LANE, kind)))

    def pause(self):
        pause_lanes(self.db, [LANE], "its token was revoked")


@pytest.fixture
def place(db):
    return Place(db)


def expected(column):
    return {row[0]: row[column] for row in TABLE}


def as_usual(place):
    return expected(1)


def while_held(place):
    place.hold()
    return expected(2)


def while_paused(place):
    place.pause()
    return expected(3)


def while_paused_and_held(place):
    """A pause wins: nothing is tried. What is being sent all the same belongs to the hold."""
    place.hold("changed")
    place.pause()
    return expected(3) | {"running": "retrying"}


def while_set_up_by_half(place):
    """Its handler waits for a setting; another of a similar name does not."""
    fact = json.dumps({"slack.posts": "on", LANE.handler: "misconfigured"})
    place.db.commit(
        lambda tx: tx.execute("INSERT INTO facts (name, value, noted_us) VALUES ('handlers', ?, 1)", (fact,))
    )
    return expected(1) | dict.fromkeys(("pending", "queued", "retrying"), "half_set")


def while_another_is_set_up_by_half(place):
    fact = json.dumps({LANE.handler: "on", "slack_post": "misconfigured", f"second/{LANE.handler}": "misconfigured"})
    place.db.commit(
        lambda tx: tx.execute("INSERT INTO facts (name, value, noted_us) VALUES ('handlers', ?, 1)", (fact,))
    )
    return expected(1)


def while_off(place):
    """The worker that led last has it not among those that are on: nothing is on its way."""
    fact = json.dumps({"slack.posts": "on", f"second/{LANE.handler}": "on"})
    place.db.commit(
        lambda tx: tx.execute("INSERT INTO facts (name, value, noted_us) VALUES ('handlers', ?, 1)", (fact,))
    )
    return expected(1) | dict.fromkeys(("pending", "queued", "retrying"), "half_set")


SITUATIONS = [
    as_usual,
    while_held,
    while_paused,
    while_paused_and_held,
    while_set_up_by_half,
    while_another_is_set_up_by_half,
    while_off,
]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_run_stands_as_its_state_and_its_lane_say(place, situation):
    stands = situation(place)

    now = lanes_now(place.db)

    assert {state: now.standing(LANE, state) for state in STATES} == stands


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_looked_for_in_the_database_stands_so(place, situation):
    stands = situation(place)

    found = {standing: page(place.db, Selection(standing=standing)).deliveries for standing in STANDINGS}

    assert {each.key: standing for standing, some in found.items() for each in some} == stands
    assert STANDS.keys() == {*STANDINGS}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_list_and_page_is_told_the_same(place, situation):
    stands, db = situation(place), place.db
    ids = {row["key"]: row["id"] for row in db.read("SELECT id, key FROM deliveries")}

    listed = {call.call_id: call.state for call in by_call(page(db, Selection(), limit=50).deliveries, Selection())}
    on_the_list_of_calls = {call: places[LANE] for call, places in places_of(db, STATES).items()}
    on_its_own_page = {key: show(db, number).runs[0].standing for key, number in ids.items()}

    assert (listed, on_the_list_of_calls, on_its_own_page) == (stands,) * 3


def test_the_words_of_the_commands_are_those_of_the_pages(place, env):
    place.hold()

    said = receiver("deliveries", **env).stdout
    spanish = receiver("deliveries", **env | {"BUSINESS_LANGUAGE": "es"}).stdout

    for state, standing in expected(2).items():
        [english_row] = [line for line in said.splitlines() if f"  {state} " in line]
        [spanish_row] = [line for line in spanish.splitlines() if f"  {state} " in line]
        word = standing_text(standing)
        assert [row.split("  ")[1] for row in (english_row, spanish_row)] == [word, localized(word, SPANISH)]


def test_the_day_and_problems_count_what_is_tried_again_as_the_list_does(place):
    place.hold()
    zone = where_it_is_noon()

    day = day_of(place.db, [], datetime.now(zone).date(), zone)
    [tried] = problems(place.db, activations({"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/x"})).tried_again

    assert day.destinations()["slack.post"]["retrying"] == 4
    assert (tried.runs, tried.held) == (4, held(place.db)[0])
