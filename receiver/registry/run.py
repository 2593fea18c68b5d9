"""What a handler is given besides the event: its run, in a lane, and what it did for the same call."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..events import Delivery, Event


class Lane(NamedTuple):
    """One target of one handler, for one source: it has a queue, a pace and a pause of its own."""

    source: str
    handler: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What this handler has already done, at this target, for the same call."""

    event: Event
    outcome: str  # "" where no attempt has succeeded yet: what it writes may be there all the same
    received_us: int = 0  # when its delivery was received, in microseconds since 1970; 0 where a test does not say


@dataclass(frozen=True, kw_only=True)
class Run:
    """One handler working on one delivery, as the handler sees it."""

    id: int
    handler: str  # its module and function: `acme.upsert_lead`
    target: str = ""  # "" unless the handler has several
    attempt: int = 1  # every try counts, from 1
    failures: int = 0  # how many earlier attempts failed; one that lost its lease, or paused, did not
    failed_with: tuple[str, ...] = ()  # what these met, the latest first: `refused-503`, `timeout`
    unsure: bool = False  # an earlier attempt may have written: ask the destination before writing again
    settings: Mapping[str, str] = field(default_factory=dict)  # the declared variables, no others
    delivery: Delivery  # `key`, `body` (the signed bytes), `received_us` (microseconds since 1970, UTC)
    check_lease: Callable[[], None] = lambda: None  # call it before each write: raises if the run is lost
    earlier: Callable[[], Sequence[Earlier]] = lambda: ()  # oldest first; runs of one call never overlap
    day: Callable[[], Sequence[Event]] = lambda: ()  # at a daily target: the day's events, oldest first

    @property
    def hold(self) -> Callable[[], None]:
        """The former name of `check_lease`."""
        warnings.warn("run.hold is deprecated: call run.check_lease", DeprecationWarning, stacklevel=2)
        return self.check_lease
