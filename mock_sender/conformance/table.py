"""The table of checks: each is declared once, beside the function that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .probe import Probe
from .verdict import Declared, Verdict

GROUPS = (
    "acceptance", "authenticity", "freshness", "duplicates", "tolerance", "bad-input", "speed", "policy",
)  # fmt: skip
Judge = Callable[[Probe], Verdict]


@dataclass(frozen=True, kw_only=True)
class Check(Declared):
    judge: Judge
    needs: str = ""  # effects, previous-secret
    is_advice: bool = False  # it rests on a guess about the sender: it warns, and fails nobody


TABLE: dict[int, Check] = {}


def check(
    number: int,
    slug: str,
    group: str,
    title: str,
    *,
    sends: str,
    expected: str,
    why: str,
    fix: str,
    needs: str = "",
    is_advice: bool = False,
) -> Callable[[Judge], Judge]:
    """Declare the check that this function makes."""

    def declare(judge: Judge) -> Judge:
        TABLE[number] = Check(
            number=number, slug=slug, group=group, title=title, sends=sends, expected=expected, why=why, fix=fix,
            needs=needs, is_advice=is_advice, judge=judge,
        )  # fmt: skip
        return judge

    return declare
