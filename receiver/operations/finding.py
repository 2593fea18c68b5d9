"""What is the matter with a thing: how grave it is, why that matters, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass

PROBLEM, ADVICE, OK = "problem", "advice", "ok"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`what` names the thing, `message` what is the matter with it; neither holds a secret or a caller's data."""

    severity: str
    what: str
    message: str
    why: str = ""
    do: str = ""
    source: str = ""

    def to_json(self) -> dict[str, str]:
        document = asdict(self)
        document["said"] = document.pop("message")
        return {name: text for name, text in document.items() if text or name != "source"}

    def problem_to_json(self) -> dict[str, str]:
        """The shorter form, of what needs somebody's attention."""
        document = {"what": self.what, "problem": self.message, "do": self.do}
        return document | {"source": self.source} if self.source else document


def problem(what: str, message: str, *, why: str = "", do: str, source: str = "") -> Finding:
    return Finding(severity=PROBLEM, what=what, message=message, why=why, do=do, source=source)


def advice(what: str, message: str, *, why: str = "", do: str, source: str = "") -> Finding:
    return Finding(severity=ADVICE, what=what, message=message, why=why, do=do, source=source)


def fine(what: str, message: str, *, source: str = "") -> Finding:
    return Finding(severity=OK, what=what, message=message, source=source)
