"""What a web process tells by itself, at a played Slack."""

import sqlite3
import threading
from functools import partial

import pytest

from receiver import registry, settings
from receiver.app.alarm import UNSTORED_S, Alarm, Told
from receiver.app.build import create_app
from receiver.errors import NotStored, StoreError
from receiver.inbox import Inbox, acquire_leadership, write_and_remove
from receiver.operations import pause_lanes
from receiver.registry import Lane
from tests.support.tools import a_delivery


class Machine:
    """Web processes of one machine, whose clock is set by hand."""

    def __init__(self, db, env, world):
        self.db, self.world, self.now = db, world, 0.0
        self.env = env | {
            "ALERT_SLACK_WEBHOOK_URL": world.slack_webhook_url, "FORWARD_ALLOW_HOSTS": world.url.removeprefix("http://"),
        }  # fmt: skip
        self.settings = settings.read(self.env)

    def process(self):
        ways = partial(registry.notifiers, "handlers", self.env)
        return Alarm(self.settings, self.db, self.probe, ways, clock=lambda: self.now)

    def probe(self):
        """As the inbox's own, and less patient."""
        try:
            self.db.commit(write_and_remove, timeout_s=0.2)
        except StoreError as error:
            raise NotStored from error

    def look(self, *processes, after_s=0.0):
        self.now += after_s
        for each in processes:
            each.look()
        return self.told()

    def told(self):
        return [message["text"].splitlines()[0] for message in self.world.slack.messages]


@pytest.fixture
def machine(db, env, world):
    return Machine(db, env, world)


UNSTORED = "Needs attention: New calls cannot be stored: "
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def locked(machine):
    stranger = sqlite3.connect(machine.settings.database_path, isolation_level=None)
    stranger.execute("BEGIN EXCLUSIVE")
    yield stranger
    stranger.close()


@sqlite_only
def test_that_nothing_can_be_stored_is_told_once_by_one_process_and_when_it_is_over(machine, locked):
    one, two = machine.process(), machine.process()
    assert machine.look(one, two) == []
    [told] = machine.look(one, two, after_s=UNSTORED_S)
    restarted = machine.process()
    machine.look(restarted)
    assert len(machine.look(restarted, after_s=UNSTORED_S)) == 1
    locked.execute("COMMIT")

    assert machine.look(one, two, restarted)[1:] == [":white_check_mark: Over: New calls are stored again."]
    assert told.startswith(f":warning: {UNSTORED}The database does not answer")


@sqlite_only
def test_what_lasts_a_moment_is_not_told(machine, locked):
    process = machine.process()
    machine.look(process)
    machine.look(process, after_s=UNSTORED_S - 1)
    locked.execute("COMMIT")

    assert machine.look(process, after_s=9) == []


@sqlite_only
def test_it_is_told_when_the_way_works_again(machine, locked):
    process = machine.process()
    machine.look(process)
    machine.world.slack.hook = (500, "")
    assert machine.look(process, after_s=UNSTORED_S) == []
    machine.world.slack.hook = (200, "ok")

    assert len(machine.look(process)) == 1


def waits(machine):
    """A delivery that has waited for two minutes."""
    Inbox(machine.db).keep(a_delivery("call.completed"))
    machine.db.commit(lambda tx: tx.execute("UPDATE deliveries SET received_us = received_us - 120000000"))


def age(machine):
    """As if it had been seen a minute ago, which it takes for that to be told."""
    machine.db.commit(
        lambda tx: tx.execute(
            "UPDATE concerns SET since_us = since_us - 60000000, gone_us = CASE WHEN gone_us > 0 THEN gone_us - 60000000 ELSE 0 END"
        )
    )


def test_where_no_worker_runs_the_web_processes_say_so_once_together(machine):
    one, two = machine.process(), machine.process()
    waits(machine)
    machine.look(one, two)
    age(machine)

    told = machine.look(one, two, one)
    assert told == [
        ":warning: Needs attention: Calls are kept, but nothing is being sent: no worker is running "
        "(1 reports wait for one)."
    ]


def test_where_a_worker_leads_they_leave_it_to_that(machine):
    acquire_leadership(machine.db, "a-worker", machine.db.now_us())
    pause_lanes(machine.db, [Lane("", "slack.post", "")], "gone")

    assert machine.look(machine.process()) == []
    assert machine.db.read("SELECT 1 FROM concerns") == []


def test_without_a_place_for_the_file_it_is_known_in_memory(tmp_path):
    told = Told(tmp_path / "gone" / "file")
    told.note(b"1")

    with told.locked() as is_ours:
        assert (is_ours, told.value()) == (True, b"1")


def test_while_one_process_tells_another_does_not(tmp_path):
    one, two = Told(tmp_path / "file"), Told(tmp_path / "file")

    with one.locked() as first, two.locked() as second:
        assert (first, second) == (True, False)
    with two.locked() as free:
        assert free


@sqlite_only
@pytest.mark.parametrize(
    ("more", "looks"), [({}, False), ({"ALERT_URL": " "}, False), ({"ALERT_URL": "https://a.b"}, True)]
)
def test_it_looks_only_where_an_alert_is_wanted(env, more, looks):
    before = {thread for thread in threading.enumerate() if thread.name == "alarm"}
    create_app(settings.read(env | {"INBOUNDFLOW_SIGNING_SECRET": "s"}), env=more)

    started = {thread for thread in threading.enumerate() if thread.name == "alarm"} - before
    assert bool(started) == looks
