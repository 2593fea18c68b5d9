"""What is supervised: started again when it dies, and ended together, with real children."""

import os
import signal
import time

import pytest

from receiver.up.supervisor import describe_exit
from tests.support.processes import children_of, is_ready, listens, processes_with, started, until
from tests.support.up import UP, child, deliver, is_called

NOHUP = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_ten_seconds_and_leaves_no_process_and_no_port(place, number):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        assert len(processes_with(place["DATA_DIR"])) >= 4

        up.send_signal(number)

        assert up.wait(10) == 0
        assert processes_with(place["DATA_DIR"]) == set()
        assert not listens(int(place["PORT"]))


def test_nohup_holds(place):
    with started("-c", NOHUP, *UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))

        up.send_signal(signal.SIGHUP)
        time.sleep(1)

        assert (up.poll(), deliver(place, "d-1").json()) == (None, {"status": "stored"})


def test_when_it_is_killed_its_children_end_and_the_next_start_takes_over(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))

        os.kill(up.pid, signal.SIGKILL)
        up.wait()

        until(lambda: not processes_with(place["DATA_DIR"]), within_s=15, what="the end of the children")
    with started(*UP, env=place):
        until(lambda: is_ready(int(place["PORT"])), what="the second start")
        assert deliver(place, "d-1").json() == {"status": "stored"}


@pytest.mark.parametrize("name", ["web", "worker", "redis"])
def test_what_dies_is_started_again(place, name):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        pid = child(up, name)

        os.kill(pid, signal.SIGKILL)

        until(
            lambda: [new for new in children_of(up.pid) if is_called(new, name) and new != pid], what=f"another {name}"
        )
        until(lambda: is_ready(int(place["PORT"])))


EXITS = [
    # a process's code       how it is described
    (0,                      "with code 0"),
    (2,                      "with code 2"),
    (-signal.SIGKILL,        "by SIGKILL"),
    (-40,                    "by signal 40"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "description"), EXITS)
def test_the_log_says_by_which_signal_or_with_which_code_a_program_ended(code, description):
    assert describe_exit(code) == description
