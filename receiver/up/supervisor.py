"""Starts programs, restarts those that end, and stops them all together.

We supervise them ourselves because the listening socket must outlive the web process and no child may outlive this
process. supervisord closes its socket when the program exits and leaves orphans when it is killed; circus keeps the
socket, but leaves orphans too.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

log = logging.getLogger("receiver.up")

FIRST_REST_S, LONGEST_REST_S = 0.2, 5.0  # before a program that ended is restarted: doubling, without an end
HEALTHY_AFTER_S = 10.0  # after so long a life the next rest is the first one again
STOP_S = 8.0  # for all programs together, one after the other; then SIGKILL
CHECK_EVERY_S = 0.1
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here: in a forked child the loader may be locked by a thread that it does not have
CONFIGURATION_EXIT = 2  # a program that ends so at its first start would end so at each


class Program:
    """A command, and the process that runs it now."""

    is_ours = True  # so that its CONFIGURATION_EXIT means what it says

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], fds: Sequence[int] = (), **options: Any
    ) -> None:
        self.name = name
        self.command = tuple(command)
        self.env = env
        self.fds = fds
        self.options = options
        self.process: subprocess.Popen[str] | None = None
        self.start_at = 0.0
        self.started = 0.0
        self.rest_s = FIRST_REST_S

    def is_startable(self) -> bool:
        return True

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.env),
            pass_fds=self.fds,
            process_group=0,  # Ctrl-C reaches the supervisor alone, which then stops them in order
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
            text=True,
            **self.options,
        )

    def check(self) -> int | None:
        """Start it when that is due. Returns the exit code if it has just ended."""
        if self.process is None:
            if time.monotonic() >= self.start_at:
                self.try_to_start()
            return None
        code = self.process.poll()
        if code is not None:
            self.end_group()
            self.process = None
            self.schedule_restart(f"ended ({describe_exit(code)})")
        return code

    def try_to_start(self) -> None:
        """What goes wrong is this program's trouble alone: no other is ended by it."""
        try:
            if self.is_startable():
                self.start()
        except Exception as error:
            self.schedule_restart(f"cannot be started ({type(error).__name__}: {error})")

    def schedule_restart(self, reason: str) -> None:
        if time.monotonic() - self.started > HEALTHY_AFTER_S:
            self.rest_s = FIRST_REST_S
        self.started = time.monotonic()
        log.warning("%s %s and is restarted in %.1f s", self.name, reason, self.rest_s)
        self.start_at = time.monotonic() + self.rest_s
        self.rest_s = min(self.rest_s * 2, LONGEST_REST_S)

    def stop(self, deadline: float) -> None:
        """End it and everything it started: by SIGTERM until the deadline (monotonic seconds), then by SIGKILL."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.05, deadline - time.monotonic()))
        self.kill_group()
        self.process.wait()

    def end_group(self) -> None:
        """End what a process that has ended by itself has left behind."""
        self.kill_group()

    def has_group(self) -> bool:
        if self.process is None:
            return False
        with contextlib.suppress(PermissionError):
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return False
        return True

    def kill_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Runs programs until a signal stops it. `keep_open` are descriptors that stay open as long as it lives.

    `on_stop` is called in the signal handler, as a platform may send the programs their SIGTERM at the same moment.
    """

    def __init__(
        self, programs: Sequence[Program], keep_open: Sequence[Any] = (), on_stop: Callable[[], None] = lambda: None
    ) -> None:
        self.programs = programs
        self.keep_open = keep_open
        self.on_stop = on_stop
        self.stopping = 0

    def run(self) -> int:
        """Supervise until SIGTERM, SIGINT, SIGHUP, or a program that is set up wrongly. Returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup has it ignored
                signal.signal(number, self.on_signal)
        code = 0
        try:
            while not self.stopping and not code:
                code = self.check_all()
                time.sleep(CHECK_EVERY_S)
        finally:
            self.stop()
        return code

    def check_all(self) -> int:
        """Check each program once. Returns CONFIGURATION_EXIT if one cannot start at all, else 0."""
        for program in self.programs:
            first = program.rest_s == FIRST_REST_S
            if program.check() == CONFIGURATION_EXIT and first and program.is_ours:
                return CONFIGURATION_EXIT
        return 0

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping += 1
        self.on_stop()
        if self.stopping > 1:  # a second Ctrl-C: at once
            for program in self.programs:
                program.kill_group()

    def stop(self) -> None:
        deadline = time.monotonic() + STOP_S
        for program in reversed(self.programs):
            program.stop(deadline)


def end_with_parent() -> None:
    """In the child: ask the kernel for a SIGTERM when the supervisor ends, in whatever way."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def describe_exit(code: int) -> str:
    """How a process ended, by its exit code; a negative one is a signal."""
    if code >= 0:
        return f"with code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:  # one of the real-time signals, of which most have no name
        return f"by signal {-code}"
