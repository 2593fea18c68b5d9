"""RQ's worker without what this project has no use for."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from redis import Redis
from rq import SimpleWorker
from rq.timeouts import BaseDeathPenalty


class NoDeathPenalty(BaseDeathPenalty):
    """RQ would raise into the handler at any line; our hard limit ends the process instead."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class JobWorker(SimpleWorker):
    """No titles, no remote commands, no job time-outs."""

    death_penalty_class = NoDeathPenalty
    max_connection_wait_time = 2  # RQ backs off to a minute; work is to resume within seconds

    def __init__(self, *args: Any, on_stop: Callable[[], None], **options: Any) -> None:
        super().__init__(*args, **options)
        self.on_stop = on_stop

    def procline(self, message: str) -> None:
        pass

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
        self.on_stop()
        ctrl_c = signal.getsignal(signal.SIGINT)
        super().request_stop(signum, frame)
        signal.signal(signal.SIGINT, ctrl_c)
