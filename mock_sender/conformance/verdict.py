"""A check's verdict and its evidence, and the report of all checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

NEEDS_EFFECTS = "not seen from outside: give --effects"
NEEDS_PREVIOUS = "no --previous-secret given"
OPTIONS = {NEEDS_EFFECTS: "--effects", NEEDS_PREVIOUS: "--previous-secret"}


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
        """What failed, what could not be seen and what it needs, and what that means on a bad day."""
        return " ".join([self.judgement, *self.unseen(), *self.lives()])

    @property
    def judgement(self) -> str:
        failures, ran = self.count(Outcome.FAILED), len(self.results) - self.count(Outcome.SKIPPED)
        return f"{failures or 'None'} of {ran} checks failed."

    def lives(self) -> Iterator[str]:
        if self.lives_lost is not None:
            yield (
                f"This receiver would have lost {self.lives_lost} of 10 lives on a bad day: "
                "ten failures in a row disable the webhook."
            )

    def unseen(self) -> Iterator[str]:
        """What these checks could not tell of, with what they need for it."""
        asked = Counter((result.group, OPTIONS[result.says]) for result in self.results if result.says in OPTIONS)
        for (group, option), count in asked.items():
            yield f"1 check on {group} needs {option}." if count == 1 else f"{count} checks on {group} need {option}."


def passed(says: str = "") -> Verdict:
    return Verdict(outcome=Outcome.PASSED, says=says)


def warned(says: str) -> Verdict:
    return Verdict(outcome=Outcome.WARNED, says=says)


def failed(says: str, lost: int | None = None) -> Verdict:
    return Verdict(outcome=Outcome.FAILED, says=says, lost=lost)


def skipped(says: str) -> Verdict:
    return Verdict(outcome=Outcome.SKIPPED, says=says)
