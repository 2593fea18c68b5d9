"""The commands with which somebody puts right what failed, as processes, on both databases."""

import json

import pytest

from receiver import queue, settings
from receiver.dispatch import Dispatcher
from receiver.events import Delivery
from receiver.inbox import Inbox, Runs, Verdict
from receiver.operations import cancel
from receiver.operations.find import Selection
from receiver.operations.pauses import pause
from receiver.registry import activate, load
from receiver.toolkit.forwarding import short
from tests.support.cli import receiver
from tests.support.processes import start_redis
from tests.support.tools import claim, finish

ON = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/x"}
PHONE = "+15550100"
DEAD = Verdict(state="dead", result="gave-up", detail="no such channel", failed=True)
DONE = Verdict(state="succeeded", result="succeeded", detail="ok")


class Story:
    """Deliveries a to f, of one call each; what became of each at slack.post."""

    def __init__(self, db, env):
        self.db, self.runs = db, Runs(db)
        self.env = env | ON
        self.now = db.now_us()
        for n, (key, verdict) in enumerate({"a": DEAD, "b": DONE, "c": None, "d": DEAD}.items()):
            self.keep(key, event="lead.created" if key == "d" else "call.completed", ago_s=3600 * (4 - n))
            [delivery] = self.runs.undispatched(1)
            self.runs.open([(delivery, "slack.post", "")], [delivery["id"]], 1)
            if verdict:
                run = db.read("SELECT max(id) AS id FROM runs")[0]["id"]
                finish(self.runs, claim(self.runs, run, "me", 2), "me", verdict, 3)
        self.keep("came-before-slack-was-on", ago_s=60)
        [delivery] = self.runs.undispatched(1)
        self.runs.open([], [delivery["id"]], 1)

    def keep(self, key, *, event="call.completed", ago_s=0):
        body = json.dumps({"delivery_id": key, "event": event, "data": {"caller_phone": PHONE}}).encode()
        at = self.now - ago_s * 1_000_000
        Inbox(self.db).keep(
            Delivery(key=key, event=event, body=body, call_id=f"call-{key}", caller_phone=PHONE, received_us=at)
        )

    def cli(self, *arguments, code=0):
        ran = receiver(*arguments, **self.env)
        assert (ran.returncode, "Traceback" in ran.stderr) == (code, False), ran.stderr
        return ran.stderr if code else json.loads(ran.stdout) if "--json" in arguments else ran.stdout

    def states(self):
        sql = "SELECT key, state FROM deliveries AS d LEFT JOIN runs AS r ON r.delivery_id = d.id ORDER BY d.id"
        return {row["key"]: row["state"] for row in self.db.read(sql)}


@pytest.fixture
def story(db, env):
    return Story(db, env)


def test_deliveries_are_listed_newest_first_without_what_callers_said(story):
    said = story.cli("deliveries")

    assert [line.split()[2] for line in said.splitlines()[1:]] == ["came-before-slack-was-on", "d", "c", "b", "a"]
    assert "slack.post dead" in said
    assert PHONE not in said


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["--state", "dead"], ["d", "a"]),
        (["--state", "dead", "--event", "lead.created"], ["d"]),
        (["--call", "call-b"], ["b"]),
        (["--since", "150m"], ["came-before-slack-was-on", "d", "c"]),
        (["--until", "150m"], ["b", "a"]),
        (["--handler", "hubspot.keep_contact"], []),
        (["--limit", "1"], ["came-before-slack-was-on"]),
    ],
)
def test_a_list_is_narrowed(story, options, keys):
    found = story.cli("deliveries", "--json", *options)

    assert [one["key"] for one in found["deliveries"]] == keys
    assert found["total"] == (5 if "--limit" in options else len(keys))


def test_one_delivery_is_shown_with_its_attempts_and_its_body_on_request_only(story):
    said = story.cli("show", "a")
    [found] = story.cli("show", "call-a", "--json", "--body")["deliveries"]

    assert "no such channel" in said
    assert PHONE not in said
    assert json.loads(found["body"])["data"]["caller_phone"] == PHONE
    assert found["runs"][0]["attempts"][0]["result"] == "gave-up"


def test_a_delivery_is_found_by_the_beginning_of_its_id_and_named_when_missing(story):
    assert "came-before-slack-was-on" in story.cli("show", "came-be")
    assert "no delivery" in story.cli("show", "nobody", code=1)


def test_what_failed_is_replayed_and_nothing_else(story):
    looked = story.cli("replay", "--state", "dead", "--dry-run", "--json")
    before = story.states()
    done = story.cli("replay", "--state", "dead", "--json")

    assert before == {"a": "dead", "b": "succeeded", "c": "pending", "d": "dead", "came-before-slack-was-on": None}
    assert (looked["runs"], looked["total"], done["total"]) == (done["runs"], 2, 2)
    assert story.states() == before | {"a": "pending", "d": "pending"}
    assert [row["action"] for row in story.db.read("SELECT action FROM audit")] == ["replay"]


def test_a_delivery_that_came_before_its_handler_was_on_gets_its_run(story):
    story.cli("replay", "--handler", "slack.post", "--since", "30m")

    assert story.states()["came-before-slack-was-on"] == "pending"


def test_one_delivery_is_replayed_by_its_id(story):
    assert "1" in story.cli("replay", "a")
    assert [key for key, state in story.states().items() if state == "pending"] == ["a", "c"]


def test_what_succeeded_is_repeated_only_when_that_is_said_twice(story):
    assert "--again" in story.cli("replay", "--state", "succeeded", code=2)
    assert "--yes" in story.cli("replay", "b", "--again", code=2)
    assert story.states()["b"] == "succeeded"

    story.cli("replay", "b", "--again", "--yes")

    assert story.states()["b"] == "pending"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay"], "what to replay"),
        (["replay", "--since", "yesterday"], "is not a time"),
        (["replay", "--handler", "slack"], "slack.post"),
        (["replay", "--handler", "hubspot.keep_contact"], "HUBSPOT_ACCESS_TOKEN"),
        (["deliveries", "--state", "failed"], "dead"),
        (["pause", "slack"], "slack.post"),
        (["cancel"], "what to cancel"),
        (["cancel", "--state", "dead"], "--yes"),
        (["cancel", "--state", "succeeded", "--yes"], "only what waits"),
        (["cancel", "--since", "yesterday", "--yes"], "is not a time"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_and_changes_nothing(story, arguments, says):
    before = story.states()

    assert says in story.cli(*arguments, code=2)
    assert story.states() == before


def test_a_replayed_run_is_attempted_again_with_its_history_and_the_whole_schedule(story, tmp_path):
    redis = start_redis(tmp_path / "redis.sock")
    try:
        story.cli("replay", "a")
        handlers = activate(load("handlers"), story.env)
        Dispatcher(story.runs, queue.RunQueue(queue.connect(settings.read(story.env))), handlers).tick()
        [row] = story.db.read("SELECT r.id FROM runs AS r JOIN deliveries AS d ON d.id = delivery_id WHERE key = 'a'")
        claimed = claim(story.runs, row["id"], "me", story.db.now_us())
    finally:
        redis.kill()
        redis.wait()

    assert (claimed.attempt, claimed.failures) == (2, 0)  # so that the handler asks first, and has a day of retries


def test_what_was_seen_to_otherwise_is_cancelled_with_its_reason_and_needs_nobody_any_more(story):
    cancelling = ("cancel", "--state", "dead", "--event", "call.completed", "--reason", "called back")
    looked = story.cli(*cancelling, "--dry-run", "--json")
    before = story.states()
    done = story.cli(*cancelling, "--yes", "--json")

    assert (looked["runs"], looked["total"], done["total"]) == (done["runs"], 1, 1)
    assert (before["a"], story.states()) == ("dead", before | {"a": "skipped"})
    assert "last error  cancelled: called back" in story.cli("show", "a")
    assert [row["action"] for row in story.db.read("SELECT action FROM audit")] == ["cancel"]
    story.cli("cancel", "d", "--yes")
    assert "dead letter" not in receiver("doctor", "--offline", **story.env).stdout


def test_what_waits_is_cancelled_and_never_worked_on_while_what_is_done_or_at_work_stays(story):
    story.cli("replay", "d")
    [row] = story.db.read("SELECT r.id FROM runs AS r JOIN deliveries AS d ON d.id = delivery_id WHERE key = 'd'")
    claim(story.runs, row["id"], "me", story.db.now_us())

    said = story.cli("cancel", "--handler", "slack.post", "--yes")

    assert "1 at work just now: left alone" in said
    found = story.states()
    assert found == found | {"a": "skipped", "b": "succeeded", "c": "skipped", "d": "running"}
    assert story.runs.due("slack.post", "", story.db.now_us(), 9) == []


def test_where_nothing_is_to_be_cancelled_it_says_why(story):
    story.keep("not-seen-yet")

    assert "There is no handler slack. There are: console.show" in story.cli("cancel", "--handler", "slack", code=2)
    assert "waits or is dead at slack.post." in story.cli("cancel", "--handler", "hubspot.keep_contact")
    assert "b: slack.post succeeded." in story.cli("cancel", "b")
    assert "1 without runs, as no worker has seen them yet" in story.cli("cancel", "not-seen-yet")
    assert story.cli("cancel", "not-seen-yet", "--json")["unseen"] == 1


@pytest.mark.parametrize("command", ["cancel", "replay"])
def test_the_beginning_of_several_ids_means_none_of_them(story, command):
    story.keep("came-later")

    assert "came-before-slack-was-on, came-later" in story.cli(command, "came", code=2)
    assert [line for line in story.cli("show", "came").splitlines() if line.startswith("delivery ")] == [
        "delivery  came-before-slack-was-on",
        "delivery  came-later",
    ]


def test_what_was_cancelled_is_replayed_only_where_it_is_meant(story):
    story.cli("cancel", "a", "d", "--yes")
    story.cli("replay", "--handler", "slack.post", "--since", "1d")
    assert (story.states()["a"], story.states()["d"]) == ("skipped", "skipped")

    story.cli("replay", "a")
    story.cli("replay", "--state", "skipped", "--event", "lead.created")

    assert (story.states()["a"], story.states()["d"]) == ("pending", "pending")


def test_a_run_that_a_worker_takes_meanwhile_is_not_cancelled(story):
    page = cancel.runs_after(story.db, Selection(keys=("c",)), 0)
    claim(story.runs, page[0]["id"], "me", story.db.now_us())

    assert story.db.commit(lambda tx: cancel.end(tx, page, "late")).total() == 0
    assert story.states()["c"] == "running"


def test_many_are_cancelled_in_pages(story, monkeypatch):
    monkeypatch.setattr(cancel, "AT_ONCE", 2)

    done = cancel.cancel(story.db, Selection(handler="slack.post"), "all of it")

    assert done == {("slack.post", "", "dead"): 2, ("slack.post", "", "pending"): 1}


def test_a_pause_is_made_listed_and_ended(story):
    assert "paused by hand" in story.cli("pause", "slack.post")
    [paused] = story.cli("pause", "--json")["paused"]
    assert (paused["handler"], paused["reason"]) == ("slack.post", "paused by hand")
    assert "is paused" in story.cli("replay", "a")
    assert story.cli("resume", "slack.post", "--json")["resumed"] == [{"handler": "slack.post", "target": ""}]
    assert "Nothing is paused" in story.cli("pause")
    actions = [row["action"] for row in story.db.read("SELECT action FROM audit ORDER BY id")]
    assert actions == ["pause", "replay", "resume"]


def test_many_are_replayed_in_pages(story, monkeypatch):
    from receiver.operations import replay

    monkeypatch.setattr(replay, "AT_ONCE", 2)
    place = ("slack.post", "")
    done = replay.replay(story.db, replay.Selection(), lambda event: [place], {place})

    assert done.opened == {("slack.post", "", "dead, opened again"): 2, ("slack.post", "", "new, opened"): 1}


def test_in_a_shell_without_the_receivers_variables_nothing_new_is_opened(story):
    story.env = {name: value for name, value in story.env.items() if name not in ON}

    story.cli("replay", "--since", "1d")

    assert story.db.read("SELECT count(*) AS n FROM runs WHERE handler = 'console.show'")[0]["n"] == 0


def test_what_belongs_to_a_handler_that_is_off_stays_and_is_named(story):
    story.env = {name: value for name, value in story.env.items() if name not in ON}
    before = story.states()

    said = story.cli("replay", "--since", "1d", "--again", "--yes")
    told = story.cli("replay", "--state", "dead", "--json")

    assert "2 dead at slack.post left alone: it is off." in said
    assert (told["total"], [(one["state"], one["runs"]) for one in told["left"]]) == (0, [("dead", 2)])
    assert story.states() == before


OLD, NEW, OTHER = (f"https://crm.example.com/{name}" for name in ("old", "new", "other"))


def forwards(story):
    sql = "SELECT target, state FROM runs WHERE handler = 'forward.forward' ORDER BY id"
    return [(row["target"], row["state"]) for row in story.db.read(sql)]


def given_forwards(story, *urls, verdict):
    """Delivery a at each of these URLs, where it ended so, or waits."""
    [delivery] = story.db.read("SELECT * FROM deliveries WHERE key = 'a'")
    story.runs.open([(delivery, "forward.forward", short(url)) for url in urls], [delivery["id"]], 1)
    for row in story.db.read("SELECT id FROM runs WHERE handler = 'forward.forward'") if verdict else []:
        finish(story.runs, claim(story.runs, row["id"], "me", 2), "me", verdict, 3)


@pytest.mark.parametrize(("verdict", "state"), [(DEAD, "dead"), (None, "pending")])
def test_what_was_meant_for_a_url_that_was_replaced_goes_to_the_present_one_once(story, verdict, state):
    given_forwards(story, OLD, verdict=verdict)
    story.env |= {"FORWARD_URL": NEW}
    asked = ["replay", "--handler", "forward.forward", "--state", state, "--json"]

    looked = story.cli(*asked, "--dry-run")
    untouched = forwards(story)
    done, twice = story.cli(*asked), story.cli(*asked)

    assert untouched == [(short(OLD), state)]
    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]
    assert looked["runs"] == done["runs"]
    [run] = done["runs"]
    assert (run["target"], run["was"], run["runs"]) == (short(NEW), f"{state} at another URL, opened", 1)
    assert (twice["total"], twice["left"]) == (0, [])


@pytest.mark.parametrize("at", [[], ["--target", short(NEW)]])
def test_what_was_cancelled_does_not_go_to_a_url_that_replaced_its_own_unless_it_is_named(story, at):
    given_forwards(story, OLD, verdict=DEAD)
    story.cli("cancel", "--handler", "forward.forward", "--yes")
    story.env |= {"FORWARD_URL": NEW}

    story.cli("replay", "--handler", "forward.forward", "--until", "200m")
    before = forwards(story)
    story.cli("replay", "a", "--handler", "forward.forward", *at)

    assert before == [(short(OLD), "skipped")]
    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]


def test_what_was_cancelled_at_one_url_still_goes_to_another_that_was_added(story):
    given_forwards(story, OLD, verdict=DEAD)
    story.cli("cancel", "--handler", "forward.forward", "--yes")
    story.env |= {"FORWARD_URL": f"{OLD} {NEW}"}

    story.cli("replay", "--handler", "forward.forward", "--until", "200m")

    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]


def test_what_was_cancelled_and_is_named_while_its_handler_is_off_is_told(story):
    story.cli("cancel", "a", "--yes")
    story.env = {name: value for name, value in story.env.items() if name not in ON}

    assert "1 skipped at slack.post left alone: it is off." in story.cli("replay", "a")


def test_a_url_that_was_taken_away_leaves_its_dead_letters_as_they_are(story):
    given_forwards(story, OLD, OTHER, verdict=DEAD)
    story.env |= {"FORWARD_URL": OTHER}

    done = story.cli("replay", "--handler", "forward.forward", "--state", "dead", "--json")

    assert forwards(story) == [(short(OLD), "dead"), (short(OTHER), "pending")]
    assert [(one["target"], one["runs"]) for one in done["left"]] == [(short(OLD), 1)]


def test_without_a_state_too_it_is_brought_to_the_present_url_once_and_not_named_again(story):
    given_forwards(story, OLD, verdict=DEAD)
    story.env |= {"FORWARD_URL": NEW}
    asked = ["replay", "a", "--handler", "forward.forward", "--json"]

    done, twice = story.cli(*asked), story.cli(*asked)

    assert (done["total"], twice["total"], twice["left"]) == (1, 0, [])


def test_by_its_old_target_only_that_is_moved_and_no_other_delivery_is_sent(story):
    given_forwards(story, OLD, verdict=DEAD)
    story.env |= {"FORWARD_URL": NEW}

    done = story.cli("replay", "--handler", "forward.forward", "--target", short(OLD), "--json")

    assert done["total"] == 1
    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]


@pytest.mark.parametrize("narrowed", [["--state", "succeeded"], ["--target", short(OLD)]])
def test_what_succeeded_at_a_url_that_was_replaced_stays_on_record_when_it_is_repeated(story, narrowed):
    given_forwards(story, OLD, verdict=DONE)
    story.env |= {"FORWARD_URL": NEW}

    done = story.cli("replay", "--handler", "forward.forward", *narrowed, "--again", "--yes", "--json")

    assert done["total"] == 1
    assert forwards(story) == [(short(OLD), "succeeded"), (short(NEW), "pending")]


def test_a_command_with_other_variables_than_the_worker_says_so_and_opens_nothing(story):
    story.runs.lead("a-worker", story.db.now_us(), json.dumps({"slack.post": "on", "forward.forward": "on (e0324d25)"}))

    said = story.cli("replay", "--handler", "forward.forward", "--yes", "--again", code=2)

    assert "forward.forward is off with these variables: set FORWARD_URL. The worker that runs has other" in said
    assert "(forward.forward is on (e0324d25) there and off here): set the same for this command." in said


def test_a_replay_says_that_the_worker_has_other_variables(story):
    story.runs.lead("a-worker", story.db.now_us(), json.dumps({"slack.post": "on", "forward.forward": "on (e0324d25)"}))

    ran = receiver("replay", "--state", "dead", "--dry-run", **story.env)

    assert (ran.returncode, "slack.post" in ran.stdout) == (0, True)
    assert "forward.forward is on (e0324d25) there and off here" in ran.stderr


def test_a_target_that_nobody_knows_is_refused(story):
    story.env |= {"FORWARD_URL": "https://a.example/hook"}

    said = story.cli("replay", "--handler", "forward.forward", "--target", "e0324d25", code=2)

    assert "Nothing was ever meant for a target e0324d25" in said


@pytest.mark.parametrize(
    ("after_s", "paused", "said"),
    [(3600, False, ", next attempt "), (-60, False, ", due since "), (3600, True, ", waits until its pause ends")],
)
def test_when_a_run_is_due_is_shown_as_it_is(story, after_s, paused, said):
    at_us = story.now + after_s * 1_000_000
    story.db.commit(
        lambda tx: tx.execute("UPDATE runs SET state = 'retrying', next_attempt_us = ? WHERE id = 1", (at_us,))
    )
    if paused:
        pause(story.db, "slack.post", [""], "its token was revoked")

    assert f"slack.post: retrying{said}" in story.cli("show", "a")


def test_a_target_that_is_set_may_be_named_before_anything_was_meant_for_it(story):
    story.env |= {"FORWARD_URL": "https://a.example/hook"}

    target = short("https://a.example/hook")
    said = story.cli("replay", "--handler", "forward.forward", "--target", target, "--dry-run", "--json")

    assert [(one["target"], one["was"]) for one in said["runs"]] == [(target, "new, opened")]
