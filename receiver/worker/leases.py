"""The runs that this process holds: their leases are renewed, and an attempt that overruns ends the process."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ..errors import LeaseLost, StoreError
from ..inbox import Claim, Runs
from ..inbox.claims import RUN_LEASE_US
from ..registry import Handler

log = logging.getLogger("receiver.worker")

RENEW_EVERY_S = 2.0
LEASE_MARGIN_S = 1.0  # a write begun with less than this left on the lease is not begun
HARD_LIMIT_GRACE_S = 5  # past a handler's time-out, before its process is ended
HARD_LIMIT_EXIT = 70


@dataclass
class Held:
    """A claimed run: when that was asked for, and until when nobody else can have it. Monotonic, in seconds."""

    began: float
    until: float
    attempting: bool = True

    def __init__(self, began: float) -> None:
        self.began = began
        self.until = began + RUN_LEASE_US / 1e6


class Leases:
    def __init__(self, runs: Runs, owner: str, handler: Handler, beat: Callable[[], None]) -> None:
        self.runs = runs
        self.owner = owner
        self.handler = handler
        self.beat = beat  # a sign of life
        self.held: dict[int, Held] = {}

    @contextmanager
    def kept(self, claims: Sequence[Claim], asked: float) -> Iterator[None]:
        """Renewed while the block lasts. `asked` is when the runs were claimed, monotonic."""
        self.held.update({claim.id: Held(asked) for claim in claims})
        try:
            yield
        finally:
            for claim in claims:
                del self.held[claim.id]

    def attempted(self, claims: Sequence[Claim]) -> None:
        """The handler has returned: what is left has its own limit."""
        for claim in claims:
            self.held[claim.id].attempting = False

    def hold(self, ids: Sequence[int]) -> None:
        """Raise LeaseLost where others may have a run: the database was not reached, or this worker was away."""
        if any(time.monotonic() > self.held[run].until - LEASE_MARGIN_S for run in ids):
            raise LeaseLost("the lease ran out while this worker was away")

    def watch(self, parent: int) -> None:
        """Renew the leases; end this process when an attempt overruns or the parent is gone."""
        pause = threading.Event()
        threading.Thread(target=self.keep_renewing, daemon=True, name="renew").start()
        while not pause.wait(RENEW_EVERY_S / 4):
            self.beat()
            if os.getppid() != parent:
                os._exit(1)
            limit_s = self.handler.timeout_s + HARD_LIMIT_GRACE_S
            now = time.monotonic()
            overdue = [run for run, held in self.held.copy().items() if held.attempting and now - held.began > limit_s]
            if overdue:
                log.error("run %d at %s took over %g s: ending its process", overdue[0], self.handler.name, limit_s)
                os._exit(HARD_LIMIT_EXIT)

    def keep_renewing(self) -> None:
        pause = threading.Event()
        while not pause.wait(RENEW_EVERY_S):
            if self.held:
                with suppress(StoreError):  # a database in trouble: the lease runs out, and `hold` says so
                    self.renew()

    def renew(self) -> None:
        held, asked = self.held.copy(), time.monotonic()
        for run in self.runs.renew(self.owner, list(held), self.runs.db.now_us()):
            held[run].until = asked + RUN_LEASE_US / 1e6
