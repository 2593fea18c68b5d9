"""Bars for the pages, as numbers that a template draws: no script, no library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 100
ROOM = 0.7  # of a column, for its bar


@dataclass(frozen=True, kw_only=True)
class Bar:
    label: str
    value: int
    usual: float | None
    x: float
    y: float
    width: float
    height: float
    href: str = ""
    is_later: bool = False  # it has not come yet


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`line` is the path of what is usual, "" where nothing is."""

    name: str
    title: str
    described: str
    bars: tuple[Bar, ...]
    line: str
    top: int

    @property
    def columns(self) -> int:
        return len(self.bars)


def chart(
    name: str,
    title: str,
    described: str,
    labels: Sequence[str],
    values: Sequence[int],
    usual: Sequence[float] | None = None,
    *,
    hrefs: Sequence[str] = (),
    later: int = 10**6,
) -> Chart:
    """`later` is the first column that has not come yet."""
    top = max([1, *values, *(usual or ())])
    bars = [
        Bar(
            label=label,
            value=value,
            usual=usual[n] if usual else None,
            x=n + (1 - ROOM) / 2,
            y=round(HEIGHT - HEIGHT * value / top, 2),
            width=ROOM,
            height=round(HEIGHT * value / top, 2),
            href=hrefs[n] if hrefs else "",
            is_later=n >= later,
        )
        for n, (label, value) in enumerate(zip(labels, values, strict=True))
    ]
    return Chart(name=name, title=title, described=described, bars=tuple(bars), line=steps(usual, top), top=int(top))


def steps(usual: Sequence[float] | None, top: float) -> str:
    """A path that is level in each column."""
    if not usual or not any(usual):
        return ""
    heights = [round(HEIGHT - HEIGHT * value / top, 2) for value in usual]
    return " ".join(f"{'L' if n else 'M'}{n} {height}H{n + 1}" for n, height in enumerate(heights))
