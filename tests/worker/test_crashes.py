"""The parent knows how each of its children ended, and tells the next of that name."""

import os
import signal
import time

import pytest

from receiver.worker import children
from receiver.worker.children import HARD_LIMIT_EXIT, REDIS_EXIT, Children, ending
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
