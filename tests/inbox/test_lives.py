import pytest

from receiver.inbox import lost_lives
from receiver.inbox.lives import FORGOTTEN_US, LIVES, ROWS_OF_ONE, STRAYS_KEPT, write_lives

OURS, ANOTHERS = "our-organization", "another-organization"


@pytest.fixture
def story(db):
    """Write answers in order, a second apart, the last of them now: `x` is a refusal to us, `.` a success of ours.

    `t` and `T` are a refusal and a success of a test with a made-up organisation each; `?` is a refusal without one.
    """

    def write(answers):
        began_us = db.now_us() - len(answers) * 1_000_000
        for number, answer in enumerate(answers):
            at_us = began_us + number * 1_000_000
            name = {"x": OURS, ".": OURS, "?": ""}.get(answer, f"made-up-{number}")
            refused = [(name, at_us, "signature-mismatch")] if answer in "xt?" else []
            acknowledged = {} if refused else {name: (at_us, 1)}
            db.commit(
                lambda tx, refused=refused, acknowledged=acknowledged: write_lives(
                    tx, "", refused, acknowledged, db.now_us()
                )
            )
        return lost_lives(db).lost

    return write


RUNS = [
    # answers        lives lost
    ("",             0),
    ("..",           0),
    ("..xxx",        3),
    ("..xxx.",       0),
    ("..xxx.x",      1),
    ("..x?x",        3),   # what could not be read counts with the others
    ("..x?x.",       0),
    ("..xxxT",       3),   # a test's success clears nothing
    ("..xxxTTT",     3),
    ("..xxxt",       3),   # nor does its failure count
    ("..t",          0),
    ("..???",        3),
    ("..???T",       3),
    ("..???.",       0),
    ("xxx",          3),   # no success yet: whoever is refused may be InboundFlow
    ("xxxt",         3),
    ("xxxT",         3),
    ("xxx.",         0),
    ("tttt",         4),   # organisations that are never the same tell nothing
    ("ttttT",        0),
    (".." + 15 * "x", LIVES),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "lost"), RUNS)
def test_a_streak_ends_with_a_success_of_the_same_organisation(story, answers, lost):
    assert story(answers) == lost


def test_two_that_are_refused_under_one_other_organisation_are_a_webhook_of_their_own(db, story):
    story("..xx")
    now_us = db.now_us()
    other = [(ANOTHERS, now_us - n, "signature-mismatch") for n in range(3)]

    db.commit(lambda tx: write_lives(tx, "", other, {}, now_us))
    both = lost_lives(db).lost
    db.commit(lambda tx: write_lives(tx, "", [], {ANOTHERS: (now_us, 1)}, now_us))

    assert (both, lost_lives(db).lost) == (3, 2)


def test_processes_may_write_in_another_order_than_they_answered(db):
    now_us = db.now_us()
    late = [(OURS, now_us - n, "not-stored") for n in (9, 8, 2)]

    db.commit(lambda tx: write_lives(tx, "", [], {OURS: (now_us - 5, 2)}, now_us))
    db.commit(lambda tx: write_lives(tx, "", late, {}, now_us))

    assert (lost_lives(db).lost, lost_lives(db).reasons) == (1, {"not-stored": 1})


def test_a_test_ends_nothing_where_another_process_tells_a_moment_later_whose_the_webhook_is(db):
    now_us = db.now_us()
    unread = [("", now_us - 3, "404")]

    db.commit(lambda tx: write_lives(tx, "", unread, {"made-up": (now_us - 2, 1)}, now_us))
    db.commit(lambda tx: write_lives(tx, "", [], {OURS: (now_us - 5, 2)}, now_us))

    assert lost_lives(db).lost == 1


def test_what_was_written_by_a_commit_that_seemed_to_fail_is_not_counted_twice(db):
    now_us = db.now_us()
    refused = [(OURS, now_us - 1, "not-stored"), (OURS, now_us, "not-stored")]

    for _ in range(2):
        db.commit(lambda tx: write_lives(tx, "", refused, {}, now_us))

    assert lost_lives(db).lost == 2


HOUR_US = 3_600_000_000


def test_a_clock_that_was_ahead_neither_keeps_a_streak_nor_hides_one(db):
    now_us = db.now_us()
    ahead = [(OURS, now_us + HOUR_US, "not-stored")]
    db.commit(lambda tx: write_lives(tx, "", ahead, {OURS: (now_us + HOUR_US, 2)}, now_us + HOUR_US))

    db.commit(lambda tx: write_lives(tx, "", [(OURS, now_us, "not-stored")], {}, db.now_us()))
    hidden = lost_lives(db).lost
    db.commit(lambda tx: write_lives(tx, "", [], {OURS: (db.now_us(), 1)}, db.now_us()))

    assert (hidden, lost_lives(db).lost) == (1, 0)


def test_an_organisation_that_is_no_longer_connected_is_forgotten_after_a_week(db):
    now_us = db.now_us()
    old = [(OURS, now_us - FORGOTTEN_US - n, "not-stored") for n in range(1, 5)]
    db.commit(lambda tx: write_lives(tx, "", old, {}, now_us))
    before = lost_lives(db).lost

    db.commit(lambda tx: write_lives(tx, "", [], {ANOTHERS: (now_us, 1)}, now_us))

    assert (before, lost_lives(db).lost) == (4, 0)


def test_made_up_organisations_push_nothing_out(db, story):
    story("..xxxx")
    now_us = db.now_us()
    junk = [(f"junk-{n}", now_us, "signature-mismatch") for n in range(STRAYS_KEPT * 3)]

    db.commit(lambda tx: write_lives(tx, "", junk, {}, now_us))

    assert lost_lives(db).lost == 4
    assert db.read("SELECT count(*) AS n FROM lost_lives")[0]["n"] == STRAYS_KEPT + 4


def test_a_long_outage_fills_no_table(story, db):
    assert story("." + (ROWS_OF_ONE + 30) * "x") == LIVES
    assert db.read("SELECT count(*) AS n FROM lost_lives")[0]["n"] == ROWS_OF_ONE


def test_sources_are_counted_apart(db):
    now_us = db.now_us()
    refused = [(OURS, now_us - n, "not-stored") for n in range(3)]

    db.commit(lambda tx: write_lives(tx, "garage", refused, {}, now_us))
    db.commit(lambda tx: write_lives(tx, "bakery", [], {OURS: (now_us, 2)}, now_us))

    assert [lost_lives(db, source).lost for source in ("garage", "bakery", "")] == [3, 0, 0]
