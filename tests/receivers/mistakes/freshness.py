"""Mistakes with the time a delivery was sent."""

import time
from contextlib import suppress
from datetime import UTC, datetime

from tests.receivers.right import Right

from .table import made_for


@made_for(40, 41)
class IgnoresTheTimestamp(Right):
    """Takes a captured delivery at any time."""

    def fresh(self, timestamp):
        return timestamp.isdecimal()


@made_for(41)
class AcceptsTheFuture(Right):
    """Looks back only: a capture made with a wrong clock stays good for long."""

    def in_time(self, timestamp):
        return time.time() - timestamp <= self.tolerance_s


@made_for(42)
class AllowsHalfAMinute(Right):
    """Refuses what is 60 seconds old, which a queue or a clock soon makes it."""

    tolerance_s = 31


@made_for(43)
class AllowsNoClockAhead(Right):
    """Refuses what was signed by a clock that is ahead of its own."""

    def in_time(self, timestamp):
        return -5 <= time.time() - timestamp <= self.tolerance_s


@made_for(44)
class VerifiesWhereBothAreThere(Right):
    """Skips verification where the timestamp is missing."""

    def answer(self, headers, body):
        if not self.header(headers, "Timestamp"):
            return self.accepted(headers, body)
        return super().answer(headers, body)


@made_for(45)
class TakesAnyTextForNow(Right):
    """Counts a timestamp that is no number as fresh."""

    def fresh(self, timestamp):
        with suppress(ValueError):
            return self.in_time(int(timestamp))
        return bool(timestamp)


@made_for(46)
class CrashesOnMilliseconds(Right):
    """Makes a date of the timestamp, and the year 58,000 is not one."""

    def fresh(self, timestamp):
        if timestamp.isdecimal():
            return self.in_time(datetime.fromtimestamp(int(timestamp), UTC).timestamp())
        return False
