"""The worker's side of the inbox: a run is claimed, kept by its lease, and finished, or lost with its worker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..events import Delivery
from ..registry import Lane
from ..store import Database, Row, Time, Transaction, place_holders
from .deliveries import from_row
from .holding import CHANGED, Ended, note_how_it_went
from .losses import NO_FAULT_OF_THE_RUN, WORKER_LOST
from .pausing import weighed
from .probing import claim_probe, uncounted
from .states import ALONE_OF_ITS_CALL, CANCELLED, CLAIMABLE, NOT_PAUSED, OPEN, of_same_call

RUN_LEASE_US = 6_000_000  # renewed every 2 s: two renewals may fail before the run counts as abandoned
EARLIER_LIMIT = 50  # a call has four events, as far as is known

# One conditional update decides who has a run, so a job that arrives twice, late or after a flush does nothing. Its
# other conditions may have changed since the run was queued: a pause, a hold, another run of the call under way.
CLAIM = f"""
UPDATE runs SET state = 'running', attempts = attempts + 1, lease_owner = ?, lease_until_us = ?
WHERE id = ? AND {CLAIMABLE} AND next_attempt_us <= ? AND {NOT_PAUSED} AND {ALONE_OF_ITS_CALL}
  AND NOT EXISTS (SELECT 1 FROM throttles AS t
                  WHERE t.source = runs.source AND t.handler = runs.handler AND t.target = runs.target
                    AND (t.not_before_us > ? OR t.hold <> ''))
RETURNING delivery_id, attempts, failures, 0 AS early
"""
REFUSED = "UPDATE runs SET state = 'pending' WHERE id = ? AND state = 'queued'"
BEGIN_ATTEMPT = "INSERT INTO attempts (run_id, number, started_us) VALUES (?, ?, ?)"

# Queued runs of the same event as one that was handed out, for a handler that takes a batch. As in opening.DUE no run
# overtakes an older one of its call. Only queued ones, which are few: this is asked in the transaction that claims, and
# a backlog of many thousands would hold up acknowledgements there.
QUEUED_WITH = f"""
SELECT r.id FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id
WHERE r.source = ? AND r.handler = ? AND r.target = ? AND r.{OPEN} AND r.state = 'queued' AND r.next_attempt_us <= ?
  AND d.event = (SELECT event FROM deliveries AS e JOIN runs AS m ON m.delivery_id = e.id WHERE m.id = ?)
  AND NOT EXISTS (
    SELECT 1 FROM runs AS o
    WHERE {of_same_call("r")}
      AND (o.state = 'running' OR (o.next_attempt_us <= ? AND o.id < r.id)))
ORDER BY r.id LIMIT ?
"""

# With the casts, SQLite finds the row by its key: what RETURNING knows of a column has lost its type.
FINISH = """
UPDATE runs SET state = ?, next_attempt_us = coalesce(?, next_attempt_us), lease_owner = NULL, lease_until_us = NULL,
    failures = failures + ?, outcome = coalesce(?, outcome), last_error = ?, failure = ?
WHERE id = ? AND lease_owner = ? AND attempts = ?
RETURNING source, handler, target, EXISTS (
    SELECT 1 FROM throttles AS t WHERE t.source = CAST(runs.source AS TEXT) AND t.handler = CAST(runs.handler AS TEXT)
      AND t.target = CAST(runs.target AS TEXT) AND (t.failures > 0 OR t.hold <> '')) AS failing
"""
END_ATTEMPT = "UPDATE attempts SET ended_us = ?, result = ?, detail = ?, failure = ? WHERE run_id = ? AND number = ?"
PAUSE = """
INSERT INTO pauses (source, handler, target, reason, since_us, settings_mark) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
PAUSED_AGAIN = f"UPDATE throttles SET hold = '' WHERE source = ? AND handler = ? AND target = ? AND hold = '{CHANGED}'"
# How the attempts ended that count on the run's present schedule, the latest first.
FAILED_WITH = """
SELECT failure FROM attempts WHERE run_id = ? AND number < ? AND result IN ('retry', 'failed')
ORDER BY number DESC LIMIT ?
"""

RENEW = "UPDATE runs SET lease_until_us = ? WHERE id = ? AND state = 'running' AND lease_owner = ? RETURNING id"

# A running attempt whose end is foreseen, or is known while its run is not due again yet, says so beforehand.
NOTE_LOSS = f"""
UPDATE attempts SET detail = ? WHERE ended_us IS NULL
  AND (run_id, number) IN (SELECT id, attempts FROM runs
                           WHERE handler = ? AND lease_owner = ? AND state = 'running' AND {OPEN})
RETURNING run_id
"""
KEYS = "SELECT d.source, d.key FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id WHERE r.id = ?"

# What was cancelled may have been sent before, so it counts among the earlier ones. An older version kept calls
# without a name under ''; they are not one call.
EARLIER = """
SELECT d.*, coalesce(o.outcome, '') AS outcome FROM runs AS r
JOIN deliveries AS d ON d.call_id = r.call_id AND d.source = r.source
JOIN runs AS o ON o.delivery_id = d.id AND o.handler = r.handler AND o.target = r.target
WHERE r.id = ? AND r.call_id <> '' AND o.id <> r.id AND o.attempts > 0 AND (o.state <> 'skipped' OR o.last_error LIKE ?)
ORDER BY o.id LIMIT ?
"""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A run that this worker alone may attempt, until its lease ends."""

    id: int
    attempt: int
    failures: int  # so far, on the schedule of retries
    failed_with: tuple[str, ...] = ()  # what these met, one of states.FAILURES or a handler's own slug, latest first
    early: bool = False  # before it is due, as its lane is held: where that fails, it counts for nothing
    delivery: Delivery


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How an attempt ended, and so what becomes of its run."""

    state: str  # succeeded, retrying, dead, skipped
    result: str  # the attempt's own word for it: succeeded, failed, retry, pause, gave-up, lost, skipped
    detail: str = ""
    failure: str = ""  # one of states.FAILURES, or a handler's own slug
    delay_us: int = 0  # for retrying
    failed: bool = False  # counts on the schedule of retries
    pause: bool = False  # the lane waits for `receiver resume`, or for other settings than these
    settings_mark: str = ""
    cooldown_us: int = 0  # for so long no other run of the lane is begun

    @property
    def is_retry(self) -> bool:
        """The attempt failed, and says nothing against the run itself."""
        return self.result in ("retry", "failed", "probe")


End = tuple[Claim, Verdict]


class Attempts:
    """Every method raises StoreError."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def claim(self, ids: Sequence[int], owner: str, now_us: Time) -> list[Claim]:
        """Take those of these runs that may start now, and record that their next attempts begin."""
        return self.db.commit(lambda tx: claim_runs(self.db, tx, ids, owner, now_us))

    def claim_unless_suspect(self, ids: Sequence[int], owner: str, now_us: Time) -> tuple[list[Claim], list[int]]:
        """As `claim`; where there are suspects among these runs no claims, and the suspects."""
        return self.db.commit_together(Claiming(self.db, owner, now_us), ids)

    def claim_batch(
        self, ids: Sequence[int], lane: Lane, limit: int, owner: str, now_us: Time
    ) -> tuple[list[Claim], list[int]]:
        """As `claim_unless_suspect`, of these runs and of the queued ones whose deliveries are of the same event.

        They are looked for in the transaction that claims them: two threads that looked before would find the same.
        """

        def write(tx: Transaction) -> tuple[list[Claim], list[int]]:
            rows = tx.execute(QUEUED_WITH, (*lane, now_us, ids[0], now_us, limit)).fetchall()
            queued = [row["id"] for row in rows]
            unmarked = [run for run in ids if run not in queued]  # handed out a moment ago, or taken by others
            [claimed] = Claiming(self.db, owner, now_us)(tx, [[*queued, *unmarked][:limit]])
            return claimed

        return self.db.commit(write)

    def has_batch(self, ids: Sequence[int], lane: Lane, now_us: int) -> bool:
        """Whether `claim_batch` would find anything: a batch that began before may have taken these runs with it."""
        marks, values = place_holders(ids)
        own = f"SELECT 1 FROM runs WHERE {CLAIMABLE} AND id IN ({marks}) LIMIT 1"
        return bool(self.db.read(own, values) or self.db.read(QUEUED_WITH, (*lane, now_us, ids[0], now_us, 1)))

    def earlier(self, run: int) -> Sequence[Row]:
        """Deliveries of the same call that were attempted in the same lane, oldest first, each with its outcome.

        The outcome is "" where no attempt has succeeded yet.
        """
        return self.db.read(EARLIER, (run, f"{CANCELLED}%", EARLIER_LIMIT))

    def renew(self, owner: str, ids: Sequence[int], now_us: Time) -> list[int]:
        """Keep these runs of `owner`; ids of those that are still its own."""
        values = [(now_us + RUN_LEASE_US, run, owner) for run in ids]
        return self.db.commit(lambda tx: [row["id"] for rows in tx.execute_each(RENEW, values) for row in rows])

    def finish(self, ends: Sequence[End], owner: str, now_us: Time) -> dict[int, Verdict]:
        """Record how attempts ended. By run, what was written, without those runs that were taken over meanwhile."""
        return self.db.commit_together(Finishing(owner, now_us), ends)

    def note_loss(self, handler: str, owner: str, why: str) -> list[tuple[str, str]]:
        """Say why the present attempts of `owner` will have been lost; sources and keys of their deliveries."""

        def write(tx: Transaction) -> list[tuple[str, str]]:
            runs = [row["run_id"] for row in tx.execute(NOTE_LOSS, (why, handler, owner)).fetchall()]
            deliveries = [tx.execute(KEYS, (run,)).fetchone() for run in runs]
            return [(row["source"], row["key"]) for row in deliveries]

        return self.db.commit(write)


def suspects_among(tx: Transaction, ids: Sequence[int]) -> list[int]:
    """Those of these runs in whose last attempt the process ended by itself, as it may again."""
    marks, values = place_holders(ids)
    sql = (
        "SELECT id FROM runs WHERE failure = 'worker-lost' AND last_error NOT IN (?, ?) "
        f"AND (failures > 0 OR last_error <> ?) AND id IN ({marks})"
    )
    return [row["id"] for row in tx.execute(sql, (*NO_FAULT_OF_THE_RUN, WORKER_LOST, *values)).fetchall()]


@dataclass(frozen=True)
class Claiming:
    """The claims of all jobs that a process begins at once; for each job them, or the suspects among its runs.

    The statements for hundreds of jobs are hardly more than those for one.
    """

    db: Database
    owner: str
    now_us: Time

    def __call__(self, tx: Transaction, jobs: Sequence[Sequence[int]]) -> list[tuple[list[Claim], list[int]]]:
        suspects = set(suspects_among(tx, [run for job in jobs for run in job]))
        free = [run for job in jobs if suspects.isdisjoint(job) for run in job]
        claims = {claim.id: claim for claim in claim_runs(self.db, tx, free, self.owner, self.now_us)}
        # A job that arrived twice is two of these jobs, and the claims are the first one's.
        return [([claims.pop(run) for run in job if run in claims], sorted(suspects.intersection(job))) for job in jobs]


def claim_runs(db: Database, tx: Transaction, ids: Sequence[int], owner: str, now_us: Time) -> list[Claim]:
    taken = take_runs(db, tx, dict.fromkeys(ids), owner, now_us)
    tx.executemany(REFUSED, [(run,) for run in ids if run not in taken])
    if not taken:
        return []
    tx.executemany(BEGIN_ATTEMPT, [(run, row["attempts"], now_us) for run, row in taken.items()])
    marks, values = place_holders([row["delivery_id"] for row in taken.values()])
    rows = tx.execute(f"SELECT * FROM deliveries WHERE id IN ({marks})", values).fetchall()
    deliveries = {row["id"]: from_row(row) for row in rows}
    return [
        Claim(
            id=run,
            attempt=row["attempts"],
            failures=row["failures"],
            failed_with=failed_with(tx, run, row) if row["failures"] else (),
            early=bool(row["early"]),
            delivery=deliveries[row["delivery_id"]],
        )
        for run, row in taken.items()
    ]


def take_runs(db: Database, tx: Transaction, ids: Collection[int], owner: str, now_us: Time) -> dict[int, Row]:
    """Those of these runs that are ours from now on."""
    if not ids:
        return {}
    others = db.others_claim(tx, list(ids))
    ours = [run for run in ids if run not in others]
    each = tx.execute_each(CLAIM, [(owner, now_us + RUN_LEASE_US, run, now_us, now_us) for run in ours])
    taken = {run: row for run, rows in zip(ours, each, strict=True) for row in rows}
    for run in ours:
        if run not in taken and (row := claim_probe(tx, run, owner, RUN_LEASE_US, now_us)):
            taken[run] = row
    return taken


def failed_with(tx: Transaction, run: int, taken: Row) -> tuple[str, ...]:
    rows = tx.execute(FAILED_WITH, (run, taken["attempts"], taken["failures"])).fetchall()
    return tuple(row["failure"] for row in rows)


@dataclass(frozen=True)
class Finishing:
    """The ends of all calls that have ended at once; for each call what was written, by run."""

    owner: str
    now_us: Time

    def __call__(self, tx: Transaction, calls: Sequence[Sequence[End]]) -> list[dict[int, Verdict]]:
        ended = finish_runs(tx, [end for ends in calls for end in ends], self.owner, self.now_us)
        failing: set[Lane] = set()  # since a call that ended before
        for ends in calls:
            of_call = [ended[claim.id] for claim, _ in ends if claim.id in ended]
            for lane in {end.lane for end in of_call}:
                of_lane = [end for end in of_call if end.lane == lane]
                if lane in failing:
                    of_lane = [replace(end, failing=True) for end in of_lane]
                if note_how_it_went(tx, lane, of_lane, self.now_us):
                    failing.add(lane)
        return [{claim.id: ended[claim.id].verdict for claim, _ in ends if claim.id in ended} for ends in calls]


def finish_runs(tx: Transaction, ends: Sequence[End], owner: str, now_us: Time) -> dict[int, Ended]:
    """The verdicts as they were written, without the runs that are another's by now. A pause is weighed first."""
    counted = [(claim, uncounted(verdict) if claim.early else verdict) for claim, verdict in ends]
    ended = write_ends(tx, [end for end in counted if not end[1].pause], owner, now_us)
    for claim, verdict in counted:
        if verdict.pause:
            ended |= write_ends(tx, [(claim, weighed(tx, claim, verdict, now_us))], owner, now_us)
    return ended


def write_ends(tx: Transaction, ends: Sequence[End], owner: str, now_us: Time) -> dict[int, Ended]:
    values = [(*becomes(verdict, now_us), claim.id, owner, claim.attempt) for claim, verdict in ends]
    each = zip(ends, tx.execute_each(FINISH, values), strict=True)
    written = [(claim, verdict, row) for (claim, verdict), rows in each for row in rows]
    tx.executemany(
        END_ATTEMPT,
        [
            (now_us, verdict.result, verdict.detail, verdict.failure, claim.id, claim.attempt)
            for claim, verdict, _ in written
        ],
    )
    ended = {}
    for claim, verdict, row in written:
        lane = Lane(row["source"], row["handler"], row["target"])
        if verdict.pause:
            tx.execute(PAUSE, (*lane, verdict.detail, now_us, verdict.settings_mark))
            tx.execute(PAUSED_AGAIN, lane)
        failing = bool(row["failing"])
        ended[claim.id] = Ended(run=claim.id, verdict=verdict, lane=lane, failing=failing, failures=claim.failures)
    return ended


def becomes(verdict: Verdict, now_us: Time) -> tuple[object, ...]:
    """What FINISH writes into the run."""
    good = verdict.state == "succeeded"
    outcome, error = (verdict.detail, None) if good else (None, verdict.detail)
    next_us = None if verdict.result == "probe" else now_us + verdict.delay_us
    return verdict.state, next_us, int(verdict.failed), outcome, error, verdict.failure
