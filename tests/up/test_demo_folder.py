"""The demo's folder: only what a demo made and nobody holds is ever deleted."""

import signal
import subprocess
import sys

import pytest

from tests.support.cli import receiver
from tests.support.processes import free_port, started, until

DEMO = ["-m", "receiver", "up", "--demo"]


def test_what_no_demo_made_is_left_alone_and_named(tmp_path):
    thesis = tmp_path / "demo" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("x")

    refused = receiver("up", "--demo", DATA_DIR=str(tmp_path))

    assert (refused.returncode, thesis.read_text(), len(refused.stderr.splitlines())) == (2, "x", 1)
    assert f"{tmp_path}/demo holds what no demo of this version made" in refused.stderr


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "demo-made-this").touch()
    (tmp_path / "demo").symlink_to(tmp_path / "mine")

    refused = receiver("up", "--demo", DATA_DIR=str(tmp_path))

    assert (refused.returncode, (tmp_path / "mine" / "demo-made-this").exists()) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_demo_before_is_deleted_and_one_that_runs_is_not(tmp_path, number):
    inbox = tmp_path / "demo" / "inbox.db"
    with started(*DEMO, env={"DATA_DIR": str(tmp_path), "PORT": str(free_port())}) as first:
        until(inbox.exists)
        before = inbox.stat().st_ino

        second = receiver("up", "--demo", DATA_DIR=str(tmp_path), PORT=str(free_port()))

        assert (second.returncode, inbox.stat().st_ino) == (2, before)
        assert f"Another `receiver up` runs with {tmp_path}/demo (process {first.pid})" in second.stderr
        first.send_signal(number)
        first.wait()
    (tmp_path / "demo" / "old").touch()
    with started(*DEMO, env={"DATA_DIR": str(tmp_path), "PORT": str(free_port())}):
        until(lambda: inbox.exists() and not (tmp_path / "demo" / "old").exists())


def test_a_folder_that_was_cleared_is_touched_no_more_when_the_process_ends(tmp_path):
    """The number of the lock that was closed may be another file's by then."""
    once = "demo.clear(Path(sys.argv[1]));"
    clears = f"import sys; from pathlib import Path; from receiver.up import demo; {once} {once}"

    ran = subprocess.run([sys.executable, "-c", clears, tmp_path / "demo"], capture_output=True, text=True, timeout=20)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "demo").mkdir()
    with started(*DEMO, env={"DATA_DIR": str(tmp_path), "PORT": str(free_port())}):
        until((tmp_path / "demo" / "inbox.db").exists)
