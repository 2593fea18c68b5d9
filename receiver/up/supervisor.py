"""Starts programs, starts again what dies, and stops them all together.

Our own, because the listening socket must outlive the web process and no child may outlive this one: supervisord
closes its socket when the program exits and leaves orphans when it is killed, circus keeps the socket only.
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

FIRST_REST_S, LONGEST_REST_S = 0.2, 5.0  # before what died starts again: doubling, and never giving up
HEALTHY_AFTER_S = 10.0  # a life that long makes the next rest a short one again
STOP_S = 8.0  # for each program in turn, within it for all of them; then SIGKILL
LOOK_EVERY_S = 0.1
PR_SET_PDEATHSIG = 1
CONFIGURATION_EXIT = 2  # a program that says so at its first start will say it at each


class Program:
    """A command, and the process that runs it now."""

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

    def ready(self) -> bool:
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

    def look(self) -> int | None:
        """Start it when it is time to; the exit code, when it has just died."""
        if self.process is None:
            if time.monotonic() >= self.start_at and self.ready():
                self.start()
            return None
        code = self.process.poll()
        if code is not None:
            self.end_group(signal.SIGKILL)
            self.process = None
            self.rest(code)
        return code

    def rest(self, code: int) -> None:
        if time.monotonic() - self.started > HEALTHY_AFTER_S:
            self.rest_s = FIRST_REST_S
        log.warning("%s ended (%s), and starts again in %.1f s", self.name, told(code), self.rest_s)
        self.start_at = time.monotonic() + self.rest_s
        self.rest_s = min(self.rest_s * 2, LONGEST_REST_S)

    def stop(self, deadline: float) -> None:
        """End it and all that it started: gently until the deadline, then at once."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.05, deadline - time.monotonic()))
        self.end_group(signal.SIGKILL)
        self.process.wait()

    def end_group(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Runs programs until it is told to stop. `keep_open` are things that must live as long as it does.

    `on_stop` is called in the signal handler: a platform may end the programs themselves at the same moment.
    """

    def __init__(
        self, programs: Sequence[Program], keep_open: Sequence[Any] = (), on_stop: Callable[[], None] = lambda: None
    ) -> None:
        self.programs = programs
        self.keep_open = keep_open
        self.on_stop = on_stop
        self.stopping = 0

    def run(self) -> int:
        """Until SIGTERM, SIGINT, or a program whose set-up is wrong. Returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.note)
        code = 0
        try:
            while not self.stopping and not code:
                code = self.round()
                time.sleep(LOOK_EVERY_S)
        finally:
            self.stop()
        return code

    def round(self) -> int:
        for program in self.programs:
            first = program.rest_s == FIRST_REST_S
            if program.look() == CONFIGURATION_EXIT and first:
                return CONFIGURATION_EXIT
        return 0

    def note(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping += 1
        self.on_stop()
        if self.stopping > 1:  # a second Ctrl-C: at once
            for program in self.programs:
                program.end_group(signal.SIGKILL)

    def stop(self) -> None:
        deadline = time.monotonic() + STOP_S
        for program in reversed(self.programs):
            program.stop(deadline)


def end_with_parent() -> None:
    """In the child: have the kernel end it when the supervisor dies, however that happens."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def told(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
