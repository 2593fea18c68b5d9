"""How soon all that was acknowledged arrives after kill -9 of everything: python -m benchmarks.recovery

First the worker stands still (SIGSTOP) while deliveries are acknowledged, so no call is under way when everything is
killed. Then a forward target holds its calls, and everything is killed while they are under way: what a killed process
had claimed is taken over once its lease has ended. What counts is the time from the exec of the new start.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from receiver import settings, store
from tests.support.processes import children_of, free_port, is_ready, kill, kill_group, started, until, words_of
from tests.support.standstill import stop_between_commits

from .arrivals import DIRECTORY, SECRET, Target, send_steadily
from .memory import family

UP = ("-m", "receiver", "up")
PER_S = 50
HELD_MS = 600_000  # longer than any call may take


def main() -> None:
    options = arguments()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    print(f"{options.rounds} rounds, {options.seconds * PER_S} deliveries in each\n")
    print("| when everything is killed | all arrived after, from exec: each round | worst |\n| --- | --- | ---: |")
    for name, held_ms in (("no call is under way", 0), ("calls are under way", HELD_MS)):
        took = [one_round(held_ms, options.seconds) for _ in range(options.rounds)]
        print(f"| {name} | {', '.join(f'{s:.1f} s' for s in took)} | {max(took):.1f} s |", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recovery", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help=f"of deliveries before the kill, {PER_S} a second")
    return parser.parse_args()


def one_round(held_ms: int, seconds: int) -> float:
    """Seconds from the exec of the new start to the last arrival."""
    target, port = Target(0), free_port()
    with tempfile.TemporaryDirectory(dir=DIRECTORY, prefix="recovery-") as folder:
        env = {
            "DATA_DIR": folder, "PORT": str(port), "HOST": "127.0.0.1", "INBOUNDFLOW_SIGNING_SECRET": SECRET,
            "DATABASE_URL": "", "REDIS_URL": "", "FORWARD_URL": f"http://{target.place}/",
            "FORWARD_ALLOW_HOSTS": target.place,
        }  # fmt: skip
        keys = killed(env, target, held_ms, seconds)
        target.arrived.clear()
        target.takes_ms = 0
        with open(Path(folder) / "log", "ab") as log:
            began = time.monotonic()
            with started(*UP, env=env, stdout=log, stderr=subprocess.STDOUT) as up:
                until(lambda: keys <= target.arrived.keys(), within_s=120, what="what had been acknowledged")
                up.terminate()
                up.wait()
    target.server.shutdown()
    return max(target.arrived[key] for key in keys) - began


def killed(env: Mapping[str, str], target: Target, held_ms: int, seconds: int) -> set[str]:
    """What had been acknowledged, and had not been answered by the target, when everything was killed."""
    url = f"http://127.0.0.1:{env['PORT']}/webhooks/inboundflow"
    with (
        open(Path(env["DATA_DIR"]) / "log", "ab") as log,
        started(*UP, env=env, stdout=log, stderr=subprocess.STDOUT) as up,
    ):
        until(lambda: is_ready(int(env["PORT"])), within_s=60, what="the receiver")
        first = send_steadily(url, 1, 1)
        until(lambda: first.keys() <= target.arrived.keys(), within_s=60, what="the first arrival")
        time.sleep(1)  # until its outcome is on disk
        programs = children_of(up.pid)
        if held_ms:
            target.takes_ms = held_ms
        else:
            with contextlib.closing(store.connect(settings.read(env))) as db:
                worker = next(pid for pid in programs if words_of(pid)[-1:] == ["worker"])
                stop_between_commits(db, family(worker))
        keys = {*send_steadily(url, PER_S, seconds)}
        if held_ms:
            until(lambda: keys & target.arrived.keys(), within_s=60, what="a call that is held")
        kill(up.pid)
        for pid in programs:
            kill_group(pid)
    return keys


if __name__ == "__main__":
    sys.exit(main())
