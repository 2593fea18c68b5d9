"""Opens the runs of targets that are for a day, once the day has ended at the business."""

from __future__ import annotations

from collections.abc import Sequence

from ..inbox import forget_days, open_day
from ..registry import Activation, last_end_us
from ..store import Database

COMMITTED_US = 10_000_000  # after the end: what came before it is committed by then, or was never acknowledged


def open_days(db: Database, activations: Sequence[Activation]) -> str:
    """ "", as nothing can be wrong with it but what it raises: StoreError."""
    now_us = db.now_us()
    days = {
        lane: last_end_us(activation.targets[lane.target], now_us - COMMITTED_US)
        for activation in activations
        if activation.state == "on"
        for lane in activation.daily_lanes()
    }
    forget_days(db, days, [a.handler.name for a in activations if a.state == "misconfigured"])
    if any([open_day(db, lane, end_us, now_us) for lane, end_us in days.items()]):
        db.nudge()
    return ""
