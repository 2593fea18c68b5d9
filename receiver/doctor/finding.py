"""What a check says: how grave it is, what it is about, why that matters, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass

PROBLEM, ADVICE, OK = "problem", "advice", "ok"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`what` names the thing, `said` what is the matter with it; neither holds a secret or a caller's data."""

    severity: str
    what: str
    said: str
    why: str = ""
    do: str = ""

    def told(self) -> dict[str, str]:
        return asdict(self)


def problem(what: str, said: str, *, why: str = "", do: str) -> Finding:
    return Finding(severity=PROBLEM, what=what, said=said, why=why, do=do)


def advice(what: str, said: str, *, why: str = "", do: str) -> Finding:
    return Finding(severity=ADVICE, what=what, said=said, why=why, do=do)


def fine(what: str, said: str) -> Finding:
    return Finding(severity=OK, what=what, said=said)
