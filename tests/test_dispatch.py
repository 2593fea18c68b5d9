import itertools

import pytest

from receiver import inbox, queue, settings
from receiver.dispatch import MISSING_AFTER_US, OPEN_BATCH, OPEN_BATCHES, SHARE, WINDOW, Dispatcher, window
from receiver.events import CallCompleted, Delivery, LeadCreated
from receiver.inbox import LEADER_LEASE_US, Verdict
from receiver.inbox.holding import FAILURES, FIRST_WAIT_US
from receiver.registry import Activation, Handler, Lane
from tests.support.handlers import a_handler
from tests.support.reads import Watched
from tests.support.tools import tuples


@pytest.fixture(scope="module")
def redis(redis_socket):
    return queue.connect(settings.read({"REDIS_URL": f"unix://{redis_socket}"}))


NUMBERS = itertools.count()


class Clock:
    def __init__(self, us=1_000_000_000):
        self.us = us

    def __call__(self):
        return self.us


def activation(name, *events, state="on", targets=("",), source="", **more):
    handler = Handler(name=name, function=print, events=events, parallel=1, **more)
    return Activation(handler=handler, state=state, source=source, targets={target: {} for target in targets})


@pytest.fixture
def make(db, redis):
    redis.flushall()

    def make(*activations, clock=None):
        owner = f"worker-{next(NUMBERS)}"
        dispatcher = Dispatcher(inbox.Backlog(db), queue.RunQueue(redis), activations, owner, clock or Clock())
        dispatcher.tick()
        return dispatcher

    return make


def again(dispatcher):
    """The next round, with the looks that are made once a second."""
    dispatcher.renewed_at = -100
    dispatcher.redis_failed_at = None
    return dispatcher.tick()


def keep(db, *keys, event="call.completed", call_id=None, source=""):
    for key in keys:
        inbox.Inbox(db).keep(Delivery(source=source, key=key, body=b"{}", event=event, call_id=call_id, received_us=1))


def states(db):
    rows = db.read("SELECT handler, target, state FROM runs ORDER BY id")
    return tuples(rows)


def test_a_delivery_gets_a_run_for_each_handler_and_target_that_takes_its_event(db, make):
    keep(db, "a")

    make(
        activation("slack", CallCompleted),
        activation("crm", LeadCreated),
        activation("fw", CallCompleted, targets="xy"),
    )

    assert states(db) == [("slack", "", "queued"), ("fw", "x", "queued"), ("fw", "y", "queued")]
    assert db.read("SELECT count(*) AS n FROM deliveries WHERE dispatched_us IS NULL")[0]["n"] == 0


def test_a_delivery_gets_runs_at_the_destinations_of_its_own_source(db, make):
    keep(db, "a")
    keep(db, "a", source="garage")

    dispatcher = make(
        activation("slack", CallCompleted),
        activation("slack", CallCompleted, source="garage"),
        activation("crm", CallCompleted, source="garage"),
    )

    rows = db.read("SELECT r.source, r.handler, d.source AS whose FROM runs r JOIN deliveries d ON d.id = delivery_id")
    assert sorted(tuples(rows)) == [("", "slack", ""), ("garage", "crm", "garage"), ("garage", "slack", "garage")]
    assert [dispatcher.queue.waiting(Lane(source, "slack", "")) for source in ("", "garage", "none")] == [
        {1},
        {2},
        set(),
    ]


def cost_of_a_round(db, redis, businesses, deliveries):
    """How many reads and commits a round makes, the looks of each second among them."""
    names = [f"b{n:02}" for n in range(businesses)]
    crm = [activation("crm", CallCompleted, source=name, targets="xy") for name in names]
    watched = Watched(db, [])
    dispatcher = Dispatcher(inbox.Backlog(watched), queue.RunQueue(redis), crm, "the same", Clock())
    again(dispatcher)
    for name in names[:deliveries]:
        keep(db, f"{businesses}-{deliveries}", source=name)
    watched.asked.clear()
    watched.commits = 0
    again(dispatcher)
    handed_out = sum(len(dispatcher.queue.waiting(lane)) for each in crm for lane in each.lanes())
    return len(watched.asked), watched.commits, handed_out


def test_a_round_costs_the_same_however_many_businesses_have_nothing_to_do(db, redis):
    redis.flushall()

    few, many = (cost_of_a_round(db, redis, businesses, 0) for businesses in (2, 50))

    assert few == many


def test_what_is_handed_out_to_many_businesses_is_one_commit(db, redis):
    redis.flushall()

    few, many = (cost_of_a_round(db, redis, businesses, businesses) for businesses in (1, 50))

    assert (few[1], few[2], many[1], many[2]) == (3, 2, 3, 102)  # leading, opening, handing out


def test_a_long_backlog_is_opened_in_parts_between_which_runs_are_handed_out(db, make):
    total = OPEN_BATCH * OPEN_BATCHES + 1
    keep(db, *[f"d-{n}" for n in range(total)], source="flooded")
    keep(db, "last", source="quiet")

    dispatcher = make(*[activation("slack", CallCompleted, source=name) for name in ("flooded", "quiet")])
    first = (dispatcher.is_behind, len(states(db)), len(dispatcher.queue.waiting(Lane("flooded", "slack", ""))))
    dispatcher.tick()

    assert first == (True, total - 1, WINDOW)
    assert (dispatcher.is_behind, len(dispatcher.queue.waiting(Lane("quiet", "slack", "")))) == (False, 1)


@pytest.mark.parametrize(("others", "share"), [(0, WINDOW), (3, WINDOW // 4), (100, SHARE)])
def test_a_business_that_floods_is_handed_out_the_less_the_more_others_have_work(db, make, others, share):
    names = [f"b{n}" for n in range(others)]
    dispatcher = make(*[activation("slack", CallCompleted, source=name) for name in ("flooded", *names)])
    keep(db, *[f"d-{n}" for n in range(WINDOW + 50)], source="flooded")
    for name in names:
        keep(db, f"of-{name}", source=name)

    busy = dispatcher.tick()

    assert len(busy) == others + 1
    assert len(dispatcher.queue.waiting(Lane("flooded", "slack", ""))) == share
    assert all(len(dispatcher.queue.waiting(Lane(name, "slack", ""))) == 1 for name in names)


def test_a_delivery_that_nobody_takes_is_dispatched_all_the_same(db, make):
    keep(db, "a", event="call.exploded")

    make(activation("slack", CallCompleted))

    assert states(db) == []
    assert db.read("SELECT count(*) AS n FROM deliveries WHERE dispatched_us IS NULL")[0]["n"] == 0


def test_runs_of_a_misconfigured_handler_wait_and_are_spread_over_its_targets_once_it_is_set_right(db, make):
    keep(db, "a")
    make(activation("fw", CallCompleted, state="misconfigured"))
    assert states(db) == [("fw", "", "pending")]

    clock = Clock()
    clock.us += LEADER_LEASE_US + 1
    make(activation("fw", CallCompleted, targets="xy"), clock=clock)

    assert states(db) == [("fw", "x", "queued"), ("fw", "y", "queued")]


def test_only_a_window_of_runs_is_in_redis_at_a_time(db, make, redis):
    keep(db, *[f"d-{n}" for n in range(WINDOW + 50)])

    dispatcher = make(activation("slack", CallCompleted))

    assert len(dispatcher.queue.waiting(Lane("", "slack", ""))) == WINDOW
    assert [state for _, _, state in states(db)].count("pending") == 50


@pytest.mark.parametrize("later_us", [MISSING_AFTER_US + 1, -7_200_000_000], ids=["later", "the clock is set back"])
def test_a_queued_run_whose_job_is_gone_is_queued_again(db, make, redis, later_us):
    keep(db, "a")
    clock = Clock(us=10_000_000_000)
    dispatcher = make(activation("slack", CallCompleted), clock=clock)
    redis.delete("rq:queue:slack")

    clock.us += later_us
    again(dispatcher)

    assert dispatcher.queue.waiting(Lane("", "slack", "")) == {1}


class Overtaken(queue.RunQueue):
    """A worker has attempted what is pushed before the dispatcher goes on."""

    def push_all(self, jobs):
        super().push_all(jobs)
        attempts, us = inbox.Attempts(self.db), self.now_us()
        claims = attempts.claim([run for of_lane in jobs.values() for job in of_lane for run in job], "us", us)
        attempts.finish([(claim, self.verdict) for claim in claims], "us", us + 1)


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(state="retrying", result="pause", detail="revoked", failure="paused", pause=True),
        Verdict(state="retrying", result="retry", detail="busy", failure="retry-later", delay_us=5_000_000),
        Verdict(state="dead", result="gave-up", detail="gone", failure="gave-up"),
    ],
    ids=lambda verdict: verdict.result,
)
def test_a_run_that_a_worker_had_before_it_is_marked_as_queued_stays_as_it_ended(db, redis, verdict):
    redis.flushall()
    keep(db, "a")
    overtaken, clock = Overtaken(redis), Clock()
    overtaken.db, overtaken.now_us, overtaken.verdict = db, clock, verdict

    Dispatcher(inbox.Backlog(db), overtaken, [activation("slack", CallCompleted)], "it", clock).tick()

    assert states(db) == [("slack", "", verdict.state)]


def test_everything_queued_is_queued_again_at_once_when_redis_was_emptied(db, make, redis):
    keep(db, "a", "b")
    dispatcher = make(activation("slack", CallCompleted))
    redis.flushall()

    dispatcher.tick()

    assert dispatcher.queue.waiting(Lane("", "slack", "")) == {1, 2}


def test_one_dispatcher_is_active_until_its_lease_ends(db, make):
    clock = Clock()
    make(activation("slack", CallCompleted), clock=clock)
    second = make(activation("slack", CallCompleted), clock=clock)
    keep(db, "a")

    again(second)
    assert states(db) == []

    clock.us += LEADER_LEASE_US + 1
    again(second)
    assert states(db) == [("slack", "", "queued")]


def test_a_dispatcher_that_ends_lets_the_next_lead_at_once(db, make):
    clock = Clock()
    first = make(activation("slack", CallCompleted), clock=clock)
    second = make(activation("slack", CallCompleted), clock=clock)
    keep(db, "a")

    second.release()  # of what is not its own
    again(second)
    assert states(db) == []

    first.release()
    again(second)
    assert states(db) == [("slack", "", "queued")]


def test_what_is_on_is_noted_by_the_dispatcher_that_leads(db, make):
    clock = Clock(db.now_us())
    first = make(activation("slack", CallCompleted), clock=clock)
    second = make(activation("forward", CallCompleted, targets=("b", "a")), activation("crm", state="off"), clock=clock)
    assert inbox.handlers_on(db) == '{"slack": "on"}'

    first.release()
    assert inbox.handlers_on(db) == ""
    again(second)
    assert inbox.handlers_on(db) == '{"forward": "on (a, b)"}'
    assert inbox.reasons_of(db) == "{}"


def test_without_redis_runs_are_opened_and_wait(db, tmp_path):
    keep(db, "a")
    nowhere = queue.RunQueue(queue.connect(settings.read({"DATA_DIR": str(tmp_path)})))
    dispatcher = Dispatcher(inbox.Backlog(db), nowhere, [activation("slack", CallCompleted)], "worker", Clock())

    noted = []
    dispatcher.note_redis = noted.append
    busy = dispatcher.tick()

    assert (busy, states(db)) == (set(), [("slack", "", "pending")])
    assert noted == ["Redis cannot be reached (does it run, and does REDIS_URL lead to it?)"]


def test_of_one_call_only_the_oldest_run_is_handed_out(db, make):
    keep(db, "a", "b", "c", call_id="one")

    make(activation("slack", CallCompleted))

    assert states(db) == [("slack", "", "queued"), ("slack", "", "pending"), ("slack", "", "pending")]


def jobs(dispatcher, name):
    return sorted(dispatcher.queue.queue(Lane("", name, "")).get_job_ids())


def test_a_batch_is_handed_out_as_runs_of_one_kind(db, make):
    for number in range(4):
        keep(db, f"c-{number}")
        keep(db, f"l-{number}", event="lead.created")

    dispatcher = make(activation("sheets", CallCompleted, LeadCreated, batch=3))

    assert jobs(dispatcher, "sheets") == ["1_3_5", "2_4_6", "7", "8"]


def test_of_a_paced_handler_only_what_has_its_turn_soon_is_handed_out(db, make):
    keep(db, *[f"d-{n}" for n in range(20)])

    dispatcher = make(
        activation("slack", CallCompleted, pace_s=1),
        activation("crm", CallCompleted, pace_s=0.25),
        activation("sheets", CallCompleted, pace_s=10, batch=5),
    )

    assert {name: jobs(dispatcher, name) for name in ("slack", "crm", "sheets")} == {
        "slack": ["1", "4", "7"],
        "crm": ["14_17_20_23", "26_29_32_35", "2_5_8_11"],
        "sheets": ["3_6_9_12_15"],
    }


def test_who_leads_after_one_that_is_gone_hands_out_at_once_what_it_had_handed_out(db, make, redis):
    keep(db, "a", "b")
    first = make(activation("slack", CallCompleted), clock=Clock(db.now_us()))
    assert queue.RunQueue(redis).waiting(Lane("", "slack", "")) == {1, 2}
    redis.lpop("rq:queue:slack")  # a process has the job, and dies with it

    waits = make(activation("slack", CallCompleted), clock=first.now_us)
    leads = inbox.leader(db)
    waits.is_gone = lambda owner: owner == first.worker_id
    again(waits)

    assert (leads, inbox.leader(db)) == (first.worker_id, waits.worker_id)
    assert queue.RunQueue(redis).waiting(Lane("", "slack", "")) == {1, 2}


def held(db, clock, *failing):
    """The lane of the handler `fw` is held: these runs fail when they are claimed."""
    failure = Verdict(
        state="retrying", result="retry", detail="busy", failure="refused-503", delay_us=60_000_000, failed=True
    )
    attempts = inbox.Attempts(db)
    claims = attempts.claim(failing, "us", clock.us)
    for claim in claims:
        attempts.finish([(claim, failure)], "us", clock.us)


def queued(db):
    return [row["id"] for row in db.read("SELECT id FROM runs WHERE state = 'queued' ORDER BY id")]


def test_to_a_lane_that_is_held_one_run_is_handed_out_when_its_wait_is_over(db, make, caplog):
    clock = Clock()
    keep(db, *[f"d-{n}" for n in range(FAILURES + 3)])
    dispatcher = make(activation("fw", CallCompleted), clock=clock)
    held(db, clock, *range(1, FAILURES + 1))
    dispatcher.backlog.unqueue()

    rounds = [(again(dispatcher), queued(db))]
    clock.us += FIRST_WAIT_US
    rounds += [(again(dispatcher), queued(db)) for _ in range(2)]
    inbox.Attempts(db).claim([FAILURES + 1], "us", clock.us)
    rounds.append((again(dispatcher), queued(db)))

    lane, probe = Lane("", "fw", ""), FAILURES + 1
    assert rounds == [(set(), []), ({lane}, [probe]), ({lane}, [probe]), ({lane}, [])]
    assert "fw failed 5 times in a row: its runs wait, and one at a time tries it" in caplog.text
    assert "busy" not in caplog.text


def test_when_a_probe_succeeds_all_that_waits_is_handed_out(db, make, caplog):
    caplog.set_level("INFO", "receiver")
    clock = Clock()
    keep(db, *[f"d-{n}" for n in range(FAILURES + 3)])
    dispatcher = make(activation("fw", CallCompleted), clock=clock)
    failing, waiting = list(range(1, FAILURES + 1)), list(range(FAILURES + 1, FAILURES + 4))
    held(db, clock, *failing)
    dispatcher.backlog.unqueue()
    again(dispatcher)

    clock.us += FIRST_WAIT_US
    again(dispatcher)
    [claim] = inbox.Attempts(db).claim(waiting[:1], "us", clock.us)
    done = Verdict(state="succeeded", result="succeeded", detail="200")
    inbox.Attempts(db).finish([(claim, done)], "us", clock.us)
    again(dispatcher)

    assert queued(db) == failing + waiting[1:]
    assert "fw answers again: its runs go on" in caplog.text


def test_where_no_run_is_due_one_tries_a_lane_that_is_held_before_its_time(db, make):
    clock = Clock()
    keep(db, *[f"d-{n}" for n in range(FAILURES)])
    dispatcher = make(activation("fw", CallCompleted), clock=clock)
    held(db, clock, *range(1, FAILURES + 1))
    dispatcher.queue.redis.flushall()

    for _ in range(2):
        clock.us += FIRST_WAIT_US
        dispatcher.probed_at.clear()
        again(dispatcher)

    assert (queued(db), dispatcher.queue.queue(Lane("", "fw", "")).get_job_ids()) == ([], ["1"])
    assert inbox.Attempts(db).claim([1], "us", clock.us)


def test_a_batch_can_wait_in_redis_beside_the_one_that_is_under_way():
    assert window(a_handler(batch=WINDOW)) == 2 * WINDOW
