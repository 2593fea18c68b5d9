import shutil
import socket
import subprocess
from contextlib import contextmanager

import pytest
from redis import Redis

from receiver import settings
from receiver.doctor.redis import check_redis, in_the_clear
from tests.support.processes import free_port, redis_program, until
from tests.support.tools import lacking


def told(findings):
    return [(one.severity, one.message) for one in findings]


@contextmanager
def redis_with(folder, *options):
    """A Redis on a socket in this folder, as the receiver looks for it there."""
    sock = folder / "redis.sock"
    command = [redis_program(), "--port", "0", "--unixsocket", str(sock), "--save", "", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder) as server:
        try:
            until(lambda: listens(sock))
            yield sock
        finally:
            server.terminate()


def listens(path):
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(str(path)) == 0


def test_a_redis_as_the_receiver_wants_it_is_fine(tmp_path):
    with redis_with(tmp_path, "--maxmemory", "64mb", "--maxmemory-policy", "noeviction"):
        [(severity, said)] = told(check_redis(settings.read({"DATA_DIR": str(tmp_path)})))

    assert (severity, said.endswith("answers, and drops nothing")) == ("ok", True)


def test_a_redis_that_drops_what_it_holds_is_a_problem(tmp_path):
    with redis_with(tmp_path, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"):
        [(severity, said)] = told(check_redis(settings.read({"DATA_DIR": str(tmp_path)})))

    assert (severity, "allkeys-lru" in said) == ("problem", True)


@pytest.mark.parametrize(("share", "severity"), [(0.93, "problem"), (0.5, "ok")])
def test_a_redis_that_is_nearly_full_is_a_problem(tmp_path, share, severity):
    with redis_with(tmp_path) as sock:
        with Redis(unix_socket_path=str(sock)) as redis:
            redis.config_set("maxmemory", int(redis.info("memory")["used_memory"] / share))
        found = told(check_redis(settings.read({"DATA_DIR": str(tmp_path)})))

    assert [one for one, _ in found] == [severity]
    assert found[0][1].endswith("MB are used") == (severity == "problem")


@pytest.mark.parametrize("has_slots", [True, False])
def test_a_cluster_is_a_problem(tmp_path, has_slots):
    port = free_port()
    with redis_with(tmp_path, "--port", str(port), "--cluster-enabled", "yes") as sock:
        if has_slots:
            with Redis(unix_socket_path=str(sock)) as redis:
                redis.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
                until(lambda: redis.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        found = told(check_redis(settings.read({"DATA_DIR": str(tmp_path)})))

    assert [(severity, message.startswith("Redis is a cluster")) for severity, message in found] == [("problem", True)]


@pytest.mark.parametrize(
    "forbid", [["--user", "default", "on", "nopass", "~*", "&*", "+@all", "-info"], ["--rename-command", "INFO", ""]]
)
def test_a_redis_that_may_not_be_asked_about_itself_is_fine(tmp_path, forbid):
    with redis_with(tmp_path, *forbid):
        found = told(check_redis(settings.read({"DATA_DIR": str(tmp_path)})))

    assert found == [("ok", "it answers; this user may not ask it (INFO) whether it drops anything")]


def test_a_redis_too_old_to_know_its_clients_first_word_is_a_problem(tmp_path):
    with redis_with(tmp_path, "--rename-command", "HELLO", ""):
        found = told(check_redis(settings.read({"DATA_DIR": str(tmp_path)})))

    assert found == [("problem", "Redis is too old: it should be version 6 or newer")]


@pytest.mark.parametrize(
    ("url", "severities"),
    [
        ("redis://:secret@8.8.8.8:6379", ["problem"]),
        ("rediss://:secret@8.8.8.8:6379", []),
        ("redis://10.0.0.7:6379", []),
        ("redis://127.0.0.1", []),
        ("unix:///tmp/redis.sock", []),
        ("redis://no-such-name.invalid", []),
        ("", []),
    ],
)
def test_a_password_that_crosses_the_internet_for_all_to_read_is_a_problem(url, severities):
    found = list(in_the_clear(url))

    assert [one.severity for one in found] == severities
    assert "secret" not in str(found)


def test_a_certificate_of_redis_that_nobody_vouches_for_is_a_problem_but_at_heroku_which_has_no_other(tmp_path):
    if not shutil.which("redis-server") or not shutil.which("openssl"):
        lacking("a redis-server that speaks TLS, and openssl (on Debian: apt install redis-server openssl)")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch"]
    subprocess.run([*made, "-keyout", tmp_path / "key", "-out", tmp_path / "crt"], check=True, capture_output=True)
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-auth-clients", "no"]
    env = {"REDIS_URL": f"rediss://127.0.0.1:{port}"}

    with redis_with(tmp_path, *tls, "--tls-cert-file", "crt", "--tls-key-file", "key", "--tls-ca-cert-file", "crt"):
        [(severity, said)] = told(check_redis(settings.read(env)))
        at_heroku = told(check_redis(settings.read(env | {"DYNO": "web.1"})))

    assert (severity, said) == ("problem", "Redis's certificate is signed by nobody who is known here")
    assert [one for one, _ in at_heroku] == ["ok"]


def test_no_redis_at_all_is_told(tmp_path):
    [found] = check_redis(settings.read({"DATA_DIR": str(tmp_path)}))

    assert found.severity == "advice"
