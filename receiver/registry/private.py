"""Whether a sentence holds something of what variables hold, so that it is not kept where a secret must not be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LONG = 8  # characters of a value in a row: more than a sentence has in common with a value by chance
PARTS = re.compile(r"[\s,;=]+")


def holds_value(sentence: str, values: Iterable[str]) -> bool:
    """Whether a part of a value stands in the sentence as a word, or any LONG characters of one in a row."""
    return any(stands_in(part, sentence) for value in values for part in parts_of(value))


def parts_of(value: str) -> Iterator[str]:
    """Those that say anything: the … of an example does not."""
    yield from (part for part in PARTS.split(value) if any(letter.isalnum() for letter in part))


def stands_in(part: str, sentence: str) -> bool:
    if len(part) < LONG:
        return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", sentence, re.IGNORECASE) is not None
    return any(part[start : start + LONG] in sentence for start in range(len(part) - LONG + 1))
