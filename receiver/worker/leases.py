"""The runs that this process holds: their leases are renewed, and an attempt that overruns ends the process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from ..errors import LeaseLost, StoreError
from ..inbox import RUN_LEASE_US, Attempts, Claim, End
from ..registry import Handler
from ..store import FromNow
from .attempt import failed
from .recording import about, delivery_of

log = logging.getLogger("receiver.worker")

RENEW_EVERY_S = 2.0
LOOK_EVERY_S = 0.5  # at attempts that overrun
LEASE_MARGIN_S = 1.0  # a write begun with less than this left on the lease is not begun
HARD_LIMIT_GRACE_S = 5  # past a handler's time-out, before its process is ended


class Held:
    """A claimed run: when that was asked for, and until when nobody else can have it. Monotonic, in seconds."""

    def __init__(self, claim: Claim, began: float, batch: object) -> None:
        self.claim = claim
        self.began = began
        self.batch = batch  # the same object for all runs of a batch
        self.until = began + RUN_LEASE_US / 1e6
        self.attempting = True


class Leases:
    """`retire` is called once, when an attempt has overrun: its thread cannot be ended, so its process has to be."""

    def __init__(self, attempts: Attempts, owner: str, handler: Handler, retire: Callable[[], None]) -> None:
        self.attempts = attempts
        self.owner = owner
        self.handler = handler
        self.limit_s = handler.timeout_s + HARD_LIMIT_GRACE_S
        self.retire = retire
        self.held: dict[int, Held] = {}
        self.overran = False

    @contextmanager
    def kept(self, claims: Sequence[Claim], asked: float) -> Iterator[None]:
        """Renewed while the block lasts. `asked` is when the runs were claimed, monotonic."""
        batch = object()
        self.held.update({claim.id: Held(claim, asked, batch) for claim in claims})
        try:
            yield
        finally:
            for claim in claims:
                del self.held[claim.id]

    def attempted(self, claims: Sequence[Claim]) -> None:
        """The handler has returned: what is left has its own limit."""
        for claim in claims:
            self.held[claim.id].attempting = False

    def check(self, ids: Sequence[int]) -> None:
        """Raise LeaseLost where others may have a run: the database was not reached, or this worker was away."""
        if any(time.monotonic() > self.held[run].until - LEASE_MARGIN_S for run in ids):
            raise LeaseLost("the lease ran out while this worker was away")

    def watch(self) -> None:
        """Renew the leases, and have this process retire when an attempt overruns."""
        threading.Thread(target=self.keep_renewing, daemon=True, name="renew").start()
        while not (overdue := self.overdue()):
            time.sleep(LOOK_EVERY_S)
        claim, name = overdue[0].claim, self.handler.name
        message = "%s at %s took over %g s: ending its process"
        log.error(message, delivery_of(claim), name, self.limit_s, extra=about(claim, name))
        self.overran = True
        self.retire()

    def overdue(self) -> list[Held]:
        """The runs whose attempts have overrun."""
        now = time.monotonic()
        return [held for held in self.held.copy().values() if held.attempting and now - held.began > self.limit_s]

    def overdue_batches(self) -> int:
        return len({held.batch for held in self.overdue()})

    def overdue_ends(self) -> list[End]:
        """How the attempts that have overrun end: with the process, which is about to."""
        detail = f"took over {self.limit_s:g} s"
        return [(held.claim, failed(detail, held.claim.failures, "overran")) for held in self.overdue()]

    def keep_renewing(self) -> None:
        while True:
            time.sleep(RENEW_EVERY_S)
            if self.held:
                with suppress(StoreError):  # a database in trouble: the lease runs out, and `check` says so
                    self.renew()

    def renew(self) -> None:
        held, asked = self.held.copy(), time.monotonic()
        for run in self.attempts.renew(self.owner, list(held), FromNow()):
            held[run].until = asked + RUN_LEASE_US / 1e6
