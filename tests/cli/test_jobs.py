"""Sending again on a terminal: it shows and asks, goes on without whoever asked, and is stopped and continued."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from tests.support.processes import CHECKOUT, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, env, *arguments):
        self.own, theirs = pty.openpty()
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "receiver", *arguments], stdin=theirs, stdout=theirs, stderr=theirs,
            env={"PATH": os.environ["PATH"], **env}, cwd=CHECKOUT, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        os.set_blocking(self.own, False)

    def read(self):
        with contextlib.suppress(OSError):
            self.said += os.read(self.own, 65_536).decode()
        return self.said

    def until(self, text):
        until(lambda: text in self.read(), what=text)

    def type(self, text):
        os.write(self.own, text.encode())

    def ends(self):
        until(lambda: self.read() is not None and self.process.poll() is not None, what="its end")
        self.read()
        os.close(self.own)
        return self.process.returncode


@sqlite_only
def test_it_shows_what_would_be_sent_and_asks(story):
    before = story.states()
    asked = Terminal(story.env, "replay", "--state", "dead")
    asked.until("Send 2 again?")
    asked.type("n\n")
    assert asked.ends() == 1
    refused, forgotten = story.states(), story.cli("jobs", "--json")["jobs"]

    agreed = Terminal(story.env, "replay", "--state", "dead")
    agreed.until("Send 2 again?")
    agreed.type("y\n")

    assert agreed.ends() == 0
    assert (refused, forgotten) == (before, [])
    assert "2  slack.post  dead, would be opened again" in agreed.said
    assert story.states() == before | {"a": "pending", "d": "pending"}
    [job] = story.cli("jobs", "--json")["jobs"]
    assert (job["kind"], job["total"], job["sums"]["opened"]) == ("replay", 2, 2)
    assert "command line" in job["who"]


@sqlite_only
def test_what_may_arrive_twice_is_said_before(story):
    story.db.commit(lambda tx: tx.execute("UPDATE attempts SET failure = 'timeout'"))
    asked = Terminal(story.env, "replay", "--state", "dead")
    asked.until("2 may arrive twice at slack.post: it cannot be asked what is there.")
    asked.type("n\n")

    assert asked.ends() == 1


@sqlite_only
def test_ctrl_c_leaves_it_to_the_worker_and_it_is_stopped_shown_and_continued(story):
    story.runs.lead("a-worker", story.db.now_us())
    before = story.states()
    running = Terminal(story.env, "replay", "--state", "dead", "--yes")
    until(lambda: story.states()["a"] == "pending", what="the first run")
    running.read()
    os.kill(running.process.pid, signal.SIGINT)
    assert running.ends() == 0
    assert "The worker goes on with it as job 1. `receiver jobs stop 1` stops it." in running.said

    stopped = story.cli("jobs", "stop")
    as_before = story.states()
    continued = story.cli("jobs", "continue", "1", "--json")

    assert "was stopped" in stopped
    assert as_before == before
    assert continued["state"] == "running"
    assert "2 of 2" not in story.cli("jobs")
    assert "is under way" in story.cli("jobs", "show", "1")


def test_what_is_not_there_is_told(story):
    assert "No job is under way." in story.cli("jobs", "stop", code=1)
    assert "There is no job 7." in story.cli("jobs", "show", "7", code=1)
    assert "Nothing was sent again" in story.cli("jobs")


def test_a_script_gets_the_number_of_its_job_and_its_sums(story):
    done = story.cli("replay", "--state", "dead", "--json")
    shown = story.cli("jobs", "show", str(done["job"]), "--json")

    assert (shown["total"], shown["runs"][0]["was"]) == (2, "dead")
    assert json.loads(json.dumps(shown)) == shown
    assert "job" not in story.cli("replay", "--state", "dead", "--json")
    assert len(story.cli("jobs", "--json")["jobs"]) == 1
