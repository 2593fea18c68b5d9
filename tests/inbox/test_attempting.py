import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver import settings
from receiver.events import Delivery
from receiver.inbox import RUN_LEASE_US, WORKER_STOPPED, Inbox, Verdict
from receiver.inbox.attempting import Claiming, Finishing
from receiver.inbox.schedule import BACKOFF_S
from receiver.operations import cancel, resume, select
from receiver.operations.pauses import LAST_IN_LINE_US
from receiver.registry import Lane
from receiver.store import connect, migrate
from tests.support.runs import Runs
from tests.support.tools import claim, finish, tuples

NOW = 1_000_000_000
TIMEOUT_US = 20_000_000
DONE = Verdict(state="succeeded", result="succeeded", detail="row 2")


@pytest.fixture
def runs(db):
    return Runs(db)


def opened(runs, *keys, call_id=None, source=""):
    """Ids of new runs of the handler `toy`, one for each delivery."""
    for key in keys:
        Inbox(runs.db).keep(Delivery(source=source, key=key, body=b"{}", event="x", call_id=call_id, received_us=1))
    waiting = runs.undispatched(100)
    runs.open([(delivery, "toy", "") for delivery in waiting], [delivery["id"] for delivery in waiting], NOW)
    return [row["id"] for row in runs.db.read("SELECT id FROM runs ORDER BY id")][-len(keys) :]


def state(runs, run):
    return runs.db.read("SELECT state FROM runs WHERE id = ?", (run,))[0]["state"]


def test_a_run_is_claimed_by_one_worker_only(runs):
    [run] = opened(runs, "a")

    claims = [claim(runs, run, owner, NOW) for owner in ("one", "two")]

    assert [one and one.attempt for one in claims] == [1, None]


def test_of_one_call_a_second_run_is_not_claimed_while_the_first_is_at_work(runs):
    first, second = opened(runs, "a", "b", call_id="one")
    claimed = claim(runs, first, "one", NOW)

    assert claim(runs, second, "two", NOW) is None
    finish(runs, claimed, "one", DONE, NOW)
    assert claim(runs, second, "two", NOW).delivery.key == "b"


def test_earlier_attempts_for_the_same_call_are_told_those_cancelled_since_too_and_no_skipped_ones(runs):
    for_good, cancelled, skipped, never, last = opened(runs, *"abcde", call_id="one")
    lost = Verdict(state="dead", result="failed", detail="no answer")
    filtered = Verdict(state="skipped", result="skipped", detail="not of this urgency")
    for run, verdict in ((for_good, DONE), (cancelled, lost), (skipped, filtered)):
        finish(runs, claim(runs, run, "one", NOW), "one", verdict, NOW)
    cancel(runs.db, select(runs.db, names=("b", "d")), "called back")

    assert [state(runs, run) for run in (cancelled, skipped, never)] == ["skipped"] * 3
    assert [(row["key"], row["outcome"]) for row in runs.earlier(last)] == [("a", "row 2"), ("b", "")]


def test_a_run_is_not_claimed_before_its_time_nor_while_its_handler_is_paused(runs):
    early, paused = opened(runs, "a", "b")
    finish(runs, claim(runs, early, "one", NOW), "one", Verdict(state="retrying", result="retry", delay_us=5), NOW)
    finish(runs, claim(runs, paused, "one", NOW), "one", Verdict(state="retrying", result="pause", pause=True), NOW)

    assert claim(runs, early, "one", NOW + 4) is None
    assert claim(runs, paused, "one", NOW + 9) is None
    assert resume(runs.db, "toy") == [("", "toy", "")]
    assert claim(runs, paused, "one", runs.db.now_us()) is None  # the other one first
    assert claim(runs, paused, "one", runs.db.now_us() + LAST_IN_LINE_US).attempt == 2


def test_two_sources_do_not_wait_for_each_other_though_their_calls_have_the_same_id(runs):
    [ours] = opened(runs, "a", call_id="one")
    [theirs] = opened(runs, "a", call_id="one", source="b")

    assert claim(runs, ours, "one", NOW)
    assert claim(runs, theirs, "two", NOW)


def test_a_source_never_sees_what_was_done_for_another(runs):
    [ours] = opened(runs, "a", call_id="one")
    first, second = opened(runs, "a", "b", call_id="one", source="b")
    for run in (ours, first):
        finish(runs, claim(runs, run, "one", NOW), "one", DONE, NOW)

    assert [(row["source"], row["key"]) for row in runs.earlier(second)] == [("b", "a")]


def test_a_pause_or_a_cooldown_of_one_source_stops_no_other(runs):
    paused = Verdict(state="retrying", result="pause", pause=True, cooldown_us=99)
    ours, ours_too = opened(runs, "a", "b")
    theirs, theirs_too = opened(runs, "a", "b", source="b")
    finish(runs, claim(runs, theirs, "one", NOW), "one", paused, NOW)

    assert claim(runs, theirs_too, "one", NOW) is None
    assert claim(runs, ours, "one", NOW)
    assert resume(runs.db, "toy") == [Lane("b", "toy", "")]
    assert claim(runs, theirs_too, "one", NOW) is None  # it cools down
    assert claim(runs, ours_too, "one", NOW)


def test_each_attempt_is_recorded_before_it_is_made(runs):
    [run] = opened(runs, "a")

    claim(runs, run, "one", NOW)

    assert tuples(runs.db.read("SELECT number, started_us, ended_us FROM attempts")) == [(1, NOW, None)]


@pytest.mark.parametrize(
    ("later_us", "taken_over"),
    [
        (RUN_LEASE_US,                  0),  # the lease holds
        (RUN_LEASE_US + 1,              0),  # it ended, but the call may still be under way
        (TIMEOUT_US,                    0),
        (TIMEOUT_US + 1,                1),
    ],
)  # fmt: skip
def test_an_abandoned_run_is_due_again_once_its_call_must_have_ended(runs, later_us, taken_over):
    [run] = opened(runs, "a")
    claim(runs, run, "gone", NOW)

    assert runs.take_over("toy", TIMEOUT_US, NOW + later_us) == taken_over


def lose(runs, run, times, *, why=None):
    """Have the run claimed and lost so many times; when it was lost last."""
    now = runs.db.read("SELECT next_attempt_us FROM runs WHERE id = ?", (run,))[0]["next_attempt_us"]
    for _ in range(times):
        assert claim(runs, run, "gone", now)
        if why:
            assert runs.attempts.note_loss("toy", "gone", why) == [("", "a")]
        lost = now + TIMEOUT_US + 1
        assert runs.take_over("toy", TIMEOUT_US, lost) == 1
        now = runs.db.read("SELECT next_attempt_us FROM runs WHERE id = ?", (run,))[0]["next_attempt_us"]
    return lost


def how(runs, run):
    return tuples(runs.db.read("SELECT state, failures, failure, last_error FROM runs WHERE id = ?", (run,)))[0]


def test_the_second_loss_in_a_row_counts_on_the_schedule_and_the_first_does_not(runs):
    [run] = opened(runs, "a")

    lost = lose(runs, run, 1)
    assert how(runs, run) == ("retrying", 0, "worker-lost", "the worker was lost during the attempt")
    assert claim(runs, run, "gone", lost)  # at once
    lost += TIMEOUT_US + 1
    runs.take_over("toy", TIMEOUT_US, lost)

    assert how(runs, run)[:2] == ("retrying", 1)
    assert claim(runs, run, "two", lost + 1_000_000) is None
    assert claim(runs, run, "two", lost + 2 * BACKOFF_S[0] * 1_000_000)


def test_a_run_that_is_lost_again_and_again_ends_as_a_dead_letter_with_the_reason(runs):
    [run] = opened(runs, "a")

    lose(runs, run, 1 + len(BACKOFF_S) + 1, why="its process ended (SIGSEGV)")

    assert how(runs, run) == ("dead", len(BACKOFF_S) + 1, "worker-lost", "its process ended (SIGSEGV)")
    rows = runs.db.read("SELECT DISTINCT result, detail, failure FROM attempts WHERE ended_us IS NOT NULL")
    assert tuples(rows) == [("lost", "its process ended (SIGSEGV)", "worker-lost")]


def test_a_loss_for_which_the_worker_was_told_to_stop_never_counts(runs):
    [run] = opened(runs, "a")

    lose(runs, run, 3, why=WORKER_STOPPED)
    assert how(runs, run) == ("retrying", 0, "worker-lost", WORKER_STOPPED)
    lose(runs, run, 1)
    assert how(runs, run)[:2] == ("retrying", 0)  # the first of its kind in a row


def test_a_loss_after_another_end_is_the_first_in_a_row(runs):
    [run] = opened(runs, "a")
    lost = lose(runs, run, 1)
    failed = Verdict(state="retrying", result="retry", detail="busy", failure="retry-later", failed=True)
    finish(runs, claim(runs, run, "one", lost), "one", failed, lost)

    lose(runs, run, 1)

    assert how(runs, run)[:2] == ("retrying", 1)


@pytest.mark.parametrize(
    ("times", "why", "is_suspect"),
    [
        (1, "its process ended (SIGSEGV)", True),
        (1, None,                          False),  # a power cut, for all that is known
        (2, None,                          True),
        (3, WORKER_STOPPED,                False),
    ],
)  # fmt: skip
def test_a_run_that_may_end_its_process_again_is_known(runs, times, why, is_suspect):
    run, other = opened(runs, "a", "b")
    lose(runs, run, times, why=why)

    claims, suspects = runs.attempts.claim_unless_suspect([run, other], "two", NOW + 10**12)

    assert (len(claims), suspects) == ((0, [run]) if is_suspect else (2, []))


def test_jobs_that_are_claimed_together_each_get_their_own_runs(runs):
    """One of them has a suspect; one arrived twice; two are of one call."""
    suspect, once = opened(runs, "a", "b")
    first, second = opened(runs, "c", "d", call_id="one")
    lose(runs, suspect, 1, why="its process ended (SIGSEGV)")
    runs.mark_queued([once, first, second], NOW)
    jobs = [[suspect], [once], [once], [first], [second]]

    claimed = runs.db.commit(lambda tx: Claiming(runs.db, "two", NOW + 10**12)(tx, jobs))

    told = [([claim.id for claim in claims], suspects) for claims, suspects in claimed]
    assert told == [([], [suspect]), ([once], []), ([], []), ([first], []), ([], [])]
    assert [state(runs, run) for run in (suspect, once, first, second)] == ["retrying", "running", "running", "pending"]
    assert [claims[0].delivery.key for claims, _ in claimed if claims] == ["b", "c"]


class Counting:
    """A transaction that counts how often the database is asked."""

    def __init__(self, tx):
        self.tx = tx
        self.asked = 0

    def __getattr__(self, name):
        self.asked += 1
        return getattr(self.tx, name)


@pytest.mark.parametrize("jobs", [1, 30])
def test_the_claims_and_the_ends_of_many_runs_ask_the_database_no_more_often_than_those_of_one(runs, jobs):
    ids = opened(runs, *(f"d-{n}" for n in range(jobs)))

    def work(tx):
        counting = Counting(tx)
        claimed = Claiming(runs.db, "us", NOW)(counting, [[run] for run in ids])
        written = Finishing("us", NOW)(counting, [[(claim, DONE)] for claims, _ in claimed for claim in claims])
        return counting.asked, written

    asked, written = runs.db.commit(work)

    assert written == [{run: DONE} for run in ids]
    assert asked <= 8
    assert [state(runs, run) for run in ids] == ["succeeded"] * jobs


LANE = Lane("", "toy", "")


def batches(runs, *jobs, limit=9):
    """The runs in the batch of each job, claimed one after the other."""
    claims = [runs.attempts.claim_batch(ids, LANE, limit, "one", NOW)[0] for ids in jobs]
    return [[claim.id for claim in batch] for batch in claims]


def test_a_batch_is_of_what_is_queued_and_is_not_in_another_batch(runs):
    ids = opened(runs, *"abcdefg")
    runs.mark_queued(ids[:5], NOW)

    assert batches(runs, ids[:1], ids[1:3], ids[3:5], limit=3) == [ids[:3], ids[3:5], []]


def test_a_batch_has_the_runs_of_its_job_also_before_they_are_marked_as_queued(runs):
    """They are marked after the push, and a worker may be faster: without a job they would wait for seconds."""
    ids = opened(runs, *"abcd")
    before = runs.attempts.has_batch(ids[2:], LANE, NOW)
    runs.mark_queued(ids[:1], NOW)

    assert (before, batches(runs, ids[2:])) == (True, [[ids[0], *ids[2:]]])


def test_of_one_call_a_batch_has_the_oldest_run_alone(runs):
    ids = opened(runs, *"abc", call_id="c-1")
    runs.mark_queued(ids, NOW)

    assert batches(runs, ids[:1], ids[1:2]) == [ids[:1], []]


def test_a_turn_is_of_use_while_a_run_of_the_job_waits_or_others_are_queued(runs):
    ids = opened(runs, *"abc")
    runs.mark_queued(ids, NOW)
    uses = []

    for _ in range(3):
        uses.append(runs.attempts.has_batch(ids[:1], LANE, NOW))
        batches(runs, ids[:1], limit=2)

    assert uses == [True, True, False]


def test_why_a_run_will_be_lost_is_forgotten_when_its_attempt_ends_after_all(runs):
    [run] = opened(runs, "a")
    claimed = claim(runs, run, "one", NOW)
    runs.attempts.note_loss("toy", "one", WORKER_STOPPED)

    finish(runs, claimed, "one", DONE, NOW)

    assert tuples(runs.db.read("SELECT result, detail FROM attempts")) == [("succeeded", "row 2")]
    assert runs.attempts.note_loss("toy", "one", WORKER_STOPPED) == []


def test_a_lease_that_is_renewed_is_not_taken_over(runs):
    [run] = opened(runs, "a")
    claim(runs, run, "one", NOW)

    assert runs.renew("one", [run], NOW + RUN_LEASE_US) == [run]
    assert runs.take_over("toy", 1, NOW + RUN_LEASE_US + 1) == 0


def test_a_worker_that_lost_its_run_changes_nothing_any_more(runs):
    [run] = opened(runs, "a")
    claimed = claim(runs, run, "frozen", NOW)
    later = NOW + TIMEOUT_US + 1
    runs.take_over("toy", TIMEOUT_US, later)
    claim(runs, run, "two", later)

    assert finish(runs, claimed, "frozen", DONE, later) is False
    assert runs.renew("frozen", [run], later) == []
    assert state(runs, run) == "running"


def test_an_outcome_is_kept_on_the_run_and_its_attempt(runs):
    [run] = opened(runs, "a")

    assert finish(runs, claim(runs, run, "one", NOW), "one", DONE, NOW + 5)

    kept = runs.db.read(
        "SELECT r.state, outcome, last_error, ended_us, result FROM runs r JOIN attempts ON run_id = r.id"
    )
    assert tuples(kept) == [("succeeded", "row 2", None, NOW + 5, "succeeded")]


def test_what_failed_carries_its_slug_on_the_run_and_its_attempt_until_it_succeeds(runs):
    [run] = opened(runs, "a")
    failed = Verdict(state="retrying", result="retry", detail="no answer", failure="timeout")
    slugs = "SELECT r.failure, a.failure AS attempt FROM runs r JOIN attempts a ON a.run_id = r.id ORDER BY a.number"

    finish(runs, claim(runs, run, "one", NOW), "one", failed, NOW)
    assert tuples(runs.db.read(slugs)) == [("timeout", "timeout")]

    claim(runs, run, "gone", NOW)
    runs.take_over("toy", TIMEOUT_US, NOW + TIMEOUT_US + 1)
    assert tuples(runs.db.read(slugs)) == [("worker-lost", "timeout"), ("worker-lost", "worker-lost")]

    finish(runs, claim(runs, run, "two", NOW + TIMEOUT_US + 1), "two", DONE, NOW)
    assert tuples(runs.db.read(slugs)) == [("", "timeout"), ("", "worker-lost"), ("", "")]


def test_a_lapsed_lease_is_renewed_where_nobody_has_taken_the_run(runs):
    [run] = opened(runs, "a")
    claim(runs, run, "back", NOW)

    assert runs.renew("back", [run], NOW + 10 * RUN_LEASE_US) == [run]
    assert runs.take_over("toy", 1, NOW + 10 * RUN_LEASE_US) == 0


def test_runs_of_one_call_claimed_at_the_same_moment_on_two_machines_do_not_overlap(runs, env):
    other = Runs(connect(settings.read(env)))
    pairs = [opened(runs, f"{n}-a", f"{n}-b", call_id=f"call-{n}") for n in range(40)]
    both = threading.Barrier(2)

    def try_to(machine, run):
        both.wait()
        return claim(machine, run, "somebody", NOW)

    with ThreadPoolExecutor(2) as pool:
        claims = [list(pool.map(try_to, (runs, other), pair)) for pair in pairs]
    other.db.close()

    assert max(sum(one is not None for one in pair) for pair in claims) == 1


def test_a_run_is_taken_over_once_however_many_machines_look(runs, env):
    other = Runs(connect(settings.read(env)))
    ids = opened(runs, *map(str, range(30)))
    for run in ids:
        claim(runs, run, "dead", NOW)

    with ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(m.take_over, "toy", TIMEOUT_US, NOW + TIMEOUT_US + 1) for m in (runs, other)]
        taken = sum(look.result() for look in looks)
    other.db.close()

    assert taken == len(ids)


OF_A_FEW = (
    "SCAN again",
    "SCAN fresh",
    "SCAN due",
    "SCAN l",
    "SCAN CONSTANT ROW",
)  # due runs within a limit; lanes named


def test_no_statement_on_a_runs_way_reads_runs_that_have_ended(tmp_path):
    runs = Runs(connect(settings.read({"DATA_DIR": str(tmp_path)})))
    migrate(runs.db)
    [run] = opened(runs, "a", call_id="one")
    statements = []
    for connection in (*runs.db.readers.idle, runs.db.writer):
        connection.set_trace_callback(statements.append)

    runs.backlog.assign_targets([Lane("", "toy", "x")])
    runs.mark_queued(runs.due("toy", "x", NOW, 9), NOW)
    runs.queued("toy", "x")
    runs.unqueue()
    [run] = runs.due("toy", "x", NOW, 9)
    claimed = claim(runs, run, "one", NOW)
    runs.take_over("toy", TIMEOUT_US, NOW)
    runs.renew("one", [run], NOW)
    finish(runs, claimed, "one", DONE, NOW)

    plans = [
        (sql, row["detail"]) for sql in statements if "runs" in sql for row in runs.db.read(f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert len(plans) > 10
    scans = [plan for plan in plans if "SCAN" in plan[1] and "INDEX runs_open" not in plan[1]]
    assert [plan for plan in scans if plan[1] not in OF_A_FEW] == []
    runs.db.close()
