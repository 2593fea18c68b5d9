"""Who is told of attempts, if anybody: made in a child, after the fork."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..inbox import End
from ..registry import Lane
from ..store import Database


class Observer(Protocol):
    """It counts, and neither raises nor waits, but at its end."""

    def attempted(self, lane: Lane, ends: Sequence[End], began_ns: int, ended_ns: int) -> None:
        """One call, from and to when, and how each of its runs ended by it."""
        ...

    def lost(self, handler: str, runs: int) -> None:
        """Runs that were under way in a process that is gone."""
        ...

    def end(self) -> None: ...


class Unobserved:
    def attempted(self, lane: Lane, ends: Sequence[End], began_ns: int, ended_ns: int) -> None:
        pass

    def lost(self, handler: str, runs: int) -> None:
        pass

    def end(self) -> None:
        pass


Observe = Callable[[Database, str], Observer]  # the second is "worker" for the child that speaks for its worker


def unobserved(_db: Database, _kind: str) -> Observer:
    return Unobserved()
