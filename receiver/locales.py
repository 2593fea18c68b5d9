"""What people read: sentences in the languages that a business may have, and times by its clock."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "es")
SPELLED = re.compile(r"(en|es)([-_.].*)?", re.IGNORECASE)  # also es_MX or ES


@dataclass(frozen=True, kw_only=True)
class Locale:
    """In which language somebody reads, and by the clock of which zone."""

    language: str = "en"
    zone: tzinfo = UTC


ENGLISH = Locale()


class Text(str):
    """What people read. As a text it is English with times in UTC, as JSON has it; `localized` gives any other."""

    __slots__ = ("write",)
    write: Callable[[Locale], str]

    def __new__(cls, write: Callable[[Locale], str]) -> Text:
        text = super().__new__(cls, write(ENGLISH))
        text.write = write
        return text

    def __deepcopy__(self, memo: object) -> Text:  # by which dataclasses.asdict copies
        return self


class Count(int):
    """A number whose noun follows it: `{n:call|calls}` is `1 call` or `2 calls`; `{n:=call|calls}` the noun alone."""

    def __format__(self, spec: str) -> str:
        singular, bar, plural = spec.partition("|")
        if not bar:
            return format(int(self), spec or ",")
        noun = singular.removeprefix("=") if self == 1 else plural
        return noun if spec.startswith("=") else f"{int(self):,} {noun}"


class Texts:
    """The texts of a module: a name, then the sentence in each of LANGUAGES, its parts in braces."""

    def __init__(self, table: Mapping[str, tuple[str, str]]) -> None:
        self.table = table

    def __call__(self, name: str, /, **parts: object) -> Text:
        """Raises KeyError for a text that does not exist, or a part it lacks."""
        forms = self.table[name]

        def write(locale: Locale) -> str:
            values = {part: as_part(value, locale) for part, value in parts.items()}
            return forms[LANGUAGES.index(locale.language)].format(**values)

        return Text(write)


def as_part(value: object, locale: Locale) -> object:
    if isinstance(value, int):
        return Count(value)
    return localized(value, locale) if isinstance(value, str) else value


def localized(text: str, locale: Locale) -> str:
    """A text as this person reads it; what is no `Text` stays as it is, such as what a destination answered."""
    return text.write(locale) if isinstance(text, Text) else text


def joined(separator: str, texts: Iterable[str]) -> Text:
    parts = list(texts)
    return Text(lambda locale: localized(separator, locale).join(localized(part, locale) for part in parts))


def stamp(us: int) -> Text:
    """A time, given as UTC microseconds since 1970, with the short name of its zone."""
    return Text(lambda locale: at(us, locale).strftime("%Y-%m-%d %H:%M:%S %Z"))


def at(us: int, locale: Locale) -> datetime:
    return datetime.fromtimestamp(us / 1e6, locale.zone)


def language_of(name: str) -> str:
    """One of LANGUAGES, however it is spelled; "" for any other."""
    match = SPELLED.fullmatch(name.strip())
    return match[1].lower() if match else ""


@functools.cache
def zone_of(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return None
