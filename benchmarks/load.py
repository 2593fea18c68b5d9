"""The load: wrk, which is not ours, with deliveries that were signed before the clock starts."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import shutil
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from mock_sender import payloads
from mock_sender.sign import sign

HERE = Path(__file__).resolve().parent
THREADS = 2
PREPARED_PER_S = 9000  # more than any of the receivers takes; what is left over is not sent


@dataclass(frozen=True, kw_only=True)
class Result:
    """One round at one receiver. Latencies in milliseconds; `failed` counts non-2xx and broken connections."""

    acks: int
    acks_per_s: float
    failed: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    stored: int = 0


def prepare(files: Path, secret: str, seconds: float, *, signs_time: bool = True) -> None:
    """Files of signed deliveries, each with an id and a call of its own: runs of one call are made one by one."""
    body = payloads.sample(random.Random(1), "call.completed", delivery_id="@").body
    call = json.loads(body)["data"]["call_id"].encode()
    now = int(time.time())
    for thread in range(THREADS):
        with open(f"{files}.{thread}", "wb") as file:
            for _ in range(int(PREPARED_PER_S * seconds / THREADS)):
                key = uuid.uuid4().hex.encode()
                delivery = body.replace(b'"@"', b'"%s"' % key).replace(call, b"call_%s" % key[:12])
                signature = sign(secret, now, delivery) if signs_time else sign_body(secret, delivery)
                file.write(b"%d %s %s\n" % (now, signature.encode(), delivery))


def sign_body(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def require_wrk() -> None:
    """Raises SystemExit, with what to do, where it is not installed."""
    if not shutil.which("wrk"):
        raise SystemExit("The load comes from wrk, which is not installed (Debian and Ubuntu: apt install wrk).")


def fire(url: str, files: Path, *, connections: int, seconds: int) -> Result:
    command = [
        "wrk", f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / "load.lua"),
        url,
    ]  # fmt: skip
    output = subprocess.run(
        command, env={**os.environ, "LOAD_FILES": str(files)}, capture_output=True, text=True, check=True
    )
    return read(output.stdout)


def read(output: str) -> Result:
    """The figures in the last line that load.lua printed; wrk counts in microseconds."""
    line = next(line for line in output.splitlines() if line.startswith("RESULT "))
    requests, duration_us, status, broken, p50, p99, slowest = (int(part) for part in line.split()[1:])
    return Result(
        acks=requests - status,
        acks_per_s=(requests - status) / (duration_us / 1e6),
        failed=status + broken,
        p50_ms=p50 / 1000,
        p99_ms=p99 / 1000,
        max_ms=slowest / 1000,
    )
