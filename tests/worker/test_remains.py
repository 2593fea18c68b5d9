"""A process's file says that it is gone for certain, and which calls it had begun; or nothing."""

import multiprocessing
import os
import shutil
import signal

import pytest

from receiver import settings
from receiver.worker.remains import Remains, Signs
from tests.support.processes import started, until

ELSEWHERE = """
import os, subprocess, sys, time
from receiver import settings
from receiver.worker.remains import Signs
signs = Signs(settings.read(os.environ), "them")
signs.begin([(1, 1), (2, 3)])
signs.end([(1, 1)])
signs.begin([(5, 1)])
if "helper" in sys.argv and not os.fork():
    time.sleep(60)
open(os.environ["DATA_DIR"] + "/begun", "w").close()
time.sleep(60)
"""


@pytest.fixture
def place(tmp_path):
    return settings.read({"DATA_DIR": str(tmp_path)})


def living(place, *arguments):
    context = started("-c", ELSEWHERE, *arguments, env={"DATA_DIR": str(place.data_dir)})
    process = context.__enter__()
    until((place.data_dir / "begun").exists, what="the calls")
    return context, process


def killed(place, *arguments):
    context, process = living(place, *arguments)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return context


def test_of_a_process_that_lives_nothing_is_said_and_of_one_that_was_killed_what_it_had_begun(place):
    context, process = living(place)
    alive = Remains(place).calls("them")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert (alive, Remains(place).calls("them")) == (None, {(5, 1), (2, 3)})
    context.__exit__(None, None, None)


def test_a_helper_that_lives_on_may_still_be_in_a_call(place):
    context = killed(place, "helper")

    assert Remains(place).calls("them") is None
    context.__exit__(None, None, None)
    until(lambda: Remains(place).is_gone("them"), what="the helper's end")


def another_boot(path):
    path.write_bytes(b"f" * 36 + path.read_bytes()[36:])


def a_copy(path):
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def cut_short(path):
    os.truncate(path, 20)


@pytest.mark.parametrize("change", [os.unlink, another_boot, a_copy, cut_short])
def test_what_proves_nothing_says_nothing(place, change):
    killed(place).__exit__(None, None, None)
    change(place.workers_dir / "them")

    assert Remains(place).calls("them") is None


@pytest.mark.parametrize("owner", ["", ".", "..", "../inbox.db", "nobody", "moved to another database"])
def test_a_name_that_nobody_has_here_says_nothing(place, owner):
    killed(place).__exit__(None, None, None)

    assert Remains(place).calls(owner) is None


def test_without_a_folder_to_write_in_nothing_is_proven_and_nothing_fails(tmp_path):
    place = settings.read({"DATA_DIR": str(tmp_path / "missing")})
    signs = Signs(place, "us")
    signs.begin([(1, 1)])
    signs.end([(1, 1)])
    signs.close()

    assert Remains(place).calls("us") is None
    assert not (tmp_path / "missing").exists()


def full_disk(path):
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    signs = Signs(settings.read({"DATA_DIR": path}), "them")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    signs.begin([(1, 1)])
    os._exit(0)


def test_a_call_that_could_not_be_noted_is_not_taken_for_one_that_had_not_begun(place):
    process = multiprocessing.get_context("spawn").Process(target=full_disk, args=(str(place.data_dir),))
    process.start()
    process.join(20)

    assert process.exitcode == 0
    assert Remains(place).calls("them") is None


def test_a_place_is_used_again(place):
    signs = Signs(place, "us")
    for number in range(50):
        signs.begin([(number, 1), (number, 2)])
        signs.end([(number, 1), (number, 2)])

    assert (place.workers_dir / "us").stat().st_size == 64 + 2 * 16
    signs.close()
    assert not (place.workers_dir / "us").exists()


def test_an_end_that_was_not_written_down_leaves_the_file(place):
    signs = Signs(place, "us")
    signs.begin([(1, 1)])

    signs.close()

    assert (place.workers_dir / "us").exists()


def test_files_are_removed_of_those_that_are_gone_and_have_no_runs(place):
    killed(place).__exit__(None, None, None)
    lives = Signs(place, "us")
    remains = Remains(place)

    remains.clear({"them"}, older_than_s=0)
    remains.clear()
    assert {path.name for path in place.workers_dir.iterdir()} == {"them", "us"}
    remains.clear(older_than_s=0)

    assert [path.name for path in place.workers_dir.iterdir()] == ["us"]
    lives.close()
