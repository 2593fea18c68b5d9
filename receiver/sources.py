"""A source: a business whose deliveries arrive here, and what its requests are checked against."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Source:
    """Its name goes with each of its deliveries, runs, pauses and queues; "" is the single business."""

    name: str = ""
    secrets: tuple[bytes, ...] = field(default=(), repr=False)  # current one first; none: nothing is signed
    tolerance_s: int = 300  # of a timestamp, in both directions
    zone: str = "UTC"
    language: str = "en"
