"""Holds: a lane that is down, or was asked to wait, is left alone but for one run at a time that probes it.

    hold    begins                                                      no run starts before
    down    with several failures in a row, of different runs           some seconds are over
    asked   with an answer that says how long (Retry-After, a quota)    that time is over
    changed at a start with other settings than it was paused under     (at once: changed.py)

Then one run is attempted. Where it fails the lane waits again; the first success ends the hold, and what failed
meanwhile is due at once. One run that always fails, or one moment that is bad, holds nobody up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..registry import Lane
from ..store import Row, Time, Transaction
from .probing import leave_probe
from .schedule import JITTER
from .states import OPEN

if TYPE_CHECKING:
    from .attempting import Verdict

DOWN, ASKED, CHANGED = "down", "asked", "changed"
FAILURES = 5  # in a row, with no success between: where one in twenty fails, once in three million
RUNS = 3  # they are of so many: a run that always fails says nothing of its target
UNREACHED = 2  # in a row where no connection came about: that is never the delivery's fault
FIRST_WAIT_US = 2_000_000
LONGEST_WAIT_US = 6_000_000  # each wait is twice the one before, up to here: all arrives within 10 s of a return
AT_ONCE = 5_000  # runs in one transaction: while it lasts, no acknowledgement is committed

NOT_REACHED = ("dns", "private-address", "connect")
# What an outage looks like. A handler that asked for a time of its own (retry-later) gets that.
OUTAGE = (*NOT_REACHED, "tls", "timeout", "no-answer", "raised", "overran", "refused-404")
NAMES = ", ".join(f"'{failure}'" for failure in OUTAGE)
IS_OUTAGE = f"(failure IN ({NAMES}) OR substr(failure, 1, 9) = 'refused-5')"
# Where others get through, the second and the third wait of a run are as short as the first: what fails once in twenty
# times has not to wait for minutes as it was refused twice.
SOON_S = 7
SOON_AFTER = (1, 2)  # failures

LANE = "source = ? AND handler = ? AND target = ?"
COUNT = """
INSERT INTO throttles (source, handler, target, failures, failing_since_us) VALUES (?, ?, ?, 1, ?)
ON CONFLICT (source, handler, target) DO UPDATE SET failures = throttles.failures + 1,
    failing_since_us = CASE WHEN throttles.failures = 0 THEN excluded.failing_since_us
                            ELSE throttles.failing_since_us END
RETURNING *
"""
DESCRIBE = f"UPDATE throttles SET failing = ?, unreached = ?, reason = ? WHERE {LANE}"
# A longer time that was asked for before stays.
WAIT = f"""
UPDATE throttles SET hold = CASE WHEN not_before_us > ? THEN hold ELSE ? END,
    wait_us = CASE WHEN not_before_us > ? THEN wait_us ELSE ? END,
    not_before_us = CASE WHEN not_before_us > ? THEN not_before_us ELSE ? END
WHERE {LANE}
"""
NONE_FAILED = "failures = 0, unreached = 0, failing = '', reason = ''"
# While a time that was asked for lasts, what was under way before may succeed: that ends nothing.
RELEASE = f"""
UPDATE throttles SET {NONE_FAILED}, hold = '', wait_us = 0, not_before_us = 0, probe_run = 0
WHERE {LANE} AND hold <> '' AND (hold <> '{ASKED}' OR not_before_us <= ? OR probe_run IN (PROBES))
RETURNING failing_since_us
"""
CLEAR = f"UPDATE throttles SET {NONE_FAILED} WHERE {LANE} AND hold = ''"
MAKE_DUE = f"""
UPDATE runs SET next_attempt_us = ? WHERE id IN (
    SELECT id FROM runs WHERE {LANE} AND {OPEN} AND state = 'retrying' AND next_attempt_us > ? AND {IS_OUTAGE}
      AND EXISTS (SELECT 1 FROM attempts AS a
                  WHERE a.run_id = runs.id AND a.number = runs.attempts AND a.ended_us >= ?)
    LIMIT ?)
"""
SOONER = "UPDATE runs SET next_attempt_us = ? WHERE id = ? AND state = 'retrying' AND next_attempt_us > ?"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run's verdict as it was written."""

    run: int
    verdict: Verdict
    lane: Lane
    failing: bool  # the lane is held, or has failed without a success since
    failures: int  # of the run, before this attempt


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How a call failed that was for these runs."""

    runs: Sequence[int]
    failure: str  # one of states.FAILURES
    reason: str
    again: Sequence[int] = ()  # those of the runs that had failed once or twice before
    asked_us: int = 0  # the time that the destination, or its handler, wants to be left alone


def note_how_it_went(tx: Transaction, lane: Lane, ends: Sequence[Ended], now_us: Time) -> bool:
    """What the end of one call says about its lane; a batch is one call for several runs. Whether it is a failure."""
    runs = [end.run for end in ends]
    worst = max((end.verdict for end in ends), key=lambda verdict: (verdict.cooldown_us, verdict.is_retry))
    succeeded = any(end.verdict.state == "succeeded" for end in ends)
    if worst.cooldown_us or (worst.is_retry and not succeeded):
        again = [end.run for end in ends if end.verdict.failed and end.failures in SOON_AFTER]
        asked_us = worst.cooldown_us
        failure = Failure(runs=runs, failure=worst.failure, reason=worst.detail, again=again, asked_us=asked_us)
        note_failure(tx, lane, failure, now_us)
        return True
    if any(end.failing for end in ends):
        if succeeded:
            note_success(tx, lane, runs, now_us)
        else:
            leave_probe(tx, runs, now_us)
    return False


def note_failure(tx: Transaction, lane: Lane, failure: Failure, now_us: Time) -> None:
    """Count it, and let the lane wait where it is down or was asked to."""
    row = tx.execute(COUNT, (*lane, now_us)).fetchone()
    failing = row["failing"].split()
    if not row["hold"] and len(failing) < RUNS and is_outage(failure):
        try_sooner(tx, [run for run in failure.again if str(run) not in failing], now_us)
    if len(failing) < RUNS and str(failure.runs[0]) not in failing:
        failing.append(str(failure.runs[0]))
    unreached = row["unreached"] + 1 if failure.failure in NOT_REACHED else 0
    tx.execute(DESCRIBE, (" ".join(failing), unreached, failure.reason, *lane))
    is_down = unreached >= UNREACHED or (row["failures"] >= FAILURES and len(failing) >= RUNS)
    wait_us = failure.asked_us or down_for_us(row, failure.runs, is_down)
    if wait_us:
        kind, until_us = ASKED if failure.asked_us else DOWN, now_us + wait_us
        tx.execute(WAIT, (until_us, kind, until_us, wait_us, until_us, until_us, *lane))


def is_outage(failure: Failure) -> bool:
    """Whether it may pass by itself in a moment: not what asks for a time of its own, as a 404 does."""
    kind = failure.failure
    return not failure.asked_us and kind != "refused-404" and (kind in OUTAGE or kind.startswith("refused-5"))


def try_sooner(tx: Transaction, runs: Sequence[int], now_us: Time) -> None:
    """These have failed before, and others got through since."""
    for run in runs:
        soon_us = now_us + int(SOON_S * random.uniform(1 - JITTER, 1 + JITTER) * 1e6)  # noqa: S311 (no secret)
        tx.execute(SOONER, (soon_us, run, soon_us))


def down_for_us(row: Row, runs: Sequence[int], is_down: bool) -> int:
    """The lane's first wait, or the next, longer one after a probe; 0 for what began before the hold did."""
    if not row["hold"]:
        return FIRST_WAIT_US if is_down else 0
    return min(LONGEST_WAIT_US, max(FIRST_WAIT_US, 2 * row["wait_us"])) if row["probe_run"] in runs else 0


def note_success(tx: Transaction, lane: Lane, runs: Sequence[int], now_us: Time) -> None:
    """The lane works: nothing has failed in a row, and what failed while it was down is due."""
    release = RELEASE.replace("PROBES", ", ".join("?" * len(runs)))
    held = tx.execute(release, (*lane, now_us, *runs)).fetchone()
    if held:
        tx.execute(MAKE_DUE, (now_us, *lane, now_us, held["failing_since_us"], AT_ONCE))
    else:
        tx.execute(CLEAR, lane)
