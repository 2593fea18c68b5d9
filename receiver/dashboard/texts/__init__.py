"""Every text of the pages, by name, in every language: `TEXTS` of each file here, all in one table."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping

from .plural import Plural, Text, Texts

LANGUAGES = ("en", "es")
LOCALES = {"en": "en", "es": "es_419"}  # how numbers and dates are written: neutral Latin American Spanish

__all__ = ["LANGUAGES", "LOCALES", "Plural", "Texts", "all_texts", "say"]


@functools.cache
def all_texts() -> Mapping[str, tuple[Text, Text]]:
    """Raises ValueError for a name that two files give."""
    texts: Texts = {}
    for module in pkgutil.iter_modules(__path__):
        more: Texts = getattr(importlib.import_module(f"{__name__}.{module.name}"), "TEXTS", {})
        if twice := texts.keys() & more.keys():
            raise ValueError(f"texts/{module.name}.py gives again: {', '.join(sorted(twice))}")
        texts |= more
    return texts


def say(name: str, lang: str, /, **values: object) -> str:
    """The text with its values; whole numbers as they are written there. `n` decides between one and several.

    Raises KeyError for a text that does not exist, or a value it lacks.
    """
    text = all_texts()[name][LANGUAGES.index(lang)]
    if isinstance(text, Plural):
        text = text.form(values["n"], LOCALES[lang])
    return text.format(**{key: number(value, lang) for key, value in values.items()})


def number(value: object, lang: str) -> object:
    from babel.numbers import format_decimal

    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return format_decimal(value, locale=LOCALES[lang])
