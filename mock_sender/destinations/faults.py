"""Destinations that fail on command."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Fault:
    """What the next `times` requests meet: a status, or `mode` hang, reset or drop (work done, no answer).

    With `mode` echo a page that shows the request's body, as the error pages of some proxies do; with echo-head it
    stands in the head of the answer, as a line that is no header.
    """

    status: int = 0
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    mode: str = "status"
    times: int = 1
    path: str = ""  # only requests whose path holds this


class Faults:
    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.waiting: dict[str, list[Fault]] = {}
        self.released = threading.Event()

    def add(self, destination: str, fault: Fault) -> None:
        with self.mutex:
            self.waiting.setdefault(destination, []).append(fault)

    def next(self, destination: str, path: str) -> Fault | None:
        """The fault that a request meets, if any."""
        with self.mutex:
            for fault in self.waiting.get(destination, []):
                if fault.times > 0 and fault.path in path:
                    fault.times -= 1
                    return fault
        return None
