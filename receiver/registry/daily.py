"""Targets that are for a day, and not for a delivery: when the day ends at the business."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..errors import ConfigurationError

# The name under which a target's settings hold the time of the day at which it gets a run: `18:30`.
DAILY_AT = "daily_at"
TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def time_of_day(text: str) -> time:
    """`18:30`. Raises ConfigurationError for anything else."""
    match = TIME.fullmatch(text)
    if not match:
        raise ConfigurationError("a time of the day should be given as hours and minutes, such as 18:30")
    return time(int(match[1]), int(match[2]))


def check_daily(targets: Mapping[str, Mapping[str, str]]) -> None:
    """Raises ConfigurationError where a target's time is none."""
    for settings in targets.values():
        time_of_day(settings.get(DAILY_AT, "0:00"))


def last_end_us(settings: Mapping[str, str], now_us: int) -> int:
    """The latest time up to `now_us` at which a day ended, for a target of this kind; microseconds in UTC."""
    zone = ZoneInfo(settings.get("BUSINESS_TIMEZONE", "UTC"))
    at = time_of_day(settings[DAILY_AT])
    today = datetime.fromtimestamp(now_us / 1e6, zone).date()
    return max(end for day in (today - timedelta(1), today) if (end := end_us(day, at, zone)) <= now_us)


def end_us(day: date, at: time, zone: ZoneInfo) -> int:
    """A time that a change of the clocks leaves out is taken as if they had not been changed."""
    return int(datetime.combine(day, at, zone).astimezone(UTC).timestamp()) * 1_000_000
