"""The parent's children: started, watched by their heartbeats, replaced when they end, and stopped together."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..errors import ConfigurationError

log = logging.getLogger("receiver.worker")

LOOK_EVERY_S = 1.0
BEAT_EVERY_S = 0.5
UNRESPONSIVE_S = 10.0  # without a heartbeat, before a child is killed
LONGEST_LOOK_S = 5.0  # counted between two looks: the parent may have been asleep as well
STOP_S = 7  # what running attempts get to end in; the next start takes the rest over
CRASH_REST_S = 1.0  # before a child that just died is started again
REDIS_EXIT = 75  # of a child that Redis did not let work: the dispatcher tells of that
STORE_EXIT = 76  # of one that the database did not answer at its start: the dispatcher tells of that too
HARD_LIMIT_EXIT = 70  # of a child that ended because an attempt overran: it has told of that, and is replaced already
CONFIGURATION_EXIT = 2
QUIET_EXITS = (REDIS_EXIT, STORE_EXIT, HARD_LIMIT_EXIT, CONFIGURATION_EXIT)
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Crash = tuple[str, str]  # the owner of runs that a child was, and how it ended


class Heartbeat:
    """A child's signs of life, through a pipe. Silence is counted between looks: both may have been asleep."""

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex[:8]
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self.writer, False)
        self.looked_at = time.monotonic()
        self.silent_s = 0.0
        self.retiring = False
        self.error = ""  # of what made the child end
        self.ending = ""  # how the process ends, where the parent ends it

    def send(self, mark: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self.writer, mark)

    def read(self) -> None:
        """Take in what has come since the last look."""
        now = time.monotonic()
        self.silent_s += min(now - self.looked_at, LONGEST_LOOK_S)
        self.looked_at = now
        with contextlib.suppress(BlockingIOError):
            while marks := os.read(self.reader, 1024):
                self.silent_s = 0.0
                beats, _, told = marks.partition(b"!")
                error, _, later_beats = told.partition(b"\n")
                self.retiring |= b"R" in beats + later_beats
                self.error = error.decode(errors="replace") or self.error

    def close(self) -> None:
        os.close(self.reader)
        os.close(self.writer)


class ChildControl:
    """A child's own side: whether it is to stop, and its heartbeat."""

    def __init__(self, heartbeat: Heartbeat, parent: int, crashes: Sequence[Crash] = ()) -> None:
        self.heartbeat = heartbeat
        self.parent = parent
        self.crashes = crashes  # of children of this name, since the last one was started
        self.stop = threading.Event()

    @property
    def owner(self) -> str:
        """This process's name as the one that has a run: the parent knows it too."""
        return f"{os.getpid()}-{self.heartbeat.id}"

    def take_up(self) -> None:
        """Beat from a thread of its own, and end with the parent, however that ends."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to pass on
        signal.signal(signal.SIGTERM, lambda *_: self.stop.set())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        threading.Thread(target=self.keep_beating, daemon=True, name="heartbeat").start()

    def keep_beating(self) -> None:
        while os.getppid() == self.parent:
            self.heartbeat.send(b".")
            time.sleep(BEAT_EVERY_S)
        end_helpers()
        os._exit(1)

    def retire(self) -> None:
        """Ask to be replaced at once: this process ends when what it has begun has ended."""
        self.heartbeat.send(b"R")


class Children:
    """`child_work` says what each child does, by its name."""

    def __init__(
        self,
        child_work: Mapping[str, Callable[[ChildControl], None]],
        note_crash: Callable[[str, str], None] | None = None,
    ) -> None:
        self.child_work = child_work
        self.note_crash = note_crash
        self.pids: dict[str, int] = {}
        self.heartbeats: dict[int, Heartbeat] = {}  # by process: a retiring one lives on beside its successor
        self.names: dict[int, str] = {}
        self.rest_until: dict[str, float] = {}
        self.crashes: dict[str, list[Crash]] = {}  # by name, until another child has been told

    def start_missing(self, names: Iterable[str]) -> None:
        for name in (*names, *self.crashes):
            if name in self.child_work and name not in self.pids and time.monotonic() >= self.rest_until.get(name, 0):
                self.start(name)

    def start(self, name: str) -> None:
        heartbeat, parent = Heartbeat(), os.getpid()
        # Until the child has handlers of its own, a signal would run the parent's in it, and be lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        pid = os.fork()
        if not pid:
            self.become(name, ChildControl(heartbeat, parent, self.crashes.get(name, [])))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        self.pids[name], self.names[pid], self.heartbeats[pid] = pid, name, heartbeat
        self.crashes.pop(name, None)

    def become(self, name: str, control: ChildControl) -> None:
        """In the new process, which ends here: never back into the parent's code, nor through its exit handlers."""
        code = 1
        try:
            control.take_up()
            code = run(name, self.child_work[name], control)
        finally:
            end_helpers()
            sys.stdout.flush()
            os._exit(code)

    def reap(self) -> dict[str, int]:
        """The exit codes of children that have ended since the last look, by name."""
        codes = {}
        for pid, name in list(self.names.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                codes[name] = os.waitstatus_to_exitcode(status)
                self.forget(pid, name, codes[name])
        return codes

    def forget(self, pid: int, name: str, code: int) -> None:
        del self.names[pid]
        heartbeat = self.heartbeats.pop(pid)
        heartbeat.read()
        heartbeat.close()
        if self.pids.get(name) == pid:
            del self.pids[name]
        if code and code != HARD_LIMIT_EXIT:
            self.rest_until[name] = time.monotonic() + CRASH_REST_S
        how = heartbeat.ending or ending(code) + (f", {heartbeat.error}" if heartbeat.error else "")
        if code and code not in (REDIS_EXIT, HARD_LIMIT_EXIT) and self.note_crash:
            self.note_crash(name, how)
        if code and code not in QUIET_EXITS:
            log.warning("the child for %s %s", name, how)
            self.crashes.setdefault(name, []).append((f"{pid}-{heartbeat.id}", how))

    def kill_unresponsive(self) -> None:
        """A child without a heartbeat hangs where no limit of its own can end it: stopped, or deep in C."""
        for pid, heartbeat in self.heartbeats.items():
            if time.monotonic() - heartbeat.looked_at < LOOK_EVERY_S:
                continue
            heartbeat.read()
            name = self.names[pid]
            if heartbeat.retiring and self.pids.get(name) == pid:
                del self.pids[name]
            if heartbeat.silent_s > UNRESPONSIVE_S:
                log.error("the child for %s gives no sign of life: ending it", name)
                heartbeat.ending = f"gave no sign of life for {UNRESPONSIVE_S:g} s"
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End them all: gently for a while, then at once."""
        self.kill(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while self.names and time.monotonic() < deadline:
            self.reap()
            time.sleep(0.05)
        self.kill(signal.SIGKILL)

    def kill(self, number: int) -> None:
        for pid in self.names:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def end_helpers() -> None:
    """End what a handler has started by multiprocessing, such as a pool: this process ends without its exit handlers.

    A pool's process would live on for ever, and each process of its handler, which ends when idle, leave one more.
    """
    for helper in multiprocessing.active_children():
        helper.kill()  # forked, it has our handler of SIGTERM, which ends nothing


def ending(code: int) -> str:
    """How a process ended: with a code, or by a signal, which has a name."""
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"ended ({signal.Signals(-code).name})"
    except ValueError:
        return f"ended (signal {-code})"


def run(name: str, work: Callable[[ChildControl], None], control: ChildControl) -> int:
    """Do a child's work; its exit code."""
    try:
        work(control)
    except ConfigurationError as error:
        log.error("%s", error)
        return CONFIGURATION_EXIT
    except SystemExit as error:
        return int(error.code or 0)
    except BaseException as error:
        log.warning("the child for %s failed: %s", name, type(error).__name__)
        control.heartbeat.send(f"!{type(error).__name__}\n".encode())
        return 1
    return 0
