"""Every text of the panel, in every language it speaks."""

from __future__ import annotations

from .going import GOING
from .setting_up import SETTING_UP
from .troubles import TROUBLES

LANGUAGES = ("es", "en")

Texts = dict[str, tuple[str, ...]]  # by name, in the order of LANGUAGES

TEXTS: Texts = {**SETTING_UP, **GOING, **TROUBLES}


def say(key: str, lang: str, **values: object) -> str:
    """Raises KeyError for a text that does not exist, or a value it lacks."""
    return TEXTS[key][LANGUAGES.index(lang)].format(**values)
