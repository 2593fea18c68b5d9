"""What attempts met, as it is stored, in the words of whoever reads it."""

from __future__ import annotations

import re

from ..locales import Text, Texts
from .losses import NOT_BEGUN, WORKER_LOST, WORKER_STOPPED
from .tombstones import ERASED

# fmt: off
TEXTS = Texts({
    "no_answer":     ("no answer ({kind})", "sin respuesta ({kind})"),
    "url":           ("the URL", "la URL"),
    "it":            ("it", "el destino"),
    "answered":      ("{who} answered {status}{rest}", "{who} respondió {status}{rest}"),
    ERASED:          ("erased", "borrada"),
    WORKER_LOST:     (WORKER_LOST, "el worker se perdió durante el intento"),
    WORKER_STOPPED:  (WORKER_STOPPED, "el worker se detuvo durante el intento"),
    NOT_BEGUN:       (NOT_BEGUN, "el worker se perdió antes del envío"),
})
# fmt: on
NO_ANSWER = re.compile(r"no answer \((?P<kind>\w+)\)")
ANSWERED = re.compile(r"(?P<who>\w[\w ]{0,30}) answered (?P<status>\d{3})(?P<rest>.*)", re.DOTALL)
SUBJECTS = {"the URL": "url", "it": "it"}
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (("no_answer", NO_ANSWER), ("answered", ANSWERED))


def detail_text(detail: str) -> Text | str:
    """A detail that is ours in the reader's language; what a destination said stays as it is."""
    if detail in TEXTS.table:
        return TEXTS(detail)
    for name, pattern in PATTERNS:
        if match := pattern.fullmatch(detail):
            parts = match.groupdict()
            return TEXTS(name, **parts | {"who": subject(parts.get("who", ""))})
    return detail


def subject(who: str) -> Text | str:
    return TEXTS(SUBJECTS[who]) if who in SUBJECTS else who
