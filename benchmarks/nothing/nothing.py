"""Does nothing with each event, by itself or in batches."""

from __future__ import annotations

from collections.abc import Sequence

from receiver import EVERY_EVENT, Event, Run, handles


@handles(*EVERY_EVENT, needs="NOTHING_SINGLY")
def singly(event: Event, run: Run) -> str:
    return ""


@handles(*EVERY_EVENT, needs="NOTHING_IN_BATCHES", batch=200)
def in_batches(events: Sequence[Event], runs: Sequence[Run]) -> list[str]:
    return [""] * len(runs)
