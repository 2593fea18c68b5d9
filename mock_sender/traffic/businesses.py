"""The businesses whose days can be played: when they are open, how often their phone rings, and who calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from .matters import DENTAL, GARAGE, LAW, Matters

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
Hours = tuple[float, float]  # from and to, in hours of the local day


@dataclass(frozen=True, kw_only=True)
class Business:
    """One business. `languages` and `matters` go by the caller's language."""

    name: str
    zone: ZoneInfo
    hours: Mapping[int, Hours]  # by weekday; closed on those that are not there
    calls_a_day: int  # on a day on which it is open
    languages: Mapping[str, int]  # callers in a hundred
    matters: Mapping[str, Matters]
    colleagues: tuple[tuple[str, str], ...]  # label and number; the last one takes what comes out of hours
    visit_min: int  # how long an appointment is

    def is_open(self, day: date, hour: float) -> bool:
        opens, closes = self.hours.get(day.weekday(), (0, 0))
        return opens <= hour < closes

    def moment(self, day: date, second: int) -> datetime:
        """The local wall clock's `second` of that day."""
        clock = time(second // 3600, second // 60 % 60, second % 60)
        return datetime.combine(day, clock, self.zone)


def week(weekdays: Hours, saturday: Hours | None = None) -> dict[int, Hours]:
    days = dict.fromkeys(range(MONDAY, SATURDAY), weekdays)
    return days | ({SATURDAY: saturday} if saturday else {})


# All are open at hours that fall on the same date in UTC, so that an appointment has one date however it is read.
# The numbers are of the ranges that are kept for fiction (555-01xx).
DENTAL_PRACTICE = Business(
    name="dental",
    zone=ZoneInfo("America/New_York"),
    hours=week((8, 18), (9, 13)),
    calls_a_day=48,
    languages={"es": 60, "en": 35, "de": 5},
    matters=DENTAL,
    colleagues=(("Recepción", "+13055550110"), ("Dra. Álvarez", "+13055550111")),
    visit_min=45,
)
LAW_FIRM = Business(
    name="law",
    zone=ZoneInfo("America/Denver"),
    hours=week((9, 16.5)),
    calls_a_day=26,
    languages={"en": 65, "es": 25, "zh": 10},
    matters=LAW,
    colleagues=(("Reception", "+13035550120"), ("Ms. Okafor", "+13035550121"), ("Lawyer on call", "+13035550122")),
    visit_min=30,
)
REPAIR_SHOP = Business(
    name="garage",
    zone=ZoneInfo("America/Chicago"),
    hours=week((7.5, 17.5), (8, 14)),
    calls_a_day=64,
    languages={"en": 55, "es": 40, "de": 5},
    matters=GARAGE,
    colleagues=(("Service desk", "+18155550130"), ("Workshop", "+18155550131"), ("Tow truck", "+18155550132")),
    visit_min=60,
)
BUSINESSES = {business.name: business for business in (DENTAL_PRACTICE, LAW_FIRM, REPAIR_SHOP)}
