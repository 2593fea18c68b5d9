"""All checks, what is said of the runs, and of it all what needs somebody's attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..operations import ADVICE, PROBLEM, Destination, Finding, destinations, findings, path_of
from ..registry import Activation, as_noted, notifiers
from ..settings import Settings
from .alerts import check_ways
from .concurrently import TOTAL_S, Check, run_concurrently
from .destinations import check_names, destination_checks
from .inbox import InboxCheck
from .public import PATH, check_url, is_ours, plain_twin
from .redirects import check_plain
from .redis import check_redis
from .secret import check_secret

OF_SOURCES = ("deliveries", "kept aside", "lives", "refused")


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
    source: str | None = None,
    total_s: float = TOTAL_S,
) -> Report:
    """Within `total_s` seconds and a moment. `url` is the public address; `offline` asks nobody but the database.

    With `source` nothing is said of the others.

    Raises ConfigurationError where the variables are such that it cannot look.
    """
    inbox = InboxCheck(settings, env, activations, source)  # the worker knows those of all sources
    activations = [each for each in activations if source in (None, each.source)]
    checks: dict[str, Check] = {"signing secret": lambda: check_secret(settings, env, activations), "database": inbox}
    ways = notifiers("handlers", env)
    checks["variables"] = lambda: check_names(env, [*activations, *ways])
    checks["alerts"] = lambda: check_ways(ways)
    if not offline:
        checks |= online(settings, [*activations, *ways], url)
    checked = [
        finding for finding in run_concurrently(checks, total_s=total_s) if source is None or is_about(finding, source)
    ]
    there = as_noted(activations, inbox.health.noted, inbox.health.reasons)
    of_runs = list(findings(there, inbox.health))
    found = each_once([finding for finding in (*checked, *of_runs) if finding.severity == PROBLEM])
    return Report(
        destinations=tuple(destinations(there, inbox.health)),
        problems=tuple(sorted(found, key=is_of_this_command)),
        checks=(*checked, *(finding for finding in of_runs if finding.severity == ADVICE)),
    )


def is_of_this_command(finding: Finding) -> bool:
    """That it has other variables than the worker: what is wrong with those of the worker comes before."""
    return finding.what == "variables"


def is_about(finding: Finding, source: str) -> bool:
    """What is of no source is of the receiver as a whole, but for what each source has of its own."""
    return finding.source == source or (not finding.source and finding.what not in OF_SOURCES)


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


def of_a_source(url: str, settings: Settings, activations: Sequence[Activation]) -> str:
    """Where nothing is received for the environment's business, the address of one of the others."""
    names = [each.source for each in activations]
    if not url or not names or PATH in url or (not all(names) and settings.has_business):
        return url
    name = next(filter(None, names), "")
    return url.rstrip("/") + path_of(name) if name else url


def online(settings: Settings, activations: Sequence[Activation], url: str) -> dict[str, Check]:
    checks: dict[str, Check] = {"Redis": lambda: check_redis(settings)}
    asked = of_a_source(url, settings, activations)
    if url:
        checks["public URL"] = lambda: check_url(settings, asked)
    if (twin := plain_twin(asked)) and not settings.allow_unsigned:
        checks["http:// address"] = lambda: check_plain(twin, is_ours)
    return checks | destination_checks(activations)
