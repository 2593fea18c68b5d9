"""Heroku on this machine: the Procfile's processes with the variables, services and signals that they get there."""

from __future__ import annotations

import datetime
import ipaddress
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis import Redis, RedisError

from tests.support.processes import CHECKOUT, children_of, free_port, is_healthy, kill, redis_program, until

PASSWORD = "p4ssw0rd"
PLAN_CONNECTIONS = 20  # of heroku-postgresql:essential-0 and of heroku-redis:mini alike
KILLED_AFTER_S = 30  # from SIGTERM on
PORT_WITHIN_S = 60  # a web dyno that does not listen by then has crashed
SET_THERE = {  # by Heroku's Python buildpack and by Heroku itself
    "WEB_CONCURRENCY": "2",
    "GUNICORN_CMD_ARGS": "--access-logfile - --preload --bind=127.0.0.1:1",
    "FORWARDED_ALLOW_IPS": "*",
    "PYTHONUNBUFFERED": "true",
    "PYTHONHOME": "",
    "LANG": "en_US.UTF-8",
}


def procfile():
    """Command by process type."""
    lines = (CHECKOUT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


class Dyno:
    """One process type as it runs: a shell, the process, and all that it starts."""

    def __init__(self, name, number, config, home, **own):
        self.name = name
        env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home), "DYNO": f"{name}.{number}"}
        env |= {key: value for key, value in SET_THERE.items() if value} | config | own
        env["DATA_DIR"] = tempfile.mkdtemp(dir=home)  # each dyno has a disk of its own
        self.log = (home / f"{name}.log").open("ab")
        self.process = subprocess.Popen(
            ["bash", "-c", procfile()[name]], cwd=CHECKOUT, env=env, start_new_session=True,
            stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def all_processes(self):
        pids = [self.process.pid]
        for pid in pids:
            pids += children_of(pid)
        return pids

    def terminate(self):
        """SIGTERM to every process of the dyno at once, as Heroku does."""
        pids = self.all_processes()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        return pids

    def kill(self):
        for pid in self.all_processes():
            kill(pid)
        self.process.wait()
        self.log.close()


class Ending(threading.Thread):
    """Ends a dyno with SIGTERM, and measures the time until its last process has ended."""

    def __init__(self, dyno):
        super().__init__(daemon=True)
        self.dyno = dyno
        self.began = time.monotonic()
        self.pids = dyno.terminate()
        self.took_s = 0.0

    def run(self):
        while alive(self.pids) and time.monotonic() - self.began < KILLED_AFTER_S:
            self.dyno.process.poll()
            time.sleep(0.02)
        self.took_s = time.monotonic() - self.began


class App:
    """An app with its config vars; `deploy` starts its dynos, `stop` ends them."""

    def __init__(self, formation, config, home):
        self.formation = formation
        self.config = config
        self.home = home
        self.port = free_port()
        self.dynos = []
        self.old = []

    def deploy(self):
        """The release phase, then old dynos get their SIGTERM while the new ones start.

        Returns the processor's seconds until the web dyno answers: a clock's would count what else runs here.
        """
        released = Dyno("release", 1, self.config, self.home)
        assert released.process.wait(30) == 0, (self.home / "release.log").read_text()
        released.log.close()
        self.retire()
        self.port = free_port()  # each dyno has a network of its own there
        self.dynos = [Dyno(name, 1, self.config, self.home, PORT=str(self.port)) for name in self.formation]
        until(lambda: is_healthy(self.port), within_s=PORT_WITHIN_S, what="the web dyno's answer")
        return sum(map(cpu_s, self.dynos[0].all_processes()))

    def retire(self):
        """SIGTERM to every process of every dyno; a thread for each dyno measures how long they take."""
        for dyno in self.dynos:
            ending = Ending(dyno)
            ending.start()
            self.old.append(ending)
        self.dynos = []

    def ends_s(self):
        """Seconds from SIGTERM to the end of the last process, of each dyno that was retired."""
        for ending in self.old:
            ending.join()
        return [ending.took_s for ending in self.old]

    def kill(self):
        for dyno in [*self.dynos, *(ending.dyno for ending in self.old)]:
            dyno.kill()


def alive(pids):
    return [pid for pid in pids if state(pid) not in ("", "Z")]


def state(pid):
    return facts(pid)[0]


def cpu_s(pid):
    """Seconds of processor time of a process and of its children that have ended."""
    return sum(map(int, facts(pid)[11:15])) / os.sysconf("SC_CLK_TCK")


def facts(pid):
    """The fields after a process's name in its `stat`, the state first; [""] where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [""]


class KeyValue:
    """A Redis as heroku-redis:mini is: TLS by a certificate that nobody signed, a password, 20 connections, 25 MB."""

    def __init__(self, home):
        self.port = free_port()
        write_certificate(home)
        options = {
            "port": "0", "tls-port": str(self.port), "tls-cert-file": str(home / "cert.pem"),
            "tls-key-file": str(home / "key.pem"), "tls-auth-clients": "no", "requirepass": PASSWORD, "save": "",
            "maxclients": str(PLAN_CONNECTIONS), "maxmemory": "25mb", "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.process = subprocess.Popen([redis_program(), *words], cwd=home, stdout=subprocess.DEVNULL)
        self.url = f"rediss://:{PASSWORD}@127.0.0.1:{self.port}"
        self.client = Redis.from_url(self.url, ssl_cert_reqs=None)
        until(self.answers, what="a Redis that speaks TLS")

    def answers(self):
        assert self.process.poll() is None, "this redis-server was built without TLS"
        try:
            return self.client.ping()
        except RedisError:
            return False

    def connections(self):
        """How many connections others than this client have."""
        return len(self.client.client_list()) - 1

    def close(self):
        self.client.close()
        self.process.kill()
        self.process.wait()


def write_certificate(home):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ec2-1-2-3-4.compute-1.amazonaws.com")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("10.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (home / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (home / "key.pem").write_bytes(pem)
