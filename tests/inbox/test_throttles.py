import threading
from concurrent.futures import ThreadPoolExecutor

from receiver import settings
from receiver.inbox import take_turn, throttled
from receiver.registry import Lane
from receiver.store import connect
from tests.support.runs import hold

NOW = 1_000_000_000
PACE_US, AHEAD_US = 1_000_000, 3_000_000


def turn(db, now_us=NOW, target="", source=""):
    return take_turn(db, Lane(source, "slack", target), pace_us=PACE_US, ahead_us=AHEAD_US, now_us=now_us)


def test_turns_follow_each_other_at_the_pace_and_are_not_given_far_ahead(db):
    turns = [turn(db) for _ in range(6)]

    assert turns == [NOW, NOW + PACE_US, NOW + 2 * PACE_US, NOW + 3 * PACE_US, None, None]


def test_a_turn_that_was_refused_is_not_used_up(db):
    for _ in range(6):
        turn(db)

    assert turn(db, now_us=NOW + 4 * PACE_US) == NOW + 4 * PACE_US


def test_who_comes_late_need_not_wait(db):
    turn(db)

    assert turn(db, now_us=NOW + 10 * PACE_US) == NOW + 10 * PACE_US


def test_targets_have_turns_of_their_own(db):
    assert [turn(db, target=target) for target in ("a", "b")] == [NOW, NOW]


def test_sources_have_turns_of_their_own(db):
    assert [turn(db, source=source) for source in ("", "b")] == [NOW, NOW]


def test_a_hold_moves_the_next_turn_and_is_never_shortened(db):
    turn(db)
    for asked_us in (2_500_000, 1_500_000):
        hold(db, Lane("", "slack", ""), asked_us, NOW)

    assert turn(db) == NOW + 2_500_000


def test_a_lane_that_is_held_for_longer_than_turns_are_given_ahead_is_throttled(db):
    turn(db)
    hold(db, Lane("", "crm", ""), 60_000_000, NOW)

    assert throttled(db, NOW + AHEAD_US) == {("", "crm", "")}
    assert throttled(db, NOW + 90_000_000) == set()


def test_two_machines_never_get_the_same_turn(db, env):
    other = connect(settings.read(env))
    both = threading.Barrier(2)

    def take(machine):
        both.wait()
        return [turn(machine, now_us=NOW + n * 10 * PACE_US) for n in range(20)]

    with ThreadPoolExecutor(2) as pool:
        turns = [one for found in pool.map(take, (db, other)) for one in found if one is not None]
    other.close()

    assert len(set(turns)) == len(turns) >= 20
