"""A target that is held can be seen: in readyz, in the doctor, and in the list of what is paused."""

import json

import pytest

from receiver import settings
from receiver.app.build import create_app
from receiver.events import Delivery
from receiver.inbox import Inbox, Verdict
from receiver.inbox.holding import FAILURES
from receiver.locales import stamp
from receiver.operations import PROBLEM, findings, health, held, held_now
from receiver.operations.diagnosis import LONG_US
from receiver.registry import Lane, load
from receiver.toolkit.forwarding import short
from tests.support.cli import receiver
from tests.support.runs import Runs
from tests.support.tools import claim, finish

URL = "https://hooks.example/x"
TARGET = short(URL)
DOWN = Verdict(
    state="retrying", result="retry", detail="the URL answered 503", failure="refused-503", delay_us=5_000_000, failed=True
)  # fmt: skip
ON = json.dumps({"forward.forward": f"on ({TARGET})"})


@pytest.fixture
def runs(db):
    return Runs(db)


def down(runs, ago_us=0, verdict=DOWN, number=FAILURES):
    """The forward target has failed for so long; when that began, in microseconds."""
    now_us = runs.db.now_us() - ago_us
    for n in range(number):
        Inbox(runs.db).keep(Delivery(key=f"d-{n}", call_id=f"c-{n}", body=b"{}", event="x", received_us=now_us))
    waiting = runs.undispatched(number)
    runs.open([(row, "forward.forward", TARGET) for row in waiting], [row["id"] for row in waiting], now_us)
    for run in runs.db.read("SELECT id FROM runs ORDER BY id"):
        assert finish(runs, claim(runs, run["id"], "us", now_us), "us", verdict, now_us)
    return now_us


def test_it_says_how_often_it_failed_since_when_and_when_it_is_tried_again(runs):
    since_us = down(runs)

    [one] = held(runs.db)
    again = f"tried again at {stamp(since_us + 2_000_000)}"
    assert one.sentence == f"has failed 5 times since {stamp(since_us)}; {again}"
    assert (one.lane, one.waiting, one.reason) == (Lane("", "forward.forward", TARGET), 5, "the URL answered 503")


def test_one_that_asked_for_it_is_shown_until_then(runs):
    since_us = down(runs, verdict=Verdict(
        state="retrying", result="retry", detail="the URL answered 429", failed=True, delay_us=90_000_000,
        cooldown_us=90_000_000,
    ), number=1)  # fmt: skip

    [one] = held(runs.db)
    assert one.sentence == (
        f"has failed once since {stamp(since_us)} and asked to be left alone; "
        f"tried again at {stamp(since_us + 90_000_000)}"
    )


def test_where_no_run_waits_nothing_is_shown(runs):
    down(runs)

    runs.db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'skipped'"))

    assert held(runs.db) == []


def test_where_runs_wait_for_their_own_time_that_is_when_it_is_tried(runs):
    refused = Verdict(state="retrying", result="retry", failure="refused-500", delay_us=90_000_000, failed=True)
    since_us = down(runs, verdict=refused)

    assert held(runs.db)[0].next_us == since_us + 90_000_000


@pytest.mark.parametrize(("handlers", "shown"), [
    (ON, True),
    (json.dumps({"forward.forward": "on (0ther000)"}), False),
    (json.dumps({"slack.post": "on"}), False),
])  # fmt: skip
def test_only_what_the_worker_is_on_for_is_said_to_be_tried_again(runs, handlers, shown):
    down(runs)
    runs.lead("us", runs.db.now_us(), handlers)

    sentences = [f"{each.lane.target} {each.sentence}" for each in held_now(runs.db)]
    assert [sentence.partition(" since ")[0] for sentence in sentences] == [f"{TARGET} has failed 5 times"] * shown


def test_readyz_names_it_and_is_200_and_does_not_repeat_what_was_answered(runs, env):
    down(runs)
    runs.lead("us", runs.db.now_us(), ON)
    environment = env | {"INBOUNDFLOW_SIGNING_SECRET": "a-secret-of-some-length"}

    answer = create_app(settings.read(environment)).test_client().get("/readyz")

    said = answer.json["degraded"]["destinations"]
    assert answer.status_code == 200
    assert said.startswith(f"forward.forward {TARGET} has failed 5 times since 20")
    assert "503" not in said


@pytest.mark.parametrize(("ago_us", "grave"), [(0, False), (LONG_US + 1, True)])
def test_the_doctor_tells_of_it_and_after_a_while_it_is_a_problem(runs, ago_us, grave):
    down(runs, ago_us)
    activation = load("handlers")["forward.forward"].activate({"FORWARD_URL": URL})

    [found] = [each for each in findings([activation], health(runs.db)) if "has failed" in each.message]

    assert (found.what, found.severity == PROBLEM) == (f"forward.forward {TARGET}", grave)
    assert found.message.endswith("UTC (the URL answered 503)")
    assert found.why.startswith("5 runs wait")


def test_a_run_that_waits_for_it_says_so(runs, env):
    down(runs)

    shown = receiver("show", "d-0", **env).stdout

    assert f"forward.forward {TARGET}: trying again, waits: its target has failed 5 times since 20" in shown


def test_it_stands_beside_what_is_paused(runs, env):
    down(runs)

    text, document = receiver("pause", **env).stdout, json.loads(receiver("pause", "--json", **env).stdout)

    assert f"Nothing is paused.\nforward.forward {TARGET} has failed 5 times since 20" in text
    assert [(one["target"], one["failures"], one["waiting"]) for one in document["held"]] == [(TARGET, 5, 5)]
    assert document["paused"] == []
