"""One receiver in a directory of its own, with everything around it: deliveries, destinations, and what kills it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from mock_sender.destinations import Destinations
from receiver import settings, store
from receiver.errors import StoreError
from tests.support.processes import (
    CHECKOUT,
    REDIS_SERVERS,
    children_of,
    free_port,
    get,
    kill,
    kill_group,
    until,
    words_of,
)

from . import causes
from .clock import Clock
from .faults import BAD, Fault
from .sending import OURS, SECRET, Sending

HERE = Path(__file__).resolve().parent
DELIVERIES = 6  # in a round before and while the fault happens, and half as many after it
REACHED_WITHIN_S = 60
SETTLED_WITHIN_S = 240  # a run whose worker died waits 26 s, and a round may have two of them in a row
FROZEN_S = 40  # longer than a lease, a call's time-out and another attempt take together
# Words in the path of the call that has the effect; other calls look, sign in or prepare.
EFFECTS = {"slack": ("postMessage", "services"), "sheets": ("append",), "hubspot": ("upsert",), "forward": ("",)}
EFFECTS |= {"matrix": ()}
TITLES = {
    "call.completed": "Call completed", "call.transferred": "Call transferred",
    "appointment.booked": "Appointment booked", "lead.created": "New lead",
}  # fmt: skip


@dataclass(kw_only=True)
class Round:
    """What one fault did. Effects are counted at the destinations, deliveries at the sender and in the inbox."""

    fault: Fault
    sent: int = 0
    acked: int = 0
    refused: int = 0  # deliveries, at first, while the clock was wrong
    lost: int = 0  # acknowledged, and not in the inbox, or without its effect at a destination
    doubled: dict[str, int] = field(default_factory=dict)  # by destination
    repeats: dict[str, int] = field(default_factory=dict)  # at destinations that cannot be asked
    # From acknowledgement to effect beside a bad delivery, in seconds: at another handler, and at the same one.
    beside_s: dict[str, list[float]] = field(default_factory=dict)
    recovery_s: float = 0.0
    trouble: str = ""


class System:
    """`with System(…) as system:` runs it; `round` does one fault to it."""

    def __init__(self, directory: Path, *, database_url: str = "", webhook: bool = False, bug: str = "", seed: int = 0):
        self.dir = directory
        self.rng = random.Random(seed)
        self.webhook = webhook
        self.world = Destinations()
        self.world.watch = self.destination_point
        self.armed = directory / "armed"
        self.ledger = directory / "ledger"
        self.clock = Clock(directory)
        self.arriving = threading.Condition()
        self.arrived: tuple[int, socket.socket | None] | None = None
        self.port = free_port()
        self.env = {
            "DATA_DIR": str(directory), "DATABASE_URL": database_url, "PORT": str(self.port), "HOST": "127.0.0.1",
            "INBOUNDFLOW_SIGNING_SECRET": SECRET, "PYTHONPATH": f"{HERE / 'points'}:{CHECKOUT}",
            "CRASH_ARMED": str(self.armed), "CRASH_SOCKET": str(directory / "points.sock"), "CRASH_BUG": bug,
            "FORWARD_URL": f"{self.world.url}/forward/x", "FORWARD_ALLOW_HOSTS": self.world.url.removeprefix("http://"),
            "REDIS_URL": "", "MATRIX_LEDGER": str(self.ledger),
        }  # fmt: skip
        self.env |= self.world.env | self.clock.env
        if webhook:
            self.env |= {"SLACK_BOT_TOKEN": "", "SLACK_CHANNEL": "", "SLACK_WEBHOOK_URL": self.world.slack_webhook_url}
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.point_name = ""
        self.helpers: list[int] = []  # of a handler's process that was killed

    def __enter__(self) -> System:
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        self.ledger.touch()
        self.clock.build()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.env["CRASH_SOCKET"])
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()
        self.world.__enter__()
        self.log = (self.dir / "log").open("ab")
        self.start()
        self.db = store.connect(settings.read(self.env))
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_all()
        self.world.__exit__()
        self.listener.close()
        self.log.close()
        self.db.close()

    # Running and killing it

    def start(self) -> None:
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "receiver", "up"], env={**os.environ, **self.env}, cwd=CHECKOUT,
            stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip
        until(self.is_ready, within_s=180, what="the receiver")

    def is_ready(self) -> bool:
        """It may say what earlier faults left: that the clock was ahead, who is down, what did not arrive."""
        if self.supervisor and self.supervisor.poll() is not None:  # another may answer at this port
            raise AssertionError(f"the receiver has ended: see {self.log.name}")
        status, body = get(self.port, "/readyz")
        return status == 200 and not json.loads(body)["degraded"].keys() - {
            "clock",
            "dead letters",
            "destinations",
            "lives",
        }

    def second_worker(self) -> subprocess.Popen[bytes]:
        """Another machine's, which takes over what the first one leaves."""
        command = [sys.executable, "-m", "receiver", "worker"]
        env = {**os.environ, **self.env, "PYTHONPATH": str(CHECKOUT)}  # it passes the points
        return subprocess.Popen(command, env=env, cwd=CHECKOUT, stdout=self.log, stderr=self.log)

    def programs(self) -> dict[str, int]:
        """The supervisor's children by their names."""
        assert self.supervisor
        commands = {pid: words_of(pid) for pid in children_of(self.supervisor.pid)}
        return {
            "redis" if Path(words[0]).name in REDIS_SERVERS else words[-1]: pid
            for pid, words in commands.items()
            if words
        }

    def strike(self, fault: Fault, pid: int) -> None:
        """Do what the fault says; `pid` is the process that stands at the point."""
        programs = self.programs()
        if fault.victim == "it":
            kill(pid)
        elif fault.victim in ("web", "worker", "redis"):
            with suppress(KeyError):  # it is just being started again
                kill_group(programs[fault.victim])
        elif fault.victim == "parent":
            with suppress(KeyError):
                kill(programs["worker"])
        elif fault.victim == "child":
            with suppress(KeyError, IndexError):
                kill(random.choice(children_of(programs["worker"])))
        elif fault.victim == "flush":
            with suppress(Exception):
                Redis(unix_socket_path=str(self.dir / "redis.sock"), socket_timeout=2).flushall()
        elif fault.victim == "freeze":
            os.killpg(os.getpgid(pid), signal.SIGSTOP)
        elif fault.victim in ("supervisor", "all"):
            assert self.supervisor
            kill(self.supervisor.pid)
            if fault.victim == "all":
                for group in programs.values():
                    kill_group(group)

    def kill_all(self) -> None:
        if self.supervisor:
            groups = self.programs().values()
            kill(self.supervisor.pid)
            for group in groups:
                kill_group(group)
            self.supervisor.wait()

    # The points

    def accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            name, _, pid = peer.recv(200).decode().partition(" ")
            self.arrive(int(pid or 0), peer) if name == self.point_name else peer.close()

    def destination_point(self, name: str, path: str, stage: str) -> None:
        """A destination's thread stands still here until the fault is done."""
        places = [f"destination.{stage}", f"{name}.{stage}" if any(word in path for word in EFFECTS[name]) else ""]
        if self.point_name not in places:
            return
        with suppress(FileNotFoundError):
            self.armed.unlink()
            here, peer = socket.socketpair()
            self.arrive(0, peer)
            here.recv(1)

    def arrive(self, pid: int, peer: socket.socket | None) -> None:
        with self.arriving:
            self.arrived = pid, peer
            self.arriving.notify()

    # A round

    def round(self, fault: Fault) -> Round:
        result = Round(fault=fault)
        sending = Sending(f"http://127.0.0.1:{self.port}/webhooks/inboundflow", self.rng, SETTLED_WITHIN_S)
        sending.start(DELIVERIES)
        began = time.monotonic()
        try:
            began = causes.OF_KIND[fault.kind](self, fault, sending) if fault.kind else self.cause(fault, sending)
            sending.start(DELIVERIES // 2)
            sending.wait()
            self.settle(sending)
            if fault.kind == "odd":
                causes.check_ends(self, sending)
                result.beside_s = causes.times_beside(self, sending)
        except AssertionError as error:
            result.trouble = str(error)
        result.recovery_s = time.monotonic() - began
        sending.stop.set()
        self.clear_up()
        self.count(result, sending)
        return result

    def cause(self, fault: Fault, sending: Sending) -> float:
        """Bring the fault about, at its point. Returns when that was, in monotonic seconds."""
        self.arrived, self.point_name = None, fault.point
        if fault.victim == "freeze":
            second = self.second_worker()
        time.sleep(self.rng.uniform(0, 0.3))
        if fault.point:
            self.armed.write_text(fault.point)
        if fault.point.startswith("helper."):
            sending.start_ours("helper")
        pid, peer = self.wait_at_point(fault, sending) if fault.point else (0, None)
        self.helpers = children_of(pid) if fault.point.startswith("helper.") else []
        began = time.monotonic()
        self.strike(fault, pid)
        if peer:
            with suppress(OSError):
                peer.sendall(b".")
            peer.close()
        if fault.victim == "freeze":
            time.sleep(FROZEN_S)
            os.killpg(os.getpgid(pid), signal.SIGCONT)
            time.sleep(2)
            second.kill()
        if self.helpers:
            causes.work_beside_helpers(self, sending)
        if fault.victim in ("supervisor", "all"):
            self.wait_and_start()
        return began

    def wait_and_start(self) -> None:
        assert self.supervisor
        self.supervisor.wait()
        self.start()

    def clear_up(self) -> None:
        """For the next round: helpers that outlived their handler, a wrong clock."""
        for pid in self.helpers:
            kill(pid)
        self.helpers = []
        if self.clock.can_step:
            self.clock.step(0)

    def wait_at_point(self, fault: Fault, sending: Sending) -> tuple[int, socket.socket | None]:
        deadline = time.monotonic() + REACHED_WITHIN_S
        with self.arriving:
            while self.arrived is None:
                self.arriving.wait(1)
                if self.arrived is None and not fault.point.startswith("helper."):
                    sending.start(1)
                if time.monotonic() > deadline:
                    self.armed.unlink(missing_ok=True)
                    raise AssertionError(f"nothing came to the point {fault.point}")
            return self.arrived

    def settle(self, sending: Sending) -> None:
        until(lambda: self.is_settled(sending), within_s=SETTLED_WITHIN_S, what="the end of all runs")

    def is_settled(self, sending: Sending) -> bool:
        time.sleep(0.1)
        with suppress(StoreError):
            return sending.settled() and self.waiting() == 0
        return False

    def waiting(self) -> int:
        """Deliveries and runs that have not ended. Raises StoreError."""
        sql = (
            "SELECT (SELECT count(*) FROM deliveries WHERE dispatched_us IS NULL) + "
            "(SELECT count(*) FROM runs WHERE state NOT IN ('succeeded', 'dead', 'skipped')) AS waiting"
        )
        return int(self.db.read(sql)[0]["waiting"])

    def count(self, result: Round, sending: Sending) -> None:
        kept = {row["key"] for row in self.db.read("SELECT key FROM deliveries")}
        effects = self.effects(sending)
        result.sent, result.acked, result.refused = len(sending.sent), len(sending.acked), len(sending.refused)
        lost = [
            key for key in sending.acked
            if key not in kept or any(key not in effects[place] for place in self.places_of(key, sending))
        ]  # fmt: skip
        result.lost = len(lost)
        for key in lost:
            self.tell_of("lost", key)
        uninvited = [key for key in sending.given_up if key in kept or any(key in each for each in effects.values())]
        if uninvited:
            result.trouble += f" {len(uninvited)} arrived that had been refused"
        for name, counts in effects.items():
            twice = [key for key in sending.sent if counts[key] > 1]
            more = sum(counts[key] - 1 for key in twice)
            if name == "forward" or (name == "slack" and self.webhook):
                result.repeats["Slack webhook" if name == "slack" else name] = more
            else:
                result.doubled[name] = more
                for key in twice:
                    self.tell_of(f"doubled at {name}", key)
        bodies: dict[str, set[str]] = {}
        for request in self.world.forward.received:
            bodies.setdefault(request["headers"]["x-inboundflow-delivery-id"], set()).add(request["body"])
        result.doubled["forward"] = sum(len(bodies.get(key, ())) > 1 for key in sending.sent)

    def places_of(self, key: str, sending: Sending) -> list[str]:
        """The destinations at which a delivery has its effect."""
        if sending.sent[key].event != OURS:
            return [name for name in EFFECTS if name != "matrix"]
        return ["forward"] if sending.do_of[key] in BAD else ["forward", "matrix"]

    def tell_of(self, what: str, key: str) -> None:
        """Log what is known of a delivery that was lost or doubled."""
        sql = (
            "SELECT r.handler, a.number, a.started_us, a.ended_us, a.result, a.detail FROM deliveries AS d "
            "JOIN runs AS r ON r.delivery_id = d.id JOIN attempts AS a ON a.run_id = r.id WHERE d.key = ? "
            "ORDER BY a.started_us"
        )
        places = [effect for effect in self.world.state()["effects"] if effect["delivery_id"] == key]
        lines = [f"{what}: {key}", *map(str, places), *(str(dict(row)) for row in self.db.read(sql, (key,)))]
        self.log.write(("\n".join(lines) + "\n").encode())
        self.log.flush()

    def effects(self, sending: Sending) -> dict[str, Counter[str]]:
        """How often each delivery's effect stands at each destination."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in EFFECTS}  # those that are on here
        for effect in self.world.state()["effects"]:
            counts[effect["destination"]][effect["delivery_id"]] += 1
        counts["matrix"].update(line["key"] for line in self.ledger_lines())
        if self.webhook:
            shown = Counter(
                (m["blocks"][0]["text"]["text"], m["blocks"][-1]["elements"][0]["text"].split()[-1])
                for m in self.world.slack.messages
            )
            keys = {
                key: (TITLES[p.event], sending.call_of[key]) for key, p in sending.sent.items() if p.event in TITLES
            }
            counts["slack"] = Counter({key: shown[place] for key, place in keys.items() if shown[place]})
        return counts

    def ledger_lines(self) -> list[dict[str, Any]]:
        """What the matrix's own handler has written: `key` and, monotonic, `at_s`."""
        return [json.loads(line) for line in self.ledger.read_text().splitlines()]
