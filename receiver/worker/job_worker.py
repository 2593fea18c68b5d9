"""RQ's worker without what this project has no use for."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.timeouts import BaseDeathPenalty

BEAT_EVERY_S = 5.0  # RQ takes a worker for lost after `worker_ttl` and a minute more

HandOver = Callable[[str, Sequence[int]], None]


class NoDeathPenalty(BaseDeathPenalty):
    """RQ would raise into the handler at any line; our hard limit ends the process instead."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class JobWorker(SimpleWorker):
    """No titles, no remote commands, no job time-outs, and nothing in Redis about a job that is handed over."""

    death_penalty_class = NoDeathPenalty
    max_connection_wait_time = 2  # RQ backs off to a minute; work is to resume within seconds

    def __init__(self, *args: Any, hand_over: HandOver, on_stop: Callable[[], None], **options: Any) -> None:
        self.hand_over = hand_over
        self.on_stop = on_stop
        self.beaten_at = 0.0
        self.is_handing_over = False
        super().__init__(*args, **options)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """RQ would write down that it begins and how it ended, in a dozen round trips: the database says all that."""
        self.is_handing_over = True
        self.hand_over(queue.name, *job.args)
        self.connection.delete(job.key)  # all there is of it: RQ's own delete looks in four more places
        self.is_handing_over = False

    def heartbeat(self, *args: Any, **options: Any) -> None:
        """RQ beats three times for each job, each time in three round trips."""
        if time.monotonic() - self.beaten_at > BEAT_EVERY_S:
            self.beaten_at = time.monotonic()
            super().heartbeat(*args, **options)

    def procline(self, message: str) -> None:
        pass

    def set_state(self, *args: Any, **options: Any) -> None:
        """Nobody asks RQ whether a worker is busy, and it would be told twice for each job."""

    def run_maintenance_tasks(self) -> None:
        """RQ would look through the registries of each queue, in a dozen round trips: nothing of ours is in them."""

    def check_for_suspension(self, burst: bool) -> None:
        """As above: lanes are paused in the database."""

    def _set_ip_address(self, connection: Redis) -> None:
        """Nobody uses it, and what Redis says of a socket in a folder with a space in its name cannot be read."""
        self.ip_address = "unknown"

    def subscribe(self) -> None:
        pass

    def unsubscribe(self) -> None:
        pass

    def _install_signal_handlers(self) -> None:
        """Ctrl-C reaches all processes of a terminal, and is the parent's to pass on: it stays as it was."""
        signal.signal(signal.SIGTERM, self.request_stop)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Raises StopRequested out of the pop. What is being handed over is in nobody's hands: the next pop ends it."""
        self.on_stop()
        if self.is_handing_over:
            return
        ctrl_c = signal.getsignal(signal.SIGINT)
        super().request_stop(signum, frame)
        signal.signal(signal.SIGINT, ctrl_c)
