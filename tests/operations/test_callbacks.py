"""Whom to call back, as it changes while somebody works through the list."""

from zoneinfo import ZoneInfo

import pytest

from receiver.errors import NotFound, OperationError
from receiver.operations import Actor, board, fold, mark, undo, usual_wait_s
from tests.support.practice import Practice
from tests.support.tools import in_zone

UTC = ZoneInfo("UTC")
ANA, EVE = Actor(who="Ana", session=1), Actor(who="Eve", session=2)


class Desk(Practice):
    def names(self, tab="to_call"):
        fold(self.db, in_zone(self.db))
        return [each.call.call_id for each in getattr(board(self.db), tab)]


@pytest.fixture
def desk(db):
    return Desk(db)


def test_who_came_to_nothing_is_listed_urgent_first_then_oldest(desk):
    desk.call(call_id="old", phone="+15550101", ago_s=7200)
    desk.call(call_id="new", phone="+15550102", ago_s=600)
    desk.call(call_id="urgent", phone="+15550103", ago_s=900, urgency="urgent")
    desk.call(call_id="booked", phone="+15550104", events=("call.completed", "appointment.booked"))
    desk.call(call_id="transferred", phone="+15550105", events=("call.completed", "call.transferred"))
    desk.call(call_id="lead", phone="+15550106", events=("call.completed", "lead.created"))
    desk.call(call_id="under way", phone="+15550107", ago_s=60)
    desk.call(call_id="long ago", phone="+15550108", ago_s=15 * 86_400)

    assert desk.names() == ["urgent", "old", "new"]
    assert desk.names("leads") == ["lead"]


def test_calls_of_one_number_are_one_row_and_hidden_ones_stand_alone(desk):
    desk.call(call_id="first", ago_s=7200, name="")
    desk.call(call_id="second", ago_s=3600)
    desk.call(call_id="h1", phone="anonymous", ago_s=3000)
    desk.call(call_id="h2", phone="anonymous", ago_s=2000)

    assert desk.names() == ["second", "h1", "h2"]
    [row, *_] = board(desk.db).to_call
    assert ([call.call_id for call in row.calls], row.is_new) == (["second", "first"], True)


def test_a_number_that_has_called_before_is_not_new(desk):
    desk.call(call_id="long ago", ago_s=40 * 86_400, events=("call.completed", "appointment.booked"))
    desk.call(call_id="now")
    desk.names()

    assert board(desk.db).to_call[0].is_new is False


@pytest.mark.parametrize(
    ("way", "tab"), [("reached", "done"), ("not_needed", "done"), ("message", "tried"), ("no_answer", "tried")]
)
def test_a_mark_moves_a_row_and_undo_brings_it_back(desk, way, tab):
    desk.call(call_id="a", ago_s=7200)
    desk.call(call_id="a again", ago_s=3600)
    desk.names()

    made = mark(desk.db, "a again", way, "her words", ANA, seen=0)
    assert (desk.names(), desk.names(tab)) == ([], ["a again"])
    [row] = getattr(board(desk.db), tab)
    assert [(each.what, each.note, each.who) for each in row.marks] == [(way, "her words", "Ana")]

    assert undo(desk.db, "a again", made.mark, ANA) is True
    assert undo(desk.db, "a again", made.mark, ANA) is False
    assert (desk.names(), desk.names(tab)) == (["a again"], [])


def test_who_calls_once_more_after_a_mark_is_to_be_called_again(desk, monkeypatch):
    desk.call(call_id="a", ago_s=7200)
    desk.names()
    mark(desk.db, "a", "message", "", ANA, seen=0)
    desk.db.commit(lambda tx: tx.execute("UPDATE callbacks SET at_us = at_us - 3600000000"))
    desk.call(call_id="a again", ago_s=600)

    assert (desk.names(), desk.names("tried")) == (["a again"], [])


def test_who_helps_themselves_is_taken_off_and_done_says_why(desk):
    desk.call(call_id="a", ago_s=7200)
    desk.call(call_id="booked later", ago_s=600, events=("call.completed", "appointment.booked"))

    assert (desk.names(), desk.names("done")) == ([], ["a"])
    assert board(desk.db).done[0].again.call_id == "booked later"


def test_of_two_who_mark_it_at_once_the_second_adds_a_note(desk):
    desk.call(call_id="a")
    desk.names()
    mark(desk.db, "a", "reached", "", ANA, seen=0)

    second = mark(desk.db, "a", "no_answer", "rang twice", EVE, seen=0)

    assert second.taken.who == "Ana"
    [row] = board(desk.db).done
    assert [(each.who, each.what, each.note) for each in row.marks] == [
        ("Eve", "note", "rang twice"),
        ("Ana", "reached", ""),
    ]


def test_the_same_button_pressed_twice_marks_once(desk):
    desk.call(call_id="a")
    desk.names()

    first, second = (mark(desk.db, "a", "message", "x", ANA, seen=0) for _ in range(2))

    assert (first.mark, second.taken) == (second.mark, None)


def test_each_mark_stands_in_the_history_without_what_was_noted(desk):
    desk.call(call_id="a")
    desk.names()
    mark(desk.db, "a", "message", "her words", ANA, seen=0)

    [row] = desk.db.read("SELECT action, who, session, detail FROM audit")
    assert (row["action"], row["who"], row["session"]) == ("call-back", "Ana", 1)
    assert "her words" not in row["detail"]


def test_what_is_not_there_cannot_be_marked(desk):
    with pytest.raises(NotFound):
        mark(desk.db, "nobody", "reached", "", ANA, seen=0)
    with pytest.raises(OperationError):
        mark(desk.db, "nobody", "forgotten", "", ANA, seen=0)


def test_how_long_people_usually_wait(desk):
    assert usual_wait_s(desk.db) is None
    for n, ago_s in enumerate((600, 1200, 6000)):
        desk.call(call_id=f"c{n}", ago_s=ago_s, phone=f"+1555010{n}")
    desk.names()
    for n in range(3):
        mark(desk.db, f"c{n}", "reached", "", ANA, seen=0)

    assert 1190 < usual_wait_s(desk.db) < 1260
