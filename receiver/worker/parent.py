"""Dispatches in its own thread of control, and forks a child for each (handler, target) that has work.

Children are processes so that one that hangs, grows or is killed takes nothing else with it. They are forked
from this one after the handlers are imported, so that they share its memory, and it stays single-threaded.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from collections.abc import Iterable, Iterator
from types import FrameType

from redis import RedisError

from .. import inbox, queue, registry, store
from ..dispatch import LOOK_EVERY_S, Dispatcher
from ..errors import StoreError
from ..settings import Settings, check_database
from .child import Child
from .inspection import Inspection

log = logging.getLogger("receiver.worker")

NICENESS = 10  # acknowledging comes first: a sender waits for it, and nobody waits for us
BREATH_S = 0.02  # between two rounds under load, so that nudges gather
STOP_AFTER_S = 7  # what a running attempt gets to end in; the rest is taken over by the next start
SILENT_S = 10.0  # of a child, before it is ended
LONGEST_LOOK_S = 5.0  # counted between two looks: we may have been asleep with it
REDIS_EXIT = 75  # a child that Redis did not let work
CRASH_REST_S = 1.0  # before a child that just died is started again


def serve(settings: Settings, handlers_package: str = "handlers") -> None:
    """Dispatch and work until SIGTERM or SIGINT, or until the process that started this one is gone."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    check_database(settings)
    activations = registry.activate(registry.load(handlers_package), os.environ)
    announce(activations)
    db = store.connect(settings)
    redis = queue.connect(settings)
    dispatcher = Dispatcher(inbox.Runs(db), queue.RunQueue(redis), activations)
    children = Children(settings, activations)
    inspection = Inspection(settings)
    with contextlib.closing(db.nudges()) as nudges, stop_signals() as stopping:
        parent = os.getppid()
        ready = False
        while not stopping and os.getppid() == parent:
            children.end_the_silent()  # first, as one of them may hold what the rest of this waits for
            with surviving():
                if not ready:
                    store.ensure_schema(db, newest=True)
                    ready = True
                inspection.keep()
                children.keep(dispatcher.tick())
            if nudges.wait(LOOK_EVERY_S):
                time.sleep(BREATH_S)
        children.stop()
        with contextlib.suppress(StoreError):  # else the lease runs out
            dispatcher.let_go()


def announce(activations: Iterable[registry.Activation]) -> None:
    for activation in activations:
        if activation.state == "on":
            log.info("handler %s is on", activation.handler.name)
        if activation.state == "misconfigured":
            log.warning("handler %s is misconfigured, its runs wait: %s", activation.handler.name, activation.why)


@contextlib.contextmanager
def surviving() -> Iterator[None]:
    """A database in trouble ends no worker: say so, and look again in a second."""
    try:
        yield
    except StoreError as error:
        log.warning("the inbox does not answer (%s): trying again", error)
        time.sleep(LOOK_EVERY_S)


@contextlib.contextmanager
def stop_signals() -> Iterator[list[int]]:
    """A list that holds the signal once one has come."""
    seen: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        seen.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    yield seen


class Pulse:
    """A child's signs of life, through a pipe. Silence is counted between our looks: both may have been asleep."""

    def __init__(self) -> None:
        self.ours, self.theirs = os.pipe()
        os.set_blocking(self.ours, False)
        os.set_blocking(self.theirs, False)
        self.looked = time.monotonic()
        self.silent_s = 0.0

    def beat(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self.theirs, b".")

    def is_silent(self) -> bool:
        if time.monotonic() - self.looked < LOOK_EVERY_S:
            return False
        now = time.monotonic()
        self.silent_s += min(now - self.looked, LONGEST_LOOK_S)
        self.looked = now
        with contextlib.suppress(BlockingIOError):
            while os.read(self.ours, 1024):
                self.silent_s = 0.0
        return self.silent_s > SILENT_S

    def close(self) -> None:
        os.close(self.ours)
        os.close(self.theirs)


class Children:
    """One process for each (handler, target) that has work; each ends by itself when idle."""

    def __init__(self, settings: Settings, activations: Iterable[registry.Activation]) -> None:
        self.settings = settings
        self.activations = {a.handler.name: a for a in activations}
        self.pids: dict[tuple[str, str], int] = {}
        self.pulses: dict[tuple[str, str], Pulse] = {}
        self.rest_until: dict[tuple[str, str], float] = {}

    def keep(self, busy: Iterable[tuple[str, str]]) -> None:
        self.reap()
        for pair in busy:
            if pair not in self.pids and time.monotonic() >= self.rest_until.get(pair, 0):
                self.pids[pair] = self.fork(*pair)

    def reap(self) -> None:
        for pair, pid in list(self.pids.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            del self.pids[pair]
            self.pulses.pop(pair).close()
            if status:
                code = os.waitstatus_to_exitcode(status)
                if code != REDIS_EXIT:  # of which the dispatcher tells
                    log.warning("the child for %s ended with %s", pair[0], code)
                self.rest_until[pair] = time.monotonic() + CRASH_REST_S

    def end_the_silent(self) -> None:
        """A child that gives no sign of life hangs where no limit of its own can end it: stopped, or deep in C."""
        for pair, pulse in self.pulses.items():
            if pulse.is_silent():
                log.error("the child for %s gives no sign of life: ending it", pair[0])
                os.kill(self.pids[pair], signal.SIGKILL)

    def fork(self, handler: str, target: str) -> int:
        pulse = Pulse()
        pid = os.fork()
        if pid:
            self.pulses[handler, target] = pulse
            return pid
        code = 1
        try:
            Child(self.settings, self.activations[handler], target, pulse.beat).work()
            code = 0
        except RedisError:
            code = REDIS_EXIT
        except BaseException as error:
            log.warning("the child for %s failed: %s", handler, type(error).__name__)
        finally:
            os._exit(code)  # never back into the parent's code, nor through its exit handlers

    def stop(self) -> None:
        for pid in self.pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_AFTER_S
        while self.pids and time.monotonic() < deadline:
            self.reap()
            time.sleep(0.05)
        for pid in self.pids.values():
            os.kill(pid, signal.SIGKILL)
