"""Deliveries of a round: each is sent until it is acknowledged, and what became of it is known."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from typing import Any

from mock_sender import payloads, sender

SECRET = "the matrix's own secret"
OURS = "matrix.made"  # the event that only the matrix's handler and forward targets take


class Sending:
    """Sends deliveries, each again under the same id until it is acknowledged."""

    def __init__(self, url: str, rng: random.Random, patience_s: float) -> None:
        self.url = url
        self.rng = rng
        self.patience_s = patience_s
        self.sent: dict[str, payloads.Payload] = {}
        self.call_of: dict[str, str] = {}
        self.do_of: dict[str, str] = {}  # what the matrix's handler does on those of ours
        self.acked: dict[str, float] = {}  # when, monotonic
        self.refused: dict[str, int] = {}  # how often, by the status 401
        self.given_up: set[str] = set()  # refused once, and not sent again
        self.threads: list[threading.Thread] = []
        self.stop = threading.Event()

    def start(self, number: int, *, once: bool = False) -> None:
        """Send events of calls. `once`: one that is refused is given up."""
        calls: list[payloads.Payload] = []
        while len(calls) < number:
            calls += payloads.call(self.rng)
        for payload in calls[:number]:
            self.start_one(payload, self.rng.uniform(0, 0.4), once)

    def start_ours(self, do: str) -> None:
        """Send one of ours, on which the matrix's handler does this."""
        payload = ours(self.rng, do)
        self.do_of[payload.delivery_id] = do
        self.start_one(payload, 0, False)

    def start_one(self, payload: payloads.Payload, delay_s: float, once: bool) -> None:
        self.sent[payload.delivery_id] = payload
        self.call_of[payload.delivery_id] = call_id(payload)
        thread = threading.Thread(target=self.send, args=(payload, delay_s, once), daemon=True)
        self.threads.append(thread)
        thread.start()

    def send(self, payload: payloads.Payload, delay_s: float, once: bool) -> None:
        time.sleep(delay_s)
        key = payload.delivery_id
        while not self.stop.wait(0.2):
            answer = sender.deliver(self.url, payload, secret=SECRET)
            if not answer.failure:
                self.acked[key] = time.monotonic()
                return
            if answer.status == 401:
                self.refused[key] = self.refused.get(key, 0) + 1
                if once:
                    self.given_up.add(key)
                    return

    def settled(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)

    def wait(self) -> None:
        deadline = time.monotonic() + self.patience_s
        for thread in self.threads:
            thread.join(max(0, deadline - time.monotonic()))


def ours(rng: random.Random, do: str) -> payloads.Payload:
    key, call = (str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(2))
    envelope = {"event": OURS, "delivery_id": key, "data": {"call_id": call, "do": do}}
    return payloads.Payload(OURS, key, payloads.stringify(envelope))


def call_id(payload: payloads.Payload) -> str:
    envelope: dict[str, Any] = json.loads(payload.body)
    return str(envelope["data"]["call_id"])
