"""Problems, a job from choice to end, and the destinations: as a person without script uses them."""

import json
import re

import pytest

from receiver.inbox import Inbox, Verdict
from receiver.operations import WorkOnJobs, activations, advance, is_led, job, paused, windows
from receiver.registry import Lane
from tests.support.browsing import on_both
from tests.support.deliveries import a_delivery
from tests.support.practice import Practice
from tests.support.processes import until
from tests.support.runs import Runs
from tests.support.tools import claim, finish

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1", "SLACK_API_URL": "http://127.0.0.1:9/"}
ZAPIER = {"ZAPIER_WEBHOOK_URL": "https://hooks.zapier.com/hooks/catch/1/abc"}
DONE = Verdict(state="succeeded", result="succeeded", detail="ok")
BUSY = Verdict(state="dead", result="retry", detail="Zapier answered 503", failure="refused-503", failed=True)
LATE = Verdict(state="dead", result="retry", detail="no answer in time", failure="timeout", failed=True)
SPOKEN = Verdict(state="dead", result="gave-up", detail="property <callid> is missing", failure="gave-up", failed=True)
PAUSE = Verdict(
    state="retrying",
    result="pause",
    detail="token <b>revoked</b>",
    failure="refused-401",
    pause=True,
    settings_mark="m",
)


@pytest.fixture
def desk_env(desk_env, monkeypatch):
    for name, value in (SLACK | ZAPIER).items():
        monkeypatch.setenv(name, value)
    return desk_env | SLACK | ZAPIER


class Work:
    """What a worker has made of some calls."""

    def __init__(self, db, env):
        self.db, self.runs, self.env = db, Runs(db), env
        self.number = 0

    def fail(self, handler, *verdicts):
        for verdict in verdicts:
            self.number += 1
            Inbox(self.db).keep(a_delivery(key=f"d-{self.number}", call_id=f"c-{self.number}"))
            [delivery] = self.runs.undispatched(1)
            self.runs.open([(delivery, handler, "")], [delivery["id"]], 1)
            if verdict:
                self.end(self.db.read("SELECT max(id) AS id FROM runs")[0]["id"], verdict)

    def end(self, run, verdict=DONE):
        finish(self.runs, claim(self.runs, run, "me", self.db.now_us()), "me", verdict, self.db.now_us())

    def states(self, handler):
        rows = self.db.read("SELECT state FROM runs WHERE handler = ? ORDER BY id", (handler,))
        return [row["state"] for row in rows]

    def notes(self):
        rows = self.db.read("SELECT action, who, address, detail FROM audit WHERE action <> 'sign-in' ORDER BY id")
        return [(row["action"], row["who"], row["address"]) for row in rows]

    def go_on(self):
        """As the worker's chore."""
        WorkOnJobs(self.db, activations(self.env), sleep=lambda _: (_ for _ in ()).throw(StopIteration))
        [row] = self.db.read("SELECT max(id) AS id FROM jobs")
        while advance(self.db, row["id"], windows(activations(self.env))):
            pass
        return job(self.db, row["id"])


@pytest.fixture
def work(db, desk_env):
    return Work(db, desk_env)


def press(browser, text, **fields):
    """The first button of that text, in its form."""
    for head, body in re.findall(r"<form\b([^>]*)>(.*?)</form>", browser.page.text, re.DOTALL):
        buttons = re.findall(r"<button\b[^>]*>(.*?)</button>", body, re.DOTALL)
        if any(re.sub("<[^>]+>", "", each).startswith(text) for each in buttons):
            hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body))
            browser.post(re.search(r'action="([^"]+)"', head)[1], **hidden | fields)
            return browser.follow() if browser.page.status_code == 303 else browser.page
    raise AssertionError(f"there is no button {text}: {browser.text}")


def test_where_all_is_well_it_says_so(browser, work):
    browser.get("/problems")

    assert "No problems." in browser.text


def test_each_problem_stands_with_its_reason_in_our_words_and_what_was_said_is_text(browser, work):
    work.fail("zapier.forward", BUSY, BUSY, LATE, SPOKEN)
    work.fail("slack.post", PAUSE)

    browser.get("/problems")

    for said in (
        "Slack is on hold since", "1 call waits.", "Technical reason token <b>revoked</b>",
        "Zapier: 4 calls did not arrive", "2 × Zapier has trouble of its own (error 503).", "1 × Zapier did not answer in time.",
        "property <callid> is missing", "2 problems",
    ):  # fmt: skip
        assert said in browser.text
    assert "<b>revoked" not in browser.page.text
    browser.get("/problems?lang=es")
    browser.follow()
    assert "Zapier: 4 llamadas no llegaron" in browser.text


@on_both()
def test_what_failed_is_sent_again_as_it_was_shown_and_the_sums_agree(browser, work):
    work.fail("zapier.forward", BUSY, BUSY, LATE)
    browser.get("/problems")

    press(browser, "Send again…")
    shown, untouched, notes = browser.text, work.states("zapier.forward"), work.notes()
    press(browser, "Send 3 now")
    refused = browser.text
    press(browser, "Send 3 now", accept=json.dumps(["", "zapier.forward", ""]))
    work.go_on()
    for row in work.db.read("SELECT id FROM runs WHERE state = 'pending'"):
        work.end(row["id"])
    work.go_on()
    browser.get(browser.page.request.path)

    assert "3 Zapier" in shown
    assert "cannot be asked: 1 may arrive twice" in shown  # with a 503 nothing was done
    assert (untouched, notes) == (["dead"] * 3, [])
    assert "First accept that some may arrive twice: Zapier." in refused
    assert "3 of 3 reports done" in browser.text
    assert "3 arrived, or were there already" in browser.text
    assert work.notes() == [("replay", "Ana", "127.0.0.1")]


def test_these_alone_are_sent_where_they_are_chosen_by_their_reason(browser, work):
    work.fail("zapier.forward", BUSY, BUSY, SPOKEN)
    browser.get("/problems")

    ours = "Zapier did not accept it, and would not accept it unchanged."
    press(browser, f"Send these…, {ours} property &lt;callid&gt; is missing", error="property <callid> is missing")

    assert "Send 1 now" in browser.text


def test_where_it_changed_meanwhile_it_asks_once_more_and_sends_what_is_left(browser, work):
    work.fail("slack.post", SPOKEN, SPOKEN, SPOKEN)
    browser.get("/problems")
    press(browser, "Send again…")
    work.db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'succeeded' WHERE id = 1"))

    press(browser, "Send 3 now")
    asked, states = browser.text, work.states("slack.post")
    press(browser, "Send 2 now")
    work.go_on()

    assert "It changed meanwhile: now 2." in asked
    assert states == ["succeeded", "dead", "dead"]
    assert work.states("slack.post") == ["succeeded", "pending", "pending"]


def test_a_double_click_sends_once(browser, work):
    work.fail("slack.post", SPOKEN)
    browser.get("/problems")
    press(browser, "Send again…")
    page = browser.page
    press(browser, "Send 1 now")
    work.go_on()
    browser.page = page
    press(browser, "Send 1 now")
    work.go_on()

    assert work.notes() == [("replay", "Ana", "127.0.0.1")]
    assert "0 of 1 reports done" in browser.text


def test_stopped_the_rest_is_as_before_and_it_goes_on_from_there(browser, work):
    work.fail("slack.post", *[SPOKEN] * 4)
    browser.get("/problems")
    press(browser, "Send again…")
    press(browser, "Send 4 now")
    work.go_on()
    work.end(1)
    browser.get(browser.page.request.path)
    press(browser, "Stop")

    assert "Stopped at 1 of 4. The rest is as before." in browser.text
    assert work.states("slack.post") == ["succeeded", "dead", "dead", "dead"]
    press(browser, "Go on")
    work.go_on()
    assert work.states("slack.post") == ["succeeded", "pending", "pending", "pending"]
    assert [action for action, _, _ in work.notes()] == ["replay", "stop", "go on"]


def test_what_is_not_needed_any_more_ends_with_a_reason(browser, work):
    work.fail("slack.post", SPOKEN)
    browser.get("/problems")
    press(browser, "Not needed any more…")

    press(browser, "End 1 now")
    asked = browser.text
    press(browser, "End 1 now", reason="other", words="the dentist rang her")
    work.go_on()

    assert "First say why." in asked
    assert work.states("slack.post") == ["skipped"]
    assert work.db.read("SELECT last_error FROM runs")[0]["last_error"] == "cancelled: the dentist rang her"


@on_both()
def test_a_destination_is_resumed_from_where_it_is_on_hold(browser, work):
    work.fail("slack.post", PAUSE, None)
    browser.get("/destinations")
    assert "Slack ‖ On hold since" in browser.text

    press(browser, "Resume…")
    preview, still = browser.text, paused(work.db)
    press(browser, "Resume now")

    assert "Slack goes on where it stopped. 2 reports wait for it." in preview
    assert [pause.lane for pause in still] == [Lane("", "slack.post", "")]
    assert (paused(work.db), "Slack goes on." in browser.text) == ([], True)
    assert work.notes() == [("resume", "Ana", "127.0.0.1")]


@on_both()
def test_a_destination_stands_with_what_it_gets_and_how_far_behind_it_is_and_is_paused(browser, work):
    work.fail("slack.post", DONE, SPOKEN, None)
    browser.get("/destinations")

    for said in ("Slack ⚠ Some did not arrive", "Reports that wait 1 · the oldest: ", "1 did not arrive", "Pace one a second",
                 "Pace 3 a second", "Call ended"):  # fmt: skip
        assert said in browser.text
    press(browser, "Pause now", reason="we are moving")
    assert [pause.reason for pause in paused(work.db)] == ["we are moving"]
    assert work.notes() == [("pause", "Ana", "127.0.0.1")]


def test_a_destination_is_asked_and_the_answer_is_shown(browser, work):
    browser.get("/destinations")
    press(browser, "Check now")
    assert "is being asked" in browser.text

    until(lambda: browser.get("/destinations") and "something is wrong there" in browser.text, what="the answer")
    assert work.notes() == [("check", "Ana", "127.0.0.1")]


def test_others_are_chosen_by_time_and_by_what_happened(browser, work):
    work.fail("slack.post", SPOKEN)
    browser.get("/problems")
    press(browser, "Send again…", kind="replay", handler="slack.post", since="2020-01-01T09:00", event="call.completed")
    assert "There is nothing to do." in browser.text or "Send" in browser.text

    browser.get("/problems")
    browser.post("/jobs", kind="replay")
    browser.follow()
    assert "Nothing was done: choose at least a destination" in browser.text


def test_without_a_worker_it_says_so(browser, work):
    work.fail("slack.post", SPOKEN)
    browser.get("/problems")
    press(browser, "Send again…")
    press(browser, "Send 1 now")

    assert not is_led(work.db)
    assert "It goes on as soon as a worker runs." in browser.text


def test_there_is_no_such_job(browser):
    assert browser.get("/jobs/7").status_code == 404


def test_one_call_is_sent_again_and_what_arrived_of_it_only_where_that_is_chosen(browser, work):
    practice = Practice(work.db)
    call = practice.call(phone="+12025550142")
    practice.runs(call, slack="succeeded")
    work.fail("slack.post", SPOKEN)  # of another
    browser.get(f"/call?id={call}")

    press(browser, "Send again…")
    of_the_call = browser.text
    press(browser, "What arrived, too…")

    assert "1 Zapier ✓ nothing of it is there yet" in of_the_call  # it was not on when the call came
    assert "1 Slack" not in of_the_call
    assert "Send 2 now" in browser.text
    assert "Slack ✓ asked first; what is there already is not written twice" in browser.text
    assert call not in browser.page.request.path


def test_what_waits_for_a_destination_that_is_off_cannot_be_sent_to_a_present_one(db, browser, desk_env):
    Work(db, desk_env).fail("hubspot.keep_contact", None)
    browser.get("/problems")

    assert "HubSpot: 1 call waits for what is no longer set" in browser.text
    assert "HubSpot is off. When whoever set this up sets it up again" in browser.text
    assert "Send to the present one" not in browser.text
