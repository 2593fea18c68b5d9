"""RQ's worker, as a child of ours uses it."""

from __future__ import annotations

import threading
from types import FrameType
from typing import Any

from rq import SimpleWorker
from rq.timeouts import BaseDeathPenalty


class NoDeathPenalty(BaseDeathPenalty):
    """RQ would raise into the handler at any line; our hard limit ends the process instead."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class JobWorker(SimpleWorker):
    """RQ's worker without what this project has no use for: titles, remote commands, job time-outs."""

    death_penalty_class = NoDeathPenalty
    max_connection_wait_time = 2  # RQ backs off to a minute; work is to resume within seconds

    def __init__(self, *args: Any, stop: threading.Event, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stop = stop

    def procline(self, message: str) -> None:
        pass

    def subscribe(self) -> None:
        pass

    def unsubscribe(self) -> None:
        pass

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stop.set()
        super().request_stop(signum, frame)
