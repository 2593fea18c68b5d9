"""Schedules of retries. InboundFlow documents none, so there is a choice of those that other senders use.

The default is `none`. InboundFlow's page says that failures are tracked and that duplicates may come, and promises no
retry; a receiver that loses nothing without retries loses nothing with them.
"""

from __future__ import annotations

from dataclasses import dataclass

MINUTE_S, HOUR_S = 60.0, 3600.0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long after each failed attempt of a delivery the next one is made, in seconds."""

    name: str
    waits_s: tuple[float, ...] = ()
    says: str = ""

    def wait_s(self, attempts: int) -> float | None:
        """After so many failed attempts; None when it is given up."""
        return self.waits_s[attempts - 1] if 0 < attempts <= len(self.waits_s) else None


SCHEDULES = {
    schedule.name: schedule
    for schedule in (
        Schedule(name="none", says="each delivery is sent once (the default: no retry is documented)"),
        Schedule(
            name="slack",
            waits_s=(1.0, MINUTE_S, 5 * MINUTE_S),
            says="three retries within six minutes, as Slack's Events API makes them",
        ),
        Schedule(
            name="standard-webhooks",
            waits_s=(
                5.0, 5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S,
                24 * HOUR_S,
            ),
            says="nine retries over three days, the example of the Standard Webhooks specification",
        ),
        Schedule(
            name="svix",
            waits_s=(5.0, 5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 10 * HOUR_S),
            says="seven retries over 28 hours, as Svix makes them",
        ),
        Schedule(name="eager", waits_s=(1.0,) * 5, says="five retries, one a second: what hurts a receiver most"),
    )
}  # fmt: skip
NONE = SCHEDULES["none"]
