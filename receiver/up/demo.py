"""`receiver up --demo`: the real receiver between a sender and destinations that the mock sender's package plays."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import data_dir
from ..errors import ConfigurationError
from ..settings import read
from .main import lock_data_dir, prepare
from .supervisor import end_with_parent

# The demo must never touch anything real.
DROPPED_PREFIXES = (
    "SLACK_", "GOOGLE_", "HUBSPOT_", "SALESFORCE_", "FORWARD_", "ZAPIER_", "MAKE_", "N8N_", "INBOUNDFLOW_",
    "EMAIL_", "RESEND_", "SMTP_",
)  # fmt: skip
DROPPED = ("REDIS_URL", "DATABASE_URL", "CONSOLE_FULL", "HOST")
SECRET = "the demo's own secret, known to everyone"  # noqa: S105 - on loopback, against an inbox of its own
MARK = "demo-made-this"  # in the demo's folder: what has no such file is somebody's own
READY_WITHIN_S = 15
ARRIVED_WITHIN_S = 15
EVENTS = 4
DESTINATIONS = {"slack": "Slack", "sheets": "Google Sheets", "hubspot": "HubSpot"}


def demonstrate(env: Mapping[str, str]) -> int:
    """Send one call through the whole receiver, show where its events arrived, and run until Ctrl-C.

    Returns the exit code. Raises ConfigurationError.
    """
    clean = {k: v for k, v in env.items() if not k.startswith(DROPPED_PREFIXES) and k not in DROPPED}
    folder = read(clean).data_dir / "demo"
    with data_dir.usable():
        clear(folder)
    with destinations(clean) as world:
        port = clean.get("PORT") or free_port()
        demo_env = {**clean, **world["env"], "DATA_DIR": str(folder), "PORT": str(port)}
        demo_env["INBOUNDFLOW_SIGNING_SECRET"] = SECRET
        supervisor = prepare(demo_env, quiet=True)
        url = f"http://127.0.0.1:{port}"
        threading.Thread(target=play, args=(url, world["state_url"], demo_env), daemon=True).start()
        code = supervisor.run()
    say("\nThe demo has ended.")
    return code


def clear(folder: Path) -> None:
    """Make the demo's folder, empty. Raises ConfigurationError where it holds anything else, or a demo that runs."""
    if folder.is_symlink() or (folder.exists() and not (folder / MARK).exists() and any(folder.iterdir())):
        raise ConfigurationError(
            f"{folder} holds what no demo of this version made, or leads elsewhere: move it away, or set DATA_DIR to "
            "another directory."
        )
    if folder.exists():
        lock, _ = lock_data_dir(folder)
        shutil.rmtree(folder, ignore_errors=True)  # a process of one that was killed may be writing its last line
        os.close(lock)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARK).touch()


@contextlib.contextmanager
def destinations(env: Mapping[str, str]) -> Any:
    """Run the played Slack, Google Sheets and HubSpot.

    Gives `state_url`, where they can be read, and `env`, the variables that lead the handlers to them.
    Raises ConfigurationError if they do not start.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_sender.destinations"],
        env=dict(env),
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=end_with_parent if sys.platform == "linux" else None,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise ConfigurationError("The demo's destinations did not start: the lines above say why.")
        yield json.loads(line)
    finally:
        process.kill()
        process.wait()


def play(url: str, state_url: str, env: Mapping[str, str]) -> None:
    """Send the call and print what became of it."""
    say("Starting the receiver, a Slack, a Google Sheets and a HubSpot on this machine …")
    if not wait_for(lambda: answers(f"{url}/readyz"), READY_WITHIN_S):
        return say(f"The receiver did not become ready within {READY_WITHIN_S} s: the lines above say why.")
    say("\nA call comes in. InboundFlow reports four events, signed:\n")
    sent = send_call(f"{url}/webhooks/inboundflow", env)
    answer_rows = [(s["event"], answer_line(s), f"{s['latency_ms']:.0f} ms") for s in sent]
    say(table([("event", "answer", "took"), *answer_rows]))
    expected = {(delivery["delivery_id"], name) for delivery in sent for name in DESTINATIONS}
    wait_for(lambda: expected <= arrivals(state_url).keys(), ARRIVED_WITHIN_S)
    arrived = arrivals(state_url)
    say("\nWhere they arrived:\n")
    rows = [(s["event"], *(arrived.get((s["delivery_id"], name), "missing") for name in DESTINATIONS)) for s in sent]
    say(table([("event", *DESTINATIONS.values()), *rows]))
    if missing := len(expected - arrived.keys()) or (EVENTS - len(sent)):
        return say(f"\n{missing} are missing after {ARRIVED_WITHIN_S} s: the worker's lines above say why.")
    say(f"\nEverything arrived. The inbox is {Path(env['DATA_DIR']) / 'inbox.db'}. Ctrl-C ends the demo.")
    return None


def send_call(url: str, env: Mapping[str, str]) -> list[dict[str, Any]]:
    """Send the events of one call. Returns the mock sender's report of each delivery."""
    call = [sys.executable, "-m", "mock_sender", "call", "--to", url, "--json"]
    ran = subprocess.run(call, env=dict(env), text=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def answer_line(sent: Mapping[str, Any]) -> str:
    return str(sent["failure"] or f"{sent['status']} {sent['said']}")


def arrivals(state_url: str) -> dict[tuple[str, str], str]:
    """(delivery id, destination) → where it stands there, such as "Calls, row 2"."""
    with urllib.request.urlopen(state_url, timeout=5) as answer:  # noqa: S310 - our own, on loopback
        return {(row["delivery_id"], row["destination"]): row["where"] for row in json.load(answer)["effects"]}


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"  {line}".rstrip() for line in lines)


def wait_for(condition: Any, within_s: float) -> Any:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.1)
    return None


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own, on loopback
            return bool(answer.status == 200 and not json.load(answer)["degraded"])
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def say(text: str) -> None:
    print(text, flush=True)
