"""Numbers and times as the people at the business read them. What is stored and sent to machines stays as it came."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from ..errors import ConfigurationError
from ..locales import LANGUAGES
from ..locales import zone_of as zone
from ..settings import BUSINESS as DEFAULTS

# A handler that shows something to people has these among its optional variables: the zone and the language. One that
# cannot be used is replaced by its default before the handler gets it.
BUSINESS = DEFAULTS
LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\u0085\v\f]")
JOINERS = "\u200c\u200d"  # Persian and some emoji need them; every other format character turns text around or hides
READ_CHARS = 8000
# What networks give in the place of a withheld number. Twilio spells some of them on a keypad, as if they were numbers;
# only words that no real number spells are here: `no caller id` would be somebody in Bangkok.
ON_A_KEYPAD = ("anonymous", "blocked", "private", "restricted", "unavailable", "unknown", "withheld")
WORDS = (*ON_A_KEYPAD, "hidden", "nocallerid", "notavailable", "hiddennumber", "privatenumber", "unknownnumber")
KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
WITHHELD = {*WORDS, *("+" + word.translate(KEYPAD) for word in ON_A_KEYPAD)}
PATTERN = "EEE d MMM y, HH:mm"


def check_business(settings: Mapping[str, str]) -> None:
    """Raise ConfigurationError where the zone does not exist, or the language is none of ours.

    For settings from elsewhere: those of a run always hold.
    """
    check_zone(settings)
    check_language(settings)


def check_zone(settings: Mapping[str, str]) -> None:
    """Raise ConfigurationError where the zone does not exist."""
    if not zone(settings["BUSINESS_TIMEZONE"]):
        raise ConfigurationError("BUSINESS_TIMEZONE should be a zone's name, such as Europe/Madrid or America/Chicago")


def check_language(settings: Mapping[str, str]) -> None:
    """Raise ConfigurationError where the language is none of ours."""
    if settings["BUSINESS_LANGUAGE"] not in LANGUAGES:
        raise ConfigurationError(f"BUSINESS_LANGUAGE should be one of: {', '.join(LANGUAGES)}")


@functools.lru_cache(maxsize=256)  # the parts of a message ask for the same texts
def for_people(text: str) -> str:
    """What a caller said, fit to be read: without control and format characters (NUL, right-to-left marks) and halves
    of characters. Lines stay lines; it is cut at 8,000 characters, as nobody reads more.
    """
    text = LINE_ENDS.sub("\n", text[:READ_CHARS]).replace("\t", " ")
    kept = (c for c in text if c == "\n" or c in JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()


def one_line(text: str) -> str:
    """As `for_people`, on one line."""
    return " ".join(for_people(text).split())


def is_withheld(number: str) -> bool:
    """Whether it stands for a withheld number: `anonymous`, or `+266696687`, which spells it on a keypad, and kin.

    "" is not among them: nothing is known then.
    """
    return re.sub(r"[\s().-]", "", number).lower().removeprefix("sip:").partition("@")[0] in WITHHELD


def shown_phone(number: str) -> str:
    """`+18154264329` as `+1 815-426-4329`; unchanged where it is no number in E.164."""
    import phonenumbers  # as large as it is, only where a number is shown

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def shown_time(moment: str, settings: Mapping[str, str]) -> str:
    """An ISO time in the business's zone and language; unchanged where it is none. Without a zone it is UTC."""
    from babel.dates import format_datetime  # as large as it is, only where a time is shown

    time, where = read_time(moment), zone(settings["BUSINESS_TIMEZONE"])
    if time is None or where is None:
        return moment
    try:
        shown = format_datetime(time.astimezone(where), PATTERN, locale=settings["BUSINESS_LANGUAGE"])
    except OverflowError:  # a year out of all bounds
        return moment
    return f"{shown} UTC" if where.key == "UTC" else shown


def business_language(settings: Mapping[str, str]) -> str:
    """The business's language; English where the handler does not have `BUSINESS` among its variables."""
    return settings.get("BUSINESS_LANGUAGE", "en")


def business_zone(settings: Mapping[str, str]) -> ZoneInfo:
    """The business's zone; UTC where the handler does not have `BUSINESS` among its variables."""
    return zone(settings.get("BUSINESS_TIMEZONE", "UTC")) or ZoneInfo("UTC")


def read_time(moment: str) -> datetime | None:
    """The time in an ISO text, or None. Without a zone it is UTC, as the sender's are."""
    try:
        time = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return time.replace(tzinfo=ZoneInfo("UTC")) if time.tzinfo is None else time
