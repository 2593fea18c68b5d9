"""Folders may have any name: what leads into DATA_DIR, and what is printed for pasting, keeps to it."""

import os
import shlex
import subprocess
import sys

import pytest

from receiver.queue import connect
from receiver.settings import read
from tests.support.cli import receiver
from tests.support.processes import CHECKOUT, is_ready, start_redis, started, until
from tests.support.up import UP, deliver

EVERY_SIGN = "My Projects (50%) #1 a=b?c&d;e:f@g!h,i~j^k`l|m{n}o[p]q$r'HOME'\"s\\t*u+v<w>x ñ"
NAMES = [
    EVERY_SIGN,
    "with space",
    "a=b",
    "%41",
    "line\nend",
    os.fsdecode(b"caf\xe9"),  # as it is called on a disk from a machine in Latin-1
]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_delivered_arrives_from_a_folder_of_any_name(place, base, name):
    place["DATA_DIR"] = str(base / name)
    with (base / "out").open("w") as out, started(*UP, env=place, stdout=out, stderr=out):
        until(lambda: is_ready(int(place["PORT"])))

        assert deliver(place, "d-1").json() == {"status": "stored"}
        until(lambda: "delivery=d-1" in (base / "out").read_text(), within_s=10, what="the line of its handler")


def test_redis_is_found_at_a_socket_in_a_folder_of_any_name(base):
    folder = base / EVERY_SIGN
    folder.mkdir()
    redis = start_redis(folder / "redis.sock")
    try:
        assert connect(read({"DATA_DIR": str(folder)})).ping()
    finally:
        redis.kill()
        redis.wait()


def test_the_command_of_the_greeting_can_be_pasted(place, base):
    place["DATA_DIR"] = str(base / EVERY_SIGN)
    with (base / "out").open("w") as out, started(*UP, env=place, stdout=out, stderr=out):
        until(lambda: is_ready(int(place["PORT"])))
    command = (base / "out").read_text().partition("in another terminal:\n")[2].splitlines()[0]

    words = shlex.split(command)

    assert words[words.index("--secret-file") + 1] == f"{place['DATA_DIR']}/signing_secret"


def test_a_command_that_is_advised_can_be_pasted(base):
    folder = base / EVERY_SIGN
    folder.mkdir()
    (folder / "receiver").symlink_to(CHECKOUT / "receiver" / "__main__.py")
    script = "import sys; sys.argv[0] = sys.argv[1]; from receiver.operations import program; print(program())"

    ran = subprocess.run(
        [sys.executable, "-c", script, str(folder / "receiver")], capture_output=True, text=True, cwd=CHECKOUT
    )

    assert shlex.split(ran.stdout) == [str(folder / "receiver")]


def test_doctors_chmod_can_be_pasted(base):
    folder = base / EVERY_SIGN
    receiver("migrate", DATA_DIR=str(folder))
    folder.chmod(0o755)
    (folder / "inbox.db").chmod(0o644)

    text = receiver("doctor", "--offline", DATA_DIR=str(folder)).stdout

    line = next(line for line in text.splitlines() if "chmod 700" in line)
    assert shlex.split(line.partition("chmod 700 ")[2]) == [str(folder)]
