"""How much memory `receiver up` takes, idle and while it serves many forward targets: python -m benchmarks.memory

Counted is the proportional share (PSS) of the supervisor and of all that it started, Redis among them: memory that
several processes share counts once.
"""

from __future__ import annotations

import argparse
import http.server
import json
import socketserver
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import ClassVar

from tests.support.processes import children_of, free_port, is_ready, started, until

SECRET = "s3cret"
UP = ("-m", "receiver", "up")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Target(http.server.BaseHTTPRequestHandler):
    paths: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Target.paths.add(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--targets", type=int, default=50)
    targets = parser.parse_args().targets
    print("| receiver up | processes | memory |\n| --- | ---: | ---: |")
    for number in (0, targets):
        processes, mib = measure(number)
        name = f"serving {number} forward targets" if number else "idle"
        print(f"| {name} | {processes} | {mib:.0f} MiB |", flush=True)


def measure(targets: int) -> tuple[int, float]:
    """How many processes there are, and their memory in MiB, once each target has been served."""
    server, port = Server(("127.0.0.1", 0), Target), free_port()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{server.server_port}"
    env = {"PORT": str(port), "INBOUNDFLOW_SIGNING_SECRET": SECRET, "REDIS_URL": "", "DATABASE_URL": ""}
    if targets:
        urls = " ".join(f"http://{place}/{number}" for number in range(targets))
        env |= {"FORWARD_URL": urls, "FORWARD_ALLOW_HOSTS": place}
    with tempfile.TemporaryDirectory() as folder, started(*UP, env=env | {"DATA_DIR": folder}, **QUIET) as up:
        url = f"http://127.0.0.1:{port}/webhooks/inboundflow"
        if targets:
            until(lambda: send(url), within_s=60, what="the receiver's start")
            until(lambda: len(Target.paths) == targets, within_s=60, what="each target's delivery")
        else:
            until(lambda: is_ready(port), within_s=60, what="the receiver and its worker")
        threading.Event().wait(3)  # until the processes have freed what only their start needed
        pids = family(up.pid)
        figures = len(pids), sum(map(pss_mib, pids))
        up.terminate()
        up.wait()
    Target.paths.clear()
    server.shutdown()
    return figures


def send(url: str) -> bool:
    command = [sys.executable, "-m", "mock_sender", "send", "call.completed", "--to", url, "--secret", SECRET, "--json"]
    ran = subprocess.run(command, text=True, capture_output=True)
    return any(json.loads(line)["status"] == 200 for line in ran.stdout.splitlines() if line.startswith("{"))


def family(pid: int) -> list[int]:
    return [pid, *(each for child in children_of(pid) for each in family(child))]


def pss_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
