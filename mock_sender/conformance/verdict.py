"""A check's verdict and its evidence, and the report of all checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

NEEDS_EFFECTS = "not seen from outside: give --effects"


class Outcome(StrEnum):
    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One request and what came back, as text; the secret is in none of it."""

    sent: str
    came_back: str
    command: str  # repeats it in a shell where SECRET is set


@dataclass(frozen=True, kw_only=True)
class Verdict:
    outcome: Outcome
    says: str = ""
    lost: int | None = None  # of the ten lives, where the check counts them


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a check says of itself, before it runs and in the report."""

    number: int
    slug: str
    group: str
    title: str
    sends: str
    expected: str
    why: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class Result(Declared):
    outcome: Outcome
    says: str
    evidence: tuple[Evidence, ...]
    took_s: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """`lives_lost` is None where check 95 did not run."""

    url: str
    seed: int
    results: tuple[Result, ...]
    lives_lost: int | None

    @property
    def passed(self) -> bool:
        return not self.count(Outcome.FAILED)

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome == outcome for result in self.results)

    @property
    def headline(self) -> str:
        return " ".join([self.lives, *self.unseen()])

    @property
    def lives(self) -> str:
        if self.lives_lost is None:
            return "Check 95, which counts the lives lost on a bad day, was not run."
        return f"This receiver would have lost {self.lives_lost} of 10 lives on a bad day."

    def unseen(self) -> Iterator[str]:
        """What these checks could not tell of, with what they need for it."""
        groups = Counter(result.group for result in self.results if result.says == NEEDS_EFFECTS)
        for group, count in groups.items():
            yield f"{count} {'check' if count == 1 else 'checks'} on {group} could not look: give --effects."


def passed(says: str = "") -> Verdict:
    return Verdict(outcome=Outcome.PASSED, says=says)


def warned(says: str) -> Verdict:
    return Verdict(outcome=Outcome.WARNED, says=says)


def failed(says: str, lost: int | None = None) -> Verdict:
    return Verdict(outcome=Outcome.FAILED, says=says, lost=lost)


def skipped(says: str) -> Verdict:
    return Verdict(outcome=Outcome.SKIPPED, says=says)
