"""A report as lines of text, for people."""

from __future__ import annotations

from collections.abc import Iterator

from ..operations import ADVICE, OK, Destination, Finding, table
from .report import Report

Line = tuple[str, str]  # a line, and what stands before the rest of it where it is broken


def lines(report: Report) -> Iterator[Line]:
    """The destinations, what needs attention, advice, and what is as it should be."""
    heads = ("destination", "state", "", "events", "")
    yield from ((line, "    ") for line in table([heads, *map(row, report.destinations)]))
    for finding in report.problems:
        yield from of_finding(finding.what, finding)
    for finding in report.checks:
        if finding.severity == ADVICE:
            yield from of_finding(f"(advice) {finding.what}", finding)
    fine = [f"ok: {check.what}: {check.message}" for check in report.checks if check.severity == OK]
    yield from ((line, "    ") for line in (["", *fine] if fine else []))
    if not report.problems:
        yield from (("", ""), ("Nothing needs your attention.", ""))


def of_finding(what: str, finding: Finding) -> Iterator[Line]:
    yield "", ""
    yield f"{what}: {finding.message}", "  "
    if finding.why:
        yield f"  {finding.why}", "  "
    yield f"  → {finding.do}", "    "


def row(destination: Destination) -> tuple[str, ...]:
    targets = f"{len(destination.targets)} targets" if len(destination.targets) > 1 else ""
    return (
        destination.handler + (f" [{destination.source}]" if destination.source else ""),
        destination.state,
        ", ".join(destination.urls) or targets,
        events(destination) if destination.state == "on" else "",
        f"{destination.waiting} wait" if destination.waiting else "",
    )


def events(destination: Destination) -> str:
    names = "all events" if destination.narrowed_to is None else ", ".join(destination.narrowed_to)
    return names + (f", urgency {' or '.join(destination.urgency)} only" if destination.urgency else "")
