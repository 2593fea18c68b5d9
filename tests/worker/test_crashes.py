"""The parent knows how each of its children ended, and tells the next of that name."""

import os
import signal
import time

import pytest

from receiver import settings
from receiver.app.build import create_app
from receiver.doctor.worker import check_worker
from receiver.inbox import troubles
from receiver.worker import children
from receiver.worker.children import HARD_LIMIT_EXIT, REDIS_EXIT, Children, Heartbeat, ending
from receiver.worker.crashes import NAMES, TIMES, WITHIN_S, Crashes
from tests.support.processes import until

# Of the threads that other tests leave in this process none holds what a child needs.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (1,                "ended with 1"),
        (-signal.SIGSEGV,  "ended (SIGSEGV)"),
        (-signal.SIGKILL,  "ended (SIGKILL)"),
        (-200,             "ended (signal 200)"),
    ],
)  # fmt: skip
def test_how_a_process_ended_is_said_in_words(code, how):
    assert ending(code) == how


def ended_child(work):
    """The parent of one child, once that has ended."""
    parent = Children({"toy": work})
    parent.start("toy")
    until(parent.reap, what="the child's end")
    return parent


@pytest.mark.parametrize(
    ("work", "how"),
    [
        (lambda control: os._exit(3), "ended with 3"),
        (lambda control: os.kill(os.getpid(), signal.SIGKILL), "ended (SIGKILL)"),
    ],
)
def test_a_child_that_ended_by_itself_is_replaced_unasked_and_the_next_is_told(work, how, tmp_path):
    parent = ended_child(work)
    [[(owner, was)]] = parent.crashes.values()
    assert was == how

    parent.child_work = {"toy": lambda control: (tmp_path / "told").write_text(repr(control.crashes))}
    parent.rest_until.clear()
    parent.start_missing([])
    until(parent.reap, what="the end of the next")

    assert (tmp_path / "told").read_text() == repr([(owner, how)])
    assert parent.crashes == {}


@pytest.mark.parametrize("code", [0, HARD_LIMIT_EXIT, REDIS_EXIT])
def test_a_child_that_ended_on_purpose_is_not_replaced_unasked(code):
    parent = ended_child(lambda control: os._exit(code))

    parent.start_missing([])

    assert parent.pids == {}


def test_a_child_is_known_to_its_parent_by_the_name_that_it_puts_on_its_runs(tmp_path):
    def work(control):
        (tmp_path / "owner").write_text(control.owner)
        os._exit(1)

    parent = ended_child(work)

    assert [owner for [(owner, _)] in parent.crashes.values()] == [(tmp_path / "owner").read_text()]


def test_a_child_that_gives_no_sign_of_life_is_said_to_have_been_ended_for_that():
    parent = Children({"toy": lambda control: time.sleep(60)})
    parent.start("toy")
    [pid] = parent.names
    os.kill(pid, signal.SIGSTOP)
    heartbeat = parent.heartbeats[pid]
    heartbeat.read()

    heartbeat.silent_s = children.UNRESPONSIVE_S
    time.sleep(children.LOOK_EVERY_S)
    heartbeat.silent_s += 1
    parent.kill_unresponsive()
    until(parent.reap, what="its end")

    assert [how for [(_, how)] in parent.crashes.values()] == ["gave no sign of life for 10 s"]


def test_what_a_child_raised_is_said_with_how_it_ended():
    def work(control):
        raise ValueError("not to be told")

    parent = ended_child(work)

    assert [how for [(_, how)] in parent.crashes.values()] == ["ended with 1, ValueError"]


@pytest.mark.parametrize("marks", [["!KeyError\n", "."], ["R.", "!KeyError\n"], ["!KeyError\n", "R", ".", "."]])
def test_what_a_child_raised_is_told_apart_from_the_beats_around_it(marks):
    """Its heart beats from a thread of its own, which may be late on a busy machine."""
    heartbeat = Heartbeat()
    for mark in marks:
        heartbeat.send(mark.encode())

    heartbeat.read()

    assert (heartbeat.error, heartbeat.retiring) == ("KeyError", any("R" in mark for mark in marks))
    heartbeat.close()


@pytest.mark.parametrize(
    ("code", "counts"), [(1, True), (2, True), (0, False), (HARD_LIMIT_EXIT, False), (REDIS_EXIT, False)]
)
def test_children_that_die_again_and_again_are_seen_by_the_others(code, counts):
    crashes = Crashes()
    parent = Children({"toy": lambda control: os._exit(code)}, crashes.add)
    sentences = []
    for _ in range(TIMES):
        sentences.append(crashes.sentence())
        parent.start("toy")
        until(parent.reap if code else lambda: parent.reap() or not parent.names, what="the child's end")

    said = f"its process for toy ends again and again (ended with {code})" if counts else ""
    assert (sentences, crashes.sentence()) == ([""] * TIMES, said)
    reader, writer = os.pipe()
    if not os.fork():
        os.write(writer, crashes.sentence().encode() or b"-")
        os._exit(0)
    os.wait()
    assert os.read(reader, 1000).decode() == (said or "-")


def test_a_child_that_has_lived_for_minutes_since_is_told_of_no_longer():
    now = [1000.0]
    crashes = Crashes(lambda: now[0])
    for _ in range(TIMES):
        crashes.add("toy", "ended (SIGKILL)")
    assert crashes.sentence()

    now[0] += WITHIN_S + 1

    assert crashes.sentence() == ""


def test_however_many_die_it_stays_short():
    crashes = Crashes()
    for number in range(500):
        for _ in range(TIMES):
            crashes.add(f"handler-{number}" * 10, "x" * 1000)

    assert crashes.sentence().count("again and again") == NAMES


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_readyz_and_doctor_say_that_a_process_dies_again_and_again(bench):
    bench.work()
    bench.keep("warm", event="lead.created")
    bench.until_states("toys.steady", ["succeeded"])

    def kill_one():
        for path in (bench.dir / "workers").iterdir():
            pid = path.name.split("-")[0]
            if not path.name.startswith(".") and pid != leader:
                os.kill(int(pid), signal.SIGKILL)
                path.unlink()
                return True
        return False

    leader = bench.db.read("SELECT owner FROM leases")[0]["owner"].split("-")[0]
    for _ in range(12):  # those of two handlers, as it comes
        until(kill_one, what="a process")
        if troubles(bench.db):
            break
        time.sleep(0.5)
    until(lambda: troubles(bench.db), what="the word of it")

    client = create_app(settings.read(bench.env | {"INBOUNDFLOW_SIGNING_SECRET": "a secret for tests"})).test_client()
    said = client.get("/readyz").json["degraded"]["worker"]
    [found, *_] = check_worker(bench.db, "", [])

    assert said.startswith("The worker: its process for toys.")
    assert "ends again and again (ended (SIGKILL))" in said
    assert (found.severity, found.message.partition(" for")[0]) == ("problem", "one runs, but its process")
