"""Numbers, times and texts as people read them: in the business's zone, in the language of the page."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from .desk import desk
from .language import lang, t
from .texts import LOCALES
from .texts import number as decimal

CUT_CHARS = 2000
TURNING = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
DOT = "•"
ROUGHLY_H = 5  # from then on nobody counts minutes


def locale() -> str:
    return LOCALES[lang()]


def number(value: int) -> str:
    return str(decimal(value, lang()))


def clean(value: object, chars: int = CUT_CHARS) -> str:
    """What somebody outside said, without what is no text: controls, marks that turn the direction of writing."""
    text = TURNING.sub("", str(value or "")[: 4 * chars])
    kept = "".join(sign if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs") else " " for sign in text)
    kept = kept.strip()
    return kept if len(kept) <= chars else kept[: chars - 1].rstrip() + "…"


def local(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1e6, desk().zone)


def clock(us: int, seconds: bool = False) -> str:
    """The time of day: 12:40."""
    return local(us).strftime("%H:%M:%S" if seconds else "%H:%M")


def iso(us: int) -> str:
    """For `<time datetime=…>`."""
    return local(us).isoformat(timespec="seconds")


def day_of(us: int) -> str:
    """As the table of calls has it: 2026-11-24."""
    return local(us).date().isoformat()


def today() -> date:
    return local(desk().db.now_us()).date()


# Tuesday, November 24; Tue, Nov 24; Tue. Of another year with the year behind.
PATTERNS = {
    "en": {"long": "EEEE, MMMM d", "short": "EEE, MMM d", "weekday": "EEE", "year": ", y"},
    "es": {"long": "EEEE, d 'de' MMMM", "short": "EEE d MMM", "weekday": "EEE", "year": " y"},
}


def day(value: str | date, form: str = "long") -> str:
    from babel.dates import format_date

    value = date.fromisoformat(value) if isinstance(value, str) else value
    patterns = PATTERNS[lang()]
    year = patterns["year"] if value.year != today().year and form != "weekday" else ""
    text = str(format_date(value, patterns[form] + year, locale=locale()))
    return text[:1].upper() + text[1:]


def short_day(value: str | date) -> str:
    return day(value, "short")


def weekday(value: str | date) -> str:
    from babel.dates import format_date

    value = date.fromisoformat(value) if isinstance(value, str) else value
    return str(format_date(value, "EEEE", locale=locale()))


def when(us: int) -> str:
    """12:40 today, else with the day."""
    then = local(us).date()
    if then == today():
        return clock(us)
    if then == today() - timedelta(days=1):
        return f"{t('yesterday')} {clock(us)}"
    return f"{short_day(then)} {clock(us)}"


def moment(us: int) -> str:
    """With the day: Tuesday, November 24 12:40."""
    return f"{day(day_of(us))} {clock(us)}"


Form = Literal["narrow", "short", "long"]


def age(us: int, form: Form = "short") -> str:
    """How long ago, roughly: 2 hr, 3 days."""
    seconds = max(0, (desk().db.now_us() - us) // 1_000_000)
    return t("age_now") if seconds < 60 else span(seconds, form)


def ago(us: int) -> str:
    """2 hr ago; just now."""
    return t("age_now") if desk().db.now_us() - us < 60_000_000 else t("ago", age=age(us))


def span(seconds: float, form: Form = "short") -> str:
    """A length of time, as roughly as people say it: 51 min, 2 hr 11 min, 9 hr, 3 days."""
    minutes = int(seconds // 60)
    hours = minutes // 60
    if hours >= 48:
        return unit(hours // 24, "day", "long")  # Spanish has "dd." for short
    if hours >= ROUGHLY_H:
        return unit(hours, "hour", form)
    parts = [unit(hours, "hour", form)] * bool(hours) + [unit(minutes % 60, "minute", form)] * bool(minutes % 60)
    return " ".join(parts) or unit(int(seconds), "second", form)


def unit(count: int, name: str, form: Form) -> str:
    from babel.units import format_unit

    text = str(format_unit(count, f"duration-{name}", length=form, locale=locale()))
    return "1 h" if text == "1 horas" else text  # a slip of CLDR's Spanish


def utc(us: int) -> str:
    """For the technical details, which are compared with logs."""
    return datetime.fromtimestamp(us / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S")


def length(seconds: int | None) -> str:
    """Of a call: 1:12."""
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02}"


def phone(digits: str, *, whole: bool = False) -> str:
    """A number as people write it, or no more of it than country and last four digits: +1 ••••• 0142.

    `digits` is in E.164 without the plus; "" is a number that nobody knows.
    """
    import phonenumbers

    if not digits:
        return t("hidden_number")
    if len(digits) < 7 or not digits.isascii():  # an extension, or no number at all
        return digits if whole else f"{DOT * 3}{digits[-2:]}"
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return digits if whole else f"{DOT * 5} {digits[-4:]}"
    if whole:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return f"+{parsed.country_code} {DOT * 5} {digits[-4:]}"


def email(address: str) -> str:
    """m•••@e•••.com"""
    name, at, host = address.partition("@")
    first, _, rest = host.rpartition(".")
    return f"{name[:1]}{DOT * 3}@{first[:1]}{DOT * 3}.{rest}" if at else f"{name[:1]}{DOT * 3}"


FILTERS = {
    "age": age,
    "ago": ago,
    "clean": clean,
    "clock": clock,
    "day": day,
    "email": email,
    "iso": iso,
    "length_of": length,
    "moment": moment,
    "utc": utc,
    "number": number,
    "phone": phone,
    "short_day": short_day,
    "weekday": weekday,
    "when": when,
}
