"""Variables that look like a handler's and are read by nobody: SLACK_TOKEN, where SLACK_BOT_TOKEN was meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from .handlers import Handler

ALIKE = 0.75  # of 1: HUBSPOT_TOKEN and HUBSPOT_ACCESS_TOKEN are 0.79 alike
TYPING_ERROR = 0.9  # where not even the first word is a handler's: SALCK_BOT_TOKEN


def misspelt(env: Mapping[str, str], handlers: Iterable[Handler]) -> list[tuple[str, str]]:
    """Each such variable that is set, with the one that it resembles. Values are not looked at, but for empty ones."""
    known = set(variables(handlers))
    unknown = sorted(name for name, value in env.items() if value.strip() and name not in known)
    return [(name, meant) for name in unknown if (meant := resembled(name, known))]


def variables(handlers: Iterable[Handler]) -> Iterator[str]:
    for handler in handlers:
        yield from handler.variables()


def resembled(name: str, known: set[str]) -> str:
    """The one of `known` that must have been meant, or ""."""
    family = [each for each in known if first_word(each) == first_word(name)]
    close = get_close_matches(name, family, 1, ALIKE) or get_close_matches(name, known, 1, TYPING_ERROR)
    return close[0] if close else ""


def first_word(name: str) -> str:
    return name.partition("_")[0]
