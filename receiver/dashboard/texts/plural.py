"""A text for one and for several, which differ in every language in a way of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from babel import Locale


@dataclass(frozen=True)
class Plural:
    """By babel's rules of plurals, of which these languages need two."""

    one: str
    other: str

    def form(self, number: Any, locale: str) -> str:
        return self.one if Locale.parse(locale).plural_form(number) == "one" else self.other


Text = str | Plural
Texts = dict[str, tuple[Text, Text]]  # English, Spanish
