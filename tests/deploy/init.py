"""PID 1 of the machine in machine.py: runs the units' commands, and what the test asks for. Standard library only.

It knows as much of systemd as our units need: sockets that outlive their service, users, environment files,
KillMode=mixed, Restart=always, and systemctl's start, stop, restart, enable, disable, reload and is-active.
"""

import json
import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

UNITS = (Path("/etc/systemd/system"), Path("/lib/systemd/system"))
CONTROL = "/run/systemctl.sock"
SYSTEMCTL = """#!/bin/sh
exec python3 -c '
import json, socket, sys
with socket.socket(socket.AF_UNIX) as sock:
    sock.connect("/run/systemctl.sock")
    sock.sendall(json.dumps(sys.argv[1:]).encode())
    sock.shutdown(socket.SHUT_WR)
    code, said = json.loads(sock.makefile().read())
print(said, end="")
sys.exit(code)' "$@"
"""


def unit(name):
    """The file of a unit, as key: [values]."""
    path = next(folder / name for folder in UNITS if (folder / name).exists())
    found = {}
    for line in path.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key.strip(), []).append(value.strip())
    return found


def environment(options):
    found = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    lines = list(options.get("Environment", []))
    for file in options.get("EnvironmentFile", []):
        lines += Path(file).read_text().splitlines()
    found.update(one.split("=", 1) for line in lines for one in shlex.split(line, comments=True))
    return found


class Service:
    def __init__(self, name):
        self.name, self.process, self.wanted = name, None, False
        self.log = Path(f"/var/log/{name}.log").open("ab")  # noqa: SIM115 - as long as the machine

    def start(self, options, listener):
        user = pwd.getpwnam(options.get("User", ["root"])[0])
        for folder in " ".join(options.get("StateDirectory", [])).split():
            path = Path("/var/lib") / folder
            path.mkdir(exist_ok=True)
            path.chmod(int(options.get("StateDirectoryMode", ["755"])[0], 8))
            os.chown(path, user.pw_uid, user.pw_gid)
        env = {**environment(options), "HOME": user.pw_dir, "USER": user.pw_name}
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [user.pw_gid]}
        if listener:
            env["LISTEN_FDS"] = "1"
        command = shlex.split(options["ExecStart"][0])
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *command],
            env=env, cwd="/", stdout=self.log, stderr=self.log, start_new_session=True, close_fds=False,
            preexec_fn=(lambda: os.dup2(listener.fileno(), 3)) if listener else None, **identity,
        )  # fmt: skip
        return self.process

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(35)
        self.kill()

    def kill(self):
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Systemd:
    def __init__(self):
        self.services, self.sockets, self.lock = {}, {}, threading.RLock()

    def call(self, verb, *names):
        names = [name if "." in name else f"{name}.service" for name in names if not name.startswith("-")]
        codes = [getattr(self, verb.replace("-", "_"))(name) for name in names]
        return max(filter(None, codes), default=0)

    def start(self, name):
        options = unit(name)
        kind = name.rpartition(".")[2]
        if kind == "socket":
            self.sockets.setdefault(options["Service"][0], listening(options["ListenStream"][0]))
        if kind != "service":
            return
        for needed in " ".join(options.get("Requires", [])).split():
            if needed.endswith(".socket") and name not in self.sockets:
                self.start(needed)
        service = self.services.setdefault(name, Service(name))
        if service.process is None or service.process.poll() is not None:
            process = service.start(options, self.sockets.get(name))
            if options.get("Type") == ["oneshot"]:
                return process.wait()
        service.wanted = "always" in options.get("Restart", [])

    def stop(self, name):
        if name.endswith(".socket"):
            listener = self.sockets.pop(unit(name)["Service"][0], None)
            if listener:
                listener.close()
        if name in self.services:
            self.services[name].wanted = False
            self.services[name].stop()

    def restart(self, name):
        self.stop(name)
        return self.start(name)

    def enable(self, name):
        return self.start(name) if self.now and unit(name) else None

    def disable(self, name):
        return self.stop(name)

    reload = restart

    def is_active(self, name):
        service = self.services.get(name)
        return 0 if service and service.process and service.process.poll() is None else 3

    def watch(self):
        while True:
            time.sleep(1)
            with self.lock:
                for name, service in self.services.items():
                    if service.wanted and service.process.poll() is not None:
                        service.start(unit(name), self.sockets.get(name))


def listening(address):
    host, _, port = address.rpartition(":")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(1024)
    return listener


def answer_systemctl(systemd):
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(CONTROL)
        control.listen()
        while True:
            connection, _ = control.accept()
            with connection:
                asked = json.loads(connection.makefile().read())
                systemd.now = "--now" in asked
                try:
                    with systemd.lock:
                        found = systemd.call(*asked), ""
                except Exception as error:
                    found = 1, f"{asked}: {error!r}\n"
                connection.sendall(json.dumps(found).encode())


def main():
    Path("/usr/local/bin/systemctl").write_text(SYSTEMCTL)
    Path("/usr/local/bin/systemctl").chmod(0o755)
    systemd = Systemd()
    for work in (lambda: answer_systemctl(systemd), systemd.watch):
        threading.Thread(target=work, daemon=True).start()
    print("up", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        ran = subprocess.run(
            ["/bin/bash", "-ec", asked["script"]],
            capture_output=True,
            text=True,
            cwd="/root",
            timeout=asked["within_s"],
        )
        print(json.dumps([ran.returncode, ran.stdout, ran.stderr]), flush=True)


main()
