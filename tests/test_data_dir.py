"""DATA_DIR: its files are their owner's alone, and where it cannot be used that is said in a sentence."""

import os
import stat
import subprocess
import sys

import pytest

from receiver import data_dir
from receiver.settings import read
from tests.support.cli import receiver
from tests.support.processes import CHECKOUT, children_of, free_port, is_ready, started, until
from tests.support.tools import lacking
from tests.support.up import UP, deliver

SECRET = {"INBOUNDFLOW_SIGNING_SECRET": "x"}


def open_to_others(folder):
    """What `find DIR -perm /077` prints."""
    paths = [folder, *folder.rglob("*")]
    return sorted(path.name for path in paths if stat.S_IMODE(path.lstat().st_mode) & 0o077)


@pytest.fixture
def place(tmp_path):
    """A DATA_DIR that a person made, as is usual with folders."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_all_that_a_running_receiver_writes_is_its_owners_alone(place, usual_umask):
    port = free_port()
    env = {"DATA_DIR": str(place), "PORT": str(port)}
    with started(*UP, env=env):
        until(lambda: is_ready(port))
        deliver(env, "d-1")

        assert {"inbox.db", "inbox.db-wal", "redis.log", "redis.sock"} <= {path.name for path in place.iterdir()}
        assert open_to_others(place) == []


def umask_of(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(line.split()[1] for line in file if line.startswith("Umask:"))


def test_whatever_a_process_of_the_receiver_will_write_is_its_owners_alone(place, usual_umask):
    """A Redis that is started again makes its log anew, long after everything was tightened."""
    port = free_port()
    with started(*UP, env={"DATA_DIR": str(place), "PORT": str(port)}) as up:
        until(lambda: is_ready(port))
        pids = [up.pid, *(pid for child in children_of(up.pid) for pid in [child, *children_of(child)])]

        assert {umask_of(pid) for pid in pids} == {"0077"}


@pytest.mark.parametrize("command", ["migrate", "deliveries", "doctor"])
def test_no_command_leaves_a_file_that_others_read(place, usual_umask, command):
    receiver("migrate", DATA_DIR=str(place))

    receiver(command, DATA_DIR=str(place))

    assert open_to_others(place) == []


def test_what_was_made_before_is_tightened_at_a_start(place):
    for name in ("inbox.db", "inbox.db-wal", "redis.log", "signing_secret"):
        (place / name).touch()
        (place / name).chmod(0o644)

    data_dir.make(read({"DATA_DIR": str(place)}))

    assert open_to_others(place) == []


def test_what_is_not_ours_is_left_as_it_is(place, tmp_path):
    """DATA_DIR may be a folder that holds other things too, such as /tmp or somebody's home."""
    (tmp_path / "elsewhere").touch(mode=0o644)
    (place / "thesis.txt").touch(mode=0o644)
    (place / "redis.log").symlink_to(tmp_path / "elsewhere")
    before = [stat.S_IMODE(path.stat().st_mode) for path in (place, place / "thesis.txt", tmp_path / "elsewhere")]

    data_dir.make(read({"DATA_DIR": str(place)}))

    assert [
        stat.S_IMODE(path.stat().st_mode) for path in (place, place / "thesis.txt", tmp_path / "elsewhere")
    ] == before


@pytest.mark.parametrize("command", ["up", "web", "migrate"])
@pytest.mark.parametrize("where", ["file", "file/below", "/proc/nope"])
def test_a_data_dir_that_cannot_be_a_folder_is_said_in_a_sentence(tmp_path, command, where):
    (tmp_path / "file").touch()

    refused = receiver(command, DATA_DIR=str(tmp_path / where), **SECRET)

    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    assert refused.stderr.startswith(f"receiver: DATA_DIR cannot be used: {tmp_path / where}")


def test_a_data_dir_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    refused = read_only(tmp_path, *UP)

    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert refused.stderr.startswith(f"receiver: DATA_DIR cannot be used: {tmp_path}/up.lock (Read-only file system)")


def test_doctor_says_that_data_dir_is_a_file(tmp_path):
    (tmp_path / "file").touch()

    text = receiver("doctor", "--offline", DATA_DIR=str(tmp_path / "file")).stdout

    assert f"DATA_DIR: {tmp_path}/file is no folder" in text


def read_only(folder, *arguments):
    """A command for which the folder's disk is read-only, as in a mount namespace of its own."""
    script = f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}" && exec "$@"'
    ran = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", sys.executable, *arguments],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **SECRET},
        cwd=CHECKOUT, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    if "unshare:" in ran.stderr or "mount:" in ran.stderr:
        lacking("mount namespaces")
    return ran
