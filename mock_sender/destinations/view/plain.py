"""Text for a terminal: no sign that a terminal obeys, and columns that count as it draws them."""

from __future__ import annotations

import textwrap
import unicodedata

NO_WIDTH = ("Mn", "Me", "Cf")
OBEYED = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")  # ESC and its like, and what turns text around


def clean(text: str) -> str:
    """Without what a terminal obeys instead of showing it; lines stay lines."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in OBEYED)


def one_line(text: str) -> str:
    return " ".join(clean(text.replace("\n", " ")).split())


def wrapped(text: str, width: int) -> list[str]:
    """In lines of at most that width; what was a line begins one."""
    return [line for each in clean(text).splitlines() for line in textwrap.wrap(each, max(width, 20)) or [""]] or [""]


def columns(text: str) -> int:
    """How many columns a terminal draws it in."""
    return sum(
        0 if unicodedata.category(sign) in NO_WIDTH else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def cut(text: str, width: int) -> str:
    """At most so wide, with a … where something is missing."""
    if columns(text) <= width:
        return text
    kept = ""
    for sign in text:
        if columns(kept + sign) > width - 1:
            break
        kept += sign
    return kept + "…"


def padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))
