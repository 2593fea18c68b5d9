"""Whether a sentence of Google's repeats what a caller said: then it is shown to nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .cells import Cell

NAMES = ("caller_name", "caller_phone", "caller_email")  # of which one word is enough
TOGETHER = 3  # words of anything else, one after the other: fewer may stand in any sentence


def repeats(sentence: str, cells: Mapping[str, Cell]) -> bool:
    """Whether it holds a word of the caller's name, number or address, or some words together of any other cell."""
    said = f" {' '.join(words(sentence))} "
    return any(f" {piece} " in said for field, cell in cells.items() for piece in pieces(field, cell))


def pieces(field: str, cell: Cell) -> Iterator[str]:
    parts = words(cell) if isinstance(cell, str) else []
    length = 1 if field in NAMES else min(TOGETHER, len(parts))
    return (" ".join(parts[start : start + length]) for start in range(len(parts) - length + 1) if length)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
