"""`receiver up`: what it starts, and what it refuses to start with."""

import contextlib
import os
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

from receiver import settings, store
from receiver.errors import ConfigurationError, StoreUnavailable
from receiver.locales import localized
from receiver.up import main
from receiver.up.main import SUPERVISOR
from tests.support.processes import free_port, is_alive, is_healthy, is_ready, started, until
from tests.support.up import UP, child, deliver, secret_of, up_refused
from tests.support.web import a_body, a_request


def test_while_web_restarts_connections_wait_and_none_is_refused(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))

        os.kill(child(up, "web"), signal.SIGKILL)
        answers = [deliver(place, f"d-{n}").json()["status"] for n in range(100)]

        assert answers == ["stored"] * 100


def test_who_is_being_answered_when_web_is_killed_is_answered(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))
        body = a_body("slow")
        with socket.create_connection(("127.0.0.1", int(place["PORT"])), timeout=15) as sock:
            sock.sendall(a_request(body, secret=secret_of(place)) + body[:10])
            time.sleep(0.2)
            os.kill(child(up, "web"), signal.SIGKILL)
            time.sleep(0.4)
            sock.sendall(body[10:])

            assert sock.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_second_start_with_the_same_data_is_refused_with_a_sentence(place):
    with started(*UP, env=place) as up:
        until(lambda: is_ready(int(place["PORT"])))

        second = up_refused(place | {"PORT": str(free_port())})

        assert second.returncode == 2
        assert f"Another `receiver up` runs with {place['DATA_DIR']} (process {up.pid})" in second.stderr


def test_after_a_kill_it_waits_for_the_port_that_its_web_process_still_holds(place):
    address = ("127.0.0.1", int(place["PORT"]))
    with started("-m", "receiver", "up", env=place) as up:
        until(lambda: is_healthy(address[1]), what="the server")
        web = child(up, "web")
        up.kill()
        up.wait()
    until(lambda: not is_alive(web), what="the end of the web process")
    holder = socket.create_server(address)  # as a web process does that has not ended yet
    with started("-m", "receiver", "up", env=place) as again:
        time.sleep(3)

        assert again.poll() is None
        holder.close()
        until(lambda: is_healthy(address[1]), what="the server again")


def test_a_port_in_use_is_named(place):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", int(place["PORT"])))
        sock.listen()

        refused = up_refused(place)

    assert refused.returncode == 2
    assert place["PORT"] in refused.stderr


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
    refused = up_refused(place | env)

    assert refused.returncode == 2
    assert names in refused.stderr
    assert "Traceback" not in refused.stderr
    shutil.rmtree("/tmp/" + "long" * 30, ignore_errors=True)


def test_the_worker_is_told_which_process_supervises_it_and_no_other_program_is(place):
    with started(*UP, env=place | {SUPERVISOR: "1"}) as up:
        until(lambda: is_ready(int(place["PORT"])))
        environments = {
            name: Path(f"/proc/{child(up, name)}/environ").read_bytes().split(b"\0") for name in ("web", "worker")
        }

    assert f"{SUPERVISOR}={up.pid}".encode() in environments["worker"]
    assert f"{SUPERVISOR}={up.pid}".encode() not in environments["web"]


def test_a_database_that_does_not_answer_is_named_while_it_is_waited_for(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(main, "DATABASE_WITHIN_S", 3)
    port = free_port()
    url = f"postgres://user:s3cret@127.0.0.1:{port}/inbox"

    with pytest.raises(ConfigurationError, match=f"at 127.0.0.1:{port} does not answer"):
        main.migrate(settings.read({"DATABASE_URL": url, "DATA_DIR": str(tmp_path)}), {})

    said = capsys.readouterr().out
    assert said == f"Waiting for the database of DATABASE_URL at 127.0.0.1:{port}, 3 s at most …\n"


def test_one_that_takes_the_connection_and_says_nothing_is_named_before_the_first_attempt_has_ended(capsys, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgres://user:s3cret@127.0.0.1:{silent.getsockname()[1]}/inbox"
        place = settings.read({"DATABASE_URL": url, "DATA_DIR": str(tmp_path), "BUSINESS_LANGUAGE": "es"})
        began = time.monotonic()
        with (
            main.waiting_told(place, place.locale),
            contextlib.closing(store.connect(place)) as db,
            pytest.raises(StoreUnavailable),
        ):
            store.migrate(db)

    assert time.monotonic() - began > main.TELL_AFTER_S
    assert capsys.readouterr().out.startswith("Esperando a la base de datos de DATABASE_URL en 127.0.0.1:")


GREETED = [
    # where it runs               its terminal                is greeted with
    ({},                          {"LANG": "es_ES.UTF-8"},    "El receptor de InboundFlow está en marcha."),
    ({},                          {},                         "The InboundFlow receiver runs."),
    ({"HOST": "0.0.0.0"},         {"LANG": "es_ES.UTF-8"},    "The InboundFlow receiver runs."),
]  # fmt: skip


@pytest.mark.parametrize(("where", "terminal", "words"), GREETED)
def test_at_ones_own_terminal_the_greeting_is_in_its_language_and_elsewhere_in_the_businesss(where, terminal, words):
    place = settings.read({"INBOUNDFLOW_SIGNING_SECRET": "x", **where})

    assert localized(main.greeting(place, 8000, ""), main.locale_of_reader(place, terminal)).startswith(words)
