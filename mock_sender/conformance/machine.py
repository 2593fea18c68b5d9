"""The report for programs: JSON, and JUnit's XML for CI systems."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from .table import GROUPS
from .verdict import Outcome, Report, Result

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_object(report: Report) -> dict[str, Any]:
    return {
        "url": report.url,
        "passed": report.passed,
        "lives_lost": report.lives_lost,
        "headline": report.headline,
        "seed": report.seed,
        "counts": {str(outcome): report.count(outcome) for outcome in Outcome},
        "checks": [asdict(one) for one in report.results],
    }


def as_json(report: Report) -> str:
    return json.dumps(as_object(report), indent=2)


def as_junit(report: Report) -> str:
    root = ElementTree.Element("testsuites", {"name": "InboundFlow conformance", **totals(report.results)})
    for group in GROUPS:
        if found := [one for one in report.results if one.group == group]:
            suite = ElementTree.SubElement(root, "testsuite", {"name": group, **totals(found, skips=True)})
            for one in found:
                add_case(suite, one)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def totals(found: tuple[Result, ...] | list[Result], *, skips: bool = False) -> dict[str, str]:
    counts = {
        "tests": len(found), "errors": 0, "failures": sum(one.outcome is Outcome.FAILED for one in found),
    }  # fmt: skip
    if skips:
        counts["skipped"] = sum(one.outcome is Outcome.SKIPPED for one in found)
    return {name: str(count) for name, count in counts.items()} | {"time": f"{sum(o.took_s for o in found):.3f}"}


def add_case(suite: ElementTree.Element, one: Result) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"conformance.{one.group}",
        name=f"{one.number} {one.slug}",
        time=f"{one.took_s:.3f}",
    )
    says = NOT_IN_XML.sub("\ufffd", one.says)
    if one.outcome is Outcome.FAILED:
        ElementTree.SubElement(case, "failure", message=says, type="failed").text = NOT_IN_XML.sub(
            "\ufffd", in_full(one)
        )
    elif one.outcome is Outcome.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=says)
    elif says:
        ElementTree.SubElement(case, "system-out").text = says


def in_full(one: Result) -> str:
    """All that helps to mend it."""
    parts = [f"sent: {one.sends}", f"expected: {one.expected}", f"came back: {one.says}", f"why: {one.why}",
             f"how to fix: {one.fix}"]  # fmt: skip
    parts = [textwrap.fill(part, 76, subsequent_indent="  ") for part in parts]
    for shown in one.evidence[:1]:
        parts += ["", "as sent:", shown.sent, "", "the answer:", shown.came_back, "", "repeat it:", shown.command]
    return "\n".join(parts)
