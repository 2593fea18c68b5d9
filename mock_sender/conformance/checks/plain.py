"""Declares the many checks that are one delivery with one trouble."""

from __future__ import annotations

from collections.abc import Callable

from ...wire import Request
from ..judging import accepted, refused, survives
from ..probe import Probe
from ..table import check
from ..verdict import Verdict

ENDINGS: dict[str, tuple[Callable[[Probe, Request], Verdict], str]] = {
    "accepted": (accepted, "2xx within 10 seconds"),
    "advised": (accepted, "2xx within 10 seconds; anything else is a warning"),
    "refused": (refused, "a complete 4xx answer within 10 seconds; a genuine delivery right after it gets 2xx"),
    "survives": (
        survives,
        "any complete answer below 500, or a closed connection; a genuine delivery right after it gets 2xx",
    ),
}
Row = tuple[int, str, str, str, str, str, str]


def declare(group: str, ending: str, rows: tuple[Row, ...]) -> None:
    """Each row: number, slug, trouble, title, what is sent, why, how to fix it."""
    judge, expected = ENDINGS[ending]
    for number, slug, trouble, title, sends, why, fix in rows:
        made = check(
            number, slug, group, title, sends=sends, expected=expected, why=why, fix=fix, is_advice=ending == "advised"
        )
        made(lambda probe, trouble=trouble: judge(probe, probe.troubled(trouble)))  # type: ignore[misc]
