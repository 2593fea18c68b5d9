"""`receiver up --demo`: everything real but the two ends, which the mock sender's package plays."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..settings import read
from .main import prepare
from .supervisor import Supervisor, end_with_parent

# The demo must never touch anything real.
DROPPED = ("SLACK_", "GOOGLE_", "HUBSPOT_", "FORWARD_", "ZAPIER_", "MAKE_", "N8N_", "INBOUNDFLOW_")
DROPPED_TOO = ("REDIS_URL", "DATABASE_URL", "CONSOLE_FULL", "HOST")
SECRET = "the demo's own secret, known to everyone"  # noqa: S105 - on loopback, against an inbox of its own
READY_WITHIN_S = 15
LANDED_WITHIN_S = 15
EVENTS = 4
PLACES = {"slack": "Slack", "sheets": "Google Sheets", "hubspot": "HubSpot"}


def demonstrate(env: Mapping[str, str]) -> int:
    """Play one call through the whole receiver, show where its events landed, and run on until Ctrl-C."""
    clean = {k: v for k, v in env.items() if not k.startswith(DROPPED) and k not in DROPPED_TOO}
    data_dir = read(clean).data_dir / "demo"
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.mkdir(mode=0o700, parents=True)
    with destinations(clean) as world:
        port = clean.get("PORT") or free_port()
        demo_env = {**clean, **world["env"], "DATA_DIR": str(data_dir), "PORT": str(port)}
        demo_env["INBOUNDFLOW_SIGNING_SECRET"] = SECRET
        supervisor = prepare(demo_env, quiet=True)
        url = f"http://127.0.0.1:{port}"
        threading.Thread(target=play, args=(url, world["state_url"], demo_env, supervisor), daemon=True).start()
        return supervisor.run()


@contextlib.contextmanager
def destinations(env: Mapping[str, str]) -> Any:
    """The simulated Slack, Google Sheets and HubSpot: where to read them, and the variables that lead to them."""
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


def play(url: str, state_url: str, env: Mapping[str, str], supervisor: Supervisor) -> None:
    """Send the call and tell what became of it."""
    say("Starting the receiver, a Slack, a Google Sheets and a HubSpot on this machine …")
    if not wait_for(lambda: answers(f"{url}/readyz"), READY_WITHIN_S):
        return say(f"The receiver did not become ready within {READY_WITHIN_S} s: the lines above say why.")
    say("\nA call comes in. InboundFlow reports four events, signed:\n")
    call = [sys.executable, "-m", "mock_sender", "call", "--to", f"{url}/webhooks/inboundflow"]
    sent = subprocess.run(call, env=dict(env), text=True, capture_output=True)
    say(sent.stdout.rstrip() or sent.stderr.rstrip())
    if sent.returncode:
        return say("Not all of them were acknowledged: the lines above say why.")
    landed = wait_for(lambda: all_landed(state_url), LANDED_WITHIN_S) or landings(state_url)
    say("\nWhere they arrived:\n")
    say(table(landed))
    missing = len(PLACES) * EVENTS - sum(map(len, landed.values()))
    if missing:
        say(f"\n{missing} are missing after {LANDED_WITHIN_S} s: the worker's lines above say why.")
    say(f"\nThe inbox is {Path(env['DATA_DIR']) / 'inbox.db'}. Ctrl-C ends the demo.")
    return None


def landings(state_url: str) -> dict[str, dict[str, str]]:
    """Event → destination → where its effect stands."""
    with urllib.request.urlopen(state_url, timeout=5) as answer:  # noqa: S310 - our own, on loopback
        found: dict[str, dict[str, str]] = {}
        for effect in json.load(answer)["effects"]:
            found.setdefault(effect["event"], {})[effect["destination"]] = effect["where"]
    return found


def all_landed(state_url: str) -> dict[str, dict[str, str]] | None:
    found = landings(state_url)
    complete = len(found) == EVENTS and all(set(places) >= set(PLACES) for places in found.values())
    return found if complete else None


def table(landed: Mapping[str, Mapping[str, str]]) -> str:
    rows = [("event", *PLACES.values())]
    rows += [(event, *(places.get(place, "missing") for place in PLACES)) for event, places in landed.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)


def wait_for(condition: Any, within_s: float) -> Any:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
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
