"""What waits to go out: sent once by one, tried again, given up after a day."""

import json

import pytest

from receiver.errors import RetryLater
from receiver.operations.outbox import (
    AT_ONCE,
    OLDEST,
    TRIES,
    WAITING,
    WAITS_S,
    channels_of,
    claim,
    put,
    send_due,
    sending,
    unsent,
)
from receiver.registry import Activation, Notice
from receiver.registry.handlers import Handler

S = 1_000_000


class Way:
    """A notifier that notes what it was given, or fails."""

    def __init__(self, db, name="chat.alert", targets=("",)):
        self.db, self.taken, self.error, self.during = db, [], None, lambda: None
        handler = Handler(name=name, function=self.send, events=())
        self.activation = Activation(handler=handler, state="on", targets={target: {} for target in targets})

    def send(self, notice, settings):
        self.during()
        if self.error:
            raise self.error
        self.taken.append(notice.title)

    def turn(self, target=""):
        return send_due(self.db, self.activation, target)

    def later(self, seconds):
        """As if so much time were past."""
        sql = "UPDATE alerts SET next_us = next_us - ?, made_us = made_us - ?"
        self.db.commit(lambda tx: tx.execute(sql, (int(seconds * S), int(seconds * S))))


@pytest.fixture
def way(db):
    return Way(db)


def tell(db, *titles, channels=("chat.alert",)):
    """A second ago: a process's idea of Postgres's clock may go back by milliseconds, and they are to be due."""
    for title in titles:
        now_us = db.now_us() - S
        notice = Notice(key=title, kind="attention", title=title, lines=("→ do",), items=({"kind": "x"},))
        db.commit(lambda tx, notice=notice, now_us=now_us: put(tx, notice, channels, now_us))


def test_what_waits_goes_out_in_order_and_once(db, way):
    tell(db, "first", "second")

    assert [way.turn(), way.turn(), way.taken] == ["", "", ["first", "second"]]


def test_each_recipient_is_a_way_of_its_own(db):
    way = Way(db, targets=("ana@acme.example", "bo@acme.example"))
    names = channels_of([way.activation, Activation(handler=way.activation.handler, state="off")])
    tell(db, "first", channels=names)

    assert names == ["chat.alert ana@acme.example", "chat.alert bo@acme.example"]
    assert [work() for work in sending(db, [way.activation]).values()] == ["", ""]
    assert way.taken == ["first", "first"]


@pytest.mark.parametrize(
    ("error", "problem"),
    [(RetryLater("it answered 503"), "it answered 503"), (ValueError("s3cret"), "it failed (ValueError)")],
)
def test_what_does_not_go_out_is_tried_again_and_told_and_the_next_waits_behind_it(db, way, error, problem):
    tell(db, "first", "second")
    way.error = error

    assert [way.turn(), way.turn()] == [problem] * 2
    assert [(each.channel, each.number, each.problem) for each in unsent(db)] == [("chat.alert", 1, problem)]
    way.error = None
    way.later(WAITS_S[1])
    assert [way.turn(), way.taken, unsent(db)] == ["", ["first", "second"], []]


def test_while_one_sends_nobody_else_does(db, way):
    """Another machine looks while the message is on its way."""
    other = Way(db)
    way.during = other.turn
    tell(db, "first")
    way.turn()

    assert (way.taken, other.taken) == (["first"], [])


def test_of_two_that_saw_it_at_the_same_moment_one_sends_it(db):
    tell(db, "first")
    [row] = db.read(OLDEST, ("chat.alert",))

    assert [claim(db, row, db.now_us()) for _ in range(2)] == [True, False]


def test_what_its_sender_died_over_is_sent_by_another(db, way):
    class Died(BaseException):
        pass

    way.error = Died()
    tell(db, "first")
    with pytest.raises(Died):
        way.turn()
    other = Way(db)
    before = other.turn()
    other.later(61)

    assert (before, other.turn(), other.taken) == ("", "", ["first"])


def test_after_a_day_it_is_given_up_and_doctor_can_tell(db, way):
    tell(db, "first")
    way.error = RetryLater("it answered 503")
    for _ in range(TRIES):
        way.turn()
        way.later(9999)
    way.error = None
    way.later(9999)

    assert (way.turn(), way.taken, unsent(db)[0].problem) == ("", [], "it answered 503")


def test_the_tries_last_a_day():
    waits_s = [WAITS_S[min(number, len(WAITS_S) - 1)] for number in range(TRIES - 1)]

    assert 24 <= sum(waits_s) / 3600 < 25


def test_a_clock_that_is_years_ahead_drops_nothing_that_waits(db, way):
    way.error = RetryLater("it answered 503")
    tell(db, "first")
    years_us = 10**15
    db.commit(lambda tx: tx.execute("UPDATE alerts SET made_us = made_us - ?, next_us = next_us - ?", (years_us,) * 2))
    way.turn()

    tell(db, "second")
    way.error = None
    way.later(9999)
    way.turn()

    assert way.taken == ["first", "second"]


def test_what_waits_for_a_way_that_is_off_does_not_pile_up(db):
    tell(db, "first", "second", "third", channels=["another.alert"])
    db.commit(
        lambda tx: tx.execute("UPDATE alerts SET id = id + ? WHERE id = (SELECT max(id) FROM alerts)", (WAITING,))
    )
    tell(db, "fourth", channels=["another.alert"])

    rows = db.read("SELECT notice FROM alerts")
    assert {json.loads(row["notice"])["title"] for row in rows} == {"third", "fourth"}


def test_a_time_that_lies_too_far_ahead_holds_nothing_up(db, way):
    tell(db, "first")
    db.commit(lambda tx: tx.execute("UPDATE alerts SET next_us = next_us + ?", (10**15,)))
    way.turn()

    assert way.taken == ["first"]


def test_what_another_version_has_put_there_goes_out_too(db, way):
    tell(db, "first")
    [row] = db.read(OLDEST, ("chat.alert",))
    notice = json.dumps(json.loads(row["notice"]) | {"colour": "red"})
    db.commit(lambda tx: tx.execute("UPDATE alerts SET notice = ?", (notice,)))

    assert (way.turn(), way.taken) == ("", ["first"])


def test_a_turn_ends_however_much_there_is(db, way):
    tell(db, *[f"n{n}" for n in range(AT_ONCE + 3)])
    way.turn()

    assert len(way.taken) == AT_ONCE


def test_what_was_sent_is_removed_in_time(db, way):
    tell(db, "old")
    way.turn()
    way.later(8 * 86_400)
    tell(db, "new")

    assert [json.loads(row["notice"])["title"] for row in db.read("SELECT notice FROM alerts")] == ["new"]
