"""A clock that was ahead and is right again: no stored time is believed that lies further ahead than it can.

Nothing waits longer than its own span: a lease its length, a turn the pace, a hold the wait that is kept beside it, a
retry the longest step of the schedule; or for what a handler asked at the end of an attempt that is past. Whatever
lies further ahead was written by a clock that was wrong, and is brought back.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..registry import Lane
from ..store import MOVED_TO, NOTE, Database, Row, Time, Transaction
from .opening import lane_of, open_lanes, read_of_lanes
from .schedule import BACKOFF_S, JITTER
from .states import OPEN

SLACK_US = 2_000_000  # the processes at one database agree on the time to well within this
LEADER_LEASE_US = 5_000_000  # another machine takes over this long after the last sign of life
LONGEST_COOLDOWN_US = 3_600_000_000  # no destination gets more by itself (toolkit.outcomes)
LONGEST_ASKED_US = 30 * 86_400_000_000  # more than any handler means
LONGEST_RETRY_US = int(max(BACKOFF_S) * (1 + JITTER) * 1e6)
AT_ONCE = 5_000  # runs in one transaction: while it lasts, no acknowledgement is committed
CLOCK, FORWARD = "clock", "clock set forward"  # facts: how far ahead it was; by how much it was set forward
RELEASED = "released"  # a fact: when leadership was given back last

# When a worker led here last: by its lease, or by when it gave that back.
LAST_LED = """
SELECT coalesce(max(us), 0) AS us FROM (
    SELECT until_us - ? AS us FROM leases WHERE name = 'dispatcher' AND owner <> ?
    UNION ALL SELECT noted_us FROM facts WHERE name = ?) AS led
"""
LAST_LED_VALUES = (LEADER_LEASE_US, MOVED_TO, RELEASED)
TURN_BACK_RUNS = f"""
UPDATE runs SET next_attempt_us = CASE WHEN next_attempt_us - ? > ? THEN next_attempt_us - ? ELSE ? END
WHERE {OPEN} AND state = 'retrying' AND next_attempt_us > ?
"""
TURN_BACK_THROTTLES = """
UPDATE throttles SET next_us = next_us - ?, not_before_us = not_before_us - ?,
    failing_since_us = CASE WHEN failing_since_us > ? THEN failing_since_us - ? ELSE failing_since_us END
WHERE next_us > ? OR not_before_us > ? OR failing_since_us > ?
"""

THROTTLES_AHEAD = "SELECT * FROM throttles WHERE next_us > ? OR not_before_us > ?"
LIMIT_THROTTLE = """
UPDATE throttles SET next_us = CASE WHEN next_us > ? THEN ? ELSE next_us END,
    not_before_us = CASE WHEN not_before_us > ? THEN ? ELSE not_before_us END
WHERE source = ? AND handler = ? AND target = ?
"""
BEGUN = f"source = ? AND handler = ? AND target = ? AND {OPEN} AND state IN ('pending', 'queued')"
RETRYING = f"source = ? AND handler = ? AND target = ? AND {OPEN} AND state = 'retrying'"
ASKED = """EXISTS (SELECT 1 FROM attempts AS a WHERE a.run_id = runs.id AND a.number = runs.attempts
                AND a.ended_us <= ? AND runs.next_attempt_us <= a.ended_us + ?)"""
RUN_AHEAD = f"""
SELECT max(us) AS us FROM (
    SELECT next_attempt_us AS us FROM runs WHERE {BEGUN} AND next_attempt_us > ?
    UNION ALL SELECT next_attempt_us FROM runs WHERE {RETRYING} AND next_attempt_us > ? AND NOT {ASKED}) AS far
"""
# Which lanes RUN_AHEAD is worth asking of: as a rule none.
OF_LANE = f"source = l.source AND handler = l.handler AND target = l.target AND {OPEN}"
LANES_AHEAD = f"""
SELECT source, handler, target FROM lanes AS l
WHERE EXISTS (SELECT 1 FROM runs WHERE {OF_LANE} AND state IN ('pending', 'queued') AND next_attempt_us > ?)
   OR EXISTS (SELECT 1 FROM runs WHERE {OF_LANE} AND state = 'retrying' AND next_attempt_us > ?)
"""
LIMIT_BEGUN = f"""
UPDATE runs SET next_attempt_us = ? WHERE id IN (SELECT id FROM runs WHERE {BEGUN} AND next_attempt_us > ? LIMIT ?)
"""
LIMIT_RETRYING = f"UPDATE runs SET next_attempt_us = ? WHERE {RETRYING} AND next_attempt_us > ? AND NOT {ASKED}"


def led_ahead_us(tx: Transaction, now_us: Time) -> int:
    """How far ahead of now a worker led last, in microseconds; far below 0 where none ever did."""
    return int(
        tx.execute(f"SELECT us - ? AS us FROM ({LAST_LED}) AS last", (now_us, *LAST_LED_VALUES)).fetchone()["us"]
    )


def turn_back(tx: Transaction, ahead_us: int, now_us: Time) -> None:
    """The clock was set back by `ahead_us`: move retries and throttles by as much. `limit_waits` sees to new runs."""
    tx.execute(TURN_BACK_RUNS, (ahead_us, now_us, ahead_us, now_us, now_us))
    tx.execute(TURN_BACK_THROTTLES, (ahead_us, ahead_us, now_us, ahead_us, now_us, now_us, now_us))
    tx.execute("UPDATE facts SET noted_us = ? WHERE name = ? AND noted_us > ?", (now_us, RELEASED, now_us))
    tx.execute(NOTE, (CLOCK, str(ahead_us), now_us))


def limit_waits(db: Database, lanes: Mapping[Lane, int], now_us: int) -> None:
    """Let no lane and no run wait longer than it can.

    `lanes` says how far ahead a lane's next turn may be, in microseconds. Raises StoreError.
    """
    open_ones = [lane for lane in open_lanes(db) if lane in lanes]
    for row in read_of_lanes(db, LANES_AHEAD, open_ones, now_us + SLACK_US, now_us + LONGEST_RETRY_US + SLACK_US):
        limit_runs(db, lane_of(row), now_us)
    for row in db.read(THROTTLES_AHEAD, (now_us, now_us)):
        if (lane := lane_of(row)) in lanes:
            limit_throttle(db, lane, row, now_us + lanes[lane] + SLACK_US, now_us)


def limit_throttle(db: Database, lane: Lane, row: Row, turn_us: int, now_us: int) -> None:
    """Start from now where the next turn is later than `turn_us`, or the hold longer than it was to be."""
    span_us = row["wait_us"] if row["hold"] else LONGEST_COOLDOWN_US  # an older version held a lane without its span
    cooled_us = now_us + min(span_us, LONGEST_ASKED_US) + SLACK_US
    if row["next_us"] <= turn_us and row["not_before_us"] <= cooled_us:
        return

    def write(tx: Transaction) -> None:
        tx.execute(LIMIT_THROTTLE, (turn_us, now_us, cooled_us, now_us, *lane))
        note_far(tx, max(row["next_us"], row["not_before_us"]) - now_us, now_us)

    db.commit(write)


def limit_runs(db: Database, lane: Lane, now_us: int) -> None:
    begun_us, retried_us = now_us + SLACK_US, now_us + LONGEST_RETRY_US + SLACK_US
    values = (*lane, begun_us, *lane, retried_us, now_us, LONGEST_ASKED_US)
    furthest_us = db.read(RUN_AHEAD, values)[0]["us"]
    if furthest_us is None:
        return

    def write(tx: Transaction) -> int:
        begun = tx.execute(LIMIT_BEGUN, (now_us, *lane, begun_us, AT_ONCE)).rowcount
        tx.execute(LIMIT_RETRYING, (now_us, *lane, retried_us, now_us, LONGEST_ASKED_US))
        note_far(tx, furthest_us - now_us, now_us)
        return begun

    while db.commit(write) == AT_ONCE:
        pass


def note_far(tx: Transaction, ahead_us: int, now_us: int) -> None:
    """Note that the clock was ahead; not for what a new pace, or a handler of one's own, explains as well."""
    if ahead_us > LONGEST_COOLDOWN_US:
        tx.execute(NOTE, (CLOCK, str(ahead_us), now_us))
