"""All checks, what is said of the runs, and of it all what needs somebody's attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..operations import ADVICE, PROBLEM, Destination, Finding, destinations, findings
from ..registry import Activation, notifiers
from ..settings import Settings
from .alerts import check_ways
from .concurrently import TOTAL_S, Check, run_concurrently
from .destinations import check_names, destination_checks
from .inbox import InboxCheck
from .public import check_url, is_ours, plain_twin
from .redirects import check_plain
from .redis import check_redis
from .secret import check_secret


@dataclass(frozen=True, kw_only=True)
class Report:
    """`problems` are in the order in which a person would fix them; `checks` are what every check says, and advice."""

    destinations: tuple[Destination, ...]
    problems: tuple[Finding, ...]
    checks: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "handlers": [destination.to_json() for destination in self.destinations],
            "findings": [problem.problem_to_json() for problem in self.problems],
            "checks": [finding.to_json() for finding in self.checks],
        }


def run_checks(
    settings: Settings,
    env: Mapping[str, str],
    activations: Sequence[Activation],
    *,
    url: str = "",
    offline: bool = False,
    total_s: float = TOTAL_S,
) -> Report:
    """Within `total_s` seconds and a moment. `url` is the public address; `offline` asks nobody but the database.

    Raises ConfigurationError where the variables are such that it cannot look.
    """
    inbox = InboxCheck(settings, env, activations)
    checks: dict[str, Check] = {"signing secret": lambda: check_secret(settings, env), "database": inbox}
    ways = notifiers("handlers", env)
    checks["variables"] = lambda: check_names(env, [*activations, *ways])
    checks["alerts"] = lambda: check_ways(ways)
    if not offline:
        checks |= online(settings, [*activations, *ways], url)
    checked = list(run_concurrently(checks, total_s=total_s))
    of_runs = list(findings(activations, inbox.health))
    return Report(
        destinations=tuple(destinations(activations, inbox.health)),
        problems=tuple(each_once([finding for finding in (*checked, *of_runs) if finding.severity == PROBLEM])),
        checks=(*checked, *(finding for finding in of_runs if finding.severity == ADVICE)),
    )


def each_once(problems: Sequence[Finding]) -> list[Finding]:
    """Without those that say no more of a thing than another does, as when a check meets what its pause is about."""
    return [
        finding
        for place, finding in enumerate(problems)
        if not any(says_it_too(other, finding) for other in problems[:place])
        and not any(says_it_too(other, finding) and other.message != finding.message for other in problems[place + 1 :])
    ]


def says_it_too(other: Finding, finding: Finding) -> bool:
    return (other.what, other.source) == (finding.what, finding.source) and finding.message in other.message


def online(settings: Settings, activations: Sequence[Activation], url: str) -> dict[str, Check]:
    checks: dict[str, Check] = {"Redis": lambda: check_redis(settings)}
    if url:
        checks["public URL"] = lambda: check_url(settings, url)
    if (twin := plain_twin(url)) and not settings.allow_unsigned:
        checks["http:// address"] = lambda: check_plain(twin, is_ours)
    return checks | destination_checks(activations)
